"""Cases, their reports and timeline, and the counters that open them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Column, Identity, Index, Text, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Field, SQLModel

from app.attribution.domain import Verdict
from app.infra.database import kind_column
from app.triage.domain import CaseKind, CaseStatus, EventKind, Outcome


class Case(SQLModel, table=True):
    """What a person decides on. group_key: what joins it; one open case a group.

    priority: 0 to 100; priority_reasons: a phrase each. verdict: the best of its complaints.
    sample_report_id: the newest report, for the subject shown in the queue. clicks: complaint clicks of its sender
    in seven days, when it last grew. raised_at: since when they are so many that the case was raised.
    """

    __tablename__ = "case"
    __table_args__: Any = (
        Index("uq_case_open_group", "group_key", unique=True, postgresql_where=text("status = 'open'")),
        Index("ix_case_group", "group_key", "resolved_at"),
        Index("ix_case_queue", "status", "priority", "number"),
        Index("ix_case_order", "priority", "number"),
    )

    id: UUID = Field(primary_key=True)
    number: int = Field(default=None, sa_column=Column(BigInteger, Identity(start=1001), unique=True, nullable=False))
    status: CaseStatus = Field(sa_column=kind_column(CaseStatus, "status"))
    kind: CaseKind = Field(sa_column=kind_column(CaseKind, "kind"))
    sender_id: str | None = Field(default=None, foreign_key="sender.id", index=True)
    verdict: Verdict = Field(sa_column=kind_column(Verdict, "verdict"))
    group_key: str
    priority: int
    priority_reasons: list[str] = Field(sa_column=Column(ARRAY(Text), nullable=False))
    report_count: int = 0
    clicks: int = 0
    raised_at: datetime | None = None
    opened_at: datetime
    updated_at: datetime
    resolved_at: datetime | None = None
    assignee_id: int | None = Field(default=None, foreign_key="staff.id", index=True)
    outcome: Outcome | None = Field(default=None, sa_column=kind_column(Outcome, "outcome", nullable=True))
    sample_report_id: UUID | None = None


class CaseReport(SQLModel, table=True):
    """Which report belongs to which case."""

    __tablename__ = "case_report"
    __table_args__: Any = (Index("ix_case_report_case", "case_id", "joined_at", "report_id"),)

    report_id: UUID = Field(foreign_key="report.id", primary_key=True)
    case_id: UUID = Field(foreign_key="case.id", primary_key=True)
    joined_at: datetime


class CaseEvent(SQLModel, table=True):
    """One line of the timeline. text: sealed under the key of `id`, which also knows the addresses in it.

    seq: orders the lines of one moment. reports: how many reports (RAISED: complaint clicks) the line speaks of.
    outcome: of a RESOLVED line.
    """

    __tablename__ = "case_event"
    __table_args__: Any = (Index("ix_case_event_case", "case_id", "at", "seq"),)

    id: UUID = Field(primary_key=True)
    seq: int = Field(default=None, sa_column=Column(BigInteger, Identity(), nullable=False))
    case_id: UUID = Field(foreign_key="case.id")
    at: datetime
    actor: str
    kind: EventKind = Field(sa_column=kind_column(EventKind, "kind"))
    reports: int = 0
    outcome: Outcome | None = Field(default=None, sa_column=kind_column(Outcome, "outcome", nullable=True))
    text: bytes | None = None


class ComplaintCount(SQLModel, table=True):
    """Feedback-loop complaints, counted as they are written. provider: the loop's domain."""

    __tablename__ = "complaint_count"

    sender_id: str = Field(foreign_key="sender.id", primary_key=True)
    day: date = Field(primary_key=True)
    provider: str = Field(primary_key=True)
    feedback_type: str = Field(primary_key=True)
    complaints: int
