"""Actions, how far they reached the mail servers, suppressions and mail in spite of them, rules, alarms."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Column, Field, Index, SQLModel, Text, text

from app.enforcement.domain import ActionKind, Ending, Queued, ScopeKind, Waiting
from app.enforcement.proof import Stage
from app.enforcement.suppression import Cause
from app.infra.database import kind_column


class Action(SQLModel, table=True):
    """Something done to a sender. reason, facts, end_reason: sealed under the key of `id`, None once forgotten.

    since: from when it bites, None while it waits for a second person. base_status: the sender's status without any
    action. key: given by who asks, so that asking twice is once. told_at: when its end by the clock was told.
    """

    __tablename__ = "action"
    __table_args__: Any = (
        Index("ix_action_standing", "sender_id", postgresql_where=text("ended_at is null")),
        Index("ix_action_active", "until", postgresql_where=text("ended_at is null")),
        Index("ix_action_ended", "ended_at", postgresql_where=text("ended_at is not null")),
        Index("ix_action_case", "case_number"),
    )

    id: UUID = Field(primary_key=True)
    sender_id: str = Field(foreign_key="sender.id", index=True)
    kind: ActionKind = Field(sa_column=kind_column(ActionKind, "kind"))
    scope_kind: ScopeKind = Field(sa_column=kind_column(ScopeKind, "scope_kind"))
    scope_value: str = ""
    per_hour: int | None = None
    grounds: list[str] = Field(sa_column=Column(ARRAY(Text), nullable=False))
    case_number: int | None = None
    by: str
    rule: str | None = None
    waiting: Waiting | None = Field(default=None, sa_column=kind_column(Waiting, "waiting", nullable=True))
    confirmed_by: str | None = None
    base_status: str
    reason: bytes | None = None
    facts: bytes | None = None
    key: str | None = Field(default=None, unique=True)
    asked_at: datetime
    since: datetime | None = None
    until: datetime | None = None
    ended_at: datetime | None = None
    ended_by: str | None = None
    ending: Ending | None = Field(default=None, sa_column=kind_column(Ending, "ending", nullable=True))
    end_reason: bytes | None = None
    queued: Queued | None = Field(default=None, sa_column=kind_column(Queued, "queued", nullable=True))


class EnforcementVersion(SQLModel, table=True):
    """One row that counts the changes of actions, so that a look tells cheaply whether there was one."""

    __tablename__ = "enforcement_version"

    id: int = Field(primary_key=True)
    number: int = Field(sa_type=sa.BigInteger)


class Application(SQLModel, table=True):
    """How far a sender's wanted state reached one mail server.

    connector, node: which. wanted: digest of what is to be in force there; applied: of what it took last. newest:
    since when the newest action in it bites, None where none does. stage: see `proof`. asked_at: since when this is
    wanted; applied_at, proven_at: of this `wanted`. tries: since then without success; next_at: when to try or look
    again. said: what was found last, one line, nothing personal. case_number: where it is to be told.
    """

    __tablename__ = "application"
    __table_args__: Any = (Index("ix_application_next", "connector", "node", "next_at"),)

    connector: str = Field(primary_key=True)
    node: str = Field(primary_key=True)
    sender_id: str = Field(foreign_key="sender.id", primary_key=True, index=True)
    wanted: str
    applied: str | None = None
    newest: datetime | None = None
    stage: Stage = Field(sa_column=kind_column(Stage, "stage"))
    stops: bool
    asked_at: datetime
    applied_at: datetime | None = None
    proven_at: datetime | None = None
    tries: int = 0
    next_at: datetime
    said: str = ""
    case_number: int | None = None


class Attempt(SQLModel, table=True):
    """One try to bring a state to a mail server, or to see whether it is in force there. key: the idempotency key."""

    __tablename__ = "attempt"
    __table_args__: Any = (Index("ix_attempt_sender", "sender_id", "at"), Index("ix_attempt_at", "at"))

    id: int | None = Field(default=None, sa_column=Column(sa.BigInteger, sa.Identity(), primary_key=True))
    at: datetime
    connector: str
    node: str
    sender_id: str
    what: str
    key: str
    ok: bool
    said: str


class HeldMail(SQLModel, table=True):
    """A queued mail that we put on hold, so that we release no other."""

    __tablename__ = "held_mail"

    node: str = Field(primary_key=True)
    queue_id: str = Field(primary_key=True)
    sender_id: str = Field(foreign_key="sender.id", index=True)
    at: datetime


class QueueFigure(SQLModel, table=True):
    """How much mail of a sender waits at one mail server, when last looked."""

    __tablename__ = "queue_figure"

    connector: str = Field(primary_key=True)
    node: str = Field(primary_key=True)
    sender_id: str = Field(foreign_key="sender.id", primary_key=True)
    waiting: int
    held: int
    at: datetime


class Suppression(SQLModel, table=True):
    """A sender may not write to a recipient any more. recipient_key: as in the send log. pair: 64 bits of both, for
    the policy service. address: sealed under the key of `id`, None once forgotten or never known.

    due: the first moment at which a further mail is too late to be excused, by law. last_lifted_at: when staff lifted
    it last, also where a later wish put it in force again: no wish from before counts. changed_at: written last.
    """

    __tablename__ = "suppression"
    __table_args__: Any = (
        Index("uq_suppression_pair", "sender_id", "recipient_key", unique=True),
        Index("ix_suppression_changed", "changed_at", "id"),
        Index("ix_suppression_sender", "sender_id", "changed_at", "id"),
        Index("ix_suppression_recipient", "recipient_key"),
    )

    id: UUID = Field(primary_key=True)
    sender_id: str = Field(foreign_key="sender.id")
    recipient_key: bytes
    pair: int = Field(sa_type=sa.BigInteger)
    cause: Cause = Field(sa_column=kind_column(Cause, "cause"))
    report_id: UUID | None = None
    by: str
    address: bytes | None = None
    since: datetime
    due: datetime
    lifted_at: datetime | None = None
    lifted_by: str | None = None
    last_lifted_at: datetime | None = None
    changed_at: datetime


class LaterMail(SQLModel, table=True):
    """A line of the send log about mail to somebody who was suppressed by then. late: sent when it was too late."""

    __tablename__ = "later_mail"
    __table_args__: Any = (
        Index("ix_later_mail_suppression", "suppression_id", "late"),
        Index("ix_later_mail_at", "at"),
    )

    sent_id: UUID = Field(primary_key=True)
    suppression_id: UUID = Field(foreign_key="suppression.id")
    at: datetime
    late: bool


class OptOutLook(SQLModel, table=True):
    """One row: up to which change suppressions were held against the send log."""

    __tablename__ = "opt_out_look"

    id: int = Field(primary_key=True)
    looked_at: datetime


class AutomaticRule(SQLModel, table=True):
    """A rule by which the machine acts before a person does; see `automatic`."""

    __tablename__ = "automatic_rule"

    id: str = Field(primary_key=True)
    rule: dict[str, Any] = Field(sa_column=Column(sa.JSON, nullable=False))
    changed_at: datetime
    changed_by: str


class Alarm(SQLModel, table=True):
    """Something that must wake a person: a stop that does not bite. key: what it is about, one open alarm each.

    told_at, over_told_at: when everybody had been told that it is, and that it is over; None: still to be.
    cleared_at: when it was over. said: one line. taken: which channels took which of the two already.
    """

    __tablename__ = "alarm"
    __table_args__: Any = (
        Index("uq_alarm_open", "key", unique=True, postgresql_where=text("cleared_at is null")),
        Index("ix_alarm_untold", "next_at", postgresql_where=text("over_told_at is null")),
    )

    id: UUID = Field(primary_key=True)
    key: str
    said: str
    sender_id: str | None = Field(default=None, foreign_key="sender.id")
    case_number: int | None = None
    raised_at: datetime
    told_at: datetime | None = None
    cleared_at: datetime | None = None
    over_told_at: datetime | None = None
    taken: list[str] = Field(default_factory=list, sa_column=Column(ARRAY(Text), nullable=False, server_default="{}"))
    tries: int = 0
    next_at: datetime


class SelfTest(SQLModel, table=True):
    """One standing test: the probe account was suspended, refused, reinstated and let through; or not."""

    __tablename__ = "self_test"

    id: int | None = Field(default=None, sa_column=Column(sa.BigInteger, sa.Identity(), primary_key=True))
    at: datetime
    passed: bool
    seconds: float
    said: str
