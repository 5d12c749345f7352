"""Token buckets that several processes share, in Redis or Valkey (asyncio; see `app/enforcement/bucket.py`).

One script asks all buckets of a mail and takes from all or from none, by Redis's own clock, so that daemons on
several hosts agree. Whoever asks waits PATIENCE at most: a mail server waits for the answer.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import redis.asyncio
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from app.errors import Unavailable

PATIENCE = 0.3
PREFIX = "abusedesk:bucket:"

# KEYS: the buckets. ARGV: recipients, then capacity and refill a second of each. 0, or which of them has not enough.
# A bucket is forgotten when it is full again: one that is not there is full.
_TAKE = """
local time = redis.call('TIME')
local now = tonumber(time[1]) + tonumber(time[2]) / 1000000
local wanted = tonumber(ARGV[1])
local left = {}
for n, key in ipairs(KEYS) do
  local capacity, rate = tonumber(ARGV[2 * n]), tonumber(ARGV[2 * n + 1])
  local held = redis.call('HMGET', key, 'left', 'at')
  left[n] = capacity
  if held[1] and held[2] then
    left[n] = math.min(capacity, tonumber(held[1]) + math.max(0, now - tonumber(held[2])) * rate)
  end
  if left[n] < math.min(wanted, capacity) then return n end
end
for n, key in ipairs(KEYS) do
  local capacity, rate = tonumber(ARGV[2 * n]), tonumber(ARGV[2 * n + 1])
  local rest = left[n] - wanted
  redis.call('HSET', key, 'left', string.format('%.6f', rest), 'at', string.format('%.6f', now))
  redis.call('PEXPIRE', key, string.format('%.0f', math.ceil((capacity - rest) / rate * 1000) + 1000))
end
return 0
"""


class SharedBuckets:
    """url: redis://, rediss:// or unix://; nothing is connected before the first question."""

    def __init__(self, url: str) -> None:
        self._redis = redis.asyncio.Redis.from_url(
            url,
            socket_timeout=PATIENCE,
            socket_connect_timeout=PATIENCE,
            retry=Retry(NoBackoff(), 0),
        )
        self._take = self._redis.register_script(_TAKE)

    async def take(self, buckets: Sequence[tuple[str, float, float]], recipients: int) -> int | None:
        """Takes from all of the buckets (key, capacity, refill a second), or from none where one has not enough.

        Which has not enough; None where it passes. Raises Unavailable where Redis does not answer in PATIENCE
        seconds; then it may have been taken all the same.
        """
        keys = [PREFIX + key for key, _, _ in buckets]
        numbers = [number for _, capacity, rate in buckets for number in (capacity, rate)]
        asking = asyncio.ensure_future(self._asked(keys, [recipients, *numbers]))
        asking.add_done_callback(_heard)
        # Not a timeout around it: redis-py can swallow a cancellation that comes while it connects anew.
        done, _ = await asyncio.wait({asking}, timeout=PATIENCE)
        if not done:
            asking.cancel()
            raise Unavailable("Redis does not answer.")
        which = asking.result()
        return which - 1 if which else None

    async def close(self) -> None:
        """Gives the connections back."""
        with suppress(redis.RedisError, OSError):
            await self._redis.aclose()

    async def _asked(self, keys: list[str], numbers: list[float]) -> int:
        try:
            answer: Any = await self._take(keys=keys, args=numbers)
            return int(answer)
        except (redis.RedisError, OSError, ValueError) as fault:
            raise Unavailable("Redis does not answer.") from fault


def _heard(asking: asyncio.Future[int]) -> None:
    """Looks at how a question ended that nobody waits for any more; asyncio would complain otherwise."""
    if not asking.cancelled():
        asking.exception()
