"""The token bucket of a throttled sender (pure): so many recipients an hour, a twelfth of them at once.

The level counts recipients that may still be written to; it is never above the capacity and grows all the time. A
mail that is larger than the capacity could never pass, so it passes from a full bucket and leaves a debt. So no hour
sees more than limit + capacity, and, where mails are larger than the capacity, one mail more.

The same arithmetic stands in Lua in `app/infra/buckets.py`, for the daemons that share a bucket.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

HOUR = 3600.0
PARTS = 12
MOST = 10_000
"""Buckets that are kept in memory before the full ones are dropped."""


class Bucket(NamedTuple):
    """One to be asked. key: whose, nothing personal. per_hour: recipients."""

    key: str
    per_hour: int

    @property
    def capacity(self) -> float:
        """How many recipients at once."""
        return max(1.0, self.per_hour / PARTS)

    @property
    def rate(self) -> float:
        """How many recipients come back in a second."""
        return self.per_hour / HOUR


class Level(NamedTuple):
    """What was in a bucket, at a moment in seconds of any clock that does not go back. Below zero: a debt."""

    left: float
    at: float


def refilled(bucket: Bucket, level: Level | None, now: float) -> float:
    """What is in it now; one that was never asked is full."""
    if level is None:
        return bucket.capacity
    return min(bucket.capacity, level.left + max(0.0, now - level.at) * bucket.rate)


class Buckets:
    """Buckets in this process's memory."""

    def __init__(self) -> None:
        self._levels: dict[str, Level] = {}
        self._rates: dict[str, Bucket] = {}

    def take(self, buckets: Sequence[Bucket], recipients: int, now: float) -> int | None:
        """Takes from all of the buckets, or from none where one has not enough: which; None where it passes."""
        left = [refilled(each, self._levels.get(each.key), now) for each in buckets]
        for n, (bucket, there) in enumerate(zip(buckets, left, strict=True)):
            if there < min(recipients, bucket.capacity):
                return n
        for bucket, there in zip(buckets, left, strict=True):
            self._levels[bucket.key] = Level(there - recipients, now)
            self._rates[bucket.key] = bucket
        if len(self._levels) > MOST:
            self._tidy(now)
        return None

    def __len__(self) -> int:
        return len(self._levels)

    def _tidy(self, now: float) -> None:
        """Drops those that are full: they are as if never asked."""
        kept = {
            key: level
            for key, level in self._levels.items()
            if refilled(self._rates[key], level, now) < self._rates[key].capacity
        }
        self._levels, self._rates = kept, {key: self._rates[key] for key in kept}
