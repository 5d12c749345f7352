"""The queries on how far decisions reached the mail servers."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlmodel import Session, col, or_, select

from app.enforcement.domain import STOPPING
from app.enforcement.models import Action, Alarm, Application, Attempt, HeldMail, QueueFigure, SelfTest
from app.enforcement.proof import Stage
from app.infra.database import among, inserting, table_of, upsert


def applications(session: Session, connector: str, node: str) -> dict[str, Application]:
    """Sender → how far its state reached this mail server."""
    wanted = select(Application).where(Application.connector == connector, Application.node == node)
    return {row.sender_id: row for row in session.exec(wanted).all()}


def of_senders(session: Session, senders: Sequence[str]) -> Sequence[Application]:
    """How far the states of these senders reached all mail servers."""
    wanted = select(Application).where(among(col(Application.sender_id), senders))
    return session.exec(wanted.order_by(col(Application.connector), col(Application.node))).all()


def leaking(session: Session, late: datetime) -> Sequence[str]:
    """The senders whose stop does not bite somewhere, or that nobody looked after since `late` though it was due."""
    unattended = sa.and_(col(Application.stops), col(Application.next_at) < late)
    wanted = select(Application.sender_id).where(or_(Application.stage == Stage.LEAKING, unattended)).distinct()
    return session.exec(wanted).all()


def late(session: Session, moment: datetime) -> bool:
    """Whether anything at a mail server was due before this moment and is not done."""
    return (
        session.exec(select(Application.sender_id).where(col(Application.next_at) < moment).limit(1)).first()
        is not None
    )


def untold(
    session: Session, places: Collection[tuple[str, str | None]], late: datetime, now: datetime
) -> Sequence[tuple[str, str | None, str, datetime]]:
    """Connector and node of these places (node None: any of this connector), the senders that were stopped before
    `late` and that it was not told of, and since when; what one was told before the stop does not count."""
    if not places:
        return []
    there = sa.values(sa.column("connector", sa.Text), sa.column("node", sa.Text), name="place").data([*places])
    known = col(Application.newest) >= col(Action.since)
    here = sa.and_(
        col(Application.connector) == there.c.connector,
        sa.or_(there.c.node.is_(None), col(Application.node) == there.c.node),
    )
    told = sa.exists().where(col(Application.sender_id) == col(Action.sender_id), here, known)
    columns = (there.c.connector, there.c.node, col(Action.sender_id))
    wanted = (
        sa.select(*columns, sa.func.min(col(Action.since)))
        .select_from(table_of(Action).join(there, sa.true()))
        .where(col(Action.ended_at).is_(None), col(Action.since) < late, col(Action.kind).in_(STOPPING), ~told)
        .where(or_(col(Action.until).is_(None), col(Action.until) > now))
        .group_by(*columns)
        .order_by(*columns)
    )
    return [tuple(row) for row in session.execute(wanted)]


def places(session: Session) -> set[tuple[str, str]]:
    """Connector and node of every mail server that was told of anything."""
    return {(name, node) for name, node in session.exec(select(Application.connector, Application.node).distinct())}


def servers(session: Session, late: datetime) -> Sequence[Any]:
    """Every mail server that was told of anything: connector, node, how many senders, of how many the stop leaks, and
    of how many something was due before `late`."""
    count = sa.func.count()
    columns = (
        count.label("senders"),
        count.filter(col(Application.stage) == Stage.LEAKING).label("leaking"),
        count.filter(col(Application.next_at) < late).label("late"),
    )
    place = (col(Application.connector), col(Application.node))
    return session.execute(sa.select(*place, *columns).group_by(*place).order_by(*place)).all()


def forget_server(session: Session, connector: str, node: str) -> None:
    """Forgets what a mail server was told and what waits there; the tries and what is on hold there stay known."""
    for table in (Application, QueueFigure):
        session.execute(sa.delete(table).where(col(table.connector) == connector, col(table.node) == node))


def remove(session: Session, connector: str, node: str, senders: Sequence[str]) -> None:
    """Forgets that these senders' states were applied here: there is nothing any more to be done."""
    here = (col(Application.connector) == connector, col(Application.node) == node)
    session.execute(sa.delete(Application).where(*here, among(col(Application.sender_id), senders)))


def held(session: Session, node: str, senders: Sequence[str]) -> dict[str, list[str]]:
    """Sender → the queue ids that are on hold for it at this node."""
    wanted = select(HeldMail).where(HeldMail.node == node, among(col(HeldMail.sender_id), senders))
    found: dict[str, list[str]] = {}
    for row in session.exec(wanted.order_by(col(HeldMail.queue_id))).all():
        found.setdefault(row.sender_id, []).append(row.queue_id)
    return found


def holding(session: Session, node: str) -> dict[str, datetime]:
    """Sender → since when it is known that mail of it is on hold at this node."""
    wanted = select(HeldMail.sender_id, sa.func.min(col(HeldMail.at))).where(HeldMail.node == node)
    return dict(session.exec(wanted.group_by(col(HeldMail.sender_id))).all())


def write_held(session: Session, node: str, now: datetime, ids: Mapping[str, Sequence[str]]) -> None:
    """Writes which queue ids are on hold for these senders, those that are new as of now; others of theirs are no
    more."""
    theirs = (col(HeldMail.node) == node, among(col(HeldMail.sender_id), list(ids)))
    kept = [each for some in ids.values() for each in some]
    session.execute(sa.delete(HeldMail).where(*theirs, ~among(col(HeldMail.queue_id), kept)))
    rows = [
        {"node": node, "queue_id": each, "sender_id": sender, "at": now}
        for sender, some in ids.items()
        for each in some
    ]
    if rows:
        session.connection().execute(inserting(HeldMail, rows).on_conflict_do_nothing())


def note_attempts(session: Session, rows: Sequence[Mapping[str, Any]]) -> None:
    """Adds tries."""
    if rows:
        session.connection().execute(inserting(Attempt, rows))


def attempts(session: Session, sender: str, limit: int) -> Sequence[Attempt]:
    """The newest tries for a sender, newest first."""
    wanted = (
        select(Attempt).where(Attempt.sender_id == sender).order_by(col(Attempt.at).desc(), col(Attempt.id).desc())
    )
    return session.exec(wanted.limit(limit)).all()


def drop_attempts(session: Session, before: datetime) -> int:
    """Deletes tries from before this moment; how many."""
    return session.connection().execute(sa.delete(Attempt).where(col(Attempt.at) < before)).rowcount


def write_figures(session: Session, connector: str, node: str, rows: Sequence[Mapping[str, Any]]) -> None:
    """Writes what waits at a mail server, in place of what was known of it."""
    here = (col(QueueFigure.connector) == connector, col(QueueFigure.node) == node)
    session.execute(sa.delete(QueueFigure).where(*here))
    if rows:
        session.connection().execute(inserting(QueueFigure, rows))


def figures(session: Session, sender: str) -> Sequence[QueueFigure]:
    """What waits of a sender at each mail server."""
    return session.exec(select(QueueFigure).where(QueueFigure.sender_id == sender)).all()


def looked_at(session: Session) -> datetime | None:
    """When any queue was looked at last."""
    return session.exec(select(sa.func.max(col(QueueFigure.at)))).first()


def raise_alarm(session: Session, row: Mapping[str, Any]) -> bool:
    """Opens an alarm unless one about the same is open; whether it is new."""
    is_open = col(Alarm.cleared_at).is_(None)
    written = upsert(Alarm).values({"id": uuid4(), "tries": 0, **row})
    written = written.on_conflict_do_nothing(index_elements=["key"], index_where=is_open)
    return session.connection().execute(written.returning(col(Alarm.id))).scalar() is not None


def clear_alarms(session: Session, keys: Sequence[str], now: datetime) -> int:
    """Ends the open alarms about these; how many."""
    table = table_of(Alarm)
    ending = sa.update(table).where(among(table.c.key, keys), table.c.cleared_at.is_(None))
    ending = ending.values(cleared_at=now, next_at=now, tries=0)  # that it is over is told at once, too
    return session.connection().execute(ending).rowcount


def open_alarms(session: Session, limit: int) -> Sequence[Alarm]:
    """Alarms that are not over, newest first."""
    wanted = select(Alarm).where(col(Alarm.cleared_at).is_(None)).order_by(col(Alarm.raised_at).desc())
    return session.exec(wanted.limit(limit)).all()


def untold_alarms(session: Session, now: datetime, limit: int) -> Sequence[Alarm]:
    """Alarms of which something is to be told now, that they are or that they are over, locked; those another process
    holds are left out."""
    over = sa.or_(col(Alarm.told_at).is_(None), col(Alarm.cleared_at).is_not(None))
    wanted = select(Alarm).where(col(Alarm.over_told_at).is_(None), over, col(Alarm.next_at) <= now)
    return session.exec(wanted.order_by(col(Alarm.raised_at)).limit(limit).with_for_update(skip_locked=True)).all()


def alarm(session: Session, wanted: UUID) -> Alarm | None:
    """The alarm, locked until the transaction ends."""
    return session.exec(select(Alarm).where(Alarm.id == wanted).with_for_update()).first()


def last_self_test(session: Session) -> SelfTest | None:
    """The newest standing self-test."""
    return session.exec(select(SelfTest).order_by(col(SelfTest.id).desc()).limit(1)).first()


def drop_self_tests(session: Session, before: datetime) -> None:
    """Deletes self-tests from before this moment."""
    session.execute(sa.delete(SelfTest).where(col(SelfTest.at) < before))
