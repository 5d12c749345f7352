"""The buckets of throttled senders: shared by all policy services over Redis, in memory while Redis is away."""

from __future__ import annotations

import time
from collections.abc import Sequence

import structlog

from app.enforcement.bucket import Bucket, Buckets
from app.errors import Unavailable
from app.infra.buckets import SharedBuckets

log = structlog.get_logger(__name__)

AWAY_SECONDS = 1.0
"""How long Redis is left alone after it did not answer: not every mail waits for it."""


class Throttle:
    """Never waits longer than `app.infra.buckets.PATIENCE`."""

    def __init__(self, shared: SharedBuckets) -> None:
        self._shared = shared
        self._own = Buckets()
        self._away_until: float | None = None

    async def take(self, buckets: Sequence[Bucket], recipients: int) -> int | None:
        """Takes from all of the buckets, or from none where one has not enough: which; None where it passes."""
        now = time.monotonic()
        if self._away_until is not None and now < self._away_until:
            return self._own.take(buckets, recipients, now)
        try:
            which = await self._shared.take([(each.key, each.capacity, each.rate) for each in buckets], recipients)
        except Unavailable:
            self._say_away(now)
            return self._own.take(buckets, recipients, now)
        if self._away_until is not None:
            log.info("policy.redis_back")
            self._away_until = None
        if which is None:
            # What passes here is counted here too: without Redis these buckets are then not full.
            self._own.take(buckets, recipients, now)
        return which

    def _say_away(self, now: float) -> None:
        if self._away_until is None:
            log.warning("policy.redis_away")
        self._away_until = now + AWAY_SECONDS

    async def close(self) -> None:
        await self._shared.close()
