"""A mail redirected to the desk: the mail itself, below a block of Resent- fields (RFC 5322 §3.6.6).

Whoever redirects complains; From is the reported mail's. What stands above the block came about on the way to us, and
below it everything is as it was, signatures too. An address of a role, and a rule of a mailbox, hand on whatever they
are sent, complaints too: such a mail is read as if it had come straight.
"""

from __future__ import annotations

import re
from dataclasses import replace

from app.mail.domain import Kind, Reading
from app.mail.fields.address import bare_address
from app.mail.mime.message import Message
from app.mail.original import original_from
from app.mail.report import reading

_AUTOMATIC = ("x-ms-exchange-generated-message-source", "x-ms-exchange-inbox-rules-loop")
"""A rule of a mailbox handed it on: whatever comes there."""
_ROLES = re.compile(
    r"(?:abuse|postmaster|complaints?|fbl|feedback|reports?|spam|phishing|support|help|info|noc|security|csirt|cert)\b"
)


def read_redirected(mail: Message) -> Reading | None:
    """The complaint about the mail that was redirected, or None."""
    by = bare_address(mail.head.first("resent-from")) or bare_address(mail.head.first("resent-sender"))
    if mail.head.has(*_AUTOMATIC):
        return None
    if not by or not mail.head.has("resent-to", "resent-cc", "resent-bcc") or _ROLES.match(by.lower()):
        return None
    start = _start(mail)
    original = original_from(mail.top.source[start:]) if start is not None else None
    if original is None or (bare_address(original.from_) or "").lower() == by.lower():
        return None
    told = reading(mail, Kind.FORWARDED, originals=(original,), text="")
    return replace(told, reporter=by)


def _start(mail: Message) -> int | None:
    """Where the first field below the topmost block starts."""
    inside = False
    for field in mail.head.fields:
        is_resent = field.key.startswith("resent-")
        if inside and not is_resent:
            return field.start
        inside = inside or is_resent
    return None
