"""The enforcement's queries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col, or_, select

from app.enforcement.models import Suspension
from app.infra.database import upsert


def insert_unless_active(session: Session, row: Mapping[str, Any]) -> bool:
    """Adds a suspension; False where the sender has an active one, also one that is being written right now."""
    statement = (
        upsert(Suspension)
        .values(row)
        .on_conflict_do_nothing(index_elements=["sender_id"], index_where=col(Suspension.lifted_at).is_(None))
        .returning(col(Suspension.id))
    )
    return session.connection().execute(statement).scalar() is not None


def active_of(session: Session, sender: str, *, lock: bool = False) -> Suspension | None:
    """The active suspension of a sender, locked until the transaction ends where asked."""
    wanted = select(Suspension).where(Suspension.sender_id == sender, col(Suspension.lifted_at).is_(None))
    return session.exec(wanted.with_for_update() if lock else wanted).first()


def of_sender(session: Session, sender: str) -> Sequence[Suspension]:
    """Every suspension of a sender, newest first."""
    return session.exec(
        select(Suspension).where(Suspension.sender_id == sender).order_by(col(Suspension.since).desc())
    ).all()


def active_cases(session: Session) -> dict[str, int | None]:
    """Suspended sender → the number of the case that says why."""
    wanted = select(Suspension.sender_id, Suspension.case_number).where(col(Suspension.lifted_at).is_(None))
    return dict(session.exec(wanted).all())


def counted(session: Session) -> tuple[int, int]:
    """How many suspensions there ever were, and how many of them were lifted: rows are never removed."""
    counts = select(sa.func.count(), sa.func.count(col(Suspension.lifted_at)))
    suspended, lifted = session.exec(counts.select_from(Suspension)).one()
    return suspended, lifted


def worded_before(session: Session, moment: datetime, limit: int) -> list[UUID]:
    """Suspensions whose newest words were written before `moment` and are still there."""
    written = sa.func.coalesce(col(Suspension.lifted_at), col(Suspension.since))
    there = or_(col(Suspension.reason).is_not(None), col(Suspension.lift_reason).is_not(None))
    return list(session.exec(select(Suspension.id).where(written < moment, there).limit(limit)).all())


def among(session: Session, owners: Sequence[UUID]) -> list[UUID]:
    """Which of these owners of sealing keys are suspensions."""
    return list(session.exec(select(Suspension.id).where(col(Suspension.id).in_(owners))).all())


def empty_words(session: Session, suspensions: Sequence[UUID]) -> None:
    """Empties what was sealed of these suspensions."""
    session.execute(
        sa.update(Suspension).where(col(Suspension.id).in_(suspensions)).values(reason=None, lift_reason=None)
    )
