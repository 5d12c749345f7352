"""What staff say to the worksheet: of a line whether the machine is right, of the recipient where he lives."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel import Field, Index, SQLModel

from app.compliance.domain import Finding, Opinion
from app.infra.database import kind_column


class LawOpinion(SQLModel, table=True):
    """One opinion on one line of a reported message; the newest of a line counts, the earlier ones stay.

    position: 0 for the first message in the report. rule: the line's id. finding: what the machine said then.
    note: sealed under the key of `id`, which also knows the addresses in it; None where none was written, or
    once it is forgotten.
    """

    __tablename__ = "law_opinion"
    __table_args__: Any = (Index("ix_law_opinion_report", "report_id", "position", "at"),)

    id: UUID = Field(primary_key=True)
    report_id: UUID = Field(foreign_key="report.id")
    position: int
    rule: str
    finding: Finding = Field(sa_column=kind_column(Finding, "finding"))
    opinion: Opinion = Field(sa_column=kind_column(Opinion, "opinion"))
    note: bytes | None = None
    by: str
    at: datetime


class LawJurisdiction(SQLModel, table=True):
    """Where staff say that the recipient of a reported message lives; the newest counts. country: see
    `jurisdiction.CHOICES`; "" takes the correction back."""

    __tablename__ = "law_jurisdiction"
    __table_args__: Any = (Index("ix_law_jurisdiction_report", "report_id", "position", "at"),)

    id: UUID = Field(primary_key=True)
    report_id: UUID = Field(foreign_key="report.id")
    position: int
    country: str
    by: str
    at: datetime
