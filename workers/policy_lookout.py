"""Keeps what the policy service knows current: by the bell at once, and by looking.

Actions are looked for twice a second, logins every few seconds, changed suppressions twice a second and all of them
hourly. Each has a thread of its own, so a long list of suppressions delays no suspension.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from typing import TypeVar

import redis.asyncio
import structlog

from app.bootstrap import Desk
from app.enforcement import service, snapshot_service
from app.enforcement.domain import BELL
from app.enforcement.snapshot import Snapshot
from app.enforcement.suppression import Pairs
from app.infra.queue import channel

log = structlog.get_logger(__name__)
T = TypeVar("T")

LOOK_SECONDS = 0.5
LOGINS_SECONDS = 5.0
"""How often logins are compared: they begin and end by the clock, too."""

WHOLE_SECONDS = 3600.0
"""How often all suppressions are read anew."""

BELL_SECONDS = 1.0
"""How long to wait before a lost bell is tried again."""


class Lookout:
    """`snapshot` is what is known; empty until `known` is set."""

    def __init__(self, desk: Desk) -> None:
        self.snapshot = Snapshot()
        self.known = asyncio.Event()
        self._desk = desk
        self._rung = asyncio.Event()
        self._version = ""
        self._looked_at = 0.0
        self._followed: datetime | None = None
        self._whole_at = 0.0
        self._away: set[str] = set()
        self._tried: set[str] = set()

    async def look(self) -> None:
        """Follows actions, logins and domains for ever."""
        while True:
            self._rung.clear()
            fresh = await self._reading("actions", self._read)
            if fresh is not None:
                if fresh is not self.snapshot:
                    # The suppressions may have been read anew meanwhile.
                    self.snapshot = replace(fresh, pairs=self.snapshot.pairs)
                self._tell("actions")
            with suppress(TimeoutError):
                # Not `wait_for`: before Python 3.12 it can swallow a cancellation that comes with the bell.
                async with asyncio.timeout(LOOK_SECONDS):
                    await self._rung.wait()

    async def follow(self) -> None:
        """Follows suppressions for ever."""
        while True:
            pairs = await self._reading("suppressions", self._read_pairs)
            if pairs is not None and pairs is not self.snapshot.pairs:
                self.snapshot = replace(self.snapshot, pairs=pairs)
            # Also where they cannot be read: they are no reason to let a suspended sender pass.
            self._tell("suppressions")
            await asyncio.sleep(LOOK_SECONDS)

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

    def _tell(self, part: str) -> None:
        self._tried.add(part)
        if self._tried == {"actions", "suppressions"}:
            self.known.set()

    async def _reading(self, part: str, read: Callable[[], T]) -> T | None:
        """What is read in a thread; None where the database is away: what was known last still stands."""
        try:
            found = await asyncio.to_thread(read)
        except Exception as fault:  # noqa: BLE001 - whatever is wrong there
            if not self._away:
                log.warning("policy.database_away", fault=type(fault).__name__)
            self._away.add(part)
            return None
        if part in self._away:
            self._away.discard(part)
            if not self._away:
                log.info("policy.database_back")
        return found

    def _read(self) -> Snapshot:
        with self._desk.work() as work:
            # The version first: what changes after it is read shows as another version at the next look.
            version = service.version(work)
            changed = version != self._version
            if not changed and time.monotonic() - self._looked_at < LOGINS_SECONDS:
                return self.snapshot
            fresh = snapshot_service.snapshot(work, self.snapshot, changed=changed)
        if changed:
            log.info("policy.changed", senders=len(fresh.measures), logins=len(fresh.logins))
        self._version, self._looked_at = version, time.monotonic()
        return fresh

    def _read_pairs(self) -> Pairs:
        with self._desk.work() as work:
            if self._followed is None or time.monotonic() - self._whole_at > WHOLE_SECONDS:
                pairs, settled = snapshot_service.suppressed(work)
                self._whole_at = time.monotonic()
                log.info("policy.suppressions", count=len(pairs))
            else:
                pairs = self.snapshot.pairs
                settled = snapshot_service.follow(work, pairs, self._followed)
        self._followed = settled
        return pairs
