"""Addresses out of any text."""

from __future__ import annotations

import base64
import quopri
import zipfile
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.mail.every_address import ADDRESSES, every_address
from app.mail.fields.address import READINGS, addresses_in, bare_address, domain_of, readings, verp_recipients


@pytest.mark.parametrize(
    ("value", "address"),
    [
        ('"Ann" <ann@home.test>', "ann@home.test"),
        ('"boss@bank.example" <ann@home.test>', "ann@home.test"),
        ("ann@home.test (Ann)", "ann@home.test"),
        ("undisclosed recipient <redacted@home.test>", "redacted@home.test"),
        ("<@relay.test:ann@home.test>", "ann@home.test"),
        ("Ann <ann@home.test", "ann@home.test"),
        ("<>", ""),
        ("nobody", None),
        ("redacted", None),
        (None, None),
    ],
)
def test_the_bare_address_of_a_header_value(value: str | None, address: str | None) -> None:
    assert bare_address(value) == address


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("'ann@home.test' <ann@home.test>", ("ann@home.test", "ann@home.test")),
        ("\"'ann@home.test'\" <ann@home.test>", ("ann@home.test", "ann@home.test")),
        ("'O'Neil@home.test' <x@home.test>", ("O'Neil@home.test", "x@home.test")),
        ("'ann@home.test, 'tis.me@home.test", ("'ann@home.test", "'tis.me@home.test")),
    ],
)
def test_quotes_around_an_address_are_no_part_of_it(text: str, found: tuple[str, ...]) -> None:
    assert addresses_in(text) == found


def test_addresses_keep_their_order_and_case() -> None:
    assert addresses_in("To: Ann@Home.test, b@c.test. See mailto:d@e.test?x") == (
        "Ann@Home.test",
        "b@c.test",
        "d@e.test",
    )


@pytest.mark.parametrize(
    ("address", "domain"), [("a@B.Test.", "b.test"), ("a@b@c.test", "c.test"), ("a", None), (None, None), ("", None)]
)
def test_the_domain_of_an_address(address: str | None, domain: str | None) -> None:
    assert domain_of(address) == domain


def test_every_address_looks_into_headers_encoded_bodies_and_mails_within() -> None:
    inner = (
        b"From: inner@a.test\r\nSubject: =?utf-8?B?"
        + base64.b64encode(b"word@a.test")
        + b"?=\r\nContent-Transfer-Encoding: base64\r\n\r\n"
        + base64.encodebytes(b"see https://a.test/?e=Deep%40a.test")
    )
    raw = (
        b'From: "X" <Outer@a.test>\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\npreamble@a.test\r\n--b\r\n'
        b"Content-Transfer-Encoding: quoted-printable\r\n\r\n"
        + quopri.encodestring(b"soft" * 18 + b" wrapped@a.test")
        + b"\r\n--b\r\nContent-Type: message/rfc822\r\n\r\n"
        + inner
        + b"\r\n--b--\r\nepilogue@a.test\r\n"
    )
    found = every_address(raw)
    assert {
        "outer@a.test",
        "inner@a.test",
        "word@a.test",
        "deep@a.test",
        "wrapped@a.test",
        "preamble@a.test",
        "epilogue@a.test",
    } <= found


@pytest.mark.parametrize(
    ("text", "readings"),
    [
        ("bounce-17-ann=home.test@relay.test", ("ann@home.test", "17-ann@home.test", "bounce-17-ann@home.test")),
        ("b+ann.lee=home.test@relay.test", ("ann.lee@home.test", "b+ann.lee@home.test")),
        ("ann=home.test@relay.test", ("ann@home.test",)),
        ("e=5@relay.test, a=b and home.test@c", ()),
    ],
)
def test_a_verp_local_part_is_read_as_its_recipient(text: str, readings: tuple[str, ...]) -> None:
    assert tuple(verp_recipients(text)) == readings


@pytest.mark.parametrize("wrapped", [b"%b", b"250\n%b<plist>list@c.test</plist>\n"])
def test_every_address_looks_into_a_mail_of_no_telling_type(wrapped: bytes) -> None:
    inner = (
        b"From: spam@b.test\nContent-Type: text/plain\nContent-Transfer-Encoding: base64\n\n"
        + base64.encodebytes(b"to: hidden@b.test, " * 9)
    )
    head = b"From: ann@a.test\r\nContent-Type: application/octet-stream\r\nContent-Transfer-Encoding: base64\r\n\r\n"

    found = every_address(head + base64.encodebytes(wrapped % inner))

    assert found == {"ann@a.test", "spam@b.test", "hidden@b.test"} | ({"list@c.test"} if wrapped != b"%b" else set())


def test_every_address_looks_into_a_zip_file() -> None:
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("spam.eml", b"From: shop@b.test\r\nTo: reader@c.test\r\n\r\nhello jo@d.test\r\n")
    raw = (
        b"From: ann@a.test\r\nContent-Type: application/zip\r\nContent-Transfer-Encoding: base64\r\n\r\n"
        + base64.encodebytes(packed.getvalue())
    )

    assert every_address(raw) == {"ann@a.test", "shop@b.test", "reader@c.test", "jo@d.test"}


@pytest.mark.parametrize("packed_by", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_damaged_zip_file_is_passed_over(packed_by: int) -> None:
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w", packed_by) as archive:
        archive.writestr("spam.eml", b"To: reader@c.test\r\n\r\n" + b"hello " * 99)
    whole = packed.getvalue()
    for at in range(0, len(whole), 3):
        damaged = whole[:at] + bytes([whole[at] ^ 0x55]) + whole[at + 1 :]
        head = b"From: ann@a.test\r\nContent-Type: application/zip\r\nContent-Transfer-Encoding: base64\r\n\r\n"

        assert "ann@a.test" in every_address(head + base64.encodebytes(damaged))


def test_every_address_finds_the_recipient_in_a_return_path() -> None:
    raw = b"Return-Path: <b+17-Ann.Lee=Home.test@relay.test>\r\nFrom: x@y.test\r\n\r\nmailto:u-jo=c.test@relay.test"

    assert {"ann.lee@home.test", "jo@c.test"} <= every_address(raw)


def test_every_address_ends_at_its_limit() -> None:
    raw = b"To: x@y.test\r\n\r\n" + b" ".join(b"u%d@b.test" % i for i in range(ADDRESSES + 500))
    assert len(every_address(raw)) <= ADDRESSES + 1


@pytest.mark.parametrize(
    ("address", "taken_for"),
    [
        ("Karl@Mailbox.test", ("karl@mailbox.test",)),
        ("karl@mailbox.test.", ("karl@mailbox.test",)),
        ("karl@münchen.test", ("karl@xn--mnchen-3ya.test",)),
        ("mailbox.test!karl", ("karl@mailbox.test",)),
        ("karl%mailbox.test", ("karl@mailbox.test",)),
        ("karl%mailbox.test@[127.0.0.1]", ("karl%mailbox.test@[127.0.0.1]", "karl@mailbox.test")),
        ("mailbox.test!karl@relay.test", ("mailbox.test!karl@relay.test", "karl@mailbox.test")),
        ("karl@mailbox.test@[127.0.0.1]", ("karl@mailbox.test@[127.0.0.1]", "karl@mailbox.test")),
        ("karl", ("karl",)),
        ("", ("",)),
    ],
)
def test_an_address_is_what_a_mail_server_may_take_it_for(address: str, taken_for: tuple[str, ...]) -> None:
    assert readings(address) == taken_for


@given(st.text('ab.@!%[]"\\ ü', max_size=40))
def test_every_address_has_a_reading_and_none_too_many(address: str) -> None:
    found = readings(address)

    assert 1 <= len(found) <= READINGS
    assert readings(found[0])[0] == found[0]


MARK = b"From x Thu Nov  5 08:15:02 2026\n"
CODED = b"From: a@b.example\nContent-Type: text/plain\nContent-Transfer-Encoding: base64\n\n%s\n" % base64.b64encode(
    b"to zoe@home.test"
)


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        (b"application/mbox", MARK + b"From: a@b.example\n\nx\n\n" + MARK + CODED),
        (b"application/json", b'{"evidence": [{"payload": "%s"}]}' % base64.b64encode(CODED)),
        (b"text/plain", b'See:\n{"Samples": [{"Payload": "%s"}]}' % base64.b64encode(CODED).replace(b"/", b"\\/")),
    ],
)
def test_every_address_looks_into_files_of_mails_and_evidence(kind: bytes, content: bytes) -> None:
    head = b"From: ann@home.test\nContent-Type: multipart/mixed; boundary=m\n\n--m\nContent-Type: "
    assert "zoe@home.test" in every_address(head + kind + b"\n\n" + content + b"\n--m--\n")
