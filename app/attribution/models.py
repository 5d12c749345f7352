"""Complaints (one per reported message of a report) with their verdicts, the DKIM keys that were seen, the feedback
loops that we know."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Column, Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Field, SQLModel

from app.attribution.domain import Verdict
from app.infra.database import kind_column
from app.mail.domain import FeedbackType


class Complaint(SQLModel, table=True):
    """What a report says of one message, and whose message it was.

    position: 0 for the first message in the report. counts: whether it is a complaint at all (RFC 6430 is not).
    message_key: keyed hash of its Message-ID. clues: JSON sealed under the key of `report_id`.
    """

    __tablename__ = "complaint"
    __table_args__: Any = (UniqueConstraint("report_id", "position"),)

    id: UUID = Field(primary_key=True)
    report_id: UUID = Field(foreign_key="report.id")
    position: int
    feedback_type: FeedbackType | None = Field(
        default=None, sa_column=kind_column(FeedbackType, "feedback_type", nullable=True)
    )
    counts: bool
    verdict: Verdict = Field(sa_column=kind_column(Verdict, "verdict"))
    sender_id: str | None = Field(default=None, foreign_key="sender.id", index=True)
    reason: str
    message_key: bytes | None = Field(default=None, index=True)
    sent_at: datetime | None = None
    judged_at: datetime
    clues: bytes | None = None


class ObservedKey(SQLModel, table=True):
    """A key record as DNS gave it, with the first and last time it was seen.

    gone_at: when the watch found that DNS no longer has it; None: it had it when last asked.
    """

    __tablename__ = "observed_key"

    name: str = Field(primary_key=True)
    digest: bytes = Field(primary_key=True)
    txt: bytes
    first_seen: datetime
    last_seen: datetime
    gone_at: datetime | None = None


class FeedbackLoop(SQLModel, table=True):
    """A feedback loop that we know; see `loops.Loop`. changed_by: None where it was there from the start."""

    __tablename__ = "feedback_loop"

    id: str = Field(primary_key=True)
    name: str
    domains: list[str] = Field(sa_column=Column(ARRAY(Text), nullable=False))
    senders: list[str] = Field(sa_column=Column(ARRAY(Text), nullable=False))
    active: bool = True
    note: str = ""
    changed_at: datetime | None = None
    changed_by: str | None = None
