"""The query for how much of several senders' mail was delivered."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Session

from app.infra.database import table_of
from app.senders.models import Delivered

_DELIVERED = table_of(Delivered)


def sums(session: Session, since: Mapping[str, date], until: date) -> dict[str, int]:
    """Sender → what was delivered from its day to before `until`, where anything was."""
    senders = sa.func.unnest(sa.literal(list(since), ARRAY(sa.Text())))
    days = sa.func.unnest(sa.literal(list(since.values()), ARRAY(sa.Date())))
    asked = sa.select(senders.label("sender"), days.label("day")).cte("asked")
    figure = sa.func.coalesce(_DELIVERED.c.stated, _DELIVERED.c.counted)
    wanted = (
        sa.select(asked.c.sender, sa.func.sum(figure))
        .join(_DELIVERED, _DELIVERED.c.sender_id == asked.c.sender)
        .where(_DELIVERED.c.day >= asked.c.day, _DELIVERED.c.day < until)
        .group_by(asked.c.sender)
    )
    return {sender: int(mails) for sender, mails in session.execute(wanted)}
