"""The queries of suppressions, set-based."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col, select

from app.enforcement.models import Suppression
from app.enforcement.pulling import Place, settled
from app.infra.database import among, as_table, change_rows, inserting, table_of

_TABLE = table_of(Suppression)
_IN_FORCE = _TABLE.c.lifted_at.is_(None)


_ACTIVITY = sa.table(
    "pg_stat_activity",
    *(sa.column(name) for name in ("datname", "pid", "backend_type")),
    sa.column("xact_start", sa.DateTime(timezone=True)),
)


def settled_at(session: Session, now: datetime) -> datetime:
    """Up to when whatever was written is committed, by the transactions that are open besides this one."""
    others = (_ACTIVITY.c.datname == sa.func.current_database(), _ACTIVITY.c.pid != sa.func.pg_backend_pid())
    oldest = sa.select(sa.func.min(_ACTIVITY.c.xact_start)).where(*others)
    return settled(now, session.scalar(oldest.where(_ACTIVITY.c.backend_type == "client backend")))


def set_back(session: Session, rows: Sequence[Mapping[str, Any]]) -> None:
    """Sets what is in force back to an earlier wish that is told only now: the earliest time since the last lift
    stands."""
    given = as_table(Suppression, rows).subquery()
    same = (_TABLE.c.sender_id == given.c.sender_id, _TABLE.c.recipient_key == given.c.recipient_key)
    stands = sa.func.coalesce(_TABLE.c.last_lifted_at < given.c.since, sa.true())
    changing = sa.update(_TABLE).where(*same, _IN_FORCE, stands, _TABLE.c.since > given.c.since)
    values = {
        "since": given.c.since,
        "due": sa.func.least(_TABLE.c.due, given.c.due),
        "changed_at": given.c.changed_at,
    }
    session.connection().execute(changing.values(values))


def put(session: Session, rows: Sequence[Mapping[str, Any]]) -> dict[tuple[str, bytes], UUID]:
    """Writes what is not in force: (sender, recipient key) → the id of each that is only now.

    A wish that is older than the lift of the same pair changes nothing: it was known to whoever lifted it.
    """
    putting = inserting(Suppression, rows)
    renewed = {name: putting.excluded[name] for name in rows[0] if name not in ("id", "sender_id", "recipient_key")}
    putting = putting.on_conflict_do_update(
        index_elements=["sender_id", "recipient_key"],
        set_=renewed | {"lifted_at": None, "lifted_by": None},
        where=sa.and_(_TABLE.c.lifted_at.is_not(None), putting.excluded.since > _TABLE.c.lifted_at),
    )
    written = putting.returning(_TABLE.c.id, _TABLE.c.sender_id, _TABLE.c.recipient_key)
    found = session.connection().execute(written).all()
    session.expire_all()
    return {(row.sender_id, bytes(row.recipient_key)): row.id for row in found}


def set_addresses(session: Session, sealed: Mapping[UUID, bytes]) -> None:
    """Writes the sealed addresses."""
    rows = [{"id": suppression, "address": address} for suppression, address in sealed.items()]
    change_rows(session, Suppression, "id", rows)


def hold(session: Session, suppression: UUID) -> Suppression | None:
    """The suppression, kept from change by anybody else until the transaction ends."""
    return session.exec(select(Suppression).where(Suppression.id == suppression).with_for_update()).first()


def of_pairs(session: Session, sender: str, keys: Sequence[bytes]) -> Sequence[Suppression]:
    """The suppressions of a sender for these recipients, lifted ones too."""
    wanted = select(Suppression).where(Suppression.sender_id == sender)
    return session.exec(wanted.where(among(col(Suppression.recipient_key), keys))).all()


def page(
    session: Session, sender: str | None, after: Place | None, limit: int, *, lifted: bool
) -> Sequence[Suppression]:
    """Up to `limit` in the order of their changes, of all senders or of one; lifted: those, too."""
    wanted = select(Suppression).order_by(col(Suppression.changed_at), col(Suppression.id)).limit(limit)
    if sender is not None:
        wanted = wanted.where(Suppression.sender_id == sender)
    if after is not None:
        wanted = wanted.where(sa.tuple_(col(Suppression.changed_at), col(Suppression.id)) > sa.tuple_(*after))
    return session.exec(wanted if lifted else wanted.where(_IN_FORCE)).all()


def count(session: Session, sender: str) -> int:
    """How many are in force for a sender."""
    counted = sa.select(sa.func.count()).where(_TABLE.c.sender_id == sender, _IN_FORCE)
    return int(session.connection().execute(counted).scalar_one())


def existing(session: Session, owners: Sequence[UUID]) -> list[UUID]:
    """Which of these owners of sealing keys are suppressions."""
    return list(session.exec(select(Suppression.id).where(among(col(Suppression.id), owners))).all())


def empty_addresses(session: Session, suppressions: Sequence[UUID]) -> None:
    """Empties the addresses; who is meant stays known by the keyed hash alone."""
    emptied = sa.update(Suppression).where(among(col(Suppression.id), suppressions))
    session.execute(emptied.values(address=None))
