"""Notices to senders."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel import Field, Index, SQLModel, UniqueConstraint, text

from app.infra.database import kind_column
from app.notices.domain import Event, State


class Notice(SQLModel, table=True):
    """What a sender is told of an action: that it has begun, or that it has ended; one of each.

    recipient: the address, sealed under the key of `id`, None while none is known and once it is forgotten. said: see
    `NoticeFact`. next_at: when it is to be tried or looked at again, None where there is nothing more to do.
    message_id: with angle brackets, the same at each try.
    """

    __tablename__ = "notice"
    __table_args__: Any = (
        UniqueConstraint("action_id", "event"),
        Index("ix_notice_next", "next_at", postgresql_where=text("next_at is not null")),
        Index("ix_notice_made", "made_at", postgresql_where=text("recipient is not null")),
    )

    id: UUID = Field(primary_key=True)
    action_id: UUID = Field(foreign_key="action.id")
    event: Event = Field(sa_column=kind_column(Event, "event"))
    sender_id: str = Field(foreign_key="sender.id")
    recipient: bytes | None = None
    state: State = Field(sa_column=kind_column(State, "state"))
    said: str = ""
    tries: int = 0
    made_at: datetime
    next_at: datetime | None = None
    sent_at: datetime | None = None
    message_id: str | None = None
