"""What is asked of the queue and what a row of it tells (pure)."""

from __future__ import annotations

import re
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from app.attribution.domain import Verdict
from app.senders.domain import SenderStatus
from app.triage.domain import CaseKind, CaseStatus, Outcome
from app.values import dataclass

TEXT_CHARS = 200
_NUMBER = re.compile(r"[cC#]?([0-9]{1,18})")


class Place(NamedTuple):
    """Where a case stands in the queue's order: the most urgent first, of those the newest first."""

    priority: int
    number: int


@dataclass(frozen=True, slots=True)
class Filter:
    """Which cases are wanted; None: whatever.

    assignee: a staff member's id. unassigned: only cases that nobody claimed. severe: only phishing, malware, fraud.
    to_confirm: only cases in which an action waits for a person: what a rule did, or what a second one must agree to.
    text: a case's number (`C1001`), part of a sender's id or name, or an address that its reports mention.
    """

    status: CaseStatus | None = CaseStatus.OPEN
    kind: CaseKind | None = None
    verdict: Verdict | None = None
    sender: str | None = None
    assignee: int | None = None
    unassigned: bool = False
    severe: bool = False
    to_confirm: bool = False
    text: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One case in the queue."""

    id: UUID
    number: int
    status: CaseStatus
    kind: CaseKind
    sender_id: str | None
    sender_name: str | None
    sender_status: SenderStatus | None
    verdict: Verdict
    priority: int
    reasons: tuple[str, ...]
    reports: int
    clicks: int
    assignee_id: int | None
    assignee: str | None
    opened_at: datetime
    updated_at: datetime
    resolved_at: datetime | None
    outcome: Outcome | None
    sample: UUID | None

    @property
    def place(self) -> Place:
        return Place(self.priority, self.number)


@dataclass(frozen=True, slots=True)
class Counts:
    """How many open cases each saved view shows; to_confirm: resolved ones, too, for there it must be seen, too."""

    open: int
    mine: int
    unclaimed: int
    severe: int
    to_confirm: int


def number_in(text: str) -> int | None:
    """The case number that `text` is, as in `C1001`, `#1001` or `1001`; None where it is none."""
    match = _NUMBER.fullmatch(text.strip())
    return int(match[1]) if match else None
