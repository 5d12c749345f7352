"""Mails made to hurt: each is about a megabyte, and is read within the bounds of time and memory that reading has.

The bounds are those of `bounds`, 100 ms of processor time and ten times the memory for a megabyte. Here the time has
SLACK, as it is there to catch quadratic time, which takes minutes on these, and not to measure; the memory has none.
`bench/fuzz_reading.py --hostile` measures without slack.
"""

from __future__ import annotations

import base64
import time
import zipfile
from collections.abc import Iterable
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.errors import TooLarge
from app.mail import limits
from app.mail.domain import Kind
from app.mail.every_address import every_address
from app.mail.fields.authres import read_authentication_results
from app.mail.fields.received import read_hop
from app.mail.mime.media_type import COMPOUND_FILE
from app.mail.read import read, read_source
from tests.factories.signed import MESSAGE, sign_tags
from tests.mail.bounds import KEY, broken
from tests.mail.test_corpus import PAIRS

MEGABYTE = 1_000_000
SLACK = 10


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


def in_one_another(boundaries: Iterable[bytes], end: bytes) -> bytes:
    levels = (b"Content-Type: multipart/mixed; boundary=%s\r\n\r\n--%s\r\n" % (each, each) for each in boundaries)
    return b"From: a@b.example\r\n" + b"".join(levels) + end


def encoded_in_one_another(inner: bytes) -> bytes:
    """Mails in mails, each level base64, until there is a megabyte."""
    kind = b"message/rfc822\r\nContent-Transfer-Encoding: base64"
    while len(inner) < MEGABYTE:
        inner = mail(base64.encodebytes(inner), kind)
    return inner


def signed_often(body: bytes) -> bytes:
    """A message with as many signatures as are verified, each over another length of the body, in every form."""
    forms = ("relaxed/relaxed", "simple/simple", "relaxed/simple", "simple/relaxed")
    message = MESSAGE + body
    for number in range(limits.SIGNATURES):
        message = sign_tags(message, KEY, c=forms[number % 4], l=str(len(body) - 1_000 * number))
    return message


def zipped(files: Iterable[tuple[str, bytes]]) -> bytes:
    """A mail with a zip file of these."""
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files:
            archive.writestr(name, content)
    return mail(packed.getvalue(), b"application/zip; name=a.zip")


def parts(each: bytes, count: int) -> bytes:
    return mail((b"--b\r\n" + each) * count, b"multipart/mixed; boundary=b")


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
    "30,000 named recipients": mail(
        b"", more=b"To: " + b",\r\n ".join(b'"n (x" <u%d@b.example>' % i for i in range(30_000)) + b"\r\n"
    ),
    "20,000 fields with VERP": mail(b"", more=b"".join(b"X: %d-a-b-c=b.c@b.c\r\n" % i for i in range(20_000))),
    "a huge address": mail(b"", more=b"To: <" + b"a" * 500_000 + b"@" + b"b." * 250_000 + b"c>\r\n"),
    "signs that no address has": mail("¤".encode() * 500_000 + b"@b"),
    "signs between the letters of an Outlook file": mail(
        base64.encodebytes(COMPOUND_FILE + b"_\0s\0u\0b\0p\0\0\0\x17\xc0\x17\xcd\xb6\xe7_@" * 35_000),
        b"application/vnd.ms-outlook; name=spam.msg\r\nContent-Transfer-Encoding: base64",
    ),
    "strangers in base64": mail(b"YWI&;" * 200_000 + b"a", b"text/plain\r\nContent-Transfer-Encoding: base64"),
    "90,000 addresses": mail(b"".join(b"a%d@b.example\r\n" % i for i in range(90_000))),
    "90,000 addresses in a line": mail(b"".join(b"a%d@b.c " % i for i in range(90_000))),
    "deep comments": mail(b"", more=b"From: " + b"(" * 500_000 + b"a" + b")" * 500_000 + b" a@b.c\r\n"),
    "deep comments in Received": report(
        original=b"Received: from " + b"(a" * 100_000 + b" by b; 1 Jan 2026\r\n" * 400
    ),
    "60,000 parameters": mail(b"", b"multipart/mixed; " + b"".join(b"a*%d*=utf-8''%%41;" % i for i in range(60_000))),
    "a long parameter": mail(b"", b"multipart/mixed; boundary=" + b"b" * MEGABYTE),
    "a field without a colon": b"From: a@b.example\r\n" + b"a" * 250_000 + b"\r\n\r\n" + b"b" * 750_000,
    "fields without a colon in parts": parts(b"a" * 240_000 + b"\r\n\r\n", 4),
    "lines that start like each boundary": in_one_another(
        [b"b" * i for i in range(1, 21)], (b"--" + b"b" * 21 + b"x\r\n") * 40_000
    ),
    "a boundary to be guessed deep down": in_one_another([b"b" * i for i in range(1, 21)], b"-\n" * 500_000),
    "mails encoded in one another": encoded_in_one_another(mail(b"hello a@b.example\r\n" * 8_000)),
    "25,000 texts": parts(b"Content-Type: text/html\r\n\r\n<p>a</p>\r\n", 25_000),
    "ten texts full of labels": parts(b"\r\nFrom: x\r\n" + b"To: x\r\n" * 14_000, 10),
    "ten texts full of other labels": parts(b"\r\nFrom: x\r\n" + b"Priority: x\r\n" * 8_000, 10),
    "labels without an end": mail((b"From:\r\n" + b"Bcc: x\r\n" * 58) * 2_000),
    "lines that nearly close": mail(
        b"From: x\r\nTo: y\r\nSubject: z\r\nDate: 1 Jan 2020\r\n\r\n" + b"-- a\r\n" * 160_000
    ),
    "sentences with wrote": mail(b"Am 1.1.2020 " + b"wrote " * 20 + b"a@b.c wrote:\r\n" * 60_000),
    "arrows of GroupWise": mail(b">>> a@b.c 1/2/2026 >>>\r\n" * 40_000, more=b"Subject: Fwd: x\r\n"),
    "labels nobody knows": mail(b"--- Forwarded message ---\r\nXx: a@b.c\r\n" * 20_000),
    "forwards in forwards": mail(b"From: a@b.c\r\nTo: d@e.f\r\nSubject: Fwd: x\r\n\r\n" * 20_000),
    "a table of cells": mail(b"<td>a</td>" * (MEGABYTE // 10), b"text/html"),
    "nested divs": mail(b"<div> " * (MEGABYTE // 6), b"text/html"),
    "open pre": mail(b"<pre" * (MEGABYTE // 4), b"text/html"),
    "pre and blanks": mail(b"<pre>\n</pre> \n " * (MEGABYTE // 15), b"text/html"),
    "styles that keep white space": mail(b"<a style=white-space:pre>\n" * (MEGABYTE // 27), b"text/html"),
    "a style that is nearly one": mail(b"<a white-space" * (MEGABYTE // 14), b"text/html"),
    "envelopes in envelopes": (
        b"X-Trasporto: posta-certificata\r\nFrom: a@b.c\r\n"
        b"Content-Type: message/rfc822; name=postacert.eml\r\n\r\n" * 9_000
    ),
    "addresses as tags": mail(b"<a@b.c>" * (MEGABYTE // 7), b"text/html"),
    "fields above a trace": mail(b"A: b\n" * (MEGABYTE // 5) + b"Received: x\n" + b"To: c\n" * 1_000),
    "lines with blank lines between": b"From: a\n\n" * (MEGABYTE // 9),
    "tags before a subject": mail(b"", more=b"Subject: " + b"[a] ***b*** (c) EXT: " * (MEGABYTE // 20) + b"\r\n"),
    "late messages": mail(
        b"message a" * (MEGABYTE // 9), more=b"Subject: " + b"message aaaaaaaaaaaa " * 300 + b"\r\n"
    ),
    "a zip with many names": zipped((f"{number}.eml", b"From: a@b.c") for number in range(9_000)),
    "a zip that swells": zipped((f"{n}.eml", b"From: a@b.c\r\nDate: x\r\n\r\n" + b"x" * 900_000) for n in range(900)),
    "short lines of HTML": mail(b"a\n\n" * (MEGABYTE // 3), b"text/html"),
    "breaks and one wide letter": mail(
        "\U0001f600".encode() + b"a<p>" * (MEGABYTE // 4), b"text/html; charset=utf-8"
    ),
    "misspelt fields": report(fields=b"".join(b"original-mail-from-%d: y\r\n" % i for i in range(40_000))),
    "quoted mbox lines": b">From a\n" * (MEGABYTE // 8),
    "indented fields": b" \tFrom: a\n" * (MEGABYTE // 10),
    "twelve signatures of a body with blanks": signed_often(b"a b  c\r\n" * (MEGABYTE // 8)),
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
    **{
        f"a complaint attached, {name}": mail(
            b"--b\r\nContent-Type: message/rfc822\r\n\r\nFrom: a@b.example\r\nTo: abuse@b.example\r\n\r\n"
            + line * (MEGABYTE // len(line)),
            b"multipart/mixed; boundary=b",
        )
        for name, line in (
            ("traces", b"Received: x\n\n"),
            ("labels", b"From: a@b.example\n"),
            ("marks", b"-- Forwarded by A/B on 1/1/2026 --\nA <a@b.c> on 1/1/2026\n"),
            ("JSON", b'{"event":"spam"}\n'),
        )
    },
    "payloads": mail(
        b'{"payload":"' + b"QUFB" * 12 + b'"}' + b'"payload": "QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFB"' * 16_000
    ),
    "lines of a mailbox": mail(b"From x Thu Nov  5 08:15:02 2026\n\n" * 28_000, b"application/mbox"),
    **{
        f"{name} of a signature": mail(
            bytes.fromhex("308006092a864886f70d010702a080308002010131003080")
            + bytes.fromhex("06092a864886f70d010701a0802480")
            + piece * (MEGABYTE // len(piece)),
            b"application/pkcs7-mime",
        )
        for name, piece in (("empty pieces", b"\x24\x00"), ("pieces", b"\x04\x01a"), ("depths", b"\x24\x80"))
    },
    "rows of a notice": mail(
        b"abuse from your network<tr><td>" * 30_000,
        b"text/html",
        b"Auto-Submitted: auto-generated\r\nSubject: case 1234\r\n",
    ),
    "gaps in hosts": mail(
        b"abuse from your network\n" + b"http://aaaa .b/x :a.b.c .d/ " * 30_000,
        more=b"Auto-Submitted: auto-generated\r\nSubject: case 1234\r\n",
    ),
    "JSON of empty objects": mail(b'{"event":"spam","a":[' + b"{}," * 330_000, b"application/json"),
    "JSON events": mail(b"[" + b'{"event":"spam","email":"a@b.c"},' * 30_000, b"application/json"),
    "JSON events in one another": mail(b'{"event":"spam","message":' * 38_000, b"application/json"),
    "lines that start as JSON": mail(b'{"event"\n' * 110_000),
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
def test_a_hostile_megabyte_costs_neither_time_nor_memory(name: str) -> None:
    assert broken(HOSTILE[name], slack=SLACK, memory=True, law=False) is None


def test_many_lines_below_many_fields_cost_the_worksheet_no_time() -> None:
    fields = b"From: ann@home.test\r\n" * (limits.HEADER_FIELDS - 2)
    raw = fields + b"To: abuse@relay.example\r\n\r\n" + b"x\r\n" * 300_000

    assert broken(raw, slack=3) is None


@pytest.mark.parametrize("text", ["(" * 8000, "from " + "by " * 2600, "from " + "1." * 4000, "a=" * 4000, " " * 8000])
def test_a_hostile_header_value_is_read_in_linear_time(text: str) -> None:
    start = time.process_time()
    read_hop(text)
    read_authentication_results(text)

    assert time.process_time() - start < 0.2


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
