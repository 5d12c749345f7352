"""The record of what was forgotten: counts only."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Column
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel


class Forgetting(SQLModel, table=True):
    """One run of retention or one erasure: when, by whom, how many of what."""

    __tablename__ = "forgetting"

    id: UUID = Field(primary_key=True)
    at: datetime
    by: str
    cause: str
    counts: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
