"""Counts wrong passwords and codes, in Redis; in the process's own memory while Redis is away.

An attempt is counted before it is judged, so that many at once cannot slip through, and given back when it was
right. Accounts and addresses are counted under keyed hashes: neither can be read in Redis.
"""

from __future__ import annotations

import hashlib
import hmac
import time
from dataclasses import field

import redis

from app.values import dataclass

ACCOUNT_LIMIT = 5
ADDRESS_LIMIT = 20
WINDOW = 15 * 60
"""Seconds from the first wrong attempt until all are forgotten."""

_COUNT = """
local count = redis.call('incr', KEYS[1])
if count == 1 then redis.call('expire', KEYS[1], ARGV[1]) end
return count
"""
_GIVE_BACK = "if redis.call('exists', KEYS[1]) == 1 then return redis.call('decr', KEYS[1]) end"


@dataclass(frozen=True)
class Lockout:
    """Whether an account, or an address, has had too many wrong attempts."""

    connection: redis.Redis
    key: bytes
    _memory: dict[str, tuple[int, float]] = field(default_factory=dict)

    def attempt(self, account: str, address: str) -> bool:
        """Counts one attempt; False where it may not be judged because there were too many."""
        account_count = self._count(self._name("account", account))
        address_count = self._count(self._name("address", address))
        return account_count <= ACCOUNT_LIMIT and address_count <= ADDRESS_LIMIT

    def right(self, account: str, address: str) -> None:
        """The attempt was right: it does not count. Wrong ones before it still do."""
        for name in (self._name("address", address), self._name("account", account)):
            try:
                self.connection.eval(_GIVE_BACK, 1, name)
            except redis.RedisError:
                self._remember(name, -1)

    def forget(self, account: str) -> None:
        """Both factors were right: the account starts afresh."""
        name = self._name("account", account)
        self._memory.pop(name, None)
        try:
            self.connection.delete(name)
        except redis.RedisError:
            return

    def _name(self, kind: str, value: str) -> str:
        digest = hmac.new(self.key, f"{kind}\0{value.strip().lower()}".encode(), hashlib.sha256)
        return f"abusedesk:lockout:{kind}:{digest.hexdigest()[:32]}"

    def _count(self, name: str) -> int:
        try:
            return int(self.connection.eval(_COUNT, 1, name, str(WINDOW)))
        except redis.RedisError:
            return self._remember(name, 1)

    def _remember(self, name: str, by: int) -> int:
        now = time.monotonic()
        for old in [each for each, (_, until) in self._memory.items() if until < now]:
            del self._memory[old]
        count, until = self._memory.get(name, (0, now + WINDOW))
        self._memory[name] = (max(0, count + by), until)
        return count + by
