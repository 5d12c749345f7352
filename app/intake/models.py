"""Reports as they arrived. Everything personal is sealed; look-ups go by keyed hash."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Column, Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from app.infra.database import kind_column
from app.intake.domain import Category, Door, ReportState
from app.mail.domain import FeedbackType, Kind


class Report(SQLModel, table=True):
    """What arrived, once.

    content_key: keyed hash of the content, one report a content; None once forgotten.
    due_at: when a worker may take it next; moved on while one works at it. None: nothing to do.
    reporter, words, summary: sealed under the key of `id`, which also knows the addresses in it.
    """

    __tablename__ = "report"
    __table_args__: Any = (
        Index("ix_report_due", "due_at", postgresql_where=text("due_at is not null")),
        Index("ix_report_state_arrived", "state", "arrived_at", "id"),
        Index("ix_report_enrolment", "arrived_at", "id", postgresql_where=text("kind = 'enrolment'")),
    )

    id: UUID = Field(primary_key=True)
    receipt: str = Field(unique=True)
    door: Door = Field(sa_column=kind_column(Door, "door"))
    state: ReportState = Field(sa_column=kind_column(ReportState, "state"))
    reason: str = ""
    kind: Kind | None = Field(default=None, sa_column=kind_column(Kind, "kind", nullable=True))
    feedback_type: FeedbackType | None = Field(
        default=None, sa_column=kind_column(FeedbackType, "feedback_type", nullable=True)
    )
    category: Category | None = Field(default=None, sa_column=kind_column(Category, "category", nullable=True))
    is_complaint: bool = False
    arrived_at: datetime = Field(index=True)
    judged_at: datetime | None = None
    size: int
    attempts: int = 0
    due_at: datetime | None = None
    content_key: bytes | None = Field(default=None, unique=True)
    reporter: bytes | None = None
    words: bytes | None = None
    summary: bytes | None = None
    forgotten_at: datetime | None = None


class RawMessage(SQLModel, table=True):
    """The bytes that arrived, compressed and sealed under the key of `id` (a key of its own: it goes earlier)."""

    __tablename__ = "raw_message"

    report_id: UUID = Field(foreign_key="report.id", primary_key=True)
    id: UUID = Field(unique=True)
    sealed: bytes


class MailboxUid(SQLModel, table=True):
    """Which mailbox message became which report, so that a re-read is known."""

    __tablename__ = "mailbox_uid"
    __table_args__: Any = (UniqueConstraint("mailbox", "uidvalidity", "uid"),)

    id: UUID = Field(primary_key=True)
    mailbox: str
    uidvalidity: int = Field(sa_column=Column(BigInteger, nullable=False))
    uid: int = Field(sa_column=Column(BigInteger, nullable=False))
    report_id: UUID = Field(foreign_key="report.id", index=True)
