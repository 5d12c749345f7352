"""Cases: status, severity, priority, outcome (pure)."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from app.attribution.domain import Verdict
from app.intake.domain import Category
from app.mail.domain import FeedbackType, Kind
from app.values import dataclass


class CaseStatus(StrEnum):
    OPEN = "open"
    RESOLVED = "resolved"


class CaseKind(StrEnum):
    """What the case is about, most severe first."""

    PHISHING = "phishing"
    MALWARE = "malware"
    FRAUD = "fraud"
    REPLAY = "replay"
    UNSUBSCRIBE_IGNORED = "unsubscribe-ignored"
    SPAM = "spam"
    FEEDBACK = "feedback"
    OTHER = "other"


class Outcome(StrEnum):
    """How a case ended."""

    SUSPENDED = "sender suspended"
    WARNED = "sender warned"
    NO_ACTION = "no action needed"
    NOT_OURS = "not our mail"
    NOT_ABUSE = "not abuse"
    DUPLICATE = "duplicate"


class EventKind(StrEnum):
    """What a line of the timeline tells."""

    OPENED = "opened"
    JOINED = "joined"
    RAISED = "raised"
    CLAIMED = "claimed"
    RELEASED = "released"
    NOTED = "noted"
    REMARKED = "remarked"
    WARNED = "warned"
    THROTTLED = "throttled"
    HELD = "held"
    SUSPENDED = "suspended"
    TERMINATED = "terminated"
    PROPOSED = "proposed"
    CONFIRMED = "confirmed"
    DECLINED = "declined"
    LIFTED = "lifted"
    EXPIRED = "expired"
    REINSTATED = "reinstated"
    PROVEN = "proven"
    LEAKING = "leaking"
    UNMASKED = "unmasked"
    RESOLVED = "resolved"
    REOPENED = "reopened"


@dataclass(frozen=True, slots=True)
class Incoming:
    """One judged complaint, as the pipeline hands it to triage.

    position: which of the report's messages it is about, 0 for the first.
    click: a feedback loop's machine report, to be counted; False: a person wrote it, to be decided on.
    campaign: what joins complaints about one mailing (a normalised subject's keyed hash), None where unknown.
    origin: for complaints without a sender, what joins them (keyed hash of the visible From domain, or of the host
        that a notice is about), may be empty.
    provider: the feedback loop's domain, empty for a person.
    replayed: the sender's own signed mail, sent on by somebody else to people the sender never wrote to.
    """

    report: UUID
    position: int
    kind: Kind
    feedback_type: FeedbackType | None
    category: Category | None
    click: bool
    verdict: Verdict
    sender: str | None
    campaign: bytes | None
    origin: str
    provider: str
    at: datetime
    replayed: bool = False
