"""Feedback reports whose senders write what no registry has."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import pytest

from app.mail.domain import FeedbackType, Reading
from app.mail.read import read
from tests.mail.formats.test_complaints_stay import SOURCE

MORNING = datetime(2026, 11, 2, 10, tzinfo=UTC)
ARRIVED = datetime(2026, 11, 3, 9, 58, 12, tzinfo=UTC)
TRACE = "Received: from a.example by mx.home.test"


def report(fields: str, original: str = SOURCE, text: str = "A report.", subject: str = "report") -> Reading:
    raw = (
        f"From: feedback@box.test\nTo: abuse@relay.example\nSubject: {subject}\nMIME-Version: 1.0\n"
        f"Content-Type: multipart/report; report-type=feedback-report; boundary=b\n\n--b\n\n{text}\n"
        f"--b\nContent-Type: message/feedback-report\n\n{fields}\n"
        f"--b\nContent-Type: message/rfc822\n\n{original}\n--b--\n"
    )
    return read(raw.encode())


@pytest.mark.parametrize(
    ("word", "meant", "is_complaint"),
    [
        ("spam", FeedbackType.ABUSE, True),
        ("Junk", FeedbackType.ABUSE, True),
        ("complaint", FeedbackType.ABUSE, True),
        ("unsolicited", FeedbackType.ABUSE, True),
        ("phishing", FeedbackType.FRAUD, True),
        ("malware", FeedbackType.VIRUS, True),
        ("ham", FeedbackType.NOT_SPAM, False),
        ("not_junk", FeedbackType.NOT_SPAM, False),
        ("unsubscribe", FeedbackType.OPT_OUT, False),
        ("dmarc", FeedbackType.AUTH_FAILURE, False),
        ("sham", FeedbackType.OTHER, True),
    ],
)
def test_a_type_that_is_not_registered_counts_as_what_it_means(
    word: str, meant: FeedbackType, is_complaint: bool
) -> None:
    found = report(f"Feedback-Type: {word}\nUser-Agent: x\nVersion: 1\n")

    assert (found.feedback_type, found.is_complaint) == (meant, is_complaint)
    assert found.fields["feedback-type"] == (word,)


@pytest.mark.parametrize(
    ("written", "arrived"),
    [
        ("1793613600", MORNING),
        ("1793613600.25", MORNING),
        ("1793613600000", MORNING),
        ("20261102T100000Z", MORNING),
        ("20261102T1200+0200", MORNING),
        ("11/2/2026 10:00:00 AM", MORNING),
        ("30/10/2026 10:00:00", datetime(2026, 10, 30, 10, tzinfo=UTC)),
        ("10.30.2026 10:00", datetime(2026, 10, 30, 10, tzinfo=UTC)),
        ("11/2/2026 10:00:00", ARRIVED),
        ("31/31/2026 10:00:00", ARRIVED),
        ("20261399T999999Z", ARRIVED),
        ("12345", ARRIVED),
    ],
)
def test_an_arrival_date_in_numbers_is_read_unless_it_may_be_another_day(written: str, arrived: datetime) -> None:
    found = report(f"Feedback-Type: abuse\nUser-Agent: x\nVersion: 1\nArrival-Date: {written}\n")

    assert found.arrived == arrived


@pytest.mark.parametrize("between", ["IP", "the IP Address", "IP source", "IP\naddress:"])
def test_the_address_that_only_the_text_names_is_taken_where_there_are_no_fields(between: str) -> None:
    text = f"SPAM was received from {between} 203.0.113.8 by us."
    empty, full = (report(fields, text=text) for fields in ("\n\n", "Feedback-Type: abuse\n"))

    assert (empty.fields, empty.derived) == ({"source-ip": ("203.0.113.8",)}, {"source-ip": "text"})
    assert "source-ip" not in full.fields


def test_a_text_that_names_no_address_gives_none() -> None:
    assert report("\n\n", text="It was received from IP 999.1.1.1 by us.").fields == {}


SPAMCOP = "Feedback-Type: abuse\nUser-Agent: Browser/5.0 via https://www.spamcop.net\nVersion: 0.1\n"
SITES = "Spamvertised web site: https://a.example/?x=1&y=2\nSpamvertised web site: https://a.example/?z&copy=3\n"


def test_a_report_of_spamcop_about_a_site_names_it_and_has_its_number() -> None:
    found = report(
        f"{SPAMCOP}Source-IP: 203.0.113.9\n",
        text=f"[ SpamCop V5.0.0 ]\n{SITES}",
        subject="[SpamCop (https://a.example/?x=1&amp;y=2) id:81]Tulips",
    )

    assert found.fields["reported-uri"] == ("https://a.example/?x=1&y=2", "https://a.example/?z&copy=3")
    assert found.fields["spamcop-id"] == ("81",)
    assert found.derived == {"reported-uri": "Subject", "spamcop-id": "Subject"}


def test_the_source_in_the_subject_of_spamcop_does_not_replace_the_one_of_the_fields() -> None:
    found = report(f"{SPAMCOP}Source-IP: 203.0.113.9\n", subject="[SpamCop (203.0.113.7) id:81]Tulips")

    assert found.fields["source-ip"] == ("203.0.113.9",)


def test_a_reported_mail_whose_header_a_paste_tore_is_put_together() -> None:
    torn = f"{TRACE}\n\n(192.0.2.1) with ESMTP id 4Q; Tue, 03 Nov 2026 09:58:12 +0000\n{SOURCE}"
    [original] = report("Feedback-Type: abuse\n", torn).originals

    assert (original.from_, original.message_id) == ("Garden News <news@garden.example>", "tulips-1@garden.example")
    assert [hop.at for hop in original.received] == [ARRIVED, ARRIVED]
    assert not original.verifiable


@pytest.mark.parametrize(
    "header",
    [
        f"{TRACE}; Tue, 03 Nov 2026 09:58:12 +0000\n\n(192.0.2.1)\n{SOURCE}",
        f"{TRACE}\n\n{SOURCE}",
        f"{TRACE}\n\n(192.0.2.1)\nFrom: a@b.example\n\nTulips.\n",
        f"{TRACE}\nX-Note: tulips\n\n(192.0.2.1)\n{SOURCE}",
    ],
    ids=["whole above", "fields below", "few fields below", "another field above"],
)
def test_a_body_is_not_taken_for_the_rest_of_a_header(header: str) -> None:
    [original] = report("Feedback-Type: abuse\n", header).originals

    assert (original.from_, original.verifiable) == (None, True)
    assert original.raw.decode().strip() == header.strip()


def test_fields_that_run_on_in_one_line_are_parted_at_the_names_of_fields() -> None:
    found = report(
        "Source-Ip: 203.0.113.9 Reported-Domain: garden.example Arrival-Date: Mon, 02 Nov 2026 10:00:00 +0000"
        "  feedback-type: abuse User-Agent: Tool: 2 Note: x Version: 1"
    )

    assert (found.feedback_type, found.arrived, found.defects) == (FeedbackType.ABUSE, MORNING, ())
    assert (found.fields["source-ip"], found.fields["reported-domain"]) == (("203.0.113.9",), ("garden.example",))
    assert (found.fields["user-agent"], found.fields["version"]) == (("Tool: 2 Note: x",), ("1",))


@pytest.mark.parametrize("between", [" ", ": ", "\nhttp", " Version: "])
def test_hostile_fields_are_parted_in_linear_time(between: str) -> None:
    start = time.process_time()
    report(f"Feedback-Type: abuse{between * 200_000}")

    assert time.process_time() - start < 2


@pytest.mark.parametrize(
    ("written", "source"),
    [
        ("the server 203.0.113.9 that sent you all of these mails", "203.0.113.9"),
        ("unknown, as nobody has told us where it could have come from", "unknown,"),
        ("x" * 70, "x" * 45),
        ("not told", "not told"),
    ],
)
def test_a_source_that_is_a_text_is_not_kept_whole(written: str, source: str) -> None:
    assert report(f"Feedback-Type: abuse\nSource-IP: {written}\n").fields["source-ip"] == (source,)


@pytest.mark.parametrize(
    ("fields", "reported"),
    [
        ("Reported-URI: https://a.example/\nhttps://desk.example/1\nVersion: 1\n", ("https://a.example/",)),
        ("Reported-URI: \nhttps://a.example/\nVersion: 1\n", ("https://a.example/",)),
    ],
    ids=["beside one", "wrapped"],
)
def test_a_line_that_is_an_address_is_no_field(fields: str, reported: tuple[str, ...]) -> None:
    found = report(f"Feedback-Type: abuse\n{fields}").fields

    assert (found["reported-uri"], found["version"], "https" in found) == (reported, ("1",), False)


@pytest.mark.parametrize("mark", ['"', "'"])
def test_a_quoted_mbox_line_above_the_reported_mail_is_cut_off(mark: str) -> None:
    [original] = report("Feedback-Type: abuse\n", f"{mark}From a@b.example Tue Nov  3 2026{mark}\n{SOURCE}").originals

    assert original.message_id == "tulips-1@garden.example"
    assert original.raw.decode().strip() == SOURCE.strip()
