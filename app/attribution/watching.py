"""What a look at DNS changed about the keys we follow (pure).

A complaint comes days or weeks after its mail. A key that only came and went between two complaints would never have
been seen; so the keys that our senders sign with are asked for by the clock, and what DNS said is kept with its
first and last time.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum

from app.attribution.keys import is_revoked
from app.mail.domain import KeyAnswer, KeyState
from app.values import dataclass


class ChangeKind(StrEnum):
    """What became of a key since it was last asked for."""

    NEW = "new"
    BACK = "back"
    REVOKED = "revoked"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class Record:
    """A key record as it was seen. gone_at: when DNS first no longer had it; None: it had it when last asked."""

    name: str
    txt: bytes
    first_seen: datetime
    last_seen: datetime
    gone_at: datetime | None = None

    @property
    def state(self) -> str:
        """there, revoked (its p= is empty) or gone, as of the last look."""
        if self.gone_at is not None:
            return "gone"
        return "revoked" if is_revoked(self.txt) else "there"


@dataclass(frozen=True, slots=True)
class Change:
    """A key that is no longer as it was. Names a selector and a domain, nobody."""

    name: str
    kind: ChangeKind


def changes_of(answers: Mapping[str, KeyAnswer], seen: Mapping[str, Sequence[Record]]) -> list[Change]:
    """What is other than before, by name; where DNS did not answer, nothing is known and nothing said."""
    told = [(name, _change(answer, seen.get(name, ()))) for name, answer in sorted(answers.items())]
    return [Change(name, kind) for name, kind in told if kind is not None]


def departed(answers: Mapping[str, KeyAnswer], seen: Mapping[str, Sequence[Record]]) -> list[Record]:
    """The records that were there when last asked for, and that DNS has no more."""
    return [
        record
        for name, answer in sorted(answers.items())
        for record in seen.get(name, ())
        if record.gone_at is None and answer.state in (KeyState.FOUND, KeyState.NONE) and record.txt != answer.txt
    ]


def _change(answer: KeyAnswer, seen: Sequence[Record]) -> ChangeKind | None:
    if answer.state is KeyState.NONE:
        return ChangeKind.GONE if any(record.gone_at is None for record in seen) else None
    if answer.state is not KeyState.FOUND or answer.txt is None:
        return None
    same = next((record for record in seen if record.txt == answer.txt), None)
    if same is not None and same.gone_at is None:
        return None
    if is_revoked(answer.txt):
        return ChangeKind.REVOKED
    return ChangeKind.NEW if same is None else ChangeKind.BACK
