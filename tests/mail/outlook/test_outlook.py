"""Outlook .msg files: read where they are true, set aside without harm where they are not."""

from __future__ import annotations

import struct
import time
import tracemalloc
from base64 import encodebytes
from datetime import UTC, datetime

import msgforge
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.mail.domain import Kind
from app.mail.every_address import every_address
from app.mail.read import read, read_source
from tests.factories.outlook import (
    ADDRESS,
    BODY,
    EIGHT_BIT,
    END,
    HEADERS,
    HTML,
    MESSAGE_ID,
    NAME,
    RECIPIENT_TYPE,
    SENDER_ADDRESS,
    SENDER_NAME,
    SMTP_ADDRESS,
    SMTP_SENDER,
    STREAM,
    SUBJECT,
    SUBMITTED,
    Entry,
    Values,
    compound_file,
    msg_file,
)

HEADER = (
    "Microsoft Mail Internet Headers Version 2.0\r\n"
    "Received: from mta7.relay.example ([203.0.113.9]) by mx.mailbox.test; Mon, 2 Nov 2026 09:58:12 +0000\r\n"
    "From: Garden <news@garden.example>\r\nTo: reader@mailbox.test\r\nSubject: Bulbs for\r\n spring\r\n"
    "Message-ID: <spring-77@relay.example>\r\nDate: Mon, 2 Nov 2026 09:58:00 +0000\r\n"
    "DKIM-Signature: v=1; d=garden.example\r\n"
    'MIME-Version: 1.0\r\nContent-Type: multipart/alternative;\r\n boundary="b"\r\n\r\n'
)
NOON = datetime(2026, 11, 2, 9, 58, tzinfo=UTC)
MSG = msg_file({SUBJECT: "Bulbs for spring", HEADERS: HEADER, BODY: "Tulips.\r\n"})
LOOSE: dict[int, str | bytes | int | datetime] = {
    SUBJECT: "Zwiebeln für Jürgen",
    SENDER_NAME: "Garten",
    SENDER_ADDRESS: "/O=CORP/CN=GARTEN",
    SMTP_SENDER: "news@garden.example",
    SUBMITTED: NOON,
    MESSAGE_ID: "<spring-77@relay.example>",
    BODY: "Tulpen.",
}
READER: Values = {NAME: "Reader", SMTP_ADDRESS: "reader@mailbox.test", RECIPIENT_TYPE: 1}
BOB: Values = {NAME: "bob@home.test", ADDRESS: "bob@home.test", RECIPIENT_TYPE: 2}


def attached(*files: bytes, name: str = "spam.msg", kind: str = "application/vnd.ms-outlook") -> bytes:
    head = (
        "From: ann@home.test\r\nSubject: FW\r\nContent-Type: multipart/mixed; boundary=m\r\n\r\n--m\r\n\r\nStop.\r\n"
    )
    part = f'--m\r\nContent-Type: {kind}; name="{name}"\r\nContent-Transfer-Encoding: base64\r\n\r\n'
    return head.encode() + b"".join(part.encode() + encodebytes(file) for file in files) + b"--m--\r\n"


def test_the_transport_header_is_the_originals() -> None:
    found = read(MSG)
    assert (found.kind, found.is_complaint, found.subject) == (Kind.OUTLOOK_MSG, True, "Bulbs for spring")
    assert (found.text, found.defects, found.arrived) == ("Tulips.", (), NOON.replace(second=12))
    original = found.originals[0]
    assert (original.from_, original.message_id) == ("Garden <news@garden.example>", "spring-77@relay.example")
    assert original.received[0].from_ip == "203.0.113.9"
    assert original.first("DKIM-Signature")
    assert not original.verifiable
    assert not original.headers_only


@pytest.mark.parametrize("kind", [EIGHT_BIT, 0x001F])
def test_without_a_transport_header_the_properties_tell(kind: int) -> None:
    found = read(msg_file(LOOSE, (READER, BOB), kind=kind))
    original = found.originals[0]
    assert (original.from_, original.subject) == ('"Garten" <news@garden.example>', "Zwiebeln für Jürgen")
    assert original.recipients == ("reader@mailbox.test", "bob@home.test")
    assert (original.first("To"), original.first("Cc")) == ('"Reader" <reader@mailbox.test>', "<bob@home.test>")
    assert (original.date, original.message_id) == (NOON, "spring-77@relay.example")
    assert "no transport header" in found.defects[0]


def test_a_file_of_another_maker_is_read() -> None:
    made = msgforge.Message(
        subject="Bulbs",
        html_body="<p>Tulips &amp; more</p>",
        to=[("reader@mailbox.test", "Reader")],
        cc=[("bob@home.test", "Bob")],
        sender=("news@garden.example", "Garden"),
        sent=NOON,
    )
    made.attach_bytes("list.txt", b"tulips" * 2_000)
    original = read(made.as_bytes()).originals[0]
    assert (original.from_, original.subject) == ('"Garden" <news@garden.example>', "Bulbs")
    assert original.recipients == ("reader@mailbox.test", "bob@home.test")
    assert original.date == NOON
    assert b"Tulips & more" in original.raw


def test_html_alone_is_read_as_text() -> None:
    assert read(msg_file({SUBJECT: "x", HTML: b"<p>Tulips &amp; more</p>"})).text == "Tulips & more"


def test_without_a_body_the_header_is_all() -> None:
    assert read(msg_file({HEADERS: HEADER})).originals[0].headers_only


def test_a_page_of_code_that_nobody_knows_does_not_hide_the_rest() -> None:
    original = read(msg_file(LOOSE | {0x3FDE: 31_337, 0x3FFD: 31_337}, (READER,))).originals[0]
    assert original.subject == "Zwiebeln für Jürgen"


def test_an_attached_file_is_the_reported_mail() -> None:
    found = read(attached(MSG))
    assert (found.kind, found.reporter, found.text) == (Kind.OUTLOOK_MSG, "ann@home.test", "Stop.")
    assert [original.subject for original in found.originals] == ["Bulbs for spring"]


def test_a_file_is_known_by_its_content_and_two_are_two() -> None:
    found = read(attached(MSG, msg_file({SUBJECT: "Second", BODY: "x"}), name="a", kind="application/octet-stream"))
    assert [original.subject for original in found.originals] == ["Bulbs for spring", "Second"]


def test_a_broken_file_beside_a_good_one_is_named() -> None:
    found = read(attached(b"junk", MSG))
    assert found.kind is Kind.OUTLOOK_MSG
    assert "An attached Outlook .msg file could not be read." in found.defects


def test_an_old_word_document_is_no_mail() -> None:
    word = compound_file([Entry("WordDocument", STREAM, b"x" * 5_000)])
    assert read(word).kind is Kind.UNREADABLE
    assert read(attached(word, name="a.doc", kind="application/msword")).kind is Kind.PERSON


def test_an_uploaded_file_is_the_reported_mail() -> None:
    assert read_source(MSG).kind is Kind.OUTLOOK_MSG
    assert read_source(attached(MSG)).kind is Kind.OUTLOOK_MSG


def test_an_upload_that_cannot_be_read_is_still_a_complaint() -> None:
    found = read_source(MSG[:700])
    assert (found.kind, found.is_complaint, found.originals) == (Kind.PERSON, True, ())
    assert found.defects


def test_the_addresses_in_a_file_are_found_for_erasure() -> None:
    file = msg_file(LOOSE, (READER, BOB))
    for raw in (file, attached(file)):
        assert {"news@garden.example", "reader@mailbox.test", "bob@home.test"} <= every_address(raw)


def with_number(at: int, number: int) -> bytes:
    return MSG[:at] + struct.pack("<L", number) + MSG[at + 4 :]


HOSTILE = {
    "cut": MSG[:2_000],
    "magic alone": MSG[:8],
    "a path": MSG[:8] + b"/etc/passwd",
    "sectors of 2**65535 bytes": MSG[:30] + b"\xff\xff" + MSG[32:],
    "mini sectors of one byte": MSG[:32] + b"\0\0" + MSG[34:],
    "2**32 FAT sectors": with_number(44, 0xFFFFFFFF),
    "2**32 mini FAT sectors": with_number(64, 0xFFFFFFFF),
    "2**32 DIFAT sectors": with_number(72, 0xFFFFFFFF),
    "a directory beyond the end": with_number(48, 0x00FFFFFF),
    "a stream of 2 GB": compound_file(
        [Entry("__properties_version1.0", STREAM, b"\0" * 32), Entry("__substg1.0_1000001F", STREAM, size=2**31)]
    ),
    "a stream in a loop": compound_file(
        [
            Entry("__properties_version1.0", STREAM, b"\0" * 32),
            Entry("__substg1.0_1000001F", STREAM, b"x" * 5_000),
            *(Entry(f"__substg1.0_{n:08X}", STREAM, size=5_000, start=0) for n in range(500)),
        ]
    ),
    "40,000 entries": compound_file([Entry(f"e{n}", STREAM, start=END, size=0) for n in range(40_000)]),
    "a million properties": compound_file([Entry("__properties_version1.0", STREAM, b"\x1f\0\x37\0" * 1_000_000)]),
    "recipients with long names": msg_file(
        {SUBJECT: "x"}, tuple({NAME: "x" * 100_000, RECIPIENT_TYPE: 1} for _ in range(35))
    ),
}


@pytest.mark.parametrize("raw", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_hostile_file_costs_neither_time_nor_memory(raw: bytes) -> None:
    tracemalloc.start()
    start = time.process_time()
    found = read(raw), read_source(raw), read(attached(raw))
    seconds, (_, peak) = time.process_time() - start, tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert all(not [defect for defect in each.defects if " failed (" in defect] for each in found)
    assert seconds < 5
    assert peak < 10 * len(raw) + 20_000_000


@given(st.data())
@settings(max_examples=150, deadline=None)
def test_a_damaged_file_is_read_without_an_exception(data: st.DataObject) -> None:
    raw = bytearray(MSG)
    for _ in range(data.draw(st.integers(1, 8))):
        at = data.draw(st.integers(8, len(raw) - 1))
        raw[at : at + 4] = data.draw(st.binary(min_size=1, max_size=4))
    assert read(bytes(raw)).kind in (Kind.OUTLOOK_MSG, Kind.UNREADABLE)
    read(attached(bytes(raw)))
