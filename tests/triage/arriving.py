"""Complaints for triage's tests: reports stored as a door stores them, judged as the test says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from uuid import UUID, uuid4

import sqlalchemy as sa

from app.attribution.domain import Verdict
from app.bootstrap import Desk
from app.intake import service as intake
from app.intake.domain import Arrival, Category, Door
from app.mail.domain import FeedbackType, Kind
from app.ports import Clock
from app.senders.domain import SenderStatus
from app.senders.models import Sender
from app.triage import service
from app.triage.domain import Incoming
from app.uow import Work

_numbers = count(1)

CLICK = Incoming(
    report=UUID(int=0),
    position=0,
    kind=Kind.ARF,
    feedback_type=FeedbackType.ABUSE,
    category=None,
    click=True,
    verdict=Verdict.PROVEN,
    sender="acme",
    campaign=None,
    origin="",
    provider="fbl.example",
    at=datetime(2026, 11, 22, tzinfo=UTC),
)
PERSON = replace(
    CLICK,
    kind=Kind.INLINE,
    feedback_type=None,
    category=Category.SPAM,
    click=False,
    campaign=b"sale",
    provider="",
)
STRANGER = replace(PERSON, sender=None, verdict=Verdict.UNPROVEN, campaign=None, origin="shop.example")


class SetClock(Clock):
    """A clock that stands until it is moved."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at

    def move(self, by: timedelta) -> None:
        self.at += by


def add_sender(work: Work, sender: str = "acme", *, days: int = 400, name: str = "Acme Mailings") -> None:
    """A sender whose account is `days` old."""
    work.session.add(
        Sender(
            id=sender,
            uid=uuid4(),
            name=name,
            status=SenderStatus.ACTIVE,
            created_at=work.now - timedelta(days=days),
        )
    )
    work.session.flush()


def stored(work: Work, complaints: Sequence[Incoming], reporter: str | None = None) -> list[Incoming]:
    """The complaints, each with a report of its own that is stored and arrived now."""
    arrivals = [
        Arrival(b"Subject: %d\r\n\r\ntext\r\n" % next(_numbers), Door.FORM, Category.SPAM, reporter, {"what": "it"})
        for _ in complaints
    ]
    reports = [each.report for each in intake.store_many(work, arrivals)]
    return [replace(each, report=report, at=work.now) for each, report in zip(complaints, reports, strict=True)]


def arrive(desk: Desk, *complaints: Incoming, reporter: str | None = None) -> list[int]:
    """Stores and routes the complaints in one unit of work; the cases they are in now."""
    with desk.work() as work:
        routed = service.route(work, stored(work, complaints, reporter))
    return sorted(set(routed.values()))


def counted(desk: Desk) -> int:
    """How many complaint clicks are counted in all."""
    with desk.work() as work:
        return int(
            work.session.execute(sa.text("select coalesce(sum(complaints), 0) from complaint_count")).scalar() or 0
        )
