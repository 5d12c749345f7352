"""SpamCop reports: plain text, the reported mail's source behind a marker line.

SpamCop writes "x" for recipients and underscores over part of the Message-ID, so nothing in the copy verifies.
"""

from __future__ import annotations

import re

from app.mail.domain import FeedbackType, Kind, Original, Reading
from app.mail.message import Message
from app.mail.original import original_from
from app.mail.report import reading
from app.mail.text import human_text

_SUBJECT = re.compile(r"\s*\[SpamCop[^\]]{0,20}\(([^)\s]{2,255})\)\s*id:\s*(\d{1,20})\]", re.IGNORECASE)
_SENT = re.compile(r"^E-?mail from ([0-9A-Fa-f.:]{2,45}) / (\S[^\n]{5,80})$", re.MULTILINE)
"""What SpamCop found out: where the mail came from and when it left there, told before the copy."""
_MARKER = re.compile(r"^[ \t>]{0,8}\[? ?Offending message:? ?\]?[ \t]*$", re.IGNORECASE | re.MULTILINE)
_QUOTE = re.compile(r"^> ?", re.MULTILINE)
_END = re.compile(r"^[-=]{0,40}[ \t]*END FORWARDED MESSAGE.*$", re.IGNORECASE | re.MULTILINE)
_BEGIN = re.compile(r"\A\s*+[-=]{0,40}[ \t]*BEGIN FORWARDED MESSAGE[^\n]*\n", re.IGNORECASE)


def read_spamcop(mail: Message) -> Reading | None:
    """The SpamCop report in `mail`, or None."""
    subject = _SUBJECT.match(mail.head.first("subject") or "")
    text = human_text(mail)
    marker = _MARKER.search(text)
    if not subject and not (marker and "spamcop" in (mail.head.first("from") or "").lower()):
        return None
    fields = {_named(subject[1]): (subject[1],), "spamcop-id": (subject[2],)} if subject else {}
    sent = _SENT.search(text)
    if sent:
        fields |= {"source-ip": (sent[1],), "arrival-date": (sent[2].strip(),)}
    # Some reports hold the source alone, without the marker.
    original = _original(text[marker.end() :] if marker else text)
    return reading(
        mail,
        Kind.SPAMCOP,
        feedback_type=FeedbackType.ABUSE,
        fields=fields,
        originals=(original,) if original else (),
        defects=() if original else ("The report holds no reported message.",),
        text=text[: marker.start()].strip() if marker else text,
    )


def _named(reported: str) -> str:
    """A report is about the source of a mail, or about a site that the mail names (spamvertised)."""
    return "reported-uri" if "://" in reported else "source-ip"


def _original(copy: str) -> Original | None:
    copy = _END.split(copy, maxsplit=1)[0].lstrip("\n")
    copy = _BEGIN.sub("", copy)
    if copy.startswith(">"):
        copy = _QUOTE.sub("", copy)
    return original_from(copy.replace("\n", "\r\n").encode(), verifiable=False)
