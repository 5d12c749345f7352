"""Mail that was sent although its recipient was suppressed: found in the send log, counted.

From the wish until it is due a mail may still be on its way: counted, and held against nobody. From then on it is
proven that the wish was not honoured. Each line is counted once, however often it is looked at; the counts go as far
back as the send log is kept.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID

from app.enforcement import later_store as store
from app.enforcement.suppression_store import settled_at
from app.senders.span_service import take_spans
from app.uow import Work
from app.values import dataclass

MOST_REPORTS = 500
"""How many reports of one sender are told of at once."""

_EVER = datetime(1, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Later:
    """What a look found of one sender. mails: sent too late, to so many recipients, the first at `first` (None: none
    was). grace: sent in time. reports: the complaints by which recipients had asked, at most MOST_REPORTS."""

    sender: str
    mails: int
    recipients: int
    first: datetime | None
    grace: int
    reports: tuple[UUID, ...]


@dataclass(frozen=True, slots=True)
class LaterCount:
    """How many mails to suppressed recipients are known of a sender: in time, and too late."""

    grace: int = 0
    late: int = 0


def look_for_later(work: Work) -> tuple[Later, ...]:
    """What is new in the send log or among the suppressions since the last look, by sender."""
    since = store.looked(work.session)
    settled = settled_at(work.session, work.now)
    spans = take_spans(work)
    rows = store.find(work.session, spans, since or _EVER)
    store.look(work.session, settled)
    return tuple(
        Later(row.sender, row.mails, row.recipients, row.first, row.grace, tuple(row.reports or ())[:MOST_REPORTS])
        for row in rows
    )


def later_counts(work: Work, senders: Sequence[str]) -> dict[str, LaterCount]:
    """Sender → how many mails to suppressed recipients are known, of each that has any."""
    return {row.sender: LaterCount(row.grace, row.late) for row in store.counts(work.session, senders)}


def later_before(work: Work, moment: datetime, limit: int) -> list[UUID]:
    """Up to `limit` of these mails that were sent before `moment`."""
    return store.older_than(work.session, moment, limit)


def forget_later(work: Work, mails: Sequence[UUID]) -> int:
    """Deletes what is known of these mails; how many there were."""
    return store.delete(work.session, mails)
