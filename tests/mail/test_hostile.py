"""Mails made to hurt: each is a megabyte, is read without an exception, and in time that grows with its length.

The guard is generous (ten times what a slow machine needs): it is there to catch quadratic time, which takes
minutes on these, and not to measure.
"""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.errors import TooLarge
from app.mail import limits
from app.mail.address import every_address
from app.mail.authres import read_authentication_results
from app.mail.domain import Kind
from app.mail.read import read, read_source
from app.mail.received import read_hop
from tests.mail.test_corpus import PAIRS

MEGABYTE = 1_000_000
SECONDS = 2.0


def mail(body: bytes, kind: bytes = b"text/plain", more: bytes = b"") -> bytes:
    return b"From: a@b.example\r\n" + more + b"Content-Type: " + kind + b"\r\n\r\n" + body


def report(fields: bytes = b"", original: bytes = b"") -> bytes:
    return mail(
        b"--b\r\nContent-Type: message/feedback-report\r\n\r\nFeedback-Type: abuse\r\n"
        + fields
        + b"\r\n--b\r\nContent-Type: message/rfc822\r\n\r\n"
        + original
        + b"\r\n--b--\r\n",
        b"multipart/report; report-type=feedback-report; boundary=b",
    )


def nested(depth: int, same: bool) -> bytes:
    levels = (
        b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % ((0, 0) if same else (i, i))
        for i in range(depth)
    )
    return b"From: a@b.example\r\n" + b"".join(levels)


SPAMCOP = b"Subject: [SpamCop (203.0.113.9) id:1] x\r\n"
HOSTILE = {
    "spaces": b" " * MEGABYTE,
    "spaces in a subject": mail(b"", more=b"Subject: " + b" " * MEGABYTE + b"x\r\n"),
    "spaces after a name": mail(b"", more=b"Subject" + b" " * MEGABYTE + b"\r\n"),
    "100,000 fields": mail(b"", more=b"X-A: b\r\n" * 100_000),
    "12,000 Received": mail(b"", more=b"Received: from a ([192.0.2.1]) by c; 1 Jan 2026 00:00:00 Z\r\n" * 12_000),
    "20,000 nested": nested(20_000, same=False),
    "20,000 nested alike": nested(20_000, same=True),
    "20,000 mails in mails": b"From: a@b.c\r\n" + b"Content-Type: message/rfc822\r\n\r\nFrom: a@b.c\r\n" * 20_000,
    "200,000 boundaries": mail(b"--b\r\n" * 200_000, b"multipart/mixed; boundary=b"),
    "boundaries unknown": mail(b"".join(b"--x%d\r\n" % i for i in range(100_000)), b"multipart/mixed"),
    "20,000 recipients": mail(
        b"", more=b"To: " + b", ".join(b"<u%d@b.example>" % i for i in range(20_000)) + b"\r\n"
    ),
    "parentheses": mail(b"", more=b"From: " + b"(" * MEGABYTE + b"\r\n"),
    "angle brackets": mail(b"<" * MEGABYTE, more=b"From: " + b"<" * MEGABYTE + b"\r\n"),
    "at signs": mail(b"a@" * (MEGABYTE // 2)),
    "one word": mail(b"a" * MEGABYTE),
    "encoded words": mail(b"", more=b"Subject: " + b"=?" * (MEGABYTE // 2) + b"\r\n"),
    "open scripts": mail(b"<script" * (MEGABYTE // 7), b"text/html"),
    "open tags": mail(b"<br" * (MEGABYTE // 3), b"text/html"),
    "a long entity": mail(b"&#" + b"9" * MEGABYTE, b"text/html"),
    "open quotes": mail(b"", b"multipart/mixed" + b';x="' * (MEGABYTE // 4)),
    "backslashes": mail(b"", b'multipart/mixed; boundary="' + b"\\" * MEGABYTE),
    "carriage returns": mail(b"", more=b"\r" * MEGABYTE),
    "blank lines": b"\r\n" * (MEGABYTE // 2),
    "mbox lines": b"From a\r\n" * (MEGABYTE // 8),
    "30,000 URIs": report(fields=b"Reported-URI: http://x.example/\r\n" * 30_000),
    "60,000 unknown fields": report(fields=b"".join(b"X-Unknown-%d: y\r\n" % i for i in range(60_000))),
    "blank fields": report(fields=b"\r\n" * (MEGABYTE // 2)),
    "folded fields": report(fields=b"\n " * (MEGABYTE // 2)),
    "an original of traces": report(original=b"Received: from x\r\n" * 50_000),
    "quoted-printable": mail(b"=" * MEGABYTE, b"text/plain\r\nContent-Transfer-Encoding: quoted-printable"),
    "deep JSON": mail(b"[" * MEGABYTE, b"application/json"),
    "a JSON number": mail(b"9" * MEGABYTE, b"application/json"),
    "escaped brackets": b"&lt;" * (MEGABYTE // 4),
    "quote marks": b"> " * (MEGABYTE // 2),
    "SpamCop marks": mail(b"Offending message\n" * (MEGABYTE // 18), more=SPAMCOP),
    "SpamCop dashes": mail(b"Offending message\n" + b"-" * MEGABYTE, more=SPAMCOP),
    "punycode": mail(b"a" * MEGABYTE, b"text/plain; charset=punycode"),
    "UTF-7": mail(b"+" * MEGABYTE, b"text/plain; charset=utf-7"),
    "NUL": mail(b"\x00" * MEGABYTE, more=b"Subject: a\x00b\r\n"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_megabyte_is_read_in_linear_time(name: str) -> None:
    raw = HOSTILE[name]
    start = time.perf_counter()
    found = (read(raw), read_source(raw))
    every_address(raw)

    assert time.perf_counter() - start < SECONDS
    for reading in found:
        assert not [defect for defect in reading.defects if " failed (" in defect]
        assert "\x00" not in reading.text
        assert "\x00" not in (reading.subject or "")


@pytest.mark.parametrize("text", ["(" * 8000, "from " + "by " * 2600, "from " + "1." * 4000, "a=" * 4000, " " * 8000])
def test_a_hostile_header_value_is_read_in_linear_time(text: str) -> None:
    start = time.perf_counter()
    read_hop(text)
    read_authentication_results(text)

    assert time.perf_counter() - start < SECONDS / 10


def test_a_mail_over_the_limit_is_refused_before_it_is_read() -> None:
    raw = b"From: a@b.example\r\n\r\n".ljust(limits.MESSAGE_BYTES + 1, b"x")
    for reader in (read, read_source):
        with pytest.raises(TooLarge):
            reader(raw)


def test_no_more_originals_are_taken_than_the_limit_says() -> None:
    parts = b"--b\r\nContent-Type: message/rfc822\r\n\r\nFrom: x@y.example\r\nSubject: s\r\n\r\nhi\r\n" * 100
    found = read(mail(parts, b"multipart/mixed; boundary=b"))
    assert found.kind is Kind.FORWARDED
    assert len(found.originals) == limits.ORIGINALS


@given(st.binary(max_size=2_000))
@settings(max_examples=150, deadline=None)
def test_any_bytes_are_read_without_an_exception(raw: bytes) -> None:
    assert_readable(raw)
    assert_readable(b"From: a@b.example\r\nContent-Type: multipart/report; boundary=b\r\n\r\n--b\r\n" + raw)


@given(st.data())
@settings(max_examples=250, deadline=None)
def test_a_golden_mail_with_random_damage_is_read_without_an_exception(data: st.DataObject) -> None:
    raw = bytearray(data.draw(st.sampled_from(PAIRS)).with_suffix(".eml").read_bytes())
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(0, len(raw)))
        cut = data.draw(st.integers(0, 40))
        raw[at : at + cut] = data.draw(
            st.binary(max_size=20) | st.sampled_from([b"\r\n\r\n", b"--", b'"', b"=?", b"<"])
        )
    assert_readable(bytes(raw))


def assert_readable(raw: bytes) -> None:
    for found in (read(raw), read_source(raw)):
        assert not [defect for defect in found.defects if " failed (" in defect]
        assert " failed (" not in found.reason
        assert found.is_complaint == (found.reason == "")
        for original in found.originals:
            assert original.headers
            str([header.value for header in original.headers]).encode()
    every_address(raw)
