"""Who a reported mail was sent to: every place that still says it, and none that names somebody else."""

from __future__ import annotations

import base64

import pytest

from app.mail.read import read
from app.mail.repair.recipients import Recipient, recipients
from app.mail.repair.redaction import Spelling, is_redacted, put_back, redaction_in
from tests.factories.loops import report

PLAIN = b"From: Shop <news@acme.example>\r\nSubject: x\r\nMessage-ID: <1@acme.example>\r\n"
JO = "jo@loop.example"


def found(original: bytes, fields: str = "", reporter: str | None = None) -> dict[str, str]:
    """Address → where it was found."""
    reading = read(report(original, fields))
    return {each.address: each.source for each in recipients(reading, reading.originals[0], reporter)}


@pytest.mark.parametrize(
    ("line", "source"),
    [
        (b"X-HmXmrOriginalRecipient: <jo@loop.example>", "x-hmxmroriginalrecipient"),
        (b"Delivered-To: jo@loop.example", "delivered-to"),
        (b"To: Jo <jo@loop.example>", "to"),
        (
            b"Received: from a by b.example with ESMTP id 1 for <jo@loop.example>; Mon, 2 Mar 2026 10:00:00 +0000",
            "rec",
        ),
        (b"Return-Path: <b-17-jo=loop.example@acme.example>", "Return-Path"),
        (b"List-Unsubscribe: <https://acme.example/u?e=jo%40loop.example&n=1>", "List-Unsubscribe"),
        (b"List-Unsubscribe: <mailto:u+jo=loop.example@acme.example>", "List-Unsubscribe"),
        (b"X-Return: 18361;jo@loop.example;529264", "X-Return"),
        (b"X-jo@home: jo@loop.example", "a header field"),
    ],
)
def test_a_header_that_still_names_the_recipient(line: bytes, source: str) -> None:
    told = found(line + b"\r\n" + PLAIN + b"\r\nHello\r\n")

    assert source.lower() in told[JO].lower()
    assert "@" not in told[JO]


@pytest.mark.parametrize("name", ["Original-Rcpt-To", "Removal-Recipient"])
def test_a_field_of_the_report_comes_first(name: str) -> None:
    told = found(b"To: al@loop.example\r\n" + PLAIN + b"\r\nHello\r\n", f"{name}: <Jo@loop.example>\r\n")

    assert list(told)[:3] == ["Jo@loop.example", JO, "al@loop.example"]
    assert told[JO] == f"{name} of the report"


def test_a_base64_body_that_no_loop_searched_gives_the_recipient_away() -> None:
    head = PLAIN + b"Content-Type: text/html\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    body = base64.encodebytes(b"<a href='https://acme.example/?e=jo%40loop.example'>leave</a>")

    assert found(head + body) == {JO: "the body"}


def test_the_reporter_of_the_form_may_be_the_recipient() -> None:
    assert found(PLAIN + b"\r\nHello\r\n", reporter=JO) == {JO: "the reporter"}


def test_who_forwards_a_mail_may_be_its_recipient_a_loop_is_not() -> None:
    forward = read(
        f"From: Jo <{JO}>\r\nTo: abuse@acme.example\r\nSubject: Fwd: x\r\nMIME-Version: 1.0\r\n"
        "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nSpam\r\n"
        f"--b\r\nContent-Type: message/rfc822\r\n\r\n{PLAIN.decode()}\r\nHello\r\n--b--\r\n".encode()
    )
    loop = read(report(PLAIN + b"\r\nHello\r\n", "", sender=JO))

    assert list(recipients(forward, forward.originals[0])) == [Recipient(JO, "the reporter")]
    assert not list(recipients(loop, loop.originals[0]))


@pytest.mark.parametrize("address", ["jo@xxxxx", "jo@redacted", "jo@loop.invalid"])
def test_a_domain_that_was_taken_out_names_nobody(address: str) -> None:
    assert is_redacted(address.encode())


@pytest.mark.parametrize(
    "mark", ["redacted", "b6cf7e1a0096ba1caf76ee2c90aaaeaa", "x", "xxxx", "Ab3dEfGh1jKlMnOpQr5tUv", "redacted-7"]
)
def test_a_mark_is_nobody(mark: str) -> None:
    assert is_redacted(f"{mark}@loop.example".encode())
    assert found(f"To: <{mark}@loop.example>\r\n".encode() + PLAIN + b"\r\nHello\r\n") == {}


def test_the_sender_is_not_taken_for_the_recipient() -> None:
    assert "news@acme.example" not in found(b"Reply-To: news@acme.example\r\n" + PLAIN + b"\r\nHello\r\n")


@pytest.mark.parametrize(
    ("text", "restored"),
    [
        (b" <redacted@loop.example>", b" <jo@loop.example>"),
        (b" <redacted@other.example>", b" <redacted@other.example>"),
        (b" <b-17-redacted=loop.example@acme.example>", b" <b-17-jo=loop.example@acme.example>"),
        (b" <https://a.example/?e=redacted%40loop.example&n=1>", b" <https://a.example/?e=jo%40loop.example&n=1>"),
        (b" redacted@redacted.invalid", b" jo@loop.example"),
        (b" redacted", b" jo@loop.example"),
        (b" unredacted papers", b" unredacted papers"),
        (b" redactedly", b" redactedly"),
    ],
)
def test_the_recipient_goes_where_the_mark_stands(text: bytes, restored: bytes) -> None:
    marks = redaction_in([text]).marks(JO.encode())

    assert put_back(text, marks, [JO.encode()], Spelling()) == restored


def test_a_hash_beside_another_domain_is_no_mark_of_this_recipient() -> None:
    text = b" <987965a01e99875b505a4bbef8b85b0a@acme.example>"

    redaction = redaction_in([text])

    assert redaction.fits(b"al@acme.example") and not redaction.fits(JO.encode())
    assert redaction.marks(JO.encode()) == ()
