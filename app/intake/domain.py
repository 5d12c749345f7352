"""What arrives and what becomes of it (pure)."""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from app.mail.domain import FeedbackType, Kind
from app.values import dataclass


class Door(StrEnum):
    FORM = "form"
    MAILBOX = "mailbox"
    LMTP = "lmtp"
    COMMAND = "command"


class ReportState(StrEnum):
    """received → accepted | set-aside | quarantined; quarantined → received by a re-read."""

    RECEIVED = "received"
    ACCEPTED = "accepted"
    SET_ASIDE = "set-aside"
    QUARANTINED = "quarantined"


ASKED_TO_UNSUBSCRIBE = "Asked to unsubscribe"
"""Under which of a report's words the reporter says when and how; free text."""


class Category(StrEnum):
    """What a reporter says it is."""

    SPAM = "spam"
    PHISHING = "phishing"
    MALWARE = "malware"
    FRAUD = "fraud"
    UNSUBSCRIBE_IGNORED = "unsubscribe-ignored"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Seen:
    """Where a mailbox message was: enough to know it again (RFC 9051 §2.3.1.1)."""

    mailbox: str
    uidvalidity: int
    uid: int


@dataclass(frozen=True, slots=True)
class Arrival:
    """One submission as a door hands it over.

    raw: the message, exact bytes, at most limits.MESSAGE_BYTES; from the form the pasted or uploaded source, empty
        where there was none. reporter: the address the reporter gave in the form, None otherwise.
    words: what else the form asked, plain text by question.
    """

    raw: bytes
    door: Door
    category: Category | None = None
    reporter: str | None = None
    words: Mapping[str, str] | None = None
    seen: Seen | None = None


@dataclass(frozen=True, slots=True)
class Stored:
    """What a door gets back, for the reporter: `receipt` is of the first arrival where this one is a duplicate."""

    report: UUID
    receipt: str
    duplicate: bool


@dataclass(frozen=True, slots=True)
class Claimed:
    """A report that a worker has taken to work off."""

    id: UUID
    receipt: str
    door: Door
    category: Category | None
    arrived_at: datetime
    attempts: int
    raw: bytes
    reporter: str | None
    words: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Finding:
    """What the pipeline found out about one claimed report.

    summary: what stays to be read after the raw message is gone; sealed. addresses: every address in the report,
    for erasure look-ups; kept only as keyed hashes. retry_at: set where something outside did not answer; the
    report then stays `received`.
    """

    report: UUID
    state: ReportState
    kind: Kind | None
    feedback_type: FeedbackType | None
    is_complaint: bool
    reason: str
    summary: Mapping[str, object]
    addresses: frozenset[str] = frozenset()
    retry_at: datetime | None = None


RECEIPT_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
RECEIPT_CHARS = 20


def new_receipt() -> str:
    """An unguessable code (100 bits) that survives being read out: `XXXXX-XXXXX-XXXXX-XXXXX`."""
    code = "".join(RECEIPT_ALPHABET[byte % 32] for byte in secrets.token_bytes(RECEIPT_CHARS))
    return "-".join(code[at : at + 5] for at in range(0, RECEIPT_CHARS, 5))


_TRACE = re.compile(
    rb"(?:received|return-path|delivered-to|x-original-to|envelope-to|x-envelope-from|x-envelope-to|x-sieve"
    rb"|authentication-results|arc-[a-z-]+|x-spam-[a-z-]+|lines|x-uid|x-uidl|status|x-status|x-keywords)[ \t]*:",
    re.IGNORECASE,
)


def content_of(raw: bytes) -> bytes:
    """SHA-256 of the message without the header fields that change with each delivery (trace, RFC 5321 §4.4).

    The same mail by another door, or delivered twice, has the same content. Line ends do not count, nor does a
    leading mbox `From ` line. Where nothing but trace stands, the whole is hashed.
    """
    lines = raw.removeprefix(b"\xef\xbb\xbf").replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    if lines.startswith(b"From "):
        lines = lines.partition(b"\n")[2]
    head, blank, body = lines.partition(b"\n\n")
    kept = [b"\n".join(field) for field in _fields(head) if not _TRACE.match(field[0])]
    return hashlib.sha256(b"\n".join(kept) + blank + body.rstrip(b"\n")).digest()


def _fields(head: bytes) -> list[list[bytes]]:
    fields: list[list[bytes]] = []
    for line in head.split(b"\n"):
        if line[:1] in b" \t" and line and fields:
            fields[-1].append(line)
        else:
            fields.append([line])
    return fields
