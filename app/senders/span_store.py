"""Queries about what of the send log nobody has looked at yet."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session

from app.infra.database import table_of
from app.senders.models import SentSpan

_TABLE = table_of(SentSpan)


def add(session: Session, first: datetime, last: datetime) -> None:
    """Notes that lines of these times were written."""
    session.connection().execute(sa.insert(_TABLE).values(first=first, last=last))


def any_left(session: Session) -> bool:
    """Whether there is anything to look at."""
    return bool(session.connection().execute(sa.select(sa.exists(sa.select(_TABLE.c.id)))).scalar_one())


def take_all(session: Session) -> Sequence[tuple[datetime, datetime]]:
    """Takes every span away, by its beginning; given back where the transaction is rolled back."""
    gone = session.connection().execute(sa.delete(_TABLE).returning(_TABLE.c.first, _TABLE.c.last))
    return sorted((row.first, row.last) for row in gone)
