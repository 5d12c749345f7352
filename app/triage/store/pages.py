"""What people read: the queue, one case, its reports. Plain reads over several features' tables.

Names of senders and staff are read here in the same statement, for search and order: `senders` and `staff` give
them one id at a time to everybody else.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col

from app.infra.database import among
from app.senders.domain import SenderStatus
from app.triage.domain import CaseStatus
from app.triage.grouping import SEVERE
from app.triage.models import Case, CaseReport
from app.triage.queue import Counts, Filter, Place, Row, number_in

_sender = sa.table("sender", sa.column("id"), sa.column("name"), sa.column("status"))
_staff = sa.table("staff", sa.column("id"), sa.column("email"))
_action = sa.table("action", sa.column("case_number"), sa.column("waiting"), sa.column("ended_at"))
_WAITING = sa.select(_action.c.case_number).where(
    _action.c.waiting.is_not(None), _action.c.ended_at.is_(None), _action.c.case_number.is_not(None)
)
_PLACE = sa.tuple_(col(Case.priority), col(Case.number))


def page(
    session: Session,
    wanted: Filter,
    *,
    mentioning: Collection[UUID] = (),
    before: Place | None = None,
    after: Place | None = None,
    limit: int,
) -> list[Row]:
    """Cases in the queue's order, below `before` or above `after`; mentioning: reports that the text is about."""
    statement = _rows().where(*_conditions(wanted, mentioning))
    if after is not None:
        upward = statement.where(sa.tuple_(*after) < _PLACE).order_by(col(Case.priority), col(Case.number))
        return [_row(each) for each in session.execute(upward.limit(limit))][::-1]
    if before is not None:
        statement = statement.where(sa.tuple_(*before) > _PLACE)
    downward = statement.order_by(col(Case.priority).desc(), col(Case.number).desc())
    return [_row(each) for each in session.execute(downward.limit(limit))]


def changed(session: Session, wanted: Filter, mentioning: Collection[UUID], since: datetime) -> int:
    """How many of the wanted cases were opened or changed after `since`."""
    some = sa.select(sa.func.count()).select_from(Case)
    joined = some.join(_sender, _sender.c.id == col(Case.sender_id), isouter=True)
    wanted_since = joined.where(*_conditions(wanted, mentioning), col(Case.updated_at) > since)
    return int(session.execute(wanted_since).scalar_one())


def one(session: Session, number: int) -> Row | None:
    """The case with this number."""
    found = session.execute(_rows().where(col(Case.number) == number)).first()
    return _row(found) if found else None


def of_reports(session: Session, reports: Sequence[UUID]) -> dict[UUID, list[Row]]:
    """Report → the cases that it is in, newest first; reports that are in none are left out."""
    joined = _rows().add_columns(col(CaseReport.report_id))
    joined = joined.join(CaseReport, col(CaseReport.case_id) == col(Case.id))
    wanted = joined.where(among(col(CaseReport.report_id), reports)).order_by(col(Case.number).desc())
    found: dict[UUID, list[Row]] = {}
    for *row, report in session.execute(wanted):
        found.setdefault(report, []).append(_row(row))
    return found


def _rows() -> sa.Select[Any]:
    columns: tuple[Any, ...] = (
        col(Case.id),
        col(Case.number),
        col(Case.status),
        col(Case.kind),
        col(Case.sender_id),
        _sender.c.name,
        _sender.c.status,
        col(Case.verdict),
        col(Case.priority),
        col(Case.priority_reasons),
        col(Case.report_count),
        col(Case.clicks),
        col(Case.assignee_id),
        _staff.c.email,
        col(Case.opened_at),
        col(Case.updated_at),
        col(Case.resolved_at),
        col(Case.outcome),
        col(Case.sample_report_id),
    )
    return (
        sa.select(*columns)
        .select_from(Case)
        .join(_sender, _sender.c.id == col(Case.sender_id), isouter=True)
        .join(_staff, _staff.c.id == col(Case.assignee_id), isouter=True)
    )


def _row(found: Iterable[Any]) -> Row:
    values = list(found)
    values[6] = SenderStatus(values[6]) if values[6] else None
    values[9] = tuple(values[9])
    return Row(*values)


def _conditions(wanted: Filter, mentioning: Collection[UUID]) -> list[sa.ColumnElement[bool]]:
    equal = {
        Case.status: wanted.status,
        Case.kind: wanted.kind,
        Case.verdict: wanted.verdict,
        Case.sender_id: wanted.sender,
        Case.assignee_id: wanted.assignee,
    }
    conditions: list[sa.ColumnElement[bool]] = [
        col(column) == value for column, value in equal.items() if value is not None
    ]
    if wanted.unassigned:
        conditions.append(col(Case.assignee_id).is_(None))
    if wanted.severe:
        conditions.append(col(Case.kind).in_(SEVERE))
    if wanted.to_confirm:
        conditions.append(col(Case.number).in_(_WAITING))
    if wanted.text:
        conditions.append(_about(wanted.text, mentioning))
    return conditions


def _about(text: str, mentioning: Collection[UUID]) -> sa.ColumnElement[bool]:
    number = number_in(text)
    if number is not None:
        return sa.or_(col(Case.number) == number, col(Case.sender_id) == text)
    joined = sa.select(col(CaseReport.case_id)).where(col(CaseReport.report_id).in_(mentioning))
    return sa.or_(
        _sender.c.id.icontains(text, autoescape=True),
        _sender.c.name.icontains(text, autoescape=True),
        *([col(Case.id).in_(joined)] if mentioning else []),
    )


def counts(session: Session, me: int | None) -> Counts:
    """How many open cases there are, of everybody, mine, nobody's and severe ones, in one pass over the open; and
    in how many, open or not, an action waits for a person."""
    each = sa.func.count()
    waiting = _WAITING.subquery()
    columns: tuple[Any, ...] = (
        each,
        each.filter(col(Case.assignee_id) == me),
        each.filter(col(Case.assignee_id).is_(None)),
        each.filter(col(Case.kind).in_(SEVERE)),
        sa.select(sa.func.count(waiting.c.case_number.distinct())).scalar_subquery(),
    )
    return Counts(*session.execute(sa.select(*columns).where(col(Case.status) == CaseStatus.OPEN)).one())


def reports(session: Session, case: UUID, limit: int) -> list[UUID]:
    """The newest reports of a case, newest first."""
    newest = col(CaseReport.joined_at).desc(), col(CaseReport.report_id)
    wanted = sa.select(col(CaseReport.report_id)).where(col(CaseReport.case_id) == case).order_by(*newest)
    return list(session.execute(wanted.limit(limit)).scalars())


def open_by_sender(session: Session, senders: Sequence[str]) -> dict[str, int]:
    """Sender → how many open cases it has, where it has any."""
    wanted = (
        sa.select(col(Case.sender_id), sa.func.count())
        .where(col(Case.sender_id).in_(senders), col(Case.status) == CaseStatus.OPEN)
        .group_by(col(Case.sender_id))
    )
    return {sender: number for sender, number in session.execute(wanted) if sender}
