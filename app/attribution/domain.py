"""Clues and verdicts (pure); see docs/architecture.md, evidence ladder."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from app.mail.domain import FeedbackType, SignatureResult
from app.values import dataclass


class Verdict(StrEnum):
    PROVEN = "proven"
    LIKELY = "likely"
    UNPROVEN = "unproven"
    CONTRADICTED = "contradicted"


BEST_FIRST = tuple(Verdict)


class Known(StrEnum):
    """How a clue is known."""

    VERIFIED = "verified"
    LOOKED_UP = "looked up"
    DERIVED = "derived"
    REPORTED = "reported"


class Strength(StrEnum):
    """What a clue gives alone."""

    PROVES = "proves"
    STRONG = "strong"
    WEAK = "weak"
    CONTRADICTS = "contradicts"


class ClueKind(StrEnum):
    KNOWN_LOOP = "known-loop"
    TRACE_TOKEN = "trace-token"  # noqa: S105 - a kind, no password
    TOKEN_FORGED = "token-forged"  # noqa: S105 - a kind, no password
    SENT_MESSAGE_ID = "sent-message-id"
    SENT_QUEUE_ID = "sent-queue-id"
    REPLAY = "replay"
    DKIM = "dkim"
    DKIM_REPAIRED = "dkim-repaired"
    DKIM_HEADERS = "dkim-headers"
    DKIM_VOUCHED = "dkim-vouched"
    DKIM_FOREIGN = "dkim-foreign"
    RECEIVED = "received"
    SMTP_AUTH = "smtp-auth"
    SOURCE_IP = "source-ip"
    FEEDBACK_ID = "feedback-id"
    VERP = "verp"
    LIST_UNSUBSCRIBE = "list-unsubscribe"
    TRACKING_DOMAIN = "tracking-domain"
    FROM_DOMAIN = "from-domain"
    NOT_YET_A_SENDER = "not-yet-a-sender"
    FOREIGN_PATH = "foreign-path"


class Clue(NamedTuple):
    """One fact about whose mail it was. value: as found. source: the header or field it was taken from.
    sender: the account it points to, None where it points to none. text: one sentence."""

    kind: ClueKind
    value: str
    known: Known
    source: str
    sender: str | None
    strength: Strength
    text: str


@dataclass(frozen=True, slots=True)
class Attribution:
    """The answer for one reported message. reason: one sentence without anything personal.

    replayed: it is the sender's signed mail, but somebody else sent it on to people the sender never wrote to.
    """

    verdict: Verdict
    sender: str | None
    reason: str
    clues: tuple[Clue, ...]
    replayed: bool = False


@dataclass(frozen=True, slots=True)
class Origin:
    """Who sent the report itself, as far as cryptography says.

    signed_by: the d= of its own signatures that verify, lower case. loop: the name of the known feedback loop whose
    domain is among them, None where the report is from nobody we know.
    """

    signed_by: tuple[str, ...] = ()
    loop: str | None = None


@dataclass(frozen=True, slots=True)
class Observed:
    """A DKIM key record that was seen in DNS. name: selector._domainkey.domain, lower case."""

    name: str
    txt: bytes
    first_seen: datetime
    last_seen: datetime


@dataclass(frozen=True, slots=True)
class Judged:
    """One complaint with its verdict, to be written. counts: whether it is a complaint at all."""

    report: UUID
    position: int
    feedback_type: FeedbackType | None
    counts: bool
    attribution: Attribution
    signatures: tuple[SignatureResult, ...]
    message_id: str | None
    sent_at: datetime
