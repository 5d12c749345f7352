"""Source pasted into the form: brought back to a mail, whatever the clipboard did to it."""

from __future__ import annotations

import re
from collections.abc import Callable

import dkim
import pytest

from app.mail.domain import Kind
from app.mail.read import read_source
from tests.factories.signed import key_pair, record, sign

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


LONG = (
    "Received: from a.example (a.example [203.0.113.9])\n"
    "\tby mx.test (Postfix) with ESMTPS id 4711\n"
    "\tfor <reader@mailbox.test>; Tue, 3 Nov 2026 12:00:00 +0000 (UTC)\n"
    "Authentication-Results: mx.test; spf=pass\n"
    " smtp.mailfrom=garden.example;\n"
    " dkim=pass header.d=garden.example\n"
    "DKIM-Signature: v=1; a=rsa-sha256; d=garden.example; s=s1;\n"
    " h=\n"
    " from:to:subject:\n"
    " date; bh=abc=;\n"
    " b=abcdef\n"
    " ghij==\n"
    "From: News <news@garden.example>\n"
    "To: reader@mailbox.test\n"
    "Subject: Bulbs\n"
    "List-Unsubscribe: <mailto:off@garden.example>,\n"
    " <https://garden.example/off>\n"
    "Date: Tue, 3 Nov 2026 11:59:58 +0000\n"
    "Message-ID:\n"
    " <spring-77@relay.example>\n"
    "X-Mailer: Spade\n"
    "\n"
    "Buy bulbs.\n"
)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda text: text,
        lambda text: text.replace("\n\t", "\n").replace("\n ", "\n"),
        lambda text: text.replace("\n\t", "\n ").replace("\nFrom:", "\n>From:"),
        lambda text: text.replace("\nFrom:", "\n> From:"),
        lambda text: text.replace("ESMTPS id", "ESMTPS\nid").replace("203.0.113.9])", "203.0.113.9]\n)"),
        lambda text: " " + text,
        lambda text: "  " + text.replace("\n", "\n  "),
        lambda text: "> " + text.replace("\n", "\n> ").replace("\n> \n", "\n>\n") + "\n\nStop it!\n\nAnn\n" * 9,
    ],
    ids=["as it is", "unfolded", "mbox", "mark", "wrapped", "first indented", "all indented", "quoted, words below"],
)
def test_a_spoilt_header_gives_the_fields_that_it_was(spoil: Callable[[str], str]) -> None:
    [original] = read_source(spoil(LONG).encode()).originals

    names = [field.name for field in original.headers]
    assert names == [line.partition(":")[0] for line in LONG.split("\n\n")[0].split("\n") if line[0] not in " \t"]
    assert original.received[0].at
    assert (original.received[0].from_ip, original.message_id) == ("203.0.113.9", "spring-77@relay.example")
    assert original.first("List-Unsubscribe") == "<mailto:off@garden.example>, <https://garden.example/off>"
    assert (original.from_, original.recipients) == ("News <news@garden.example>", ("reader@mailbox.test",))
    assert b"Buy bulbs." in original.raw


def test_a_mail_whose_lines_a_paste_unfolded_proves_what_it_did_before() -> None:
    pair = key_pair(1024)
    signed = sign(LONG.replace("\n", "\r\n").encode(), "garden.example", "s2", pair, headers=None)
    cut = re.sub(rb"\r\n[ \t]+", b"\r\n", signed)
    [original] = read_source(cut).originals

    def verifies(raw: bytes) -> bool:
        return bool(dkim.verify(raw, dnsfunc=lambda *_, **__: record(pair).encode()))

    assert verifies(signed)
    with pytest.raises(dkim.MessageFormatError):
        verifies(cut)
    assert verifies(original.raw)


def test_text_below_a_header_without_a_blank_line_is_left_alone() -> None:
    [original] = read_source((SOURCE.replace("\n\n", "\n", 1)).encode()).originals

    assert original.raw.strip() == CLEAN.replace(b"\r\n\r\n", b"\r\n", 1).strip()


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


def test_below_what_a_page_shows_of_a_mail_stands_its_source() -> None:
    shown = (
        "Original Message\nMessage ID\t<t1@garden.example>\nFrom:\tGarden <news@garden.example>\nSubject:\tTulips\n"
    )
    source = (
        "Delivered-To: ann@home.test\nReceived: from out.relay.example ([203.0.113.9]) by mx.home.test; 3 Nov 2026"
        " 09:58:12 +0000\nFrom: Garden <news@garden.example>\nMessage-ID: <t1@garden.example>\n\nTulips\n"
    )

    [original] = read_source(f"{shown}SPF:\tPASS\n\nDownload Original\n\n{source}".encode()).originals

    assert original.message_id == "t1@garden.example"
    assert [hop.from_ip for hop in original.received] == ["203.0.113.9"]


def test_a_blank_line_inside_a_received_field_does_not_end_the_header() -> None:
    [original] = read_source(LONG.replace("\n\t", "\n\n(192.0.2.1)\n\t", 1).encode()).originals

    assert (original.from_, original.message_id) == ("News <news@garden.example>", "spring-77@relay.example")
    assert original.received[0].at
    assert b"Buy bulbs." in original.raw


DOUBLED = SOURCE.split("\n\n")[0].replace("\n", "\n\n")


@pytest.mark.parametrize(
    "pasted",
    [
        f"{DOUBLED}\n\n\nBuy bulbs.\n",
        DOUBLED.replace("\nTo:", "\n\n\nTo:") + "\n\n\nBuy bulbs.\n",
        DOUBLED.replace(" by mx.test", "\n\nby mx.test") + "\n\nBuy bulbs.\n",
        DOUBLED.replace("<", "<mailto:").replace(": reader", ": mailto:reader") + "\n\nBuy bulbs.\n",
    ],
    ids=["doubled", "gaps", "a wrapped line", "mailto"],
)
def test_a_header_of_paragraphs_gives_the_mail_it_was(pasted: str) -> None:
    [original] = read_source(pasted.encode()).originals

    assert (original.from_, original.recipients) == ("News <news@garden.example>", ("reader@mailbox.test",))
    assert (original.message_id, original.received[0].by_host) == ("spring-77@relay.example", "mx.test")
    assert original.raw.strip().endswith(b"\r\n\r\nBuy bulbs.")


WRAPPED = DOUBLED.replace(" by mx.test", "\nby mx.test").replace("To: ", "To:\n")


@pytest.mark.parametrize(
    "pasted",
    [
        "".join(f" {line}\n" for line in DOUBLED.replace(" by mx", "\n\n\xa0by mx").split("\n")),
        WRAPPED,
        f'"{WRAPPED}',
        f"\n{WRAPPED[1:]}",
        SOURCE.split("\n\n")[0][1:],
        "".join(f"\t{line}\n" for line in f'"{SOURCE}'.split("\n\n")[0].split("\n")),
    ],
    ids=["indented too", "wrapped too", "in quotation marks", "beheaded too", "beheaded", "indented quotation"],
)
def test_a_header_that_was_spoilt_in_more_than_one_way_gives_the_mail_it_was(pasted: str) -> None:
    [original] = read_source(f"{pasted}\n\nBuy bulbs.\n".encode()).originals

    assert (original.from_, original.recipients) == ("News <news@garden.example>", ("reader@mailbox.test",))
    assert (original.message_id, original.received[0].by_host) == ("spring-77@relay.example", "mx.test")
    assert original.received[0].from_ip == "203.0.113.9"


@pytest.mark.parametrize("name", ["message-ID", "Message-id", "MESSAGE-ID"])
def test_a_header_in_one_line_is_parted_at_the_names_of_fields_in_any_case(name: str) -> None:
    head = SOURCE.split("\n\n")[0].replace("Message-ID", name).replace("\n", " ")
    line = f"{head} Date: Tue, 3 Nov 2026 11:00:00 +0000 MIME-Version: 1.0"
    [original] = read_source(line.encode()).originals

    assert (original.subject, original.message_id) == ("Bulbs", "spring-77@relay.example")


def test_a_wrapped_line_that_begins_like_a_sender_is_not_the_sender() -> None:
    weighed = "X-Weight: 1 (check\nfrom: .garden. - helo: .mx.)\n"
    [original] = read_source(f"{weighed}{SOURCE}".encode()).originals

    assert original.from_ == "News <news@garden.example>"


def test_a_sender_without_an_address_stays_where_no_other_is_named() -> None:
    [original] = read_source(SOURCE.replace("<news@garden.example>", "").encode()).originals

    assert original.from_ == "News"


def test_a_body_of_paragraphs_is_not_taken_for_the_header() -> None:
    pasted = f"{DOUBLED}\n\n\nBuy bulbs.\n\nFrom: the garden\n"
    [original] = read_source(pasted.encode()).originals

    assert original.raw.strip().endswith(b"Buy bulbs.\r\n\r\nFrom: the garden")
