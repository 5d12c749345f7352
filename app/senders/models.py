"""Senders and their identities."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, Index, SQLModel

from app.infra.database import kind_column
from app.senders.domain import IdentityKind, SenderStatus


class Sender(SQLModel, table=True):
    """An account of the provider's customer. contact: sealed under the key of `uid`."""

    __tablename__ = "sender"

    id: str = Field(primary_key=True)
    uid: UUID = Field(default_factory=uuid4, unique=True)
    name: str
    contact: bytes | None = None
    parent: str | None = Field(default=None, foreign_key="sender.id", index=True)
    status: SenderStatus = Field(sa_column=kind_column(SenderStatus, "status"))
    created_at: datetime


class Identity(SQLModel, table=True):
    """What ties mail to a sender, in time. value: lower case. selector: DKIM only, None is any."""

    __tablename__ = "identity"
    __table_args__: Any = (
        UniqueConstraint("sender_id", "kind", "value", "selector", "since", postgresql_nulls_not_distinct=True),
        Index("ix_identity_kind_value", "kind", "value"),
    )

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    sender_id: str = Field(foreign_key="sender.id")
    kind: IdentityKind = Field(sa_column=kind_column(IdentityKind, "kind"))
    value: str
    selector: str | None = None
    since: datetime | None = None
    until: datetime | None = None
