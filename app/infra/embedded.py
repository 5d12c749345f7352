"""The embedded PostgreSQL and Valkey for as long as they are used, shared by all processes of one data folder.

    with servers(Settings.from_environment()) as settings:
        ...                      # settings.database_url and settings.redis_url are filled

Servers of the operator's own (ABUSEDESK_DATABASE_URL, ABUSEDESK_REDIS_URL) are taken as they are. Otherwise
the first user starts a keeper (`app/infra/keeper.py`) for each, later ones share it, and the last to leave
waits until it has stopped. After a kill -9 of all users the keeper stops the server by itself.
"""

from __future__ import annotations

import fcntl
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from io import FileIO
from pathlib import Path

from app.errors import Unavailable
from app.infra.keeper import Server, alone
from app.infra.places import Place
from app.infra.postgres import Postgres
from app.infra.valkey import Valkey
from app.settings import Settings
from app.values import dataclass

START_SECONDS = 60.0
STOP_SECONDS = 60.0
LOOK_SECONDS = 0.02
LOG_BYTES = 1_000_000


@contextmanager
def servers(settings: Settings, *, durable: bool = True) -> Iterator[Settings]:
    """`settings` with the addresses of a running PostgreSQL and Valkey, which run until the end of the block.

    durable=False is for tests: what is written need not survive the machine.
    Raises Unavailable where a server does not start within 60 s, with what it said last.
    """
    data = settings.data.absolute()
    with ExitStack() as stack:
        if settings.database_url is None:
            database = Embedded(Postgres(Place(data, "postgres"), durable))
            settings = replace(settings, database_url=stack.enter_context(database.used()))
        if settings.redis_url is None:
            redis = Embedded(Valkey(Place(data, "valkey"), durable))
            settings = replace(settings, redis_url=stack.enter_context(redis.used()))
        yield settings


@dataclass(frozen=True)
class Embedded:
    """One embedded server, seen by those who use it."""

    server: Server

    @contextmanager
    def used(self) -> Iterator[str]:
        """The server's address; it runs until the end of the block. Raises Unavailable as `servers` does."""
        self.server.place.make()
        with self._lock("users") as users:
            # One at a time starts; a keeper that is just stopping holds `users` until it has stopped.
            with self._lock("start") as start:
                fcntl.flock(start, fcntl.LOCK_EX)
                fcntl.flock(users, fcntl.LOCK_SH)
                self._start()
            try:
                yield self.server.url
            finally:
                fcntl.flock(users, fcntl.LOCK_UN)
                self._wait_for_stop(users)

    def kept(self) -> bool:
        """Whether a keeper looks after the server now."""
        with self._lock("keeper") as lock:
            return not _shared(lock)

    def _start(self) -> None:
        if not self.kept():
            self._send_keeper()
        deadline = time.monotonic() + START_SECONDS
        while not self.server.answers():
            if not self.kept() or time.monotonic() > deadline:
                raise Unavailable(f"The embedded {self._name} does not start; it said: {self._last_words()}")
            time.sleep(LOOK_SECONDS)

    def _send_keeper(self) -> None:
        _shorten(self.server.place.log)
        argv = [sys.executable, "-P", "-m", "app.infra.keeper", self._name, str(self.server.place.data)]
        argv += [] if self.server.durable else ["--not-durable"]
        done = subprocess.run(argv, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        if done.returncode:
            raise Unavailable(f"The keeper of the embedded {self._name} does not start.")

    def _wait_for_stop(self, users: FileIO) -> None:
        """Returns when the server has stopped, or at once where somebody else still uses it."""
        deadline = time.monotonic() + STOP_SECONDS
        while self.kept() and time.monotonic() < deadline:
            if not alone(users) and _shared(users):
                break
            fcntl.flock(users, fcntl.LOCK_UN)
            time.sleep(LOOK_SECONDS)

    def _lock(self, purpose: str) -> FileIO:
        return FileIO(self.server.place.lock(purpose), "ab")

    @property
    def _name(self) -> str:
        return self.server.place.name

    def _last_words(self) -> str:
        lines = (
            self.server.place.log.read_text(errors="replace").splitlines() if self.server.place.log.exists() else []
        )
        return " / ".join(line.strip() for line in lines[-4:]) or "nothing"


def _shared(lock: FileIO) -> bool:
    """Whether nobody holds `lock` alone; we then hold it shared."""
    try:
        fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _shorten(log: Path) -> None:
    if log.exists() and log.stat().st_size > LOG_BYTES:
        log.replace(log.with_suffix(".log.old"))
