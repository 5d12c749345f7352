"""A mailbox, a door, an outage and processes of our own, for the tests of the workers."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

import psutil
import pytest
import sqlalchemy as sa
from sqlalchemy.pool import NullPool
from sqlmodel import select

from app.bootstrap import Desk
from app.infra.queue import RedisQueue, redis_for
from app.intake.models import Report
from app.intake.service import raw_of
from app.settings import PREFIX, Address, Settings
from tests.conftest import Databases
from tests.services.dovecot import Dovecot
from tests.services.programs import free_port, wait_until
from workers.lmtp import LmtpDoor

ROOT = Path(__file__).parents[2]


@pytest.fixture
def dovecot() -> Iterator[Dovecot]:
    with Dovecot() as running:
        yield running


@pytest.fixture
def raws(desk: Desk) -> Callable[[], list[bytes]]:
    """The messages that are stored, sorted."""

    def read() -> list[bytes]:
        with desk.work() as work:
            return sorted(raw_of(work, report.id) or b"" for report in work.session.exec(select(Report)))

    return read


@pytest.fixture
def outage(desk: Desk, databases: Databases) -> Callable[[], AbstractContextManager[None]]:
    """A time in which the desk's database takes no connection and has ended those it had."""
    name = desk.engine.url.database
    server = sa.create_engine(databases.url, poolclass=NullPool, isolation_level="AUTOCOMMIT")

    @contextmanager
    def away() -> Iterator[None]:
        with server.connect() as connection:
            connection.execute(sa.text(f'alter database "{name}" allow_connections false'))
            connection.execute(
                sa.text("select pg_terminate_backend(pid) from pg_stat_activity where datname = :name"),
                {"name": name},
            )
        try:
            yield
        finally:
            with server.connect() as connection:
                connection.execute(sa.text(f'alter database "{name}" allow_connections true'))

    return away


@contextmanager
def door_of(desk: Desk) -> Iterator[Address]:
    """The LMTP door over `desk`, in a thread of its own; where it listens."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    door = LmtpDoor(replace(desk, settings=replace(desk.settings, lmtp=Address("127.0.0.1", 0))))
    try:
        yield asyncio.run_coroutine_threadsafe(door.open(), loop).result(10)
    finally:
        asyncio.run_coroutine_threadsafe(door.close(), loop).result(30)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


@pytest.fixture
def door(desk: Desk) -> Iterator[Address]:
    with door_of(desk) as address:
        yield address


@dataclass
class Processes:
    """Processes of ours, started by module name over the test's servers, and ended by their pid alone."""

    settings: Settings
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def start(self, name: str, **settings: str) -> subprocess.Popen[bytes]:
        """`python -m workers.NAME`, with more settings by their field's name."""
        own = {
            "data": str(self.settings.data),
            "database_url": self.settings.database_url or "",
            "redis_url": self.settings.redis_url or "",
            "dns_zone": str(self.settings.dns_zone or ""),
            "secrets": str(self.settings.secrets or ""),
        } | settings
        env = {PREFIX + key.upper(): value for key, value in own.items()}
        argv = [sys.executable, "-P", "-m", f"workers.{name}"]
        path = {"PYTHONPATH": str(ROOT)}
        with self.log(name).open("ab") as log:
            self.running[name] = subprocess.Popen(argv, env=os.environ | env | path, stdout=log, stderr=log)
        return self.running[name]

    def log(self, name: str) -> Path:
        """What the processes of this name have said."""
        return self.settings.data / f"{name}.log"

    def wait_until_up(self, name: str) -> None:
        """Returns once the process catches SIGTERM, as /proc has it: from then on it ends in order."""
        status = Path(f"/proc/{self.running[name].pid}/status")
        wait_until(lambda: _catches(status.read_text(), signal.SIGTERM), f"{name} is up")

    def kill(self, name: str) -> None:
        """kill -9, the process and those it has started."""
        parent = psutil.Process(self.running[name].pid)
        for each in [parent, *parent.children(recursive=True)]:
            with suppress(psutil.NoSuchProcess):
                each.kill()
        self.running[name].wait()

    def end(self) -> None:
        """Asks all to end, and makes those that do not within 20 s."""
        for each in self.running.values():
            each.terminate()
        for each in self.running.values():
            try:
                each.wait(20)
            except subprocess.TimeoutExpired:
                each.kill()
                each.wait()


def _catches(status: str, wanted: signal.Signals) -> bool:
    [mask] = [line.split()[1] for line in status.splitlines() if line.startswith("SigCgt:")]
    return bool(int(mask, 16) & 1 << (wanted - 1))


@pytest.fixture
def processes(desk: Desk) -> Iterator[Processes]:
    found = Processes(desk.settings)
    yield found
    found.end()


@pytest.fixture
def reports_stored(desk: Desk) -> Callable[[], int]:
    """How many reports are stored."""

    def count() -> int:
        with desk.work() as work:
            return work.session.exec(select(sa.func.count()).select_from(Report)).one()

    return count


@pytest.fixture
def without_queue() -> Callable[[Desk], Desk]:
    """A desk as the given one, with a Redis that is away."""

    def cut_off(desk: Desk) -> Desk:
        connection = redis_for(f"redis://127.0.0.1:{free_port()}")
        return replace(desk, redis=connection, queue=RedisQueue(connection))

    return cut_off


__all__ = ["Processes", "door_of", "wait_until"]
