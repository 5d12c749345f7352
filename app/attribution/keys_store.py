"""The queries over the keys that are watched."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from app.attribution.models import ObservedKey
from app.infra.database import among


def still_there(session: Session, domains: Iterable[str], since: datetime) -> Sequence[str]:
    """Names of keys of these domains that were seen since."""
    wanted = select(ObservedKey.name).where(_under(domains), col(ObservedKey.last_seen) >= since)
    return session.exec(wanted.distinct().order_by(ObservedKey.name)).all()


def met(session: Session, since: datetime, limit: int) -> Sequence[str]:
    """Names, whosever, under which a key was first seen since, the newest first."""
    first = sa.func.min(ObservedKey.first_seen)
    wanted = select(ObservedKey.name).group_by(col(ObservedKey.name)).having(first >= since)
    return session.exec(wanted.order_by(first.desc(), col(ObservedKey.name)).limit(limit)).all()


def of_domains(session: Session, domains: Iterable[str]) -> Sequence[ObservedKey]:
    """Every record seen under these domains, by name, the last seen first."""
    wanted = select(ObservedKey).where(_under(domains))
    return session.exec(wanted.order_by(col(ObservedKey.name), col(ObservedKey.last_seen).desc())).all()


def page(session: Session, after: tuple[str, bytes] | None, limit: int) -> Sequence[ObservedKey]:
    """Records in the order of their keys, after one where given."""
    key = sa.tuple_(col(ObservedKey.name), col(ObservedKey.digest))
    wanted = select(ObservedKey).order_by(col(ObservedKey.name), col(ObservedKey.digest)).limit(limit)
    return session.exec(wanted.where(key > after) if after else wanted).all()


def mark_gone(session: Session, keys: Sequence[tuple[str, bytes]], moment: datetime) -> None:
    """Notes that DNS no longer has these (name, digest); one that was gone before keeps its time."""
    if not keys:
        return
    key = sa.tuple_(col(ObservedKey.name), col(ObservedKey.digest))
    stale = sa.update(ObservedKey).where(key.in_(keys), col(ObservedKey.gone_at).is_(None))
    session.connection().execute(stale.values(gone_at=moment))
    session.expire_all()


def _under(domains: Iterable[str]) -> sa.ColumnElement[bool]:
    """Whether a key is of one of these domains: what stands behind `._domainkey.` in its name."""
    domain: Any = sa.func.split_part(col(ObservedKey.name), "._domainkey.", 2, type_=sa.Text())
    return among(domain, domains)
