"""The notices' queries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from app.enforcement.domain import ActionKind, Ending
from app.infra.database import among as any_of
from app.infra.database import change_rows, inserting
from app.notices.domain import Event, State
from app.notices.models import Notice

_columns = ("id", "kind", "since", "ended_at", "ending", "sender_id")
_action = sa.table("action", *(sa.column(name) for name in _columns))
TOLD_ENDINGS = tuple(each.value for each in (Ending.LIFTED, Ending.UNDONE, Ending.EXPIRED))


class Untold(NamedTuple):
    """Something of an action that has no notice yet."""

    action: UUID
    event: Event
    sender: str


def untold(session: Session, limit: int) -> list[Untold]:
    """What happened to senders and has no notice yet, oldest first.

    A remark is for staff; what never began is nothing to tell of.
    """
    begun = _of(Event.BEGUN, _action.c.since)
    ended = _of(Event.ENDED, _action.c.ended_at).where(_action.c.ending.in_(TOLD_ENDINGS))
    wanted = sa.union_all(begun, ended).order_by("at", "event").limit(limit)
    return [Untold(row.id, Event(row.event), row.sender_id) for row in session.execute(wanted)]


def _of(event: Event, at: sa.ColumnElement[Any]) -> sa.Select[Any]:
    there = sa.exists().where(col(Notice.action_id) == _action.c.id, col(Notice.event) == event)
    said = sa.literal(event.value, sa.Text).label("event")
    wanted = sa.select(_action.c.id, said, _action.c.sender_id, at.label("at"))
    return wanted.where(_action.c.kind != ActionKind.NOTE.value, _action.c.since.is_not(None), ~there)


def insert(session: Session, rows: Sequence[Mapping[str, Any]]) -> set[UUID]:
    """Adds notices; the ids of those that were not there yet."""
    written = inserting(Notice, rows).on_conflict_do_nothing().returning(col(Notice.id))
    return set(session.connection().execute(written).scalars())


def change(session: Session, rows: Sequence[Mapping[str, Any]]) -> None:
    """Writes columns of notices; every row names the same."""
    change_rows(session, Notice, "id", rows)


def due(session: Session, state: State, now: datetime, limit: int) -> Sequence[Notice]:
    """Notices in this state that are due, oldest first, locked; those another process holds are left out.

    That something ended is told after that it began.
    """
    first = aliased(Notice)
    same = (col(first.action_id) == col(Notice.action_id), col(first.event) == Event.BEGUN)
    in_turn = sa.or_(col(Notice.event) == Event.BEGUN, ~sa.exists().where(*same, col(first.next_at).is_not(None)))
    wanted = select(Notice).where(col(Notice.state) == state, col(Notice.next_at) <= now, in_turn)
    wanted = wanted.order_by(col(Notice.next_at), col(Notice.made_at)).limit(limit)
    return session.exec(wanted.with_for_update(skip_locked=True, of=Notice)).all()


def anything_due(session: Session, now: datetime) -> bool:
    """Whether any notice is due."""
    wanted = sa.select(sa.exists().where(col(Notice.next_at) <= now))
    return bool(session.execute(wanted).scalar())


def one(session: Session, notice: UUID) -> Notice | None:
    """The notice, locked until the transaction ends."""
    return session.exec(select(Notice).where(Notice.id == notice).with_for_update()).first()


def of_actions(session: Session, actions: Sequence[UUID]) -> Sequence[Notice]:
    """The notices about these actions, oldest first."""
    wanted = select(Notice).where(any_of(col(Notice.action_id), actions))
    return session.exec(wanted.order_by(col(Notice.made_at), col(Notice.event))).all()


def addressed_before(session: Session, moment: datetime, limit: int) -> list[UUID]:
    """Notices from before `moment` whose recipient is still there."""
    wanted = select(Notice.id).where(col(Notice.made_at) < moment, col(Notice.recipient).is_not(None))
    return list(session.exec(wanted.limit(limit)).all())


def among(session: Session, owners: Sequence[UUID]) -> list[UUID]:
    """Which of these owners of sealing keys are notices."""
    return list(session.exec(select(Notice.id).where(any_of(col(Notice.id), owners))).all())


def empty(session: Session, notices: Sequence[UUID], said: str) -> None:
    """Empties the recipients of these notices; those still to be sent will not be, and say why."""
    these = any_of(col(Notice.id), notices)
    stopped = {"state": State.NOT_SENT, "said": said, "next_at": None}
    session.execute(sa.update(Notice).where(these, col(Notice.state) == State.WAITING).values(stopped))
    session.execute(sa.update(Notice).where(these).values(recipient=None))
