"""What happened, read once more in its order, for a back-test. Plain reads over several features' tables."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col

from app.attribution.domain import Verdict
from app.intake.domain import Category, Door
from app.mail.domain import FeedbackType, Kind
from app.triage.backtest import Click, Joined
from app.triage.domain import CaseKind
from app.triage.grouping import COUNTED, kind_said
from app.triage.incoming import CLICKS
from app.triage.models import Case, CaseReport

AT_ONCE = 2_000
"""Rows that are fetched at a time: the past may be long."""

_report = sa.table("report", *map(sa.column, ("id", "category", "kind", "door", "arrived_at")))
_complaint = sa.table(
    "complaint", *map(sa.column, ("report_id", "sender_id", "verdict", "feedback_type", "counts", "judged_at"))
)
_sender = sa.table("sender", sa.column("id"), sa.column("created_at"))
_delivered = sa.table("delivered", *map(sa.column, ("sender_id", "day", "counted", "stated")))


def read_only(session: Session) -> None:
    """Makes the database refuse every change from here on; before anything else is asked of it."""
    session.execute(sa.text("set transaction read only"))


def clicks(session: Session, since: datetime) -> Iterator[Click]:
    """The complaint clicks that were counted from `since` on, as routing counts them."""
    day = sa.cast(sa.func.timezone("UTC", _report.c.arrived_at), sa.Date)
    wanted = (
        sa.select(_complaint.c.judged_at, _complaint.c.sender_id, day)
        .join(_report, _report.c.id == _complaint.c.report_id)
        .where(_complaint.c.counts, _complaint.c.sender_id.is_not(None), _complaint.c.judged_at >= since)
        .where(_complaint.c.verdict != Verdict.CONTRADICTED, _report.c.door != Door.FORM)
        .where(_report.c.kind.in_(list(CLICKS)))
        .where(sa.or_(_complaint.c.feedback_type.is_(None), _complaint.c.feedback_type.in_(list(COUNTED))))
        .order_by(_complaint.c.judged_at)
    )
    return (Click(*row) for row in _streamed(session, wanted))


def joined(session: Session, since: datetime) -> Iterator[Joined]:
    """Every complaint in the cases of known senders that changed from `since` on, but for replays."""
    wanted = (
        sa.select(
            *(col(CaseReport.joined_at), col(Case.number), col(Case.sender_id), _sender.c.created_at),
            *(col(CaseReport.report_id), col(Case.group_key), _report.c.kind, _report.c.category),
            *(_complaint.c.feedback_type, _complaint.c.verdict, col(Case.outcome), col(Case.resolved_at)),
        )
        .join(Case, col(Case.id) == col(CaseReport.case_id))
        .join(_sender, _sender.c.id == col(Case.sender_id))
        .join(_report, _report.c.id == col(CaseReport.report_id))
        .join(
            _complaint,
            sa.and_(_complaint.c.report_id == _report.c.id, _complaint.c.sender_id == col(Case.sender_id)),
        )
        .where(col(Case.updated_at) >= since, col(Case.kind) != CaseKind.REPLAY)
        .order_by(col(CaseReport.joined_at), col(CaseReport.report_id))
    )
    return (_joined(row) for row in _streamed(session, wanted))


def _joined(row: Any) -> Joined:
    at, case, sender, account, report, group, mail, category, feedback_type, verdict, outcome, resolved = row
    said = kind_said(
        Kind(mail) if mail else None,
        Category(category) if category else None,
        FeedbackType(feedback_type) if feedback_type else None,
    )
    kind = CaseKind.FEEDBACK if group.startswith("clicks:") else said
    return Joined(at, case, sender, account, str(report), kind, Verdict(verdict), outcome, resolved)


def delivered(session: Session, since: date) -> dict[str, dict[date, int]]:
    """Sender → day → mails delivered, from `since` on, of senders that ever had a case."""
    figure = sa.func.sum(sa.func.coalesce(_delivered.c.stated, _delivered.c.counted))
    had = _delivered.c.sender_id.in_(sa.select(col(Case.sender_id)).where(col(Case.sender_id).is_not(None)))
    key = (_delivered.c.sender_id, _delivered.c.day)
    found: dict[str, dict[date, int]] = {}
    for sender, day, mails in session.execute(sa.select(*key, figure).where(had, key[1] >= since).group_by(*key)):
        found.setdefault(sender, {})[day] = int(mails)
    return found


def _streamed(session: Session, wanted: sa.Select[Any]) -> Iterator[Any]:
    return iter(session.execute(wanted, execution_options={"yield_per": AT_ONCE}))
