"""What reading a mail gives: frozen values; nothing is parsed here but a header field's value, when asked for.

Every value that came with a message is hostile text; whoever shows it escapes it.
Times are aware UTC. Addresses are as written, without angle brackets, case kept.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from app.mail.mime.charset import header_text
from app.values import dataclass


class Kind(StrEnum):
    """What sort of mail arrived, told by its format and never by its sender's word alone."""

    ARF = "arf"
    JMRP = "jmrp"
    SPAMCOP = "spamcop"
    XARF = "xarf"
    X_ARF = "x-arf"
    NOTICE = "notice"
    FORWARDED = "forwarded"
    INLINE = "inline"
    OUTLOOK_MSG = "outlook-msg"
    PERSON = "person"
    UNSUBSCRIBE = "unsubscribe"
    BOUNCE = "bounce"
    AUTO_REPLY = "auto-reply"
    DMARC_AGGREGATE = "dmarc-aggregate"
    TLS_RPT = "tls-rpt"
    ENROLMENT = "enrolment"
    UNREADABLE = "unreadable"


class FeedbackType(StrEnum):
    """The registered feedback types (IANA marf-parameters), and opt-out, which drafts had and senders use."""

    ABUSE = "abuse"
    FRAUD = "fraud"
    VIRUS = "virus"
    OTHER = "other"
    NOT_SPAM = "not-spam"
    AUTH_FAILURE = "auth-failure"
    OPT_OUT = "opt-out"


class Header(NamedTuple):
    """One header field as it stands in the bytes: its name in lower case and as written, the bytes after the colon,
    and where it starts in its source."""

    key: str
    name: str
    raw: bytes
    start: int = 0

    @property
    def value(self) -> str:
        """The value for reading, unfolded and decoded; made when it is asked for, as most fields are not."""
        return header_text(self.raw)


@dataclass(frozen=True, slots=True)
class Hop:
    """One Received field (RFC 5321 §4.4), in the order they stand: index 0 is the topmost, the last stop.

    Any part that the field does not have is None; `text` is the whole field, unfolded.
    """

    text: str
    from_host: str | None = None
    from_ip: str | None = None
    by_host: str | None = None
    protocol: str | None = None
    queue_id: str | None = None
    for_address: str | None = None
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Original:
    """The reported message, sliced out of what arrived, never re-serialised.

    raw: the exact bytes, transfer encoding of the outer part undone where it had one.
    headers_only: the body is not there at all (text/rfc822-headers, or cut by the feedback loop).
    verifiable: False where the bytes are not what was sent (an inline forward, an Outlook .msg):
        a DKIM verdict on them would mean nothing.
    """

    raw: bytes
    headers_only: bool
    headers: tuple[Header, ...]
    message_id: str | None = None
    from_: str | None = None
    return_path: str | None = None
    subject: str | None = None
    date: datetime | None = None
    recipients: tuple[str, ...] = ()
    received: tuple[Hop, ...] = ()
    verifiable: bool = True

    def all(self, name: str) -> tuple[str, ...]:
        """Every value of the header field `name` (case-insensitive), topmost first."""
        wanted = name.lower()
        return tuple([each.value for each in self.headers if each.key == wanted])

    def first(self, name: str) -> str | None:
        """The topmost value of the header field `name`, or None."""
        return next(iter(self.all(name)), None)


@dataclass(frozen=True, slots=True)
class Reading:
    """One mail, understood.

    fields: the feedback report's fields, lower-case name → values in their order (RFC 5965 §3); for other
        machine formats the same, as far as they name the same things. Unknown fields are kept.
    derived: field name → header it was derived from, where the report itself does not say it.
    originals: the reported messages, none where the report holds none.
    reporter: the address the report came from (From of the outer message), None where there is none.
    text: what a person wrote or the report's human-readable part, plain text, at most `limits.TEXT_CHARS`.
    arrived: when the report says the reported mail arrived (Arrival-Date, else the original's own trace), None
        where nothing says so.
    defects: a sentence for each fault found; a report with faults is still a report.
    """

    kind: Kind
    feedback_type: FeedbackType | None
    is_complaint: bool
    fields: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    derived: Mapping[str, str] = field(default_factory=dict)
    originals: tuple[Original, ...] = ()
    headers: tuple[Header, ...] = ()
    reporter: str | None = None
    subject: str | None = None
    text: str = ""
    arrived: datetime | None = None
    defects: tuple[str, ...] = ()
    reason: str = ""


class HashState(StrEnum):
    """One half of a DKIM check, judged by itself."""

    PASS = "pass"  # noqa: S105 - a verdict, no password
    FAIL = "fail"
    ABSENT = "absent"
    UNKNOWN = "unknown"


class KeyState(StrEnum):
    """What is known of the public key, as of the time the report arrived."""

    FOUND = "found"
    CACHED = "cached"
    ROTATED = "rotated"
    REVOKED = "revoked"
    NONE = "none"
    INVALID = "invalid"
    DNS_FAILED = "dns-failed"
    UNASKED = "unasked"


class DkimResult(StrEnum):
    """The answer for one signature, in the words of RFC 8601 §2.7.1."""

    PASS = "pass"  # noqa: S105 - a verdict, no password
    FAIL = "fail"
    POLICY = "policy"
    NEUTRAL = "neutral"
    TEMPERROR = "temperror"
    PERMERROR = "permerror"


@dataclass(frozen=True, slots=True)
class KeyAnswer:
    """A look-up of one key record: its state, the TXT record where there is one, and since when it is known."""

    state: KeyState
    txt: bytes | None = None
    first_seen: datetime | None = None
    last_seen: datetime | None = None


@dataclass(frozen=True, slots=True)
class SignatureResult:
    """One DKIM signature, judged: header hash, body hash and key apart, then the sum with its reason.

    header_hash PASS means that b= verifies over the signed header fields with the key found: the headers in
    `signed` are authentic even where the body was cut or changed. body_hash ABSENT: there is no body to judge.
    repaired: a sentence for each thing that was undone before it held (`repair`); none where nothing was.
    """

    domain: str
    selector: str
    header_hash: HashState
    body_hash: HashState
    key: KeyState
    result: DkimResult
    reason: str
    signed: tuple[str, ...] = ()
    algorithm: str = ""
    signed_at: datetime | None = None
    expires_at: datetime | None = None
    testing: bool = False
    body_length: int | None = None
    repaired: tuple[str, ...] = ()
