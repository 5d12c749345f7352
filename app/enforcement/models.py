"""Suspensions."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel import Field, Index, SQLModel, text


class Suspension(SQLModel, table=True):
    """A sender's suspension, from `since` until it is lifted. reason, lift_reason: sealed under the key of `id`,
    None once forgotten."""

    __tablename__ = "suspension"
    __table_args__: Any = (
        Index("uq_suspension_active", "sender_id", unique=True, postgresql_where=text("lifted_at is null")),
    )

    id: UUID = Field(primary_key=True)
    sender_id: str = Field(foreign_key="sender.id", index=True)
    case_number: int | None = None
    by: str
    reason: bytes | None = None
    since: datetime
    lifted_at: datetime | None = None
    lifted_by: str | None = None
    lift_reason: bytes | None = None
