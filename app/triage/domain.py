"""Cases: status, severity, priority, outcome (pure)."""

from __future__ import annotations

from enum import StrEnum


class CaseStatus(StrEnum):
    OPEN = "open"
    RESOLVED = "resolved"


class CaseKind(StrEnum):
    """What the case is about, most severe first."""

    PHISHING = "phishing"
    MALWARE = "malware"
    FRAUD = "fraud"
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
    SUSPENDED = "suspended"
    REINSTATED = "reinstated"
    UNMASKED = "unmasked"
    RESOLVED = "resolved"
    REOPENED = "reopened"
