"""The repository keeps to its layers, its top level and its measures."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.architecture.imports import Import, imports
from tests.architecture.rules import fault
from tests.architecture.sizes import too_long

REPOSITORY = Path(__file__).parents[2]

TOP_LEVEL = {
    *("pyproject.toml", "requirements.lock", "README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md"),
    *("Procfile", "run", "app", "workers", "templates", "tests", "bench", "docs", "deploy", ".ci"),
}

FORBIDDEN_NAMES = frozenset({"util", "utils", "helper", "helpers", "manager", "managers", "misc", "common"})

ACCEPTED = {
    Import("app.staff.models", "flask_security"): "its mixins are how Flask-Security finds staff and roles",
    Import("app.web.sign_in", "app.staff.models"): "Flask-Security's datastore is made of the tables themselves",
}
"""Imports that break a rule and stay, each with its reason."""


def test_every_import_keeps_to_the_layers() -> None:
    broken = {each: why for each in imports(REPOSITORY) if (why := fault(each))}

    new = [f"{each}: {why}" for each, why in sorted(broken.items()) if each not in ACCEPTED]
    assert new == []


def test_what_is_mended_is_struck_off() -> None:
    assert ACCEPTED.keys() - imports(REPOSITORY) == set()


def test_the_top_level_holds_what_it_may() -> None:
    listed = subprocess.run(["git", "ls-files"], cwd=REPOSITORY, capture_output=True, text=True)
    if listed.returncode:
        pytest.skip("not a git repository")

    assert strays(listed.stdout.splitlines()) == set()


def strays(paths: list[str]) -> set[str]:
    """Top-level names that may not be there; dotfiles may."""
    names = {path.split("/")[0] for path in paths}
    dotfiles = {path for path in paths if path.startswith(".") and "/" not in path}
    return names - TOP_LEVEL - dotfiles


def test_files_and_functions_are_short() -> None:
    assert too_long(REPOSITORY) == []


def test_no_file_is_named_for_nothing() -> None:
    named = [path for package in ("app", "workers") for path in (REPOSITORY / package).rglob("*.py")]

    assert [path for path in named if FORBIDDEN_NAMES & set(path.stem.split("_"))] == []
