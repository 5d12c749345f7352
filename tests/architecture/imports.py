"""Which module imports which, read out of the source with the standard library's `ast`: nothing is run.

Every import counts, wherever it stands: at the top, inside a function, under TYPE_CHECKING, relative, or by
`import_module("…")` with its name written out.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

PACKAGES = ("app", "workers")


@dataclass(frozen=True, order=True, slots=True)
class Import:
    """`importer` needs `imported`; both are dotted names, of modules where the tree has them."""

    importer: str
    imported: str

    def __str__(self) -> str:
        return f"{self.importer} imports {self.imported}"


def modules(tree: Path) -> dict[str, Path]:
    """Dotted name → file of every module of PACKAGES under `tree`."""
    files = [path for package in PACKAGES for path in sorted((tree / package).rglob("*.py"))]
    return {_dotted(path.relative_to(tree)): path for path in files}


def _dotted(path: Path) -> str:
    parts = path.with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports(tree: Path) -> set[Import]:
    """Every import that a module under `tree` makes."""
    known = modules(tree)
    return {
        Import(name, imported)
        for name, path in known.items()
        for imported in _imported(ast.parse(path.read_text()), name, path.name == "__init__.py", known)
    }


def _imported(tree: ast.AST, importer: str, is_package: bool, known: dict[str, Path]) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            origin = _origin(node, importer, is_package)
            for alias in node.names:
                inner = f"{origin}.{alias.name}"
                yield inner if inner in known else origin
        elif isinstance(node, ast.Call):
            yield from _by_name(node)


def _origin(node: ast.ImportFrom, importer: str, is_package: bool) -> str:
    if not node.level:
        return node.module or ""
    parts = importer.split(".")
    base = parts[: len(parts) - node.level + is_package]
    return ".".join([*base, node.module] if node.module else base)


def _by_name(call: ast.Call) -> Iterator[str]:
    called = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    if called in ("import_module", "__import__") and call.args:
        first = call.args[0]
        if isinstance(first, ast.Constant) and isinstance(first.value, str):
            yield first.value
