"""`python -m workers.policy`: tells Postfix which logins may not send (SMTPD_POLICY_README).

Answers come from memory. The memory follows the database: at once when the bell rings over Redis, and twice a
second by looking, so a decision is live within a second also where Redis is flushed or away. Where the database
is away the last that was known stands. Before anything is known nothing listens: then Postfix's own
`default_action` says what happens, not we.

    check_policy_service { inet:127.0.0.1:8025, timeout=2s, try_limit=1, default_action=DUNNO }

It belongs in `smtpd_data_restrictions`: after a `permit_sasl_authenticated` it would never be asked.
"""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import Callable, Mapping, Set
from contextlib import suppress

import redis.asyncio
import structlog

from app.bootstrap import Desk
from app.enforcement import service
from app.enforcement.delegation import END, REQUEST_BYTES, answer, read_request
from app.enforcement.domain import BELL
from app.errors import Rejected
from app.infra.queue import channel
from app.settings import Address
from workers import process

log = structlog.get_logger(__name__)

LOOK_SECONDS = 0.5
WHOLE_SECONDS = 5.0
"""How often everything is read anew, changed or not: logins begin and end by the clock, too."""

BELL_SECONDS = 1.0
"""How long to wait before a lost bell is tried again."""

IDLE_SECONDS = 3600.0
"""Postfix keeps its connections open, and closes them itself after 300 s without a question."""


class Lookout:
    """Keeps `stopped` current: login in lower case → case number. Empty until `known` is set."""

    def __init__(self, desk: Desk) -> None:
        self.stopped: Mapping[str, int | None] = {}
        self.known = asyncio.Event()
        self._desk = desk
        self._rung = asyncio.Event()
        self._version = ""
        self._read_at = 0.0
        self._away = False

    async def look(self) -> None:
        """Follows the database for ever."""
        while True:
            self._rung.clear()
            await self._look_once()
            with suppress(TimeoutError):
                # Not `wait_for`: before Python 3.12 it can swallow a cancellation that comes with the bell.
                async with asyncio.timeout(LOOK_SECONDS):
                    await self._rung.wait()

    async def hear(self) -> None:
        """Listens to the bell for ever."""
        while True:
            with suppress(redis.RedisError, OSError):
                await self._hear_until_lost()
            await asyncio.sleep(BELL_SECONDS)

    async def _hear_until_lost(self) -> None:
        url = self._desk.settings.redis_url or ""
        async with redis.asyncio.Redis.from_url(url, socket_connect_timeout=2) as client, client.pubsub() as bell:
            await bell.subscribe(channel(BELL))
            async for _ in bell.listen():
                self._rung.set()

    async def _look_once(self) -> None:
        try:
            await asyncio.to_thread(self._read)
        except Exception as fault:  # noqa: BLE001 - whatever is wrong there: what was known last still stands
            self._say_away(fault)
            return
        self.known.set()
        if self._away:
            log.info("policy.database_back")
            self._away = False

    def _read(self) -> None:
        with self._desk.work() as work:
            # The version first: what changes after it is read shows as another version at the next look.
            version = service.version(work)
            if version == self._version and time.monotonic() - self._read_at < WHOLE_SECONDS:
                return
            stopped = {each.login.lower(): each.case_number for each in service.suspended_logins(work)}
        if version != self._version:
            log.info("policy.changed", logins=len(stopped))
        self.stopped, self._version, self._read_at = stopped, version, time.monotonic()

    def _say_away(self, fault: Exception) -> None:
        if not self._away:
            log.warning("policy.database_away", fault=type(fault).__name__)
            self._away = True


class Talk:
    """Answers the connections of Postfix."""

    def __init__(self, lookout: Lookout) -> None:
        self._lookout = lookout
        self._open: set[asyncio.StreamWriter] = set()

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answers one connection until it ends, is idle for too long, or says what Postfix would not say."""
        self._open.add(writer)
        try:
            while True:
                async with asyncio.timeout(IDLE_SECONDS):
                    await self._exchange(reader, writer)
        except (EOFError, ConnectionError, TimeoutError):
            pass
        except (Rejected, asyncio.LimitOverrunError):
            log.warning("policy.junk")
        finally:
            self._open.discard(writer)
            writer.close()

    async def _exchange(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        attributes = read_request(await reader.readuntil(END))
        writer.write(answer(attributes, self._lookout.stopped))
        await writer.drain()

    def close(self) -> None:
        """Ends every connection; Postfix then asks on a new one."""
        for writer in self._open:
            writer.close()


async def serve(desk: Desk, stop: asyncio.Event, listening: Callable[[Address], None]) -> None:
    """Answers on `settings.policy` until `stop` is set.

    listening: called once with the address where it listens, which it does from the first look that succeeded.
    """
    lookout = Lookout(desk)
    async with asyncio.TaskGroup() as tasks:
        watching = [tasks.create_task(lookout.look()), tasks.create_task(lookout.hear())]
        answering = tasks.create_task(_answer(desk.settings.policy, lookout, listening))
        await stop.wait()
        await _end({answering, *watching})


async def _end(tasks: Set[asyncio.Task[None]]) -> None:
    while tasks:
        for task in tasks:
            task.cancel()
        # More than once: redis-py can swallow a cancellation that comes while it connects anew.
        _, tasks = await asyncio.wait(tasks, timeout=0.2)


async def _answer(at: Address, lookout: Lookout, listening: Callable[[Address], None]) -> None:
    await lookout.known.wait()
    talk = Talk(lookout)
    async with await asyncio.start_server(talk, at.host, at.port, limit=REQUEST_BYTES) as server:
        listening(Address(*server.sockets[0].getsockname()[:2]))
        try:
            await asyncio.Event().wait()
        finally:
            server.close()
            talk.close()


async def _until_told(desk: Desk) -> None:
    stop = asyncio.Event()
    for each in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(each, stop.set)
    await serve(desk, stop, lambda at: log.info("policy.listening", at=str(at)))
    log.info("policy.ended")


def main() -> int:
    """Answers until SIGTERM or SIGINT; the exit code."""
    return process.run(lambda desk: asyncio.run(_until_told(desk)))


if __name__ == "__main__":
    raise SystemExit(main())
