"""Complaint events as the webhooks of providers post them, mailed to the desk."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

import pytest

from app.mail.domain import FeedbackType, Kind, Reading
from app.mail.read import read
from tests.mail.formats.test_complaints_stay import ANN, mail

JO, NEWS, ID = "jo@box.test", "news@garden.example", "<t1@garden.example>"
NOON = datetime(2026, 11, 3, 12, tzinfo=UTC)
SECONDS = int(NOON.timestamp())


def posted(event: object) -> Reading:
    return read(mail(ANN, "webhook", json.dumps(event)))


RESEND: dict[str, Any] = {
    "type": "email.complained",
    "created_at": "2026-11-03T12:00:00.126Z",
    "data": {"email_id": "5676", "message_id": ID, "from": NEWS, "to": [JO], "subject": "Tulips"},
}
MAILERSEND: dict[str, Any] = {
    "type": "activity.spam_complaint",
    "created_at": "2026-11-03T12:00:00.000000Z",
    "data": {
        "type": "spam_complaint",
        "email": {"id": "62f1", "from": NEWS, "subject": "Tulips", "recipient": {"id": "6", "email": JO}},
    },
}
SMTP2GO: dict[str, Any] = {
    **{"event": "spam", "time": "2026-11-03T12:00:00Z", "sendtime": "2026-11-03T11:00:00Z", "rcpt": JO},
    **{"sender": "bounce@garden.example", "from": NEWS, "subject": "Tulips", "message-id": ID, "email_id": "1abc"},
}
NYLAS: dict[str, Any] = {
    **{"specversion": "1.0", "type": "message.transactional.complaint", "id": "7", "time": SECONDS + 5},
    "data": {
        "object": {
            "message": {"id": ID, "subject": "Tulips", "from": [{"email": NEWS}], "to": [{"email": JO}]},
            "complaint": {"reported_at": SECONDS, "type": "abuse", "complained_recipients": [JO]},
        }
    },
}
EMAILIT: dict[str, Any] = {
    **{"event_id": "evt_2b", "type": "email.complained"},
    "data": {
        "object": {
            **{"id": "em_4y", "object": "email", "from": NEWS, "to": JO, "subject": "Tulips"},
            **{"status": "complained", "created_at": "2026-11-03T12:00:00.48+00:00"},
        }
    },
}
ZOHO: dict[str, Any] = {
    **{"webhook_name": "w", "webhook_id": "1", "action": "spam"},
    "data": [
        {
            **{"action_time": SECONDS * 1000, "sending_ip": "203.0.113.9", "contact_email": JO},
            **{"from": NEWS, "subject": "Tulips", "message_id": ID},
        }
    ],
}


@pytest.mark.parametrize(
    ("event", "message_id"),
    [
        (RESEND, "t1@garden.example"),
        (MAILERSEND, "62f1"),
        (SMTP2GO, "t1@garden.example"),
        (NYLAS, "t1@garden.example"),
        (EMAILIT, "em_4y"),
        (ZOHO, "t1@garden.example"),
    ],
    ids=["Resend", "MailerSend", "SMTP2GO", "Nylas", "Emailit", "Zoho"],
)
def test_who_complained_about_what_is_read_of_each_provider(event: dict[str, Any], message_id: str) -> None:
    found = posted(event)
    [original] = found.originals

    assert (found.kind, found.feedback_type, found.is_complaint) == (Kind.ARF, FeedbackType.ABUSE, True)
    assert (found.fields["original-rcpt-to"], found.arrived) == ((JO,), NOON)
    assert (original.message_id, original.from_, original.subject) == (message_id, NEWS, "Tulips")
    assert (original.recipients, original.verifiable) == ((JO,), False)


def test_each_of_several_who_complained_at_once_is_told() -> None:
    found = posted({**ZOHO, "data": [{**ZOHO["data"][0], "contact_email": each} for each in (JO, "al@box.test")]})

    assert found.fields["original-rcpt-to"] == (JO, "al@box.test")
    assert len(found.originals) == 2


def test_all_that_could_have_complained_are_told() -> None:
    found = posted({**RESEND, "data": {**RESEND["data"], "to": [JO, "al@box.test"]}})

    assert found.fields["original-rcpt-to"] == (JO, "al@box.test")


def test_the_server_that_sent_it_stands_in_the_envelope_of_mailgun() -> None:
    event = {"event": "complained", "envelope": {"sending-ip": "203.0.113.9"}, "recipient": JO, "timestamp": SECONDS}

    assert posted({"event-data": event}).fields["source-ip"] == ("203.0.113.9",)


@pytest.mark.parametrize(
    ("said", "meant"),
    [("abuse", FeedbackType.ABUSE), ("phishing", FeedbackType.FRAUD), ("tulips", FeedbackType.OTHER)],
)
def test_what_the_loop_said_is_kept(said: str, meant: FeedbackType) -> None:
    assert posted({"type": "spam_complaint", "fbtype": said, "rcpt_to": JO}).feedback_type is meant


FORM = {
    **{"to": JO, "from": NEWS, "subject": "Tulips & more", "date": "11/3/2026 12:00:00 PM", "status": "AbuseReport"},
    **{"channel": "", "category": "Spam", "messageid": "t1", "transaction": "81"},
}


@pytest.mark.parametrize("type_", ["text/plain", "application/x-www-form-urlencoded"])
def test_an_event_that_was_posted_as_a_form_is_read(type_: str) -> None:
    raw = mail(ANN, "webhook", urlencode(FORM)).replace(b"text/plain", type_.encode())
    found = read(raw)

    assert (found.kind, found.feedback_type, found.arrived) == (Kind.ARF, FeedbackType.ABUSE, NOON)
    assert (found.fields["original-rcpt-to"], found.fields["report-id"]) == ((JO,), ("81",))
    assert (found.originals[0].message_id, found.originals[0].subject) == ("t1", "Tulips & more")


@pytest.mark.parametrize(
    "text",
    [
        urlencode({**FORM, "status": "Sent"}),
        f"I got this:\n{urlencode(FORM)}",
        "a=1&" * 5_000 + "status=AbuseReport",
        json.dumps({**RESEND, "data": {"to": []}}),
        json.dumps({"type": "bounce", "category": "spam", "to": JO, "data": {"spam": "complained"}}),
    ],
    ids=["another event", "below words", "far too long", "nobody complained", "a bounce"],
)
def test_what_is_no_complaint_event_is_a_persons(text: str) -> None:
    assert read(mail(ANN, "webhook", text)).kind is Kind.PERSON


def test_an_event_nested_without_end_is_left_alone() -> None:
    deep: dict[str, Any] = RESEND
    for _ in range(400):
        deep = {"type": "x", "data": deep}

    assert posted(deep).kind is Kind.PERSON
