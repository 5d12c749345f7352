"""What is known of the last few mails, so that one that is looked at from several sides is read once.

`functools.lru_cache` is not used: it hashes its argument, and hashing a mail takes longer than finding its header.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import update_wrapper
from typing import Generic, TypeVar

T = TypeVar("T")

KEPT = 4


class Latest(Generic[T]):
    """A function of a mail's bytes that remembers its last KEPT answers. Safe in threads: one may read twice."""

    def __init__(self, make: Callable[[bytes], T]) -> None:
        self._make = make
        self._held: tuple[tuple[bytes, T], ...] = ()
        update_wrapper(self, make)

    def __call__(self, raw: bytes) -> T:
        for known, answer in self._held:
            if known is raw or known == raw:
                return answer
        answer = self._make(raw)
        self._held = ((raw, answer), *self._held[: KEPT - 1])
        return answer

    def cache_clear(self) -> None:
        """Forgets every answer."""
        self._held = ()
