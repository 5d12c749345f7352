"""The audit's queries."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from uuid import UUID

from sqlmodel import Session, col, select

from app.audit.models import AuditEntry, AuditHead
from app.infra.sealing import SealingKey

CHUNK = 1_000


def lock_head(session: Session) -> AuditHead:
    """The head of the chain, locked until the transaction ends: writers come one after another."""
    return session.exec(select(AuditHead).where(AuditHead.id == 1).with_for_update()).one()


def head(session: Session) -> tuple[int, bytes, bytes]:
    """Where the chain ends now: number and hash of its last entry, and their seal. Waits for nobody."""
    return session.exec(select(AuditHead.seq, AuditHead.hash, AuditHead.seal).where(AuditHead.id == 1)).one()


def entries_in_order(session: Session) -> Iterator[AuditEntry]:
    """Every entry from the first on, in chunks."""
    after = 0
    while True:
        chunk = session.exec(
            select(AuditEntry).where(AuditEntry.seq > after).order_by(col(AuditEntry.seq)).limit(CHUNK)
        ).all()
        yield from chunk
        if len(chunk) < CHUNK:
            return
        after = chunk[-1].seq
        session.expunge_all()


def newest(session: Session, *, subject: str | None, before: int | None, limit: int) -> Sequence[AuditEntry]:
    """The newest entries, of one subject where given, before an entry where given."""
    wanted = select(AuditEntry).order_by(col(AuditEntry.seq).desc()).limit(limit)
    if subject is not None:
        wanted = wanted.where(AuditEntry.subject == subject)
    if before is not None:
        wanted = wanted.where(AuditEntry.seq < before)
    return session.exec(wanted).all()


def readable_before(session: Session, moment: datetime, limit: int) -> list[UUID]:
    """Details written before `moment` that can still be read, oldest first."""
    wanted = select(AuditEntry.detail_id).join(SealingKey, col(SealingKey.owner) == col(AuditEntry.detail_id))
    return list(session.exec(wanted.where(AuditEntry.at < moment).order_by(col(AuditEntry.seq)).limit(limit)).all())


def among(session: Session, owners: Sequence[UUID]) -> list[UUID]:
    """Which of these owners of sealing keys are details of entries."""
    return list(session.exec(select(AuditEntry.detail_id).where(col(AuditEntry.detail_id).in_(owners))).all())
