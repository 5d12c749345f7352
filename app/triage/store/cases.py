"""The queries on one case: held while it is decided on, its timeline, and forgetting what was written in it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, and_, col, select

from app.triage.domain import CaseStatus
from app.triage.models import Case, CaseEvent, CaseReport


def hold(session: Session, number: int) -> Case | None:
    """The case as it is now, kept from change by anybody else until the transaction ends."""
    wanted = select(Case).where(Case.number == number).with_for_update()
    return session.exec(wanted, execution_options={"populate_existing": True}).first()


def hold_next(session: Session) -> Case | None:
    """The most urgent open case that nobody claimed, kept from change until the transaction ends; None for none.

    A case that another transaction holds is passed over, not waited for: somebody is claiming it, or it is growing.
    """
    free = select(Case).where(Case.status == CaseStatus.OPEN, col(Case.assignee_id).is_(None))
    first = free.order_by(col(Case.priority).desc(), col(Case.number).desc()).limit(1)
    return session.exec(
        first.with_for_update(skip_locked=True), execution_options={"populate_existing": True}
    ).first()


def has_report(session: Session, case: UUID, report: UUID) -> bool:
    return session.get(CaseReport, (report, case)) is not None


def add_line(session: Session, line: CaseEvent) -> None:
    session.add(line)
    session.flush()


def lines(session: Session, case: UUID, limit: int) -> Sequence[CaseEvent]:
    """The newest lines of a case's timeline, newest first."""
    newest = select(CaseEvent).where(CaseEvent.case_id == case)
    return session.exec(newest.order_by(col(CaseEvent.at).desc(), col(CaseEvent.seq).desc()).limit(limit)).all()


def latest_of_report(session: Session, report: UUID) -> Case | None:
    """The case that a report joined last."""
    wanted = select(Case).join(CaseReport, col(CaseReport.case_id) == col(Case.id))
    newest = col(CaseReport.joined_at).desc(), col(Case.number).desc()
    return session.exec(wanted.where(CaseReport.report_id == report).order_by(*newest)).first()


def among(session: Session, owners: Collection[UUID]) -> list[UUID]:
    """Which of these owners of sealing keys are lines of a timeline."""
    return list(session.exec(select(CaseEvent.id).where(col(CaseEvent.id).in_(owners))).all())


def worded_before(session: Session, moment: datetime, limit: int) -> list[UUID]:
    """Up to `limit` lines from before `moment` whose words are still there, of cases resolved before it."""
    over = and_(col(Case.status) == CaseStatus.RESOLVED, col(Case.resolved_at) < moment)
    wanted = select(CaseEvent.id).join(Case, and_(col(Case.id) == col(CaseEvent.case_id), over))
    worded = wanted.where(CaseEvent.at < moment, col(CaseEvent.text).is_not(None))
    return list(session.exec(worded.limit(limit)).all())


def empty_words(session: Session, events: Collection[UUID]) -> None:
    session.execute(sa.update(CaseEvent).where(col(CaseEvent.id).in_(events)).values(text=None))
