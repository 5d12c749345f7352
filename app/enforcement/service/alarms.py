"""Alarms: raised once for each thing that is wrong, told to people outside, over when it is mended.

Who tells them, and how, is not decided here: `untold` hands out what is to be told, `note_told` takes what came of
it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from app.enforcement import proof_store
from app.enforcement.models import Alarm
from app.uow import Work
from app.values import dataclass


@dataclass(frozen=True, slots=True)
class AlarmFact:
    """One alarm. said: one line, nothing personal. cleared_at: when it was over, None while it is not."""

    id: UUID
    said: str
    sender: str | None
    case_number: int | None
    raised_at: datetime
    cleared_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Untold:
    """Something of an alarm that is to be told: that it is, or, where it is cleared, that it is over.

    taken: the channels that took this already. tries: how often it was tried, this time included.
    """

    alarm: AlarmFact
    taken: frozenset[str]
    tries: int


def raise_(work: Work, key: str, said: str, *, sender: str | None = None, case_number: int | None = None) -> bool:
    """Raises an alarm about `key` unless one is raised already; whether it is new."""
    row = {
        "key": key,
        "said": said,
        "sender_id": sender,
        "case_number": case_number,
        "raised_at": work.now,
        "next_at": work.now,
    }
    return proof_store.raise_alarm(work.session, row)


def clear(work: Work, keys: Sequence[str]) -> int:
    """Ends the alarms about these, where there are any; how many."""
    return proof_store.clear_alarms(work.session, keys, work.now)


def alarms(work: Work, limit: int = 20) -> tuple[AlarmFact, ...]:
    """Alarms that are not over, newest first."""
    return tuple(_fact(row) for row in proof_store.open_alarms(work.session, limit))


def untold(work: Work, lease: timedelta, limit: int) -> tuple[Untold, ...]:
    """What is to be told now, oldest first; for `lease` it is the caller's alone.

    An alarm that was over before anybody took it is told once, as over.
    """
    rows = proof_store.untold_alarms(work.session, work.now, limit)
    for row in rows:
        row.tries += 1
        row.next_at = work.now + lease
    return tuple(Untold(_fact(row), _taken(row), row.tries) for row in rows)


def note_told(work: Work, told: Untold, taken: Iterable[str], next_at: datetime | None) -> None:
    """Writes which channels took it. next_at: when to try the others, None where all have."""
    row = proof_store.alarm(work.session, told.alarm.id)
    if row is None:
        return
    word = _word(told.alarm.cleared_at)
    row.taken = sorted({*row.taken, *(f"{word}:{each}" for each in taken)})
    # Cleared while it was told as raised: that it is over is due at once, whatever came of this.
    turned = _word(row.cleared_at) != word
    row.next_at = work.now if turned else next_at or row.next_at
    if next_at is None:
        row.told_at = row.told_at or work.now
        row.over_told_at = work.now if told.alarm.cleared_at else None


def _word(cleared_at: datetime | None) -> str:
    return "raised" if cleared_at is None else "over"


def _taken(row: Alarm) -> frozenset[str]:
    start = f"{_word(row.cleared_at)}:"
    return frozenset(each.removeprefix(start) for each in row.taken if each.startswith(start))


def _fact(row: Alarm) -> AlarmFact:
    return AlarmFact(row.id, row.said, row.sender_id, row.case_number, row.raised_at, row.cleared_at)
