"""Complaint events of providers that a sender buys mail from, as their webhooks post them: somebody mails the JSON.

SendGrid ("spamreport"), Postmark ("SpamComplaint"), Mailgun ("complained"), SparkPost ("spam_complaint") and others
say the same under other names: who complained, about which Message-ID, when. Of the reported mail there is seldom
more, so its header is written anew and no signature of it can be judged; Postmark may hand on the loop's own report.
Documented by the providers, by no standard.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import format_datetime

from app.mail import limits
from app.mail.domain import FeedbackType, Kind, Original, Reading
from app.mail.formats.arf import read_arf
from app.mail.mime.json_text import Object, inner, texts
from app.mail.mime.message import Message, parse
from app.mail.original import original_from
from app.mail.report import holds_mail, reading, set_aside

_COMPLAINT = frozenset(("spamreport", "spamcomplaint", "complained", "spam_complaint", "spam", "complaint"))
_WORDS = ("RecordType", "event", "type", "Type")
_MARKS = (
    "sg_event_id",
    "sg_message_id",
    "RecordType",
    "event-data",
    "msys",
    "TypeCode",
    "Message_GUID",
    "mj_campaign_id",
)
"""Names that only a provider's event has: it is set aside where it is about something else."""
_NAMES = {
    "original-rcpt-to": ("email", "Email", "recipient", "rcpt_to"),
    "original-mail-from": ("msg_from",),
    "source-ip": ("sending_ip", "sending-ip"),
    "report-id": ("sg_event_id", "event_id", "ID", "id", "_id"),
    "user-agent": ("report_by",),
}
_TIMES = ("timestamp", "BouncedAt", "ts_event", "ts", "time", "date")
_HEADER = {
    "From": ("From", "from", "friendly_from", "sender"),
    "To": ("to", *_NAMES["original-rcpt-to"]),
    "Subject": ("subject", "Subject"),
    "Message-ID": ("smtp-id", "message-id", "message_id", "MessageID"),
}
_REPORT = "Content"
_LINE_ENDS = re.compile(r"[\r\n\x00]+")


def read_hook(mail: Message, events: tuple[Object, ...], words: str | None) -> Reading | None:
    """The complaints among `events`, or None where they are no provider's. words: what somebody wrote over
    them, None where that is the mail's text."""
    layers = [tuple(_layers(each)) for each in events]
    complaints = [each for each in layers if _is_complaint(each)]
    if not complaints:
        is_event = any(name in layer for each in layers for layer in each for name in _MARKS)
        return set_aside(mail, Kind.BOUNCE, "A provider's delivery event: not a complaint.") if is_event else None
    fields: dict[str, list[object]] = {"arrival-date": [_time(each) for each in complaints]}
    for name, keys in _NAMES.items():
        fields[name] = [_said(each, keys) for each in complaints]
    originals = tuple(original for each in complaints for original in _originals(each))
    told = {name: tuple(dict.fromkeys(some)) for name, some in texts(fields).items()}
    sort = _type(complaints[0])
    originals = originals[: limits.ORIGINALS]
    return reading(mail, Kind.ARF, feedback_type=sort, fields=told, originals=originals, text=words)


def _layers(event: Object) -> Iterator[Object]:
    """The event and the objects in it that say what others say at its top."""
    yield event
    for name in ("event-data", "msys", "msg", "message", "headers"):
        found = inner(event, name)
        if found and name == "msys":
            found = next((each for each in found.values() if isinstance(each, dict)), {})
        if found:
            yield from _layers(found)


def _is_complaint(layers: tuple[Object, ...]) -> bool:
    words = (each.get(name) for each in layers for name in _WORDS)
    is_said = any(isinstance(word, str) and word.lower() in _COMPLAINT for word in words)
    return is_said and "@" in (_said(layers, _NAMES["original-rcpt-to"]) or "")


def _said(layers: tuple[Object, ...], keys: tuple[str, ...]) -> str | None:
    """The first text, or number as one, under one of the names."""
    found = (each[key] for each in layers for key in keys if key in each)
    return next((str(each) for each in found if each and isinstance(each, str | int)), None)


def _time(layers: tuple[Object, ...]) -> str | None:
    """When somebody complained, as a mail would write it: counts of seconds since 1970 are made dates."""
    said = next((each[key] for key in _TIMES for each in layers if key in each), None)
    if isinstance(said, str):
        number = re.fullmatch(r"(\d{9,10})(?:\.\d{1,9})?", said)
        if number is None:
            return said
        said = int(number[1])
    try:
        return format_datetime(datetime.fromtimestamp(said, UTC)) if isinstance(said, int | float) else None
    except (OverflowError, ValueError, OSError):
        return None


def _type(layers: tuple[Object, ...]) -> FeedbackType:
    """What the loop said (SparkPost); nothing is said of most: then it is abuse."""
    try:
        return FeedbackType((_said(layers, ("fbtype",)) or "abuse").lower())
    except ValueError:
        return FeedbackType.OTHER


def _originals(layers: tuple[Object, ...]) -> tuple[Original, ...]:
    report = _said(layers, (_REPORT,))
    if report and holds_mail(dump := report.encode("utf-8", "replace")):
        found = read_arf(parse(dump))
        original = None if found else original_from(dump)
        originals = found.originals if found else ((original,) if original else ())
        if originals:
            return originals
    lines = ((name, _said(layers, keys)) for name, keys in _HEADER.items())
    raw = "".join(f"{name}: {_LINE_ENDS.sub(' ', value)}\r\n" for name, value in lines if value)
    original = original_from(raw.encode("utf-8", "replace"), headers_only=True, verifiable=False)
    return (original,) if original else ()
