"""Freshly signed mail, and the report of it as each feedback loop makes one: what it hides, moves and refolds.

After the samples that docs on formats name: Yahoo, AOL, Validity (Return Path) 1.0 and 2.0, RoadRunner, Comcast,
Microsoft before 2026, Zoho, SpamExperts.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime

from tests.factories.signed import key_pair, record, sign

DOMAIN, SELECTOR = "acme.example", "s1"
KEY = key_pair(2048)
TXT = record(KEY).encode()
HEADERS = ("from", "to", "reply-to", "subject", "date", "message-id", "list-unsubscribe", "mime-version")
NOW = format_datetime(datetime.now(UTC))  # dkimpy signs with the clock of now
RELAXED, SIMPLE = ("relaxed", "relaxed"), ("simple", "simple")


@dataclass(frozen=True)
class Mail:
    """A mail as its recipient's mailbox has it."""

    recipient: str
    raw: bytes

    @property
    def local(self) -> str:
        return self.recipient.rpartition("@")[0]

    @property
    def domain(self) -> str:
        return self.recipient.rpartition("@")[2]


def mail(
    recipient: str = "jo.reader@loop.example",
    *,
    to: str | None = None,
    form: tuple[str, str] = RELAXED,
    headers: Sequence[str] = HEADERS,
    extra: str = "",
) -> Mail:
    """Advertising, signed, that names its recipient in To, List-Unsubscribe (VERP and link) and its body."""
    local, _, host = recipient.rpartition("@")
    message = (
        "From: Acme News <news@acme.example>\r\n"
        f"To: {to or f'<{recipient}>'}\r\n"
        f"Reply-To: reply-17@acme.example\r\n{extra}"
        "Subject: Offers of this week,\r\n and of the next\r\n"
        f"Date: {NOW}\r\n"
        "Message-ID: <987965a01e99875b505a4bbef8b85b0a@acme.example>\r\n"
        f"List-Unsubscribe: <mailto:u-{local}={host}@acme.example>,\r\n"
        f" <https://acme.example/u?e={local}%40{host}&n=17>\r\n"
        "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 7bit\r\n\r\n"
        f"Hello {recipient},\r\n\r\nFrom today all is cheaper.\r\n"
        f"Leave: https://acme.example/u?e={local}%40{host}\r\n"
    ).encode()
    trace = (
        f"Return-Path: <b+17-{local}={host}@acme.example>\r\n"
        f"Received: from out.relay.example (out.relay.example [198.51.100.7])\r\n\tby mx.{host} with ESMTP id q1\r\n"
        f"\tfor <{recipient}>; {NOW}\r\n"
    ).encode()
    return Mail(recipient, trace + sign(message, DOMAIN, SELECTOR, KEY, canonical=form, headers=headers))


# ------------------------------------------------------------------ what loops do to a mail


def hidden(raw: bytes, recipient: str, mark: str) -> bytes:
    """Every occurrence of the address replaced by `mark@domain`, also encoded and inside VERP."""
    local, _, host = recipient.encode().rpartition(b"@")
    for at in (b"@", b"%40", b"="):
        raw = raw.replace(local + at + host, mark.encode() + at + host)
    return raw


def hashed(recipient: str) -> str:
    return hashlib.md5(recipient.encode()).hexdigest()


def to_last(raw: bytes) -> bytes:
    """To moved to the end of the header."""
    head, blank, body = raw.partition(b"\r\n\r\n")
    fields = _fields(head)
    own = [each for each in fields if each.lower().startswith(b"to:")]
    return b"\r\n".join([*(each for each in fields if each not in own), *own]) + blank + body


def sorted_fields(raw: bytes) -> bytes:
    """Header fields in the order of the alphabet."""
    head, blank, body = raw.partition(b"\r\n\r\n")
    return b"\r\n".join(sorted(_fields(head), key=bytes.lower)) + blank + body


def refolded(raw: bytes) -> bytes:
    """Header lines folded with two blanks, as Comcast's reports have them."""
    head, blank, body = raw.partition(b"\r\n\r\n")
    return re.sub(rb"\r\n[ \t]+", b"\r\n  ", head) + blank + body


def _fields(head: bytes) -> list[bytes]:
    return re.split(rb"\r\n(?![ \t])", head)


# ------------------------------------------------------------------ their reports


def report(original: bytes, fields: str, *, sender: str = "loop@loop.example", part: str = "message/rfc822") -> bytes:
    """A feedback report (RFC 5965) with these fields of its own."""
    feedback = f"Feedback-Type: abuse\r\nUser-Agent: Loop/1.0\r\nVersion: 1\r\n{fields}"
    return _wrapped(
        'multipart/report; report-type="feedback-report"',
        sender,
        "Abuse report",
        [("text/plain", b"This is an abuse report.\r\n"), ("message/feedback-report", feedback.encode())],
        (part, original),
    )


def _wrapped(
    kind: str, sender: str, subject: str, parts: list[tuple[str, bytes]], original: tuple[str, bytes]
) -> bytes:
    head = (
        f"From: <{sender}>\r\nTo: <abuse@relay.example>\r\nSubject: {subject}\r\n"
        f"Date: {NOW}\r\nMIME-Version: 1.0\r\n"
        f"Message-ID: <report@loop.example>\r\nContent-Type: {kind}; boundary=line\r\n\r\n"
    ).encode()
    every = [*parts, original]
    return (
        head
        + b"".join(b"--line\r\nContent-Type: %s\r\n\r\n%s\r\n" % (t.encode(), b) for t, b in every)
        + b"--line--\r\n"
    )


def yahoo(given: Mail) -> bytes:
    return report(given.raw, f"Original-Rcpt-To: {given.recipient}\r\nOriginal-Mail-From: <b@acme.example>\r\n")


def aol(given: Mail) -> bytes:
    """The word in place of the local part, everywhere; the recipient is known from Removal-Recipient."""
    original = hidden(given.raw, given.recipient, "redacted")
    return report(original, f"Redacted-Address: redacted\r\nRemoval-Recipient: {given.recipient}\r\n")


def validity_1(given: Mail) -> bytes:
    """A hash in place of the local part, everywhere, To at the end; Delivered-To was overlooked."""
    original = b"Delivered-To: " + given.recipient.encode() + b"\r\n"
    original += to_last(refolded(hidden(given.raw, given.recipient, hashed(given.recipient))))
    return report(original, f"Reported-Domain: {given.domain}\r\nAbuse-Type: complaint\r\nSource: Loop\r\n")


def validity_2(given: Mail) -> bytes:
    original = to_last(hidden(given.raw, given.recipient, hashed(given.recipient)))
    return report(original, f"Source-Ip: 198.51.100.7\r\nOriginal-Rcpt-To: {given.recipient}\r\n")


def roadrunner(given: Mail) -> bytes:
    original = sorted_fields(hidden(given.raw, given.recipient, "[redacted]"))
    return report(original, f"Original-Rcpt-To: <{given.recipient}>\r\n")


def comcast(given: Mail) -> bytes:
    """The To field replaced as a whole, the lines refolded."""
    original = refolded(hidden(given.raw, given.recipient, hashed(given.recipient)))
    named = b"undisclosed comcast recipient <redacted@" + given.domain.encode() + b">"
    original = re.sub(rb"\r\nTo: [^\r]*", b"\r\nTo: " + named, original)
    return report(original, f"Original-Rcpt-To: {given.recipient}\r\n")


def old_jmrp(given: Mail) -> bytes:
    """Microsoft before 2026: no feedback part; To emptied, the recipient in a header of theirs."""
    original = re.sub(rb"\r\nTo: [^\r]*", b"\r\nTo: <>", given.raw)
    original = f"X-HmXmrOriginalRecipient: <{given.recipient}>\r\n".encode() + original
    subject = "complaint about message from 198.51.100.7"
    return _wrapped("multipart/mixed", "staff@hotmail.com", subject, [], ("message/rfc822", original))


def zoho(given: Mail) -> bytes:
    """Two return paths, the body cut; the recipient's own address once more above."""
    head = given.raw.partition(b"\r\n\r\n")[0] + b"\r\n\r\n"
    original = b"Return-Path: <fwd@zoho.example>\r\nDelivered-To: " + given.recipient.encode() + b"\r\n" + head
    original = re.sub(rb"\r\nTo: [^\r]*", b"\r\nTo: <redacted>", original)
    return report(original, f"Received-Date: {NOW}\r\nSource-IP: 198.51.100.7\r\n")


def spamexperts(given: Mail) -> bytes:
    fields = "Authentication-Results: filter.example; auth=pass smtp.auth=mailer@acme.example\r\n"
    original = hidden(given.raw, given.recipient, "x")
    return report(original, fields + f"Original-Rcpt-To: {given.recipient}\r\n")


LOOPS: dict[str, Callable[[Mail], bytes]] = {
    "Yahoo": yahoo,
    "AOL": aol,
    "Validity 1.0": validity_1,
    "Validity 2.0": validity_2,
    "RoadRunner": roadrunner,
    "Comcast": comcast,
    "Microsoft before 2026": old_jmrp,
    "Zoho": zoho,
    "SpamExperts": spamexperts,
}
