"""SpamCop reports: plain text, the reported mail's source behind a marker line; and lists of addresses (summaries,
alerts).

SpamCop writes "x" for recipients and underscores over part of the Message-ID, so nothing in the copy verifies.
"""

from __future__ import annotations

import re

from app.mail.domain import FeedbackType, Kind, Original, Reading
from app.mail.formats.reported import MOST, in_text, is_address, targets_of
from app.mail.mime.message import Message
from app.mail.mime.text import human_text
from app.mail.original import original_from
from app.mail.report import Fields, reading

_ABOVE = r"\s*+(?:\[(?!SpamCop)[^\]]{1,60}\]\s*+|fwd?:\s*+)*+"
"""What ticket systems, lists and forwards write above it. An answer (`Re:`) is none of SpamCop's."""
_SUBJECT = re.compile(_ABOVE + r"\[SpamCop[^\]]{0,20}\(([^)\s]{2,255})\)\s*id:\s*(\d{1,20})\]", re.IGNORECASE)
_SUMMARY = re.compile(_ABOVE + r"\[SpamCop\]\s*summary report", re.IGNORECASE)
_ALERT = re.compile(_ABOVE + r"\[SpamCop\]", re.IGNORECASE)
_NUMBERED = re.compile(r"\b(\d{5,20})@reports\.spamcop\.net\b", re.IGNORECASE)
_SITE = re.compile(r"^[ \t>]{0,8}Spamvertised web ?site: (https?://\S{1,2000})[ \t]*$", re.IGNORECASE | re.MULTILINE)
_ROW = re.compile(
    r"^[ \t>]{0,20}([0-9A-Fa-f.:]{2,45})[ \t]{1,60}([A-Z][a-z]{2}[ \t]{1,3}\d{1,2})[ \t]\d{1,2}h/\d{1,5}"
    r"((?:[ \t]{1,20}\d{1,9}){4})(?=\s|\Z)",
    re.MULTILINE,
)
"""A line of a summary: address, since when, for how many days; how many mails at traps, from users, moles, others."""
_SENT = re.compile(
    r"^[ \t>]{0,8}E-?mail from ([0-9A-Fa-f.:]{2,45})[ \t]{1,5}/[ \t]{1,5}(\S[^\n]{5,80})$", re.MULTILINE
)
"""What SpamCop found out: where the mail came from and when it left there, told before the copy."""
_MARKER = re.compile(r"^[ \t>]{0,8}\[? ?Offending message:? ?\]?[ \t]*$", re.IGNORECASE | re.MULTILINE)
_QUOTE = re.compile(r"^> ?", re.MULTILINE)
_END = re.compile(r"^[-=]{0,40}[ \t]*END (?:FORWARDED MESSAGE|OF SPAM SUBMISSION).*$", re.IGNORECASE | re.MULTILINE)
_BEGIN = re.compile(r"\A\s*+[-=]{0,40}[ \t]*BEGIN FORWARDED MESSAGE[^\n]*\n", re.IGNORECASE)


def read_spamcop(mail: Message) -> Reading | None:
    """The SpamCop report in `mail`, or None."""
    about = mail.head.first("subject") or ""
    subject, text = _SUBJECT.match(about), human_text(mail)
    if _SUMMARY.match(about):
        return _summary(mail, text)
    is_theirs = "spamcop" in (mail.head.first("from") or "").lower()
    marker = _MARKER.search(text)
    if not subject and not (marker and is_theirs):
        return _alert(mail, text) if is_theirs and _ALERT.match(about) else None
    fields = dict(told_in_subject(mail))
    if numbered := _NUMBERED.search(mail.head.first("from") or ""):
        fields.setdefault("spamcop-id", (numbered[1],))
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


def _summary(mail: Message, text: str) -> Reading:
    """The addresses from which mail was complained about lately; SpamCop shows none of the mails."""
    rows = [row for row in _ROW.finditer(text) if any(map(int, row[3].split())) and is_address(row[1])]
    addresses = tuple(dict.fromkeys(row[1] for row in rows))[:MOST]
    return reading(
        mail,
        Kind.NOTICE,
        feedback_type=FeedbackType.ABUSE,
        fields={"source-ip": addresses} if addresses else {},
        defects=() if addresses else ("The summary names no address.",),
        text=text,
    )


def _alert(mail: Message, text: str) -> Reading | None:
    """The addresses that SpamCop has just listed, each in a line of its own; None where there are none."""
    addresses = targets_of(in_text("", text)).addresses
    if not addresses:
        return None
    return reading(mail, Kind.NOTICE, feedback_type=FeedbackType.ABUSE, fields={"source-ip": addresses}, text=text)


def told_in_subject(mail: Message) -> Fields:
    """What the subject of a report names: its number, and the source of a mail or the sites that it advertises, of
    which the text may name more. Nothing where it is no subject of SpamCop's."""
    subject = _SUBJECT.match(mail.head.first("subject") or "")
    if not subject:
        return {}
    number = {"spamcop-id": (subject[2],)}
    if "://" not in subject[1]:
        return {"source-ip": (subject[1],), **number}
    sites = (_unescaped(site) for site in (subject[1], *_SITE.findall(human_text(mail))))
    return {"reported-uri": tuple(dict.fromkeys(sites))[:MOST], **number}


def _unescaped(site: str) -> str:
    return site.replace("&amp;", "&")


def _original(copy: str) -> Original | None:
    copy = _END.split(copy, maxsplit=1)[0].lstrip("\n")
    copy = _BEGIN.sub("", copy)
    if copy.startswith(">"):
        copy = _QUOTE.sub("", copy)
    return original_from(copy.replace("\n", "\r\n").encode(), verifiable=False)
