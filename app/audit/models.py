"""The audit table and its head. A trigger of the database refuses to change or remove an entry."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlmodel import BigInteger, Column, Field, SQLModel


class AuditEntry(SQLModel, table=True):
    """One thing done. detail: JSON sealed under the key of `detail_id`; see domain.Link for the chain."""

    __tablename__ = "audit_entry"

    seq: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    at: datetime
    actor: str = Field(index=True)
    action: str = Field(index=True)
    subject: str = Field(index=True)
    detail_id: UUID = Field(unique=True)
    detail: bytes
    previous: bytes
    hash: bytes


class AuditHead(SQLModel, table=True):
    """The one row that says where the chain ends: shows a removed last entry, and orders the writers.

    seal: see domain.head_seal; without it whoever removes the last entries could set the head back, too.
    """

    __tablename__ = "audit_head"

    id: int = Field(default=1, primary_key=True)
    seq: int = Field(sa_column=Column(BigInteger, nullable=False))
    hash: bytes
    seal: bytes = b""
