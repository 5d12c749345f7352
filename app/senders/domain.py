"""Senders and identities (pure)."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from app.values import dataclass


class SenderStatus(StrEnum):
    ACTIVE = "active"
    SUSPENDED = "suspended"
    CLOSED = "closed"


class IdentityKind(StrEnum):
    """What can tie a mail to a sender."""

    DKIM = "dkim"
    DOMAIN = "domain"
    IP = "ip"
    LOGIN = "login"
    TOKEN = "token"  # noqa: S105 - a kind, no password
    FEEDBACK_ID = "feedback-id"


@dataclass(frozen=True, slots=True)
class IdentityFact:
    """One identity in time. value is lower case; selector only for DKIM, None: any selector. stream: of a login, what
    it sends (lower case), empty where that is not told.

    since, until: aware UTC, None is open; `until` is the first moment it no longer holds.
    """

    sender: str
    kind: IdentityKind
    value: str
    selector: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    stream: str = ""

    def holds(self, at: datetime) -> bool:
        """Whether the identity belonged to the sender at `at`."""
        return (self.since is None or self.since <= at) and (self.until is None or at < self.until)


@dataclass(frozen=True, slots=True)
class SenderFact:
    """A sender as other features see it."""

    id: str
    uid: UUID
    name: str
    status: SenderStatus
    parent: str | None
    created_at: datetime
