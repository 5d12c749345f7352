"""What the policy service reads of the enforcement's tables: whole, in few rows, without an object each."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlmodel import Session, col

from app.enforcement.domain import BITING, ActionKind, ScopeKind
from app.enforcement.models import Action, Suppression

_BITS = 8
"""Pairs come in 2^_BITS parts, by their highest bits."""

_sender = sa.table("sender", sa.column("id", sa.Text), sa.column("uid", sa.Uuid))
_pair = sa.func.int8send(col(Suppression.pair))
_nothing = sa.literal(b"", sa.LargeBinary)


class ActionRow(NamedTuple):
    """What a Measure is made of. sender: the uid. base_status: of the sender without any action."""

    sender: UUID
    id: UUID
    kind: ActionKind
    scope_kind: ScopeKind
    scope_value: str
    since: datetime
    until: datetime | None
    per_hour: int | None
    case_number: int | None
    base_status: str


def begun(session: Session) -> list[ActionRow]:
    """Every action of a biting kind that has begun and was not ended, oldest first; its time may be over."""
    columns = (col(getattr(Action, name)) for name in ActionRow._fields[1:])
    wanted = (
        sa.select(_sender.c.uid, *columns)
        .join(_sender, _sender.c.id == col(Action.sender_id))
        .where(col(Action.ended_at).is_(None), col(Action.since).is_not(None), col(Action.kind).in_(BITING))
    )
    rows = session.execute(wanted.order_by(col(Action.since), col(Action.id)))
    return [ActionRow(*row) for row in rows]


def pairs(session: Session) -> Iterator[bytes]:
    """The pairs of all suppressions in force, in order, 8 bytes big-endian each, in parts."""
    # A shift keeps the sign: parts come in the order of what is in them.
    part = col(Suppression.pair).op(">>")(sa.literal_column(str(64 - _BITS)))
    joined = sa.func.string_agg(_pair, aggregate_order_by(_nothing, col(Suppression.pair)))
    wanted = sa.select(joined).where(col(Suppression.lifted_at).is_(None)).group_by(part).order_by(part)
    yield from session.execute(wanted, execution_options={"yield_per": 8}).scalars()


def pairs_changed(session: Session, since: datetime) -> tuple[bytes, bytes]:
    """The pairs of suppressions that were written after `since`: in force, and lifted. As `pairs`, in no order."""
    joined = sa.func.string_agg(_pair, _nothing)
    lifted = col(Suppression.lifted_at).is_not(None)
    there, gone = (sa.func.coalesce(joined.filter(each), _nothing) for each in (sa.not_(lifted), lifted))
    wanted = sa.select(there, gone).where(col(Suppression.changed_at) > since)
    row = session.execute(wanted).one()
    return bytes(row[0]), bytes(row[1])
