"""The queries that route a batch of complaints: each a single statement, whatever the size of the batch."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID
from zlib import crc32

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Session, col

from app.enforcement.domain import Waiting
from app.infra.database import inserting
from app.triage.domain import CaseStatus
from app.triage.growth import Standing
from app.triage.models import Case, CaseEvent, CaseReport, ComplaintCount

GROUP_LOCKS = 0x63617365
"""The class of our advisory locks."""
STRIPES = 4096

_action = sa.table("action", sa.column("case_number"), sa.column("waiting"), sa.column("ended_at"))
_rule = sa.table("automatic_rule", sa.column("id"))


def lock_groups(session: Session, groups: Collection[str]) -> None:
    """Keeps other routing away from these groups until the transaction ends.

    Every lock is taken here, in the order of the stripes, so workers wait for each other and never in a circle.
    Groups share stripes: what a transaction may hold stays bounded.
    """
    stripes = sorted({crc32(group.encode()) % STRIPES for group in groups})
    each = sa.func.unnest(sa.cast(stripes, ARRAY(sa.Integer))).column_valued("stripe")
    session.execute(sa.select(sa.func.pg_advisory_xact_lock(GROUP_LOCKS, each)))


def count(session: Session, rows: Sequence[Mapping[str, Any]]) -> None:
    """Adds to the counters of complaint clicks; the rows have different keys."""
    adding = inserting(ComplaintCount, rows)
    session.connection().execute(
        adding.on_conflict_do_update(
            index_elements=["sender_id", "day", "provider", "feedback_type"],
            set_={"complaints": col(ComplaintCount.complaints) + adding.excluded.complaints},
        )
    )


def clicks_since(session: Session, groups: Mapping[str, str], day: date) -> dict[str, int]:
    """Clicks of each sender (groups: sender → the key of its clicks' case) from `day` on.

    The count starts anew on the day after the case was last resolved: what was decided on is not held against the
    sender twice.
    """
    decided = (
        sa.select(col(Case.group_key), sa.func.max(col(Case.resolved_at)).label("at"))
        .where(col(Case.group_key).in_(groups.values()), col(Case.status) == CaseStatus.RESOLVED)
        .group_by(col(Case.group_key))
        .subquery()
    )
    counter = ComplaintCount
    decided_on = sa.cast(sa.func.timezone("UTC", decided.c.at), sa.Date)
    wanted = (
        sa.select(col(counter.sender_id), sa.func.sum(col(counter.complaints)))
        .join(decided, decided.c.group_key == sa.literal("clicks:") + col(counter.sender_id), isouter=True)
        .where(col(counter.sender_id).in_(groups), col(counter.day) >= day)
        .where(sa.or_(decided.c.at.is_(None), col(counter.day) > decided_on))
        .group_by(col(counter.sender_id))
    )
    return {sender: int(clicks) for sender, clicks in session.execute(wanted)}


def complaints_since(session: Session, since: Mapping[str, date]) -> dict[str, int]:
    """Sender → its complaint clicks from its day in `since` on, where there were any."""
    senders = sa.func.unnest(sa.literal(list(since), ARRAY(sa.Text())))
    days = sa.func.unnest(sa.literal(list(since.values()), ARRAY(sa.Date())))
    asked = sa.select(senders.label("sender"), days.label("day")).cte("asked")
    wanted = (
        sa.select(asked.c.sender, sa.func.sum(col(ComplaintCount.complaints)))
        .join(ComplaintCount, col(ComplaintCount.sender_id) == asked.c.sender)
        .where(col(ComplaintCount.day) >= asked.c.day)
        .group_by(asked.c.sender)
    )
    return {sender: int(clicks) for sender, clicks in session.execute(wanted)}


def to_confirm() -> sa.ColumnElement[bool]:
    """Of a case: whether what a rule did in it waits for a person."""
    waits = (_action.c.waiting == Waiting.CONFIRM, _action.c.ended_at.is_(None))
    return sa.exists().where(_action.c.case_number == col(Case.number), *waits)


def hold_open(session: Session, groups: Collection[str]) -> dict[str, Standing]:
    """The open cases of these groups, kept from change by anybody else until the transaction ends."""
    wanted = _standings().where(col(Case.group_key).in_(groups), col(Case.status) == CaseStatus.OPEN)
    return _by_group(session, wanted)


def hold_resolved(session: Session, groups: Collection[str], since: datetime) -> dict[str, Standing]:
    """The case of each group that was resolved last, not before `since`; kept from change."""
    if not groups:
        return {}
    wanted = _standings().where(col(Case.group_key).in_(groups), col(Case.status) == CaseStatus.RESOLVED)
    return _by_group(session, wanted.where(col(Case.resolved_at) >= since))


def _standings() -> sa.Select[Any]:
    columns: tuple[Any, ...] = (
        col(Case.group_key),
        col(Case.id),
        col(Case.kind),
        col(Case.verdict),
        col(Case.sender_id),
        col(Case.report_count),
        col(Case.clicks),
        col(Case.raised_at),
        to_confirm(),
    )
    return (
        sa.select(*columns).order_by(col(Case.group_key), col(Case.resolved_at), col(Case.number)).with_for_update()
    )


def _by_group(session: Session, wanted: sa.Select[Any]) -> dict[str, Standing]:
    return {group: Standing(*standing) for group, *standing in session.execute(wanted)}


def insert_cases(session: Session, rows: Sequence[Mapping[str, Any]]) -> None:
    if rows:
        session.execute(sa.insert(Case), list(rows))


def change_cases(session: Session, rows: Sequence[Mapping[str, Any]]) -> None:
    """Writes columns of cases; each row has `id` and the same columns as the others."""
    if rows:
        session.execute(sa.update(Case), list(rows))


def numbers(session: Session, cases: Collection[UUID]) -> tuple[dict[UUID, int], bool]:
    """Case → its number; and whether there is any rule by which the machine acts, told on the way."""
    any_rule = sa.select(sa.exists(sa.select(_rule.c.id))).scalar_subquery()
    wanted = sa.select(col(Case.id), col(Case.number), any_rule.label("any_rule")).where(col(Case.id).in_(cases))
    rows = session.execute(wanted).all()
    return {row.id: row.number for row in rows}, any(row.any_rule for row in rows)


def standing(session: Session, number: int) -> Standing | None:
    """The case as it stands now, held."""
    return next(iter(_by_group(session, _standings().where(col(Case.number) == number)).values()), None)


def join_reports(session: Session, rows: Sequence[Mapping[str, Any]]) -> None:
    """Puts reports into cases; where one is in already, nothing changes."""
    if rows:
        session.connection().execute(inserting(CaseReport, rows).on_conflict_do_nothing())


def tell(session: Session, rows: Sequence[Mapping[str, Any]]) -> None:
    """Adds lines to timelines; a line that is there already counts on."""
    if not rows:
        return
    telling = inserting(CaseEvent, rows)
    session.connection().execute(
        telling.on_conflict_do_update(
            index_elements=["id"],
            set_={"reports": col(CaseEvent.reports) + telling.excluded.reports, "at": telling.excluded.at},
        )
    )


def count_reports(session: Session, cases: Collection[UUID]) -> None:
    """Writes how many reports each of these cases has, and which joined last."""
    own = col(CaseReport.case_id) == col(Case.id)
    newest = col(CaseReport.joined_at).desc(), col(CaseReport.report_id).desc()
    values = {
        "report_count": sa.select(sa.func.count()).where(own).scalar_subquery(),
        "sample_report_id": sa.select(col(CaseReport.report_id))
        .where(own)
        .order_by(*newest)
        .limit(1)
        .scalar_subquery(),
    }
    changing = sa.update(Case).where(col(Case.id).in_(cases)).values(values)
    session.execute(changing, execution_options={"synchronize_session": False})
    session.expire_all()
