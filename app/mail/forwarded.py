"""A mail forwarded as an attachment: message/rfc822, or an .eml under any other type.

The best evidence a person can give: the bytes are mostly what was sent. What is forwarded may itself be a forward
(a customer writes to a help desk, which forwards to us): the innermost mail is the reported one and comes first.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from app.mail import limits
from app.mail.domain import Kind, Original, Reading
from app.mail.message import Message, Part, parse
from app.mail.report import FULL_TYPES, holds_mail, original_in, reading

_SNIFFED = frozenset(("application/octet-stream", "application/eml", "application/x-eml", "application/mail"))
_SNIFF_BYTES = 65_536


def read_forwarded(mail: Message) -> Reading | None:
    """The complaint with the mails attached to it, or None where none is attached."""
    originals = tuple(islice(_attached(mail, 0), limits.ORIGINALS))
    return reading(mail, Kind.FORWARDED, originals=originals) if originals else None


def attached_mails(mail: Message) -> tuple[bytes, ...]:
    """The bytes of each mail attached to `mail` itself, not of those within them."""
    return tuple(part.content() for part in mail.leaves() if part is not mail.top and _is_mail(part))


def _attached(mail: Message, depth: int) -> Iterator[Original]:
    for part in mail.leaves():
        if not _is_mail(part):
            continue
        original = original_in(part)
        if original is None:
            continue
        if depth < limits.FORWARDS:
            inner = parse(original.raw)
            if not _is_machine_report(inner):
                yield from _attached(inner, depth + 1)
        yield original


def _is_mail(part: Part) -> bool:
    if part.name in FULL_TYPES:
        return True
    name = part.filename.lower()
    named = name.endswith((".eml", ".email")) or (name.endswith(".txt") and part.is_attachment)
    if not named and part.name not in _SNIFFED:
        return False
    return holds_mail(part.content(_SNIFF_BYTES).lstrip())


def _is_machine_report(mail: Message) -> bool:
    """A bounce holds the mail that bounced: that one is not what a person complains of."""
    return mail.top.name == "multipart/report"
