"""Text out of bytes: whatever comes in, text comes out that a database takes."""

from __future__ import annotations

import time
from encodings.aliases import aliases

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.mail.mime.charset import decoded, from_base64, header_text


@pytest.mark.parametrize(
    ("raw", "charset", "text"),
    [
        ("grün".encode(), "utf-8", "grün"),
        ("grün".encode("latin-1"), "iso-8859-1", "grün"),
        ("grün".encode("latin-1"), "utf-8", "grün"),
        (b"plain", "no-such-charset", "plain"),
        (b"plain", "punycode", "plain"),
        (b"plain", "a\x00b", "plain"),
        (b"a\x00b", "", "a\ufffdb"),
        (b"+2AA-", "utf-7", "?"),
    ],
)
def test_bytes_become_text_in_any_charset(raw: bytes, charset: str, text: str) -> None:
    assert decoded(raw, charset) == text


@pytest.mark.parametrize(
    ("raw", "charset", "text"),
    [
        ("本文①髙".encode("cp932"), "shift_jis", "本文①髙"),
        ("本文".encode("euc-jp") + b"\xad\xa1\xfc\xe2", "euc-jp", "本文①髙"),
        (b"\x1b$BK\\J8-!-j|b\x1b(B end", "iso-2022-jp", "本文①㈱髙 end"),
        (b"\x1b(I15\x1b(B", "iso-2022-jp", "ｱｵ"),
        ("内容镕".encode("gb18030"), "gb2312", "内容镕"),
        ("內容碁銹裏".encode("cp950"), "big5", "內容碁銹裏"),
        ("ราคา–ดี".encode("cp874"), "tis-620", "ราคา–ดี"),
        ("本文①".encode("cp932"), "x-sjis", "本文①"),
        ("本文".encode("euc-jp"), "eucJP-ms", "本文"),
    ],
)
def test_a_charset_is_read_as_the_one_that_mail_means(raw: bytes, charset: str, text: str) -> None:
    assert decoded(raw, charset) == text


@pytest.mark.parametrize(
    ("raw", "charset", "text"),
    [
        ("für Sie €".encode()[:-1], "utf-8", "für Sie \ufffd"),
        ("für Sie €".encode()[:-1], "", "für Sie \ufffd"),
        ("für dich, für alle Töne".encode() + b"\xff!", "utf-8", "für dich, für alle Töne\ufffd!"),
        ("当選のお知らせ".encode("cp932") + b"\x81", "shift_jis", "当選のお知らせ\ufffd"),
        ("当選\n\n".encode("euc-jp") + b"\xff\n" + "本文です".encode("euc-jp"), "euc-jp", "当選\n\n\ufffd\n本文です"),
        (b"\x1b$BK\\J8\x7e\x7e\x1b(B end", "iso-2022-jp", "本文\ufffd end"),
        ("内容，通知".encode("gb18030") + b"\xff last", "gb2312", "内容，通知\ufffd last"),
        ("текст и ещё".encode("cp1251") + b"\x98", "windows-1251", "текст и ещё\ufffd"),
    ],
)
def test_a_torn_byte_costs_a_character_and_not_the_text(raw: bytes, charset: str, text: str) -> None:
    assert decoded(raw, charset) == text


@pytest.mark.parametrize(
    ("raw", "charset", "text"),
    [
        ("Grüße, Jürgen".encode("cp1252"), "utf-8", "Grüße, Jürgen"),
        ("un café".encode("cp1252"), "", "un café"),
        ("un café à la".encode("cp1252"), "euc-jp", "un café à la"),
        ("für Sie".encode(), "iso-2022-jp", "für Sie"),
        ("für – Sie".encode(), "euc-jp", "für – Sie"),
        (b"1 + 1", "utf-7", "1 + 1"),
        (b"plain", "utf-16", "plain"),
    ],
)
def test_a_charset_that_most_bytes_contradict_is_not_believed(raw: bytes, charset: str, text: str) -> None:
    assert decoded(raw, charset) == text


@given(st.binary(max_size=60), st.sampled_from(["utf-8", "", "iso-2022-jp", "euc-jp", "shift_jis", "big5", "utf-7"]))
def test_any_bytes_give_text_that_a_database_takes(raw: bytes, charset: str) -> None:
    text = decoded(b"\x1b$B" + raw, charset)

    assert "\x00" not in text
    assert text.encode().decode() == text


@pytest.mark.parametrize("charset", ["utf-8", "iso-2022-jp", "euc-jp", "shift_jis", "gb2312", "big5", "utf-7", "hz"])
def test_wrong_bytes_are_read_in_linear_time(charset: str) -> None:
    start = time.process_time()
    for raw in (b"\xff\xa1", b"\x1b$B-!-!", b"\xad\xa1", b"~{", b"+"):
        decoded(raw * 200_000, charset)

    assert time.process_time() - start < 1


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (b" folded\r\n\tvalue ", "folded value"),
        (b"=?utf-8?q?a?= =?utf-8?q?b?=", "ab"),
        (b"=?utf-8?q?a?= b", "a b"),
        (b"x =?utf-8?B?w7w=?= y", "x ü y"),
        (b"=?utf-8?B?ww==?=\r\n =?utf-8?B?vA==?=", "ü"),
        (b"=?iso-8859-1?q?=FC_x?=\r\n =?utf-8?q?=C3=BC?=", "ü xü"),
        (b"=?nonsense?x?y?=", "=?nonsense?x?y?="),
        (b"=?utf-8?B?%%%?=", ""),
        (b"=?iso-2022-jp?B?GyRCLSFLXBsoQg==?=", "①本"),
        (b"=?shift_jis?B?h0CWe5W2gQ==?=", "①本文\ufffd"),
        (b"=?utf-8?q?f=C3=BCr_=E2=82?=", "für \ufffd"),
        ("grün".encode(), "grün"),
    ],
)
def test_a_header_value_is_read(raw: bytes, text: str) -> None:
    assert header_text(raw) == text


@pytest.mark.parametrize("codec", sorted({*aliases.values(), "mbcs", "oem", "nonsense", "x\x00", ""}))
def test_every_codec_that_python_has_is_a_charset_or_passed_over(codec: str) -> None:
    """base64, hex, zlib and their like raise LookupError, not UnicodeError: found by fuzzing."""
    assert isinstance(decoded(b"Gr\xc3\xbc\xc3\x9fe+-=\\x9 \x00\xff", codec), str)
    assert decoded(b"hello", "zlib") == "hello"


def test_a_torn_base64_gives_what_is_whole() -> None:
    assert from_base64(b"aGVsbG8gd29ybGQ") == b"hello world"
    assert from_base64(b"aGVsb") == b"hel"
