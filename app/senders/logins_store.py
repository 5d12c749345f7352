"""Queries about the logins and domains of all senders at once, without an object a row."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col

from app.infra.database import among
from app.senders.domain import IdentityKind, SenderStatus
from app.senders.models import Identity, Sender

KINDS = (IdentityKind.LOGIN, IdentityKind.DOMAIN)


def logins(session: Session, now: datetime) -> Sequence[tuple[str, UUID, str]]:
    """Login, uid of a sender who has it now, its stream."""
    wanted = sa.select(col(Identity.value), col(Sender.uid), col(Identity.stream)).join(
        Sender, col(Sender.id) == col(Identity.sender_id)
    )
    held = session.execute(wanted.where(*_held(IdentityKind.LOGIN, now=now)))
    return [(login, uid, stream) for login, uid, stream in held]


def domains(session: Session, uids: Sequence[UUID], now: datetime) -> Sequence[tuple[str, UUID]]:
    """Domain and uid of the sender, of those senders that are asked for."""
    wanted = sa.select(col(Identity.value), col(Sender.uid)).join(Sender, col(Sender.id) == col(Identity.sender_id))
    wanted = wanted.where(*_held(IdentityKind.DOMAIN, now=now), among(col(Sender.uid), uids))
    return [(domain, uid) for domain, uid in session.execute(wanted)]


def domain_owners(session: Session, domains: Sequence[str], now: datetime) -> Sequence[tuple[str, str]]:
    """Domain and id of each sender that has it now, of these domains (lower case)."""
    wanted = sa.select(col(Identity.value), col(Identity.sender_id)).where(
        *_held(IdentityKind.DOMAIN, now=now), among(col(Identity.value), domains)
    )
    return [(domain, sender) for domain, sender in session.execute(wanted.distinct())]


def suspended(session: Session) -> Sequence[tuple[UUID, datetime]]:
    """Uid of each sender whose status is suspended, and since when it is known."""
    wanted = sa.select(col(Sender.uid), col(Sender.created_at)).where(col(Sender.status) == SenderStatus.SUSPENDED)
    return [(uid, since) for uid, since in session.execute(wanted)]


def fingerprint(session: Session, now: datetime) -> str:
    """Another text when any of the above would answer otherwise. The database sums hashes: it returns one row."""
    said = (Identity.kind, Identity.value, Identity.sender_id, Identity.stream)
    identities = _summed(sa.func.concat_ws(" ", *(col(each) for each in said)), *_held(*KINDS, now=now))
    senders = _summed(sa.func.concat(col(Sender.id)), col(Sender.status) == SenderStatus.SUSPENDED)
    return " ".join(str(part) for row in (identities, senders) for part in session.execute(row).one())


def _summed(text: sa.ColumnElement[str], *where: sa.ColumnElement[bool]) -> sa.Select[int, Any]:
    return sa.select(sa.func.count(), sa.func.sum(sa.func.hashtextextended(text, 0))).where(*where)


def _held(*kinds: IdentityKind, now: datetime) -> tuple[sa.ColumnElement[bool], ...]:
    since, until = col(Identity.since), col(Identity.until)
    return (
        col(Identity.kind).in_(kinds),
        sa.or_(since.is_(None), since <= now),
        sa.or_(until.is_(None), until > now),
    )
