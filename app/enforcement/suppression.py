"""Who may not be written to any more by whom, and until when the sender must have stopped (pure)."""

from __future__ import annotations

import hashlib
import sys
from array import array
from bisect import bisect_left
from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from app.values import dataclass


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


def numbers(packed: bytes) -> array[int]:
    """The pairs in bytes, 8 each, big-endian as PostgreSQL's int8send writes them."""
    read = array("q")
    read.frombytes(packed)
    if sys.byteorder == "little":
        read.byteswap()
    return read


class Pairs:
    """A set of pairs that takes 8 bytes each: a sorted array, and what came since in sets.

    It may be asked by one thread while another changes it: each pair is at every moment as before or as after.
    """

    MOST_RECENT = 20_000

    def __init__(self, pairs: Iterable[int] = ()) -> None:
        self._sorted = array("q", sorted(set(pairs)))
        self._more: set[int] = set()
        self._gone: set[int] = set()

    @classmethod
    def of_sorted(cls, parts: Iterable[bytes]) -> Pairs:
        """The pairs in `parts` as `numbers` reads them, each once and in order: no set of them is ever made."""
        made = cls()
        for part in parts:
            made._sorted += numbers(part)
        return made

    def __contains__(self, wanted: int) -> bool:
        if wanted in self._more:
            return True
        return wanted not in self._gone and _has(self._sorted, wanted)

    def __len__(self) -> int:
        return len(self._sorted) + len(self._more) - len(self._gone)

    def change(self, there: Iterable[int], gone: Iterable[int]) -> None:
        """Adds and takes away; what is both is gone."""
        leaving = set(gone)
        for each in there:
            if each in leaving:
                continue
            if not _has(self._sorted, each):
                self._more.add(each)
            self._gone.discard(each)
        for each in leaving:
            if _has(self._sorted, each):
                self._gone.add(each)
            self._more.discard(each)
        if len(self._more) + len(self._gone) > self.MOST_RECENT:
            # In this order: until the sets are empty they say the same as the new array.
            self._sorted = _merged(self._sorted, self._more, self._gone)
            self._more, self._gone = set(), set()


def _has(held: array[int], wanted: int) -> bool:
    at = bisect_left(held, wanted)
    return at < len(held) and held[at] == wanted


def _merged(held: array[int], more: set[int], gone: set[int]) -> array[int]:
    """The sorted array with some values more and some less. What lies between two of them is copied as a whole."""
    merged, done = array("q"), 0
    for each in sorted(more | gone):
        at = bisect_left(held, each, done)
        merged += held[done:at]
        done = at + 1 if at < len(held) and held[at] == each else at
        if each in more:
            merged.append(each)
    return merged + held[done:]
