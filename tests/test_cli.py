"""The gathered command line: every command listed, imported late, failures as a sentence and an exit code."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import click
import pytest

from app import cli
from app.errors import AbuseDeskError, Forbidden, Rejected, Unavailable
from app.settings import Settings
from tests.conftest import Databases


def test_alone_it_prints_the_groups_with_a_line_for_each_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run([]) == 0
    said = capsys.readouterr().out
    for title, group in cli.GROUPS.items():
        assert f"{title}:" in said
        for name, entry in group.items():
            assert any(line.split()[:1] == [name] and entry.help in line for line in said.splitlines())


def test_help_imports_nothing_heavy() -> None:
    code = "import sys; from app import cli; cli.run([]); print(sorted(sys.modules), file=sys.stderr)"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stderr
    for module in ("flask", "sqlalchemy", "psycopg", "redis", "app.settings"):
        assert f"'{module}'" not in said


@pytest.mark.parametrize("name", sorted(cli.COMMANDS))
def test_every_command_in_the_table_is_there(name: str) -> None:
    place = cli.COMMANDS[name].place.partition(":")[0].split()[0]
    if not (Path(cli.__file__).parents[1] / (place.replace(".", "/") + ".py")).exists():
        pytest.skip(f"{place} is not written yet")
    assert isinstance(cli.cli.get_command(click.Context(cli.cli), name), click.Command)


def test_a_command_without_its_module_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(cli.COMMANDS, "gone", cli.Entry("app.gone.cli:gone", "Gone."))
    monkeypatch.setitem(cli.COMMANDS, "left", cli.Entry("workers.left", "Left."))
    assert [cli.run(["gone"]), cli.run(["left"])] == [1, 1]
    said = capsys.readouterr().err.splitlines()
    assert said == [
        "abusedesk: The command 'gone' is not in this build (app.gone.cli is missing).",
        "abusedesk: The command 'left' is not in this build (workers.left is missing).",
    ]


def test_a_process_replaces_the_command_and_gets_its_arguments(monkeypatch: pytest.MonkeyPatch) -> None:
    became: list[list[str]] = []
    monkeypatch.setattr("os.execv", lambda _program, argv: became.append(argv))
    cli.run(["public", "--verbose", "x"])
    assert became == [[sys.executable, "-P", "-m", "workers.web", "public", "--verbose", "x"]]


@pytest.mark.parametrize(("fault", "code"), [(Rejected("No."), 1), (Forbidden("No."), 1), (Unavailable("No."), 75)])
def test_a_failure_is_a_sentence_and_an_exit_code(
    fault: AbuseDeskError, code: int, failing: list[BaseException], capsys: pytest.CaptureFixture[str]
) -> None:
    failing.append(fault)
    assert cli.run(["failing"]) == code
    assert capsys.readouterr().err == "abusedesk: No.\n"


def test_a_wrong_command_line_is_told_from_a_failure(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["no-such-command"]) == 2
    assert "No such command 'no-such-command'" in capsys.readouterr().err


def test_an_interrupted_command_says_so(failing: list[BaseException]) -> None:
    failing.append(KeyboardInterrupt())
    assert cli.run(["failing"]) == 130


def test_a_fault_of_ours_is_not_hidden(failing: list[BaseException]) -> None:
    failing.append(ZeroDivisionError())
    with pytest.raises(ZeroDivisionError):
        cli.run(["failing"])


class TestDoctor:
    def test_all_is_well(self, settings: Settings, zone: Path) -> None:
        secrets = settings.data / "secrets.json"
        generate = "from app.infra.secrets import secrets_of; from app.settings import Settings"
        run(settings, zone, "-c", f"{generate}; secrets_of(Settings.from_environment())")
        said = run(settings, zone, "-m", "app.cli", "doctor", "--json")
        found = json.loads(said.stdout)
        assert [each["name"] for each in found] == ["database", "clock", "redis", "mailbox", "dns", "secrets"]
        assert all(each["ok"] for each in found), found
        assert said.returncode == 0
        assert secrets.exists()

    def test_each_thing_that_is_wrong_is_a_sentence(self, settings: Settings, tmp_path: Path) -> None:
        (settings.data).mkdir()
        (settings.data / "secrets.json").write_text("{}")
        (settings.data / "secrets.json").chmod(0o644)
        away = {
            "ABUSEDESK_DATABASE_URL": "postgresql://u:hidden@127.0.0.1:1/x",
            "ABUSEDESK_REDIS_URL": "redis://:hidden@127.0.0.1:1",
            "ABUSEDESK_IMAP_URL": "imap://u:hidden@127.0.0.1:1/INBOX",
        }
        said = run(settings, tmp_path / "no zone", "-m", "app.cli", "doctor", **away)
        assert said.returncode == 1
        assert [line.split()[:2] for line in said.stdout.splitlines()] == [
            ["WRONG", name] for name in ("database", "clock", "redis", "mailbox", "dns", "secrets")
        ]
        assert "hidden" not in said.stdout + said.stderr

    def test_a_database_of_another_version_is_wrong(self, settings: Settings, empty: str, zone: Path) -> None:
        said = run(replace(settings, database_url=empty), zone, "-m", "app.cli", "doctor")
        assert "The database is not at this version: run `abusedesk migrate`." in said.stdout
        assert said.returncode == 1


def test_migrate_may_be_repeated(settings: Settings, zone: Path) -> None:
    assert [run(settings, zone, "-m", "app.cli", "migrate").returncode for _ in range(2)] == [0, 0]


@pytest.fixture
def empty(databases: Databases) -> Iterator[str]:
    """The address of a database without tables."""
    name = f"test_{os.getpid()}_empty"
    yield databases.create(name)
    databases.drop(name)


@pytest.fixture
def zone(tmp_path: Path) -> Path:
    file = tmp_path / "zone.txt"
    file.write_text("")
    return file


@pytest.fixture
def failing(monkeypatch: pytest.MonkeyPatch) -> list[BaseException]:
    """A command that raises what is put into the list."""
    faults: list[BaseException] = []

    @click.command()
    def fail() -> None:
        raise faults[0]

    monkeypatch.setattr(cli, "fail", fail, raising=False)
    monkeypatch.setitem(cli.COMMANDS, "failing", cli.Entry("app.cli:fail", "Fails."))
    return faults


def run(settings: Settings, zone: Path, *arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
    given = {
        "PATH": "/usr/bin:/bin",
        "ABUSEDESK_DATA": str(settings.data),
        "ABUSEDESK_DATABASE_URL": settings.database_url or "",
        "ABUSEDESK_REDIS_URL": settings.redis_url or "",
        "ABUSEDESK_DNS_ZONE": str(zone),
    }
    return subprocess.run([sys.executable, *arguments], env=given | env, capture_output=True, text=True)
