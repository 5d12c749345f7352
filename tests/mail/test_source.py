"""Source pasted into the form: brought back to a mail, whatever the clipboard did to it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from app.mail.domain import Kind
from app.mail.read import read_source

SOURCE = (
    "Received: from a.example (a.example [203.0.113.9]) by mx.test; Tue, 3 Nov 2026 12:00:00 +0000\n"
    "From: News <news@garden.example>\n"
    "To: reader@mailbox.test\n"
    "Subject: Bulbs\n"
    "Message-ID: <spring-77@relay.example>\n"
    "\n"
    "Buy bulbs.\n"
    "\n"
    "> quoted by the sender\n"
)
CLEAN = SOURCE.replace("\n", "\r\n").encode()


def html_escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


@pytest.mark.parametrize(
    "spoil",
    [
        lambda text: text,
        lambda text: text.replace("\n", "\r\n"),
        lambda text: text.replace("\n", "\r"),
        lambda text: text.replace("\n", "\r\n", 3),
        lambda text: "\n\n  \n" + text,
        lambda text: "\ufeff" + text,
        lambda text: "From x@y.test  Tue Nov  3 12:00:00 2026\n" + text,
        lambda text: "".join(f"> {line}\n" for line in text.splitlines()),
        lambda text: "".join(f">{line}\n" for line in text.splitlines()),
        lambda text: "".join(f">> {line}\n" for line in text.splitlines()),
        lambda text: "".join(f"    {line}\n" for line in text.splitlines()),
        html_escaped,
        lambda text: "Here is the source of the spam:\n\n" + text,
    ],
    ids=[
        *("as it is", "CRLF", "CR", "mixed", "blanks above", "byte order mark", "mbox", "quoted", "quoted tightly"),
        *("quoted twice", "indented", "escaped", "talk above"),
    ],
)
def test_a_spoilt_paste_gives_the_mail_it_was(spoil: Callable[[str], str]) -> None:
    found = read_source(spoil(SOURCE).encode())
    assert (found.kind, found.is_complaint) == (Kind.PERSON, True)
    assert found.originals[0].raw.strip() == CLEAN.strip()
    assert found.originals[0].message_id == "spring-77@relay.example"
    assert not found.originals[0].headers_only


def test_utf_16_is_read() -> None:
    assert read_source(SOURCE.encode("utf-16")).originals[0].subject == "Bulbs"


def test_a_header_alone_is_marked_as_such() -> None:
    assert read_source(SOURCE.split("\n\n")[0].encode()).originals[0].headers_only


def test_a_pasted_report_is_read_as_a_report() -> None:
    report = (
        "From: fbl@mailbox.test\nContent-Type: multipart/report; report-type=feedback-report; boundary=b\n\n"
        "--b\nContent-Type: message/feedback-report\n\nFeedback-Type: abuse\n\n"
        f"--b\nContent-Type: message/rfc822\n\n{SOURCE}\n--b--\n"
    )
    found = read_source(report.encode())
    assert found.kind is Kind.ARF
    assert found.originals[0].subject == "Bulbs"


def test_an_uploaded_forward_gives_the_mail_attached() -> None:
    forward = (
        "From: ann@home.test\nSubject: Fwd\nContent-Type: multipart/mixed; boundary=b\n\n"
        f"--b\nContent-Type: message/rfc822\n\n{SOURCE}\n--b--\n"
    )
    found = read_source(forward.encode())
    assert found.kind is Kind.FORWARDED
    assert found.originals[0].subject == "Bulbs"


@pytest.mark.parametrize("pasted", [b"", b"You won a prize!\nClick here.\n", b"\x00\xff" * 50])
def test_a_paste_without_a_header_is_still_a_complaint(pasted: bytes) -> None:
    found = read_source(pasted)
    assert found.is_complaint
    assert found.originals == ()
    assert "The pasted source holds no mail header." in found.defects


def test_a_bounce_that_somebody_pastes_is_the_mail_complained_of() -> None:
    bounce = "From: MAILER-DAEMON@mx.test\nSubject: Undelivered Mail\nReturn-Path: <>\n\nSorry.\n"
    found = read_source(bounce.encode())
    assert found.is_complaint
    assert found.originals[0].subject == "Undelivered Mail"
