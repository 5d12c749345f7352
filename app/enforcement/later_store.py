"""Queries about mail that was sent in spite of a suppression, set-based."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Session, col, select

from app.enforcement.models import LaterMail, OptOutLook, Suppression
from app.infra.database import among, table_of, upsert

_WISH = table_of(Suppression)
_LATER = table_of(LaterMail)
_LOOK = table_of(OptOutLook)
_SENT = sa.table(
    "sent",
    sa.column("id", sa.Uuid()),
    sa.column("sender_id", sa.String()),
    sa.column("recipient_key", sa.LargeBinary()),
    sa.column("at", sa.DateTime(timezone=True)),
)
_MEANT = sa.and_(
    _SENT.c.sender_id == _WISH.c.sender_id,
    _SENT.c.recipient_key == _WISH.c.recipient_key,
    _SENT.c.at > _WISH.c.since,
    sa.or_(_WISH.c.lifted_at.is_(None), _SENT.c.at < _WISH.c.lifted_at),
)


def find(session: Session, spans: Sequence[tuple[datetime, datetime]], changed_since: datetime) -> Sequence[Any]:
    """Notes mail that was not known before, in one statement; what is new of each sender, by sender.

    Looked at are the lines of the send log whose times are in `spans`, against every suppression; and suppressions
    that changed since `changed_since` against every line. Each row: sender, mails and recipients and first of what
    was sent too late, reports that had asked, and grace, mails that were in time.
    """
    pairs = sa.union(_of_spans(spans), _of_changed(changed_since)).subquery("pairs")
    noting = upsert(_LATER).from_select(["sent_id", "suppression_id", "at", "late"], sa.select(*pairs.c))
    noting = noting.on_conflict_do_nothing(index_elements=["sent_id"])
    fresh = noting.returning(_LATER.c.suppression_id, _LATER.c.at, _LATER.c.late).cte("fresh")
    late = fresh.c.late
    asked = sa.distinct(_WISH.c.report_id)
    summed = (
        sa.select(
            _WISH.c.sender_id.label("sender"),
            sa.func.count().filter(late).label("mails"),
            sa.func.count(sa.distinct(fresh.c.suppression_id)).filter(late).label("recipients"),
            sa.func.min(fresh.c.at).filter(late).label("first"),
            sa.func.count().filter(sa.not_(late)).label("grace"),
            sa.func.array_agg(asked).filter(late, _WISH.c.report_id.is_not(None)).label("reports"),
        )
        .join(fresh, fresh.c.suppression_id == _WISH.c.id)
        .group_by(_WISH.c.sender_id)
        .order_by(_WISH.c.sender_id)
    )
    return session.connection().execute(summed).all()


def _line() -> tuple[Any, ...]:
    return _SENT.c.id, _WISH.c.id.label("suppression_id"), _SENT.c.at, (_SENT.c.at >= _WISH.c.due).label("late")


def _of_spans(spans: Sequence[tuple[datetime, datetime]]) -> sa.Select[Any]:
    moment = ARRAY(sa.DateTime(timezone=True))
    ends = (sa.literal([each[end] for each in spans], moment) for end in (0, 1))
    span = sa.select(*(sa.func.unnest(end).label(name) for name, end in zip(("first", "last"), ends, strict=True)))
    given = span.subquery("span")
    lines = sa.join(given, _SENT, _SENT.c.at.between(given.c.first, given.c.last)).join(_WISH, _MEANT)
    return sa.select(*_line()).select_from(lines)


def _of_changed(since: datetime) -> sa.Select[Any]:
    return sa.select(*_line()).select_from(sa.join(_WISH, _SENT, _MEANT)).where(_WISH.c.changed_at > since)


def looked(session: Session) -> datetime | None:
    """Up to which change suppressions were looked at; kept from whoever looks at the same time."""
    return session.exec(select(OptOutLook.looked_at).where(OptOutLook.id == 1).with_for_update()).first()


def look(session: Session, at: datetime) -> None:
    """Writes up to which change all suppressions were looked at."""
    writing = upsert(_LOOK).values(id=1, looked_at=at)
    session.connection().execute(writing.on_conflict_do_update(index_elements=["id"], set_={"looked_at": at}))


def counts(session: Session, senders: Sequence[str]) -> Sequence[Any]:
    """Sender, mails in time and mails too late, of each sender that has any."""
    late = _LATER.c.late
    counted = sa.select(
        _WISH.c.sender_id.label("sender"),
        sa.func.count().filter(sa.not_(late)).label("grace"),
        sa.func.count().filter(late).label("late"),
    )
    wanted = counted.join(_LATER, _LATER.c.suppression_id == _WISH.c.id).where(among(_WISH.c.sender_id, senders))
    return session.connection().execute(wanted.group_by(_WISH.c.sender_id)).all()


def older_than(session: Session, moment: datetime, limit: int) -> list[UUID]:
    """Up to `limit` of them that were sent before `moment`."""
    return list(session.exec(select(LaterMail.sent_id).where(col(LaterMail.at) < moment).limit(limit)).all())


def delete(session: Session, lines: Sequence[UUID]) -> int:
    """Deletes them; how many there were."""
    return int(session.connection().execute(sa.delete(_LATER).where(among(_LATER.c.sent_id, lines))).rowcount)


def delete_of(session: Session, suppressions: Sequence[UUID]) -> None:
    """Deletes all that is known of mail to these recipients."""
    session.connection().execute(sa.delete(_LATER).where(among(_LATER.c.suppression_id, suppressions)))
