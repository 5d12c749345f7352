"""The senders' queries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Session, col, select

from app.infra.database import among, upsert
from app.senders.domain import IdentityKind, SenderStatus
from app.senders.models import Identity, Sender


def by_id(session: Session, senders: Sequence[str], *, hold: bool = False) -> dict[str, Sender]:
    """The senders among these ids that there are. hold: held until the commit, as `enforcement` holds them."""
    wanted = select(Sender).where(among(col(Sender.id), senders)).order_by(col(Sender.id))
    if hold:
        wanted = wanted.with_for_update(key_share=True).execution_options(populate_existing=True)
    return {row.id: row for row in session.exec(wanted).all()}


def by_uid_start(session: Session, starts: Sequence[bytes]) -> Sequence[tuple[str, UUID]]:
    """Id and uid of the senders whose uid begins with one of these bytes."""
    ends = [[UUID(bytes=each.ljust(16, fill)) for each in starts] for fill in (b"\0", b"\xff")]
    low, high = (
        sa.func.unnest(sa.literal(each, ARRAY(sa.Uuid()))).label(name) for each, name in zip(ends, "lh", strict=True)
    )
    given = sa.select(low, high).subquery()
    wanted = sa.select(col(Sender.id), col(Sender.uid)).join(given, col(Sender.uid).between(given.c.l, given.c.h))
    return [(id_, uid) for id_, uid in session.execute(wanted)]


def put_senders(session: Session, rows: Sequence[Mapping[str, Any]]) -> None:
    """Inserts senders; of those that are there, name, contact, parent and status are written."""
    if not rows:
        return
    statement = upsert(Sender)
    session.connection().execute(
        statement.on_conflict_do_update(
            index_elements=["id"],
            set_={name: statement.excluded[name] for name in ("name", "contact", "parent", "status")},
        ),
        list(rows),
    )
    session.expire_all()


def put_identities(session: Session, rows: Sequence[Mapping[str, Any]]) -> None:
    """Inserts identities; of one that is there, its end and its stream are written."""
    if not rows:
        return
    statement = upsert(Identity)
    session.connection().execute(
        statement.on_conflict_do_update(
            index_elements=["sender_id", "kind", "value", "selector", "since"],
            set_={name: statement.excluded[name] for name in ("until", "stream")},
        ),
        list(rows),
    )


def identities_by_value(session: Session, values: Mapping[IdentityKind, Sequence[str]]) -> Sequence[Identity]:
    """Every identity of these kinds and values, in one query."""
    wanted = [sa.and_(col(Identity.kind) == kind, among(col(Identity.value), some)) for kind, some in values.items()]
    return session.exec(select(Identity).where(sa.or_(*wanted))).all() if wanted else []


def identities_of(session: Session, senders: Sequence[str], kind: IdentityKind | None = None) -> Sequence[Identity]:
    """The identities of these senders, of one kind where given."""
    wanted = select(Identity).where(among(col(Identity.sender_id), senders))
    if kind is not None:
        wanted = wanted.where(Identity.kind == kind)
    return session.exec(wanted.order_by(col(Identity.kind), col(Identity.value))).all()


def identities_of_kind(session: Session, kind: IdentityKind) -> Sequence[Identity]:
    """Every identity of one kind, by its value."""
    wanted = select(Identity).where(Identity.kind == kind)
    return session.exec(wanted.order_by(col(Identity.value), col(Identity.selector))).all()


def page(session: Session, *, text: str, after: str, limit: int) -> Sequence[Sender]:
    """Senders in the order of their ids, after one where given, whose id or name has `text` in it."""
    wanted = select(Sender).where(Sender.id > after).order_by(col(Sender.id)).limit(limit)
    if text:
        wanted = wanted.where(
            col(Sender.id).icontains(text, autoescape=True) | col(Sender.name).icontains(text, autoescape=True)
        )
    return session.exec(wanted).all()


def children(session: Session, parent: str) -> Sequence[Sender]:
    return session.exec(select(Sender).where(Sender.parent == parent).order_by(col(Sender.id))).all()


def with_status(session: Session, status: SenderStatus) -> Sequence[str]:
    """The ids of the senders that have this status."""
    return session.exec(select(Sender.id).where(Sender.status == status)).all()
