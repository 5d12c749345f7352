"""Alarms: raised once for each thing that is wrong, told to people outside by a job, over when it is mended."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app.enforcement import proof_store
from app.uow import Work


@dataclass(frozen=True, slots=True)
class AlarmFact:
    """One alarm. said: one line, nothing personal."""

    id: UUID
    said: str
    sender: str | None
    case_number: int | None
    raised_at: datetime


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
    return tuple(
        AlarmFact(row.id, row.said, row.sender_id, row.case_number, row.raised_at)
        for row in proof_store.open_alarms(work.session, limit)
    )
