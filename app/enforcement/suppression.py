"""Who may not be written to any more by whom, and until when the sender must have stopped (pure)."""

from __future__ import annotations

import hashlib
from array import array
from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID


class Cause(StrEnum):
    """Why: they complained, asked for it, or the sender's own list says so."""

    COMPLAINT = "complaint"
    OPT_OUT = "opt-out"
    STAFF = "staff"


@dataclass(frozen=True, slots=True)
class Wish:
    """That a recipient wants no more mail of a sender. address: lower case. report: where it was said."""

    sender: str
    address: str
    cause: Cause
    report: UUID | None
    at: datetime


@dataclass(frozen=True, slots=True)
class SuppressionFact:
    """One suppression. address: None where it is not known (any more)."""

    id: UUID
    sender: str
    address: str | None
    cause: Cause
    by: str
    since: datetime
    due: datetime
    lifted_at: datetime | None


def pair(sender: bytes, recipient_key: bytes) -> int:
    """64 bits that stand for a sender (the bytes of its uid) and a recipient (its keyed hash).

    Signed, as PostgreSQL keeps it. Of a million pairs, one in 10^13 mails would be refused by mistake.
    """
    return int.from_bytes(hashlib.blake2s(sender + recipient_key, digest_size=8).digest(), "big", signed=True)


class Pairs:
    """A set of pairs that takes 8 bytes each: a sorted array, and what came since in a set."""

    MOST_RECENT = 20_000

    def __init__(self, pairs: Iterable[int] = ()) -> None:
        self._sorted = array("q", sorted(set(pairs)))
        self._more: set[int] = set()
        self._gone: set[int] = set()

    def __contains__(self, wanted: int) -> bool:
        if wanted in self._more:
            return True
        if wanted in self._gone:
            return False
        at = bisect_left(self._sorted, wanted)
        return at < len(self._sorted) and self._sorted[at] == wanted

    def __len__(self) -> int:
        return len(self._sorted) + len(self._more) - len(self._gone)

    def change(self, there: Iterable[int], gone: Iterable[int]) -> None:
        """Adds and takes away; what is both is gone."""
        for each in there:
            if each not in self:
                self._more.add(each)
            self._gone.discard(each)
        for each in gone:
            self._more.discard(each)
            if each in self:
                self._gone.add(each)
        if len(self._more) + len(self._gone) > self.MOST_RECENT:
            self._sorted = array("q", sorted({*self._sorted, *self._more} - self._gone))
            self._more, self._gone = set(), set()
