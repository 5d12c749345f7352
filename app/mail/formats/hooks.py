"""Complaint events of providers that a sender buys mail from, as their webhooks post them: somebody mails the JSON.

SendGrid ("spamreport"), Postmark ("SpamComplaint"), Mailgun ("complained"), SparkPost ("spam_complaint"), Resend
("email.complained") and others say the same under other names: who complained, about which Message-ID, when. Of the
reported mail there is seldom more, so its header is written anew and no signature of it can be judged; Postmark may
hand on the loop's own report. Some post a web form instead (Elastic Email). Documented by the providers, by no
standard.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from app.mail import limits
from app.mail.domain import FeedbackType, Kind, Original, Reading
from app.mail.formats.arf import feedback_type, read_arf, readable_date
from app.mail.mime.json_text import Object, inner, texts
from app.mail.mime.message import Message, parse
from app.mail.original import original_from
from app.mail.report import holds_mail, reading, set_aside

_COMPLAINT = frozenset(
    (
        "spamreport",
        "spamcomplaint",
        "complained",
        "spam_complaint",
        "spam",
        "complaint",
        "abusereport",
        "spamreported",
    )
)
"""The events, without what stands before a point: `email.complained`, `activity.spam_complaint`."""
_WORDS = ("RecordType", "event", "type", "Type", "event_type", "eventName", "action", "status")
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
_LAYERS = ("event-data", "msys", "msg", "data", "object", "email", "message", "headers", "recipient", "complaint")
_LAYERS_DEEP = 6
_RENAMED = {
    "email": {"id": "email_id"},
    "object": {"id": "email_id"},
    "message": {"id": "message_id"},
    "complaint": {"type": "fbtype"},
}
"""Names that mean something else at the top of an event."""
_RECIPIENT = (
    *("complained_recipients", "email", "Email", "recipient", "rcpt_to", "rcpt", "contact_email"),
    *("to_email", "to", "recipients"),
)
_NAMES = {
    "original-mail-from": ("msg_from",),
    "source-ip": ("sending_ip", "sending-ip"),
    "report-id": ("sg_event_id", "event_id", "ID", "id", "_id", "transaction"),
    "user-agent": ("report_by",),
}
_TIMES = (
    *("timestamp", "BouncedAt", "ts_event", "ts", "action_time", "reported_at", "time", "date", "eventTime"),
    "created_at",
)
_HEADER = {
    "From": ("From", "from", "friendly_from", "sender"),
    "To": ("to", *_RECIPIENT),
    "Subject": ("subject", "Subject"),
    "Message-ID": ("smtp-id", "message-id", "message_id", "Message-Id", "MessageID", "messageid", "email_id"),
}
_REPORT = "Content"
_LINE_ENDS = re.compile(r"[\r\n\x00]+")


def read_hook(mail: Message, events: tuple[Object, ...], words: str | None) -> Reading | None:
    """The complaints among `events`, or None where they are no provider's. words: what somebody wrote over
    them, None where that is the mail's text."""
    layers = [tuple(_layers(each)) for event in events for each in _apart(event)][: limits.ORIGINALS]
    complaints = [each for each in layers if _is_complaint(each)]
    if not complaints:
        is_event = any(name in layer for each in layers for layer in each for name in _MARKS)
        return set_aside(mail, Kind.BOUNCE, "A provider's delivery event: not a complaint.") if is_event else None
    fields: dict[str, list[object]] = {"arrival-date": [_time(each) for each in complaints]}
    fields["original-rcpt-to"] = [name for each in complaints for name in _all_said(each, _RECIPIENT)]
    for name, keys in _NAMES.items():
        fields[name] = [_said(each, keys) for each in complaints]
    originals = tuple(original for each in complaints for original in _originals(each))
    told = {name: tuple(dict.fromkeys(some)) for name, some in texts(fields).items()}
    sort = _type(complaints[0])
    originals = originals[: limits.ORIGINALS]
    return reading(mail, Kind.ARF, feedback_type=sort, fields=told, originals=originals, text=words)


def _apart(event: Object) -> Iterator[Object]:
    """The events that were posted as one, with a list of what is said of each (Zoho)."""
    listed = event.get("data")
    if isinstance(listed, list):
        yield from ({**event, "data": each} for each in listed[: limits.ORIGINALS])
    else:
        yield event


def _layers(event: Object, deep: int = 0) -> Iterator[Object]:
    """The event and the objects in it that say what others say at its top."""
    yield event
    for name in (*_LAYERS, "envelope") if deep < _LAYERS_DEEP else ():
        found = inner(event, name)
        if found and name == "msys":
            found = next((each for each in found.values() if isinstance(each, dict)), {})
        if found:
            names = _RENAMED.get(name, {})
            yield from _layers({names.get(key, key): value for key, value in found.items()}, deep + 1)


def _is_complaint(layers: tuple[Object, ...]) -> bool:
    words = (each.get(name) for each in layers for name in _WORDS)
    is_said = any(isinstance(word, str) and word.lower().rpartition(".")[2] in _COMPLAINT for word in words)
    return is_said and any("@" in each for each in _all_said(layers, _RECIPIENT))


def _said(layers: tuple[Object, ...], keys: tuple[str, ...]) -> str | None:
    """The first text, or number as one, under the first of the names that has one."""
    return next(iter(_all_said(layers, keys)), None)


def _all_said(layers: tuple[Object, ...], keys: tuple[str, ...]) -> list[str]:
    """The same, and all of them where the name has a list."""
    found = (_texts(each[key]) for key in keys for each in layers if key in each)
    return next(filter(None, found), [])


def _texts(value: object) -> list[str]:
    """What a value says: a text, a number, or a list of them or of objects with an address."""
    if isinstance(value, list):
        several = [each.get("email") if isinstance(each, dict) else each for each in value[: limits.ORIGINALS]]
    else:
        several = [value]
    return [str(each) for each in several if each and isinstance(each, str | int)]


def _time(layers: tuple[Object, ...]) -> str | None:
    """When somebody complained, as a mail would write it."""
    said = next((each[key] for key in _TIMES for each in layers if key in each), None)
    return readable_date(str(said)) if isinstance(said, str | int | float) else None


def _type(layers: tuple[Object, ...]) -> FeedbackType:
    """What the loop said (SparkPost); nothing is said of most: then it is abuse."""
    return feedback_type(_said(layers, ("fbtype",)) or "abuse") or FeedbackType.OTHER


def _originals(layers: tuple[Object, ...]) -> tuple[Original, ...]:
    report = _said(layers, (_REPORT,))
    if report and holds_mail(dump := report.encode("utf-8", "replace")):
        found = read_arf(parse(dump))
        original = None if found else original_from(dump)
        originals = found.originals if found else ((original,) if original else ())
        if originals:
            return originals
    lines = ((name, ", ".join(_all_said(layers, keys))) for name, keys in _HEADER.items())
    raw = "".join(f"{name}: {_LINE_ENDS.sub(' ', value)}\r\n" for name, value in lines if value)
    original = original_from(raw.encode("utf-8", "replace"), headers_only=True, verifiable=False)
    return (original,) if original else ()
