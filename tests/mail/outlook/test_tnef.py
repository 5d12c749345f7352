"""What Exchange wraps (winmail.dat): the mail in it is read, and a hostile file does no harm."""

from __future__ import annotations

import struct
import time
from base64 import encodebytes
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.mail.domain import Kind
from app.mail.every_address import every_address
from app.mail.outlook.rtf import Allowance, text_of_rtf, unpacked
from app.mail.read import read, read_source
from tests.factories.outlook import (
    BODY,
    EIGHT_BIT,
    HEADERS,
    HTML,
    NAME,
    RECIPIENT_TYPE,
    SENDER_NAME,
    SMTP_ADDRESS,
    SMTP_SENDER,
    SUBJECT,
    SUBMITTED,
    UNICODE,
    Values,
    msg_file,
)
from tests.factories.tnef import FILE, MESSAGE, NAMED, NEXT_FILE, RTF, attribute, one, packed, tnef_file

HEADER = (
    "Received: from mta7.relay.example ([203.0.113.9]) by mx.mailbox.test; Mon, 2 Nov 2026 09:58:12 +0000\r\n"
    "From: Garden <news@garden.example>\r\nTo: reader@mailbox.test\r\nSubject: Bulbs for\r\n spring\r\n"
    "Message-ID: <spring-77@relay.example>\r\nDate: Mon, 2 Nov 2026 09:58:00 +0000\r\n"
    "Content-Type: multipart/alternative;\r\n boundary=b\r\n\r\n"
)
SOURCE = HEADER.replace("multipart/alternative;\r\n boundary=b", "text/plain").encode() + b"Tulips.\r\n"
NOON = datetime(2026, 11, 2, 9, 58, tzinfo=UTC)
READER: Values = {NAME: "Reader", SMTP_ADDRESS: "reader@mailbox.test", RECIPIENT_TYPE: 1}
REPORTED = tnef_file({SUBJECT: "Bulbs for spring", HEADERS: HEADER, BODY: "Tulips."}, (READER,))
LOOSE: Values = {
    SUBJECT: "Zwiebeln für Jürgen",
    SENDER_NAME: "Garten",
    SMTP_SENDER: "news@garden.example",
    SUBMITTED: NOON,
    BODY: "Tulpen.",
}
RICH = rb"{\rtf1\ansi\ansicpg1252\fromhtml1 {\fonttbl{\f0 Arial;}}{\*\htmltag64 <p>}\htmlrtf {\htmlrtf0 Gr\'fc\'dfe"
RICH += rb" \u8364?5 an ann@home.test{\*\htmltag72 </p>}\htmlrtf\par}\htmlrtf0 }"


def forwarding(*files: bytes, text: str = "Stop.", kind: str = "application/ms-tnef") -> bytes:
    head = "From: ann@home.test\r\nMessage-ID: <1@home.test>\r\nSubject: FW\r\n"
    head += f"Content-Type: multipart/mixed; boundary=m\r\n\r\n--m\r\n\r\n{text}\r\n"
    part = f'--m\r\nContent-Type: {kind}; name="winmail.dat"\r\nContent-Transfer-Encoding: base64\r\n\r\n'
    return head.encode() + b"".join(part.encode() + encodebytes(file) for file in files) + b"--m--\r\n"


def wrapped(file: bytes) -> bytes:
    """A mail that is nothing but what Exchange wrapped."""
    head = "From: ann@home.test\r\nSubject: Fwd: Bulbs\r\nContent-Type: application/ms-tnef\r\n"
    return f"{head}Content-Transfer-Encoding: base64\r\n\r\n".encode() + encodebytes(file)


def test_an_attached_message_is_the_reported_mail() -> None:
    found = read(forwarding(tnef_file({SUBJECT: "FW"}, attached=(REPORTED,))))
    assert (found.kind, found.reporter, found.text, found.defects) == (Kind.OUTLOOK_MSG, "ann@home.test", "Stop.", ())
    original = found.originals[0]
    assert (original.from_, original.message_id) == ("Garden <news@garden.example>", "spring-77@relay.example")
    assert original.received[0].from_ip == "203.0.113.9"
    assert not original.verifiable
    assert b"Tulips." in original.raw


@pytest.mark.parametrize("kind", [UNICODE, EIGHT_BIT])
def test_without_a_transport_header_the_properties_tell(kind: int) -> None:
    found = read(forwarding(tnef_file({}, attached=(tnef_file(LOOSE, (READER,), kind=kind),))))
    original = found.originals[0]
    assert (original.from_, original.subject) == ('"Garten" <news@garden.example>', "Zwiebeln für Jürgen")
    assert (original.date, original.recipients) == (NOON, ("reader@mailbox.test",))
    assert "no transport header" in found.defects[0]


def test_the_innermost_message_comes_first() -> None:
    outer = tnef_file({SUBJECT: "FW: Bulbs", HEADERS: "Message-ID: <2@home.test>\r\n"}, attached=(REPORTED,))
    found = read(forwarding(tnef_file({}, attached=(outer,))))
    assert [each.subject for each in found.originals] == ["Bulbs for spring", "FW: Bulbs"]


def test_an_eml_file_is_there_byte_for_byte() -> None:
    found = read(forwarding(tnef_file({}, attached=(SOURCE,))))
    assert (found.kind, found.originals[0].raw, found.originals[0].verifiable) == (Kind.FORWARDED, SOURCE, True)


def test_a_msg_file_in_it_is_read() -> None:
    found = read(forwarding(tnef_file({}, attached=(msg_file({SUBJECT: "Bulbs", BODY: "x"}),))))
    assert [each.subject for each in found.originals] == ["Bulbs"]


def test_a_message_that_was_saved_with_its_header_is_the_reported_mail() -> None:
    assert read(forwarding(REPORTED)).originals[0].message_id == "spring-77@relay.example"
    own = tnef_file({HEADERS: "Message-ID: <1@home.test>\r\nFrom: ann@home.test\r\n"})
    assert read(forwarding(own)).kind is Kind.PERSON


def test_a_wrapped_text_is_read_as_any_text() -> None:
    text = "This is spam.\n\n-----Original Message-----\nFrom: Garden <news@garden.example>\n"
    found = read(
        wrapped(
            tnef_file({BODY: f"{text}Sent: 2 November 2026 09:58\nTo: ann@home.test\nSubject: Bulbs\n\nTulips.\n"})
        )
    )
    assert (found.kind, found.text, found.reporter) == (Kind.INLINE, "This is spam.", "ann@home.test")
    assert found.originals[0].from_ == "Garden <news@garden.example>"


def test_a_body_that_is_rtf_is_read() -> None:
    found = read(wrapped(tnef_file({RTF: packed(RICH)})))
    assert (found.kind, found.text) == (Kind.PERSON, "Grüße €5 an ann@home.test")


def test_a_body_that_is_html_is_read() -> None:
    assert read(wrapped(tnef_file({HTML: b"<p>Tulips &amp; more</p>"}))).text == "Tulips & more"


def test_rtf_without_html_is_read_as_text() -> None:
    rtf = rb"{\rtf1{\fonttbl{\f0 Arial;}}{\*\generator x;}One\par two\tab \{3\} \u-10179?\u-8704?}"
    assert text_of_rtf(rtf, Allowance()) == ("text/plain", "One\ntwo\t{3} \U0001f600")


def test_what_is_packed_is_unpacked() -> None:
    assert unpacked(packed(RICH * 30), Allowance()) == RICH * 30
    assert unpacked(packed(RICH)[:40], Allowance())
    assert unpacked(b"short", Allowance()) == b""


def test_a_message_before_exchange_had_properties_is_read() -> None:
    name, address = b"Garden\0", b"SMTP:news@garden.example\0"
    sender = struct.pack("<4H", 4, 0, len(name), len(address)) + name + address
    sent = struct.pack("<7H", 2026, 11, 2, 9, 58, 0, 1)
    old = ((0x18004, b"Bulbs\0"), (0x2800C, b"Tulips.\0"), (0x8000, sender), (0x38005, sent))
    original = read(forwarding(tnef_file({}, attached=(tnef_file({}, old=old),)))).originals[0]
    assert (original.from_, original.subject, original.date) == ('"Garden" <news@garden.example>', "Bulbs", NOON)


def test_a_named_property_is_passed_over() -> None:
    listed = struct.pack("<L", 2) + NAMED + one(UNICODE, SUBJECT, "Bulbs".encode("utf-16-le"))
    message = b"\x78\x9f\x3e\x22\0\0" + attribute(MESSAGE, listed)
    assert read(forwarding(tnef_file({}, attached=(message,)))).originals[0].subject == "Bulbs"


def test_what_only_carries_fonts_says_so() -> None:
    found = read(forwarding(tnef_file({SUBJECT: "FW"})))
    assert (found.kind, found.is_complaint, found.text) == (Kind.PERSON, True, "Stop.")
    assert "winmail.dat" in found.defects[0]


def test_a_saved_file_is_read() -> None:
    for found in (read(REPORTED), read_source(REPORTED), read_source(tnef_file({}, attached=(REPORTED,)))):
        assert (found.kind, found.originals[0].subject) == (Kind.OUTLOOK_MSG, "Bulbs for spring")
    assert read(REPORTED[:9]).kind is Kind.UNREADABLE
    assert read_source(REPORTED[:9]).is_complaint


def test_the_addresses_in_a_file_are_found_for_erasure() -> None:
    coded = SOURCE.replace(b"text/plain", b"text/plain\r\nContent-Transfer-Encoding: base64")
    coded = coded.replace(b"Tulips.", encodebytes(b"to bob@home.test"))
    file = tnef_file({RTF: packed(RICH)}, attached=(coded, tnef_file(LOOSE, (READER,))))
    for raw in (forwarding(file), wrapped(file)):
        assert {"news@garden.example", "reader@mailbox.test", "bob@home.test", "ann@home.test"} <= every_address(raw)
    assert "ann@home.test" in every_address(forwarding(msg_file({RTF: packed(RICH)})))


def nested(depth: int) -> bytes:
    file = REPORTED
    for _ in range(depth):
        file = tnef_file({}, attached=(file,))
    return file


HEAD = b"\x78\x9f\x3e\x22\0\0"
LZFU = b"\xff\xff\xff\x7f\0\0\0\0LZFu\0\0\0\0"
HOSTILE = {
    "cut": REPORTED[:60],
    "the signature alone": HEAD[:4],
    "an attribute of 4 GB": HEAD + struct.pack("<BLL", 1, MESSAGE, 0xFFFFFFFF) + b"x" * 1_000_000,
    "100,000 attributes": HEAD + attribute(NEXT_FILE, b"", 2) * 100_000,
    "4 G properties": HEAD + attribute(MESSAGE, b"\xff\xff\xff\xff" + struct.pack("<HHL", 3, 0x37, 0) * 120_000),
    "4 G values": HEAD + attribute(MESSAGE, struct.pack("<LHHL", 1, 0x101F, 0x37, 0xFFFFFFFF) + bytes(1_000_000)),
    "4 G recipients": HEAD + attribute(0x69004, b"\xff\xff\xff\xff" + bytes(1_000_000)),
    "many lists": HEAD + attribute(FILE, b"\xff\xff\xff\xff" + struct.pack("<HHL", 3, 0x37, 0) * 9, 2) * 11_000,
    "messages in one another": nested(40),
    "packed text": tnef_file({RTF: LZFU + (b"\x55" + b"a\x10\xf1" * 4) * 70_000}),
    "packed braces": tnef_file({RTF: packed(rb"{\rtf1 " + b"{}" * 9_000) * 3}),
    "packed texts everywhere": HEAD + (LZFU + b"\0" + b"x" * 8) * 40_000,
    "packed texts one in another": tnef_file({}, attached=(LZFU * 60_000,)),
    "many messages of packed text": tnef_file(
        {}, attached=[tnef_file({RTF: LZFU + (b"\0" + rb"\'e4\'e4") * 5_000}) for _ in range(20)]
    ),
    "a megabyte of UTF-16": tnef_file({SUBJECT: "x@y.example " * 40_000}),
}


@pytest.mark.parametrize("raw", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_hostile_file_takes_no_time(raw: bytes) -> None:
    start = time.process_time()
    for each in (forwarding(raw), wrapped(raw)):
        found = read(each)
        assert not [defect for defect in found.defects if " failed (" in defect]
        every_address(each)
    read(raw)
    read_source(raw)
    assert time.process_time() - start < 3


@given(st.data())
@settings(max_examples=150, deadline=None)
def test_a_damaged_file_is_read_without_an_exception(data: st.DataObject) -> None:
    raw = bytearray(tnef_file({RTF: packed(RICH)}, (READER,), (REPORTED, SOURCE)))
    for _ in range(data.draw(st.integers(1, 8))):
        at = data.draw(st.integers(4, len(raw) - 1))
        raw[at : at + 4] = data.draw(st.binary(min_size=1, max_size=4))
    found = read(forwarding(bytes(raw)))
    assert found.is_complaint
    assert not [defect for defect in found.defects if " failed (" in defect]
