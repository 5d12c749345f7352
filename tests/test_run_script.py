"""The scripts at the top: valid POSIX shell, help without installing, no work where nothing changed."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[1]
SCRIPTS = (REPOSITORY / "run", REPOSITORY / "tests" / "services" / "install.sh")


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.name)
def test_a_script_is_valid_posix_shell(script: Path) -> None:
    assert os.access(script, os.X_OK)
    shell = shutil.which("dash") or "sh"
    assert subprocess.run([shell, "-n", str(script)]).returncode == 0


def test_the_ci_script_is_valid_bash() -> None:
    assert subprocess.run(["bash", "-n", str(REPOSITORY / ".ci" / "run")]).returncode == 0


def test_help_lists_every_command_of_the_script_and_installs_nothing(copy: Path) -> None:
    said = run(copy, "help")
    assert said.returncode == 0
    for command in ("./run demo", "./run test", "./run check", "./run help"):
        assert command in said.stdout
    assert not (copy / ".venv").exists()


def test_a_python_too_old_is_said_in_a_sentence(copy: Path, tmp_path: Path) -> None:
    said = run(copy, "doctor", path=old_python(tmp_path))
    assert said.returncode == 1
    assert said.stderr.startswith("abusedesk: Python 3.11 or newer is needed, and python3 here is Python 3.9.2;")


def test_a_command_runs_where_the_caller_stands_with_the_data_of_the_repository(copy: Path) -> None:
    installed(copy)
    (copy / "elsewhere").mkdir()
    said = run(copy, "ingest", "FILE", cwd=copy / "elsewhere")
    assert said.stdout.split("\n")[:3] == [
        "-P -m app.cli ingest FILE",
        str(copy / "elsewhere"),
        str(copy / "var"),
    ]


def test_the_data_folder_that_the_operator_names_stands(copy: Path) -> None:
    installed(copy)
    assert run(copy, "doctor", ABUSEDESK_DATA="/there").stdout.split("\n")[2] == "/there"


def test_no_command_starts_everything(copy: Path) -> None:
    installed(copy)
    assert run(copy).stdout.startswith("-P -m app.cli up\n")


def test_a_changed_lock_file_is_installed_again(copy: Path) -> None:
    installed(copy)
    (copy / "requirements.lock").write_text("other==2\n")
    said = run(copy, "doctor")
    assert "installing" in said.stderr
    assert said.stdout.startswith("-P -m app.cli doctor\n")
    assert "installing" not in run(copy, "doctor").stderr


def test_what_the_installer_said_is_shown_only_where_it_failed(copy: Path) -> None:
    installed(copy, pip="echo no such package; exit 3")
    (copy / "requirements.lock").write_text("other==2\n")
    said = run(copy, "doctor")
    assert said.returncode == 1
    assert "no such package" in said.stderr
    assert "app.cli" not in said.stdout


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A folder with the script and little else."""
    folder = tmp_path / "a copy"
    folder.mkdir()
    shutil.copy(REPOSITORY / "run", folder)
    for name in ("pyproject.toml", "requirements.lock"):
        (folder / name).write_text(name)
    return folder


def installed(copy: Path, pip: str = "exit 0") -> None:
    """Puts a Python into the copy that only says what it was asked, and lets the script see it as installed."""
    program = copy / ".venv" / "bin" / "python"
    program.parent.mkdir(parents=True)
    lines = ["#!/bin/sh", f'case "$*" in "-m pip --version") exit 0 ;; "-m pip "*) {pip} ;; esac']
    program.write_text("\n".join([*lines, 'echo "$@"', "pwd", 'echo "$ABUSEDESK_DATA"', ""]))
    program.chmod(0o755)
    content = b"".join((copy / name).read_bytes() for name in ("pyproject.toml", "requirements.lock"))
    summed = subprocess.run(["cksum"], input=content, capture_output=True).stdout.decode()
    (copy / ".venv" / ".installed").write_text(f"{copy} {summed}")


def old_python(folder: Path) -> str:
    """A PATH on which every Python is an old one."""
    programs = folder / "programs"
    programs.mkdir()
    for name in ("python3", *(f"python3.{minor}" for minor in range(11, 15))):
        (programs / name).write_text('#!/bin/sh\n[ "$1" = --version ] && echo Python 3.9.2 && exit\nexit 1\n')
        (programs / name).chmod(0o755)
    for name in ("dirname", "cat", "cksum", "sh"):
        (programs / name).symlink_to(shutil.which(name) or f"/bin/{name}")
    return str(programs)


def run(
    copy: Path, *arguments: str, path: str | None = None, cwd: Path | None = None, **env: str
) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if name not in ("PYTHON", "ABUSEDESK_DATA")}
    given = kept | env | ({"PATH": path} if path else {})
    command = [str(copy / "run"), *arguments]
    return subprocess.run(command, env=given, cwd=cwd, capture_output=True, text=True)
