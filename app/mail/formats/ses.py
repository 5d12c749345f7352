"""Events of Amazon SES, by way of Amazon SNS: JSON in a mail's text, where SES is the upstream that mail leaves by.

A complaint holds what SES took out of a feedback loop's report: its fields under other names, and the reported mail's
header (cut off after ten kilobytes) as a list, so that no signature of it can be judged. Where several recipients
could have complained SES names all of them; who of them did is then not known.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from app.mail import limits
from app.mail.domain import FeedbackType, Kind, Original, Reading
from app.mail.mime.json_text import Object, inner, object_of, texts
from app.mail.mime.message import Message
from app.mail.original import original_from
from app.mail.report import reading, set_aside

_NAME = re.compile(r"[!-9;-~]{1,100}")
_LINE_ENDS = re.compile(r"[\r\n\x00]+")
_COMMON = {
    "From": "from",
    "To": "to",
    "Cc": "cc",
    "Subject": "subject",
    "Date": "date",
    "Message-ID": "messageId",
}
_SUPPRESSED = "OnAccountSuppressionList"


def event_of(found: Object) -> Object | None:
    """The event of SES that `found` is, also where SNS wrapped it; None where it is none."""
    message = found.get("Message")
    if isinstance(message, str):
        found = object_of(message)
    return found if isinstance(found.get("notificationType") or found.get("eventType"), str) else None


def read_ses(mail: Message, event: Object, words: str | None) -> Reading:
    """The complaint that `event` tells, with its fields and header; any other event set aside.

    words: what somebody wrote over it, None where that is the mail's text.
    """
    said = event.get("notificationType") or event.get("eventType")
    if said != "Complaint":
        return set_aside(mail, Kind.BOUNCE, "A delivery event of Amazon SES: not a complaint.")
    complaint, sent = inner(event, "complaint"), inner(event, "mail")
    if complaint.get("complaintSubType") == _SUPPRESSED:
        return set_aside(mail, Kind.BOUNCE, "Amazon SES did not send to a suppressed address: not a complaint.")
    original = _original(sent)
    return reading(
        mail,
        Kind.ARF,
        feedback_type=_type(complaint),
        fields=_fields(complaint, sent),
        originals=(original,) if original else (),
        text=words,
    )


def _type(complaint: Object) -> FeedbackType:
    """What the loop said; nothing where its reports say nothing, as Microsoft's did: then it is abuse."""
    said = complaint.get("complaintFeedbackType")
    try:
        return FeedbackType(said.lower()) if isinstance(said, str) else FeedbackType.ABUSE
    except ValueError:
        return FeedbackType.OTHER


def _fields(complaint: Object, sent: Object) -> dict[str, tuple[str, ...]]:
    told: dict[str, list[object]] = {
        "feedback-type": [complaint.get("complaintFeedbackType")],
        "user-agent": [complaint.get("userAgent")],
        "arrival-date": [complaint.get("arrivalDate") or complaint.get("timestamp")],
        "original-mail-from": [sent.get("source")],
        "original-rcpt-to": [each.get("emailAddress") for each in _objects(complaint.get("complainedRecipients"))],
        "source-ip": [sent.get("sourceIp")],
        "original-envelope-id": [sent.get("messageId")],
        "report-id": [complaint.get("feedbackId")],
    }
    return texts(told)


def _objects(listed: object) -> list[Object]:
    return [each for each in listed if isinstance(each, dict)] if isinstance(listed, list) else []


def _original(sent: Object) -> Original | None:
    """The reported mail's header, written anew out of the list; the common fields where there is no list."""
    lines = list(_lines(sent.get("headers"))) or list(_common(inner(sent, "commonHeaders")))
    raw = "".join(f"{name}: {_LINE_ENDS.sub(' ', value)}\r\n" for name, value in lines)
    return original_from(raw.encode("utf-8", "replace"), headers_only=True, verifiable=False) if raw else None


def _lines(headers: object) -> Iterator[tuple[str, str]]:
    for each in _objects(headers)[: limits.HEADER_FIELDS]:
        name, value = each.get("name"), each.get("value")
        if isinstance(name, str) and isinstance(value, str) and _NAME.fullmatch(name):
            yield name, value


def _common(headers: Object) -> Iterator[tuple[str, str]]:
    for name, key in _COMMON.items():
        value = headers.get(key)
        text = ", ".join(each for each in value if isinstance(each, str)) if isinstance(value, list) else value
        if isinstance(text, str) and text:
            yield name, text
