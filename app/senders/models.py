"""Senders, their identities, what they sent and how much of it was delivered."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

import sqlalchemy as sa
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
    """What ties mail to a sender, in time. value: lower case. selector: DKIM only, None is any.
    stream: of a login."""

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
    stream: str = Field(default="", sa_column_kwargs={"server_default": ""})


class SentMail(SQLModel, table=True):
    """A mail that was delivered to one recipient; no address and no Message-ID in clear.

    id: made from what makes it the same mail when it is imported again, see `sent_service.line_id`. message_key:
    keyed hash of the Message-ID, as complaints have it. recipient_key: keyed hash of the address, lower case.
    No foreign key: the import looks the senders up, a batch at a time.
    """

    __tablename__ = "sent"
    __table_args__: Any = (
        Index("ix_sent_message", "message_key", "recipient_key", postgresql_where=sa.text("message_key is not null")),
        Index("ix_sent_queue", "queue_id", "at", postgresql_where=sa.text("queue_id is not null")),
        Index("ix_sent_recipient", "recipient_key", postgresql_where=sa.text("recipient_key is not null")),
        Index("ix_sent_at", "at"),
        Index("ix_sent_sender", "sender_id", "at"),
    )

    id: UUID = Field(primary_key=True)
    message_key: bytes | None = None
    queue_id: str | None = None
    sender_id: str
    stream: str
    campaign: str
    recipient_key: bytes | None = None
    provider: str
    at: datetime


class SentSpan(SQLModel, table=True):
    """Between which times lines of the send log were written that nobody has looked at since, both ends included."""

    __tablename__ = "sent_span"

    id: int | None = Field(default=None, sa_column=sa.Column(sa.BigInteger, sa.Identity(), primary_key=True))
    first: datetime
    last: datetime


class Delivered(SQLModel, table=True):
    """How much of a sender's mail a mailbox provider took on one day (UTC).

    counted: lines of the send log. stated: a total the operator gave; where there is one, it is the figure.
    """

    __tablename__ = "delivered"
    __table_args__: Any = (
        UniqueConstraint("sender_id", "day", "stream", "provider"),
        Index("ix_delivered_day", "day"),
    )

    id: UUID = Field(primary_key=True, sa_column_kwargs={"server_default": sa.func.gen_random_uuid()})
    sender_id: str = Field(foreign_key="sender.id")
    day: date
    stream: str
    provider: str
    counted: int = Field(sa_type=sa.BigInteger)
    stated: int | None = Field(default=None, sa_type=sa.BigInteger)


class LogPlace(SQLModel, table=True):
    """Up to where a mail log that is followed was read.

    inode, offset: the file and the bytes of it that are done. mark: hash of the file's first bytes, which tells a new
    file with an old number. open_mails: mails whose last line did not come yet, sealed under the key of `uid`.
    """

    __tablename__ = "log_place"

    name: str = Field(primary_key=True)
    uid: UUID = Field(default_factory=uuid4, unique=True)
    inode: int = Field(sa_type=sa.BigInteger)
    offset: int = Field(sa_type=sa.BigInteger)
    mark: bytes
    open_mails: bytes
    at: datetime
