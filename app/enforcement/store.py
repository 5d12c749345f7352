"""The enforcement's queries about actions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col, or_, select

from app.enforcement.domain import BITING, KEEPING
from app.enforcement.models import Action, EnforcementVersion
from app.infra.database import among as any_of
from app.infra.database import upsert

_ACTIVE = col(Action.ended_at).is_(None)
_BITING = (_ACTIVE, col(Action.since).is_not(None), col(Action.kind).in_(BITING))


def insert_action(session: Session, row: Mapping[str, Any]) -> bool:
    """Adds an action; False where its key was used (or is being used now, for another sender)."""
    written = upsert(Action).values(row).on_conflict_do_nothing().returning(col(Action.id))
    return session.connection().execute(written).scalar() is not None


def hold_sender(session: Session, sender: str) -> None:
    """Holds the sender until the commit: actions on one sender come one after the other."""
    table = sa.table("sender", sa.column("id"))
    # Whoever only refers to the sender, as every complaint does, need not wait, and we not for them.
    session.execute(sa.select(table.c.id).where(table.c.id == sender).with_for_update(key_share=True))


def one(session: Session, action: UUID, *, lock: bool = False) -> Action | None:
    """The action, locked until the transaction ends where asked."""
    wanted = select(Action).where(Action.id == action)
    return session.exec(wanted.with_for_update() if lock else wanted).first()


def by_key(session: Session, key: str) -> Action | None:
    """The action that was asked for with this key."""
    return session.exec(select(Action).where(Action.key == key)).first()


def active_of(session: Session, senders: Sequence[str]) -> Sequence[Action]:
    """What is in force for these senders, or waits for a second person, oldest first."""
    wanted = select(Action).where(any_of(col(Action.sender_id), senders), _ACTIVE)
    return session.exec(wanted.order_by(col(Action.asked_at), col(Action.id))).all()


def of_sender(session: Session, sender: str, limit: int) -> Sequence[Action]:
    """The newest actions on a sender, newest first."""
    newest = col(Action.asked_at).desc(), col(Action.id).desc()
    return session.exec(select(Action).where(Action.sender_id == sender).order_by(*newest).limit(limit)).all()


def of_case(session: Session, number: int) -> Sequence[Action]:
    """The actions that were decided in a case, newest first."""
    newest = col(Action.asked_at).desc(), col(Action.id).desc()
    return session.exec(select(Action).where(Action.case_number == number).order_by(*newest)).all()


def biting(session: Session, now: datetime, senders: Sequence[str] | None = None) -> Sequence[Action]:
    """Every action that bites at `now`, of all senders or of these."""
    wanted = select(Action).where(*_BITING, or_(col(Action.until).is_(None), col(Action.until) > now))
    if senders is not None:
        wanted = wanted.where(any_of(col(Action.sender_id), senders))
    return session.exec(wanted.order_by(col(Action.since), col(Action.id))).all()


def waiting(session: Session, limit: int, *, in_no_case: bool = False) -> Sequence[Action]:
    """What waits for a person, oldest first; in_no_case: only what no case shows."""
    wanted = select(Action).where(_ACTIVE, col(Action.waiting).is_not(None))
    if in_no_case:
        wanted = wanted.where(col(Action.case_number).is_(None))
    return session.exec(wanted.order_by(col(Action.asked_at)).limit(limit)).all()


def over(session: Session, now: datetime, limit: int) -> Sequence[Action]:
    """Actions whose time is over and that were not ended yet, in the order of their senders."""
    wanted = select(Action).where(_ACTIVE, col(Action.until) <= now)
    return session.exec(wanted.order_by(col(Action.sender_id), col(Action.until)).limit(limit)).all()


def ended_keeping(
    session: Session, moment: datetime, now: datetime, senders: Sequence[str] | None
) -> Sequence[Action]:
    """What kept mail back and ended after `moment`, by a person or by the clock, the last first; of all senders or of
    these."""
    kept = (col(Action.kind).in_(KEEPING), col(Action.since).is_not(None))
    over = or_(col(Action.ended_at) >= moment, sa.and_(_ACTIVE, col(Action.until) <= now))
    wanted = select(Action).where(*kept, over)
    if senders is not None:
        wanted = wanted.where(any_of(col(Action.sender_id), senders))
    return sorted(session.exec(wanted).all(), key=lambda each: (end_of(each), each.id), reverse=True)


def end_of(action: Action) -> datetime:
    """When an action that is over ended: by the clock, whenever that was written, or before."""
    return min(each for each in (action.ended_at, action.until) if each is not None)


def rebase(session: Session, sender: str, before: str, after: str) -> None:
    """Changes the status that a sender has without any action, in what is in force."""
    changed = sa.update(Action).where(col(Action.sender_id) == sender, _ACTIVE, col(Action.base_status) == before)
    session.execute(changed.values(base_status=after))


def count_change(session: Session) -> None:
    """Counts one change of actions."""
    bump = upsert(EnforcementVersion).values(id=1, number=1)
    stands = {"number": EnforcementVersion.number + 1}
    session.connection().execute(bump.on_conflict_do_update(index_elements=["id"], set_=stands))


def version(session: Session) -> int:
    """How many changes there were."""
    return session.exec(select(EnforcementVersion.number).where(EnforcementVersion.id == 1)).first() or 0


def worded_before(session: Session, moment: datetime, limit: int) -> list[UUID]:
    """Actions whose newest words were written before `moment` and are still there."""
    written = sa.func.coalesce(col(Action.ended_at), col(Action.asked_at))
    there = or_(*(col(each).is_not(None) for each in (Action.reason, Action.facts, Action.end_reason)))
    return list(session.exec(select(Action.id).where(written < moment, there).limit(limit)).all())


def among(session: Session, owners: Sequence[UUID]) -> list[UUID]:
    """Which of these owners of sealing keys are actions."""
    return list(session.exec(select(Action.id).where(any_of(col(Action.id), owners))).all())


def empty_words(session: Session, actions: Sequence[UUID]) -> None:
    """Empties what was sealed of these actions."""
    emptied = {"reason": None, "facts": None, "end_reason": None}
    session.execute(sa.update(Action).where(any_of(col(Action.id), actions)).values(emptied))
