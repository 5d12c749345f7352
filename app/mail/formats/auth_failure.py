"""Authentication failures told in plain text, without a feedback part: Exim and cPanel gateways write them so."""

from __future__ import annotations

import re

from app.mail.domain import FeedbackType, Kind, Reading
from app.mail.mime.message import Message
from app.mail.mime.text import human_text
from app.mail.original import original_from
from app.mail.report import Fields, reading

_CLAIM = re.compile(
    r"claiming\s+to\s+be\s+from\s+you\s+has\s+failed\s+the\s+published\s+DMARC\s+policy", re.IGNORECASE
)
"""Wrapped where a mailing list wraps, but not quoted: then a person writes."""
_LINE = re.compile(r"^[ \t>]{0,8}([A-Z][A-Za-z ]{2,40}):[ \t]*(\S.{0,400})$", re.MULTILINE)
_COPY = re.compile(
    r"^-{3,}[ \t]*(?:This|Here) is a copy of .{0,200}(?:\n[ \t]*(?![\w-]+:)\S.{0,200}){0,2}$", re.MULTILINE
)
"""The sentence above the copy, which Baruwa wraps."""
_NAMES = {
    "sender domain": "reported-domain",
    "sender ip address": "source-ip",
    "received date": "arrival-date",
    "dmarc results": "delivery-result",
}


def read_auth_failure(mail: Message) -> Reading | None:
    """The failure report in `mail`, its words as fields, or None."""
    text = human_text(mail)
    if not _CLAIM.search(text[:4_000]):
        return None
    copy = _COPY.search(text)
    told = text[: copy.start()] if copy else text
    # The copy went through the decoding of a text part: its bytes are not what was sent.
    source = text[copy.end() :].lstrip("\n").replace("\n", "\r\n").encode() if copy else b""
    original = original_from(source, headers_only=True, verifiable=False)
    return reading(
        mail,
        Kind.ARF,
        feedback_type=FeedbackType.AUTH_FAILURE,
        fields=_fields(told),
        originals=(original,) if original else (),
        defects=("An authentication failure in plain text, without a feedback part.",),
        text=told.strip(),
    )


def _fields(told: str) -> Fields:
    found = {"auth-failure": ("dmarc",), "feedback-type": ("auth-failure",)}
    for name, value in _LINE.findall(told):
        field = _NAMES.get(name.strip().lower())
        if field:
            found.setdefault(field, (value.strip(),))
    return found
