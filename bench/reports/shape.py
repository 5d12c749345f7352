"""What every feedback report here is put together from."""

from __future__ import annotations

import base64
import re
from datetime import UTC, datetime
from email.utils import format_datetime

from tests.factories.loops import hidden

from .mails import HOST, Mail
from .truth import Answer, digest

SENT = format_datetime(datetime(2026, 11, 2, 9, 30, tzinfo=UTC))
_BASE64 = "Content-Transfer-Encoding: base64\r\n"

Made = tuple[bytes, Answer]
"""A report and what it says."""

Original = tuple[str, bytes]
"""Media type and bytes of a reported mail."""


def made(given: Mail, original: bytes, fields: str, *, form: str = "message/rfc822", more: Answer) -> Made:
    """The usual report of one mail. more: what its fields say, over what the mail itself says."""
    return arf(fields, (form, original)), truth(given, original, more)


def truth(given: Mail, original: bytes, more: Answer) -> Answer:
    """What a report with `original` says: the values the mail was made from, and what its fields add."""
    original = original.replace(b"\r\n", b"\n") if given.bare else original
    known = {"type": "abuse", "mail_from": given.bounce, "message_id": given.message_id, "from": given.sender}
    return {**known, "subject": given.subject, "count": 1, "sha256": digest(original), **more}


def arf(fields: str, *originals: Original, tight: bool = False, encoded: bool = False) -> bytes:
    """Prose, fields, reported mails. tight: no blank line before the boundary. encoded: as Exchange recodes it."""
    kind = "multipart/mixed" if encoded else "multipart/report; report-type=feedback-report"
    prose = b"This is an email abuse report for an email message received by us.\r\n"
    parts = [_part("text/plain", prose, False), _part("message/feedback-report", fields.encode(), encoded)]
    parts += [_part(name, original, encoded) for name, original in originals]
    start, second, *rest = parts
    gap = b"" if tight else b"\r\n"
    body = b"\r\n".join([start, second + gap + rest[0], *rest[1:]])
    return outer("Abuse report", f'{kind}; boundary="=_fbl"') + body + b"\r\n--=_fbl--\r\n"


def _part(name: str, content: bytes, encoded: bool) -> bytes:
    if encoded:
        content = base64.encodebytes(content).replace(b"\n", b"\r\n")
    return f"--=_fbl\r\nContent-Type: {name}\r\n{_BASE64 if encoded else ''}\r\n".encode() + content


def outer(subject: str, kind: str, sender: str = f"fbl@{HOST}") -> bytes:
    """The report's own header."""
    return (
        f"Received: from fbl.{HOST} ([203.0.113.5]) by mx.relay.example with ESMTPS id r1; {SENT}\r\n"
        f"From: <{sender}>\r\nTo: <abuse@relay.example>\r\nSubject: {subject}\r\nDate: {SENT}\r\n"
        f"Message-ID: <report.1@fbl.{HOST}>\r\nMIME-Version: 1.0\r\nContent-Type: {kind}\r\n\r\n"
    ).encode()


def masked(given: Mail, mark: str) -> tuple[bytes, str]:
    """The mail and its envelope sender with the recipient's local part replaced everywhere."""
    return hidden(given.raw, given.recipient, mark), hidden(given.bounce.encode(), given.recipient, mark).decode()


def head(raw: bytes) -> bytes:
    """The header with the line end of its last field."""
    return re.split(rb"(?<=\n)\r?\n", raw, maxsplit=1)[0]


def folded(value: str) -> str:
    return value.replace("; ", ";\r\n ")


def stamp(given: Mail) -> int:
    return int(given.arrived.timestamp())
