"""Text out of bytes: whatever comes in, text comes out that a database takes."""

from __future__ import annotations

from encodings.aliases import aliases

import pytest

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
