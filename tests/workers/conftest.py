"""A mailbox, a door, an outage and processes of our own, for the tests of the workers."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace

import pytest
import sqlalchemy as sa
from sqlalchemy.pool import NullPool
from sqlmodel import select

from app.bootstrap import Desk
from app.infra.queue import RedisQueue, redis_for
from app.intake.models import Report
from app.intake.service import raw_of
from app.settings import Address
from tests.conftest import Databases
from tests.services.dovecot import Dovecot
from tests.services.processes import Processes
from tests.services.programs import free_port, wait_until
from workers.lmtp import LmtpDoor


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
