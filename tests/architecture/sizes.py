"""How long files and functions are."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.architecture.imports import modules

FILE_LINES = 300
FUNCTION_LINES = 60
GENERATED = "app.infra.migrations.versions."


def too_long(tree: Path) -> list[str]:
    """A sentence for each file of FILE_LINES or more and each function over FUNCTION_LINES."""
    written = {name: path.read_text() for name, path in modules(tree).items() if not name.startswith(GENERATED)}
    return [fault for name, text in written.items() for fault in _faults(name, text)]


def _faults(name: str, text: str) -> Iterator[str]:
    lines = text.count("\n")
    if lines >= FILE_LINES:
        yield f"{name} has {lines} lines"
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            if length > FUNCTION_LINES:
                yield f"{name}.{node.name} has {length} lines"
