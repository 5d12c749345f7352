"""Apple Mail's own files of a mail, attached, zipped or uploaded, are the mail that lies in them."""

from __future__ import annotations

from base64 import encodebytes
from io import BytesIO
from zipfile import ZipFile

import pytest

from app.mail.domain import Kind
from app.mail.read import read, read_source

MAIL = (
    b"From: Garden News <news@garden.example>\nTo: reader@mailbox.test\nSubject: Tulips\n"
    b"Message-ID: <tulips-1@garden.example>\nDate: Mon, 02 Nov 2026 08:30:00 +0000\n\nTulips for all.\n"
)
LIST = b'<?xml version="1.0" encoding="UTF-8"?>\n<plist version="1.0"><dict><key>flags</key></dict></plist>\n'
FILE = b"%-10d\n%b%b" % (len(MAIL), MAIL, LIST)


def attached(content: bytes, declared: bytes) -> bytes:
    head = (
        b"From: Ann <ann@home.test>\r\nTo: abuse@relay.example\r\nSubject: spam\r\nMIME-Version: 1.0\r\n"
        b"Content-Type: multipart/mixed; boundary=b1\r\n\r\n--b1\r\n\r\nI never asked.\r\n--b1\r\nContent-Type: "
    )
    packed = encodebytes(content).replace(b"\n", b"\r\n")
    return head + declared + b"\r\nContent-Transfer-Encoding: base64\r\n\r\n" + packed + b"--b1--\r\n"


@pytest.mark.parametrize(
    "declared", [b"application/octet-stream", b'application/x-emlx; name="17.emlx"', b"message/rfc822"]
)
def test_an_attached_file_is_the_mail_byte_for_byte(declared: bytes) -> None:
    found = read(attached(FILE, declared))

    assert (found.kind, found.text) == (Kind.FORWARDED, "I never asked.")
    assert [each.raw for each in found.originals] == [MAIL]


def test_a_zipped_file_is_the_mail_byte_for_byte() -> None:
    packed = BytesIO()
    with ZipFile(packed, "w") as archive:
        archive.writestr("17.emlx", FILE)

    assert [each.raw for each in read(attached(packed.getvalue(), b"application/zip")).originals] == [MAIL]


def test_one_whose_line_ends_were_changed_ends_before_its_list() -> None:
    found = read(attached(FILE.replace(b"\n", b"\r\n"), b"application/octet-stream"))

    assert [each.raw for each in found.originals] == [MAIL.replace(b"\n", b"\r\n")]


def test_an_uploaded_file_is_the_reported_mail() -> None:
    found = read_source(FILE)

    assert found.is_complaint
    assert [each.raw for each in found.originals] == [MAIL.replace(b"\n", b"\r\n")]


@pytest.mark.parametrize("size", [0, 5, 10**7])
def test_a_size_that_is_not_true_loses_no_mail(size: int) -> None:
    [original] = read_source(b"%d\n%b" % (size, MAIL)).originals

    assert original.message_id == "tulips-1@garden.example"
