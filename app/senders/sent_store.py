"""The queries of the send log and of the delivered volumes, set-based."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Session, col, select

from app.infra.database import among, inserting, table_of, upsert
from app.senders.models import Delivered, LogPlace, SentMail

SCANNED = 1_000
"""How many lines of one Message-ID or queue id are looked at: a mailing may have millions."""

_SENT = table_of(SentMail)
_DELIVERED = table_of(Delivered)


def put_sent(session: Session, rows: Sequence[Mapping[str, Any]]) -> int:
    """Inserts the lines that are not there and counts exactly those as delivered, in one statement; how many."""
    if not rows:
        return 0
    kept = inserting(SentMail, rows).on_conflict_do_nothing(index_elements=["id"])
    fresh = kept.returning(_SENT.c.sender_id, _SENT.c.stream, _SENT.c.provider, _SENT.c.at).cte("fresh")
    day = sa.cast(sa.func.timezone("UTC", fresh.c.at), sa.Date)
    key = (fresh.c.sender_id, day, fresh.c.stream, fresh.c.provider)
    # In one order, so that two imports at once wait for each other instead of both failing.
    sums = sa.select(*key, sa.func.count()).group_by(*key).order_by(*key)
    adding = upsert(Delivered).from_select(["sender_id", "day", "stream", "provider", "counted"], sums)
    adding = adding.on_conflict_do_update(
        index_elements=["sender_id", "day", "stream", "provider"],
        set_={"counted": _DELIVERED.c.counted + adding.excluded.counted},
    )
    counted = sa.select(sa.func.count()).select_from(fresh).add_cte(adding.cte("added"))
    return int(session.connection().execute(counted).scalar_one())


def state_volumes(session: Session, rows: Sequence[Mapping[str, Any]]) -> None:
    """Writes stated totals over those that are there."""
    if not rows:
        return
    stating = inserting(Delivered, rows)
    stating = stating.on_conflict_do_update(
        index_elements=["sender_id", "day", "stream", "provider"], set_={"stated": stating.excluded.stated}
    )
    session.connection().execute(stating)
    session.expire_all()


def volumes(session: Session, sender: str, since: date, until: date) -> Sequence[Delivered]:
    """The sender's days from `since` to before `until`, in order."""
    wanted = select(Delivered).where(
        Delivered.sender_id == sender, col(Delivered.day) >= since, col(Delivered.day) < until
    )
    return session.exec(wanted.order_by(col(Delivered.day), col(Delivered.stream), col(Delivered.provider))).all()


def matches(
    session: Session, asked: Sequence[Mapping[str, Any]], recipients: Sequence[tuple[int, bytes]]
) -> Sequence[Any]:
    """What is found for each question: (n, sender, stream, campaign, at, by message, by queue, to asked).

    asked: n, message_key, queue_id, since and until of each; recipients: (n, recipient_key). `at` is that of the mail
    to a recipient asked for, where there is one, else the earliest of those looked at. Every part goes by an index:
    the ORDER BY is the index's own, so that no planner reads the table for the LIMIT.
    """
    types = {
        "n": sa.Integer(),
        "message_key": sa.LargeBinary(),
        "queue_id": sa.String(),
        "since": sa.DateTime(timezone=True),
        "until": sa.DateTime(timezone=True),
    }
    question = _given({name: [row[name] for row in asked] for name in types}, types, "question")
    keys: dict[str, Sequence[Any]] = {
        "n": [n for n, _ in recipients],
        "recipient_key": [key for _, key in recipients],
    }
    wanted = _given(keys, {"n": sa.Integer(), "recipient_key": sa.LargeBinary()}, "wanted")
    by_message = _SENT.c.message_key == question.c.message_key
    by_queue = sa.and_(
        _SENT.c.queue_id == question.c.queue_id, _SENT.c.at.between(question.c.since, question.c.until)
    )
    parts = [
        _found(question, None, by_message, (_SENT.c.message_key, _SENT.c.recipient_key), "message"),
        _found(question, wanted, by_message, (_SENT.c.message_key, _SENT.c.recipient_key), "message"),
        _found(question, None, by_queue, (_SENT.c.queue_id, _SENT.c.at), "queue"),
        _found(question, wanted, by_queue, (_SENT.c.queue_id, _SENT.c.at), "queue"),
    ]
    found = sa.union_all(*parts).subquery("found")
    group = (found.c.n, found.c.sender_id, found.c.stream, found.c.campaign)
    asked_at = sa.func.min(found.c.at).filter(found.c.to_asked)
    summed = sa.select(
        *group,
        sa.func.coalesce(asked_at, sa.func.min(found.c.at)).label("at"),
        sa.func.bool_or(found.c.by_message).label("by_message"),
        sa.func.bool_or(found.c.by_queue).label("by_queue"),
        sa.func.bool_or(found.c.to_asked).label("to_asked"),
    )
    return session.connection().execute(summed.group_by(*group).order_by(*group)).all()


def _given(columns: Mapping[str, Sequence[Any]], types: Mapping[str, Any], name: str) -> sa.CTE:
    arrays = (sa.literal(list(columns[each]), ARRAY(type_)) for each, type_ in types.items())
    return sa.select(*(sa.func.unnest(array).label(each) for each, array in zip(types, arrays, strict=True))).cte(
        name
    )


def _found(
    question: sa.CTE, wanted: sa.CTE | None, matching: sa.ColumnElement[bool], order: Sequence[Any], by: str
) -> sa.Select[Any]:
    """Up to SCANNED lines a question; with `wanted` one line for each recipient asked for."""
    columns = (_SENT.c.sender_id, _SENT.c.stream, _SENT.c.campaign, _SENT.c.at)
    lines = sa.select(*columns).where(matching).order_by(*order).limit(SCANNED)
    if wanted is not None:
        lines = lines.where(_SENT.c.recipient_key == wanted.c.recipient_key)
    found = lines.correlate(question, *([] if wanted is None else [wanted])).lateral()
    flags = (
        sa.literal(by == "message").label("by_message"),
        sa.literal(by == "queue").label("by_queue"),
        sa.literal(wanted is not None).label("to_asked"),
    )
    asking = sa.select(question.c.n, *found.c, *flags).select_from(question)
    if wanted is not None:
        asking = asking.join(wanted, wanted.c.n == question.c.n)
    return asking.join(found, sa.true())


def campaigns(session: Session, sender: str, since: datetime, limit: int) -> list[tuple[str, int]]:
    """The sender's campaigns with most lines since then, each with how many."""
    many = sa.func.count().label("many")
    wanted = sa.select(_SENT.c.campaign, many).where(_SENT.c.sender_id == sender, _SENT.c.at >= since)
    wanted = wanted.where(_SENT.c.campaign != "").group_by(_SENT.c.campaign).order_by(many.desc()).limit(limit)
    return [(campaign, int(counted)) for campaign, counted in session.connection().execute(wanted)]


def older_than(session: Session, moment: datetime, limit: int) -> list[UUID]:
    """The ids of up to `limit` lines from before `moment`."""
    wanted = select(SentMail.id).where(col(SentMail.at) < moment).order_by(col(SentMail.at)).limit(limit)
    return list(session.exec(wanted).all())


def count_older(session: Session, moment: datetime) -> int:
    """How many lines are from before `moment`."""
    counted = sa.select(sa.func.count()).where(_SENT.c.at < moment)
    return int(session.connection().execute(counted).scalar_one())


def delete_sent(session: Session, lines: Sequence[UUID]) -> int:
    """Deletes lines; how many there were."""
    gone = session.connection().execute(sa.delete(_SENT).where(among(_SENT.c.id, lines)))
    return int(gone.rowcount)


def to_recipient(session: Session, recipient_key: bytes, limit: int) -> list[UUID]:
    """The ids of up to `limit` lines of mail to a recipient."""
    return list(session.exec(select(SentMail.id).where(SentMail.recipient_key == recipient_key).limit(limit)).all())


def volumes_before(session: Session, day: date, limit: int) -> list[UUID]:
    """The ids of up to `limit` daily volumes from before a day."""
    return list(session.exec(select(Delivered.id).where(col(Delivered.day) < day).limit(limit)).all())


def delete_volumes(session: Session, ids: Sequence[UUID]) -> int:
    """Deletes daily volumes; how many there were."""
    return int(session.connection().execute(sa.delete(_DELIVERED).where(among(_DELIVERED.c.id, ids))).rowcount)


def place(session: Session, name: str) -> LogPlace | None:
    """Up to where a log was read; locked, so that two followers cannot go on from the same place."""
    return session.exec(select(LogPlace).where(LogPlace.name == name).with_for_update()).first()


def put_place(session: Session, row: Mapping[str, Any]) -> None:
    """Writes up to where a log was read."""
    placing = inserting(LogPlace, [row])
    changed = {name: placing.excluded[name] for name in row if name not in ("name", "uid")}
    session.connection().execute(placing.on_conflict_do_update(index_elements=["name"], set_=changed))
    session.expire_all()
