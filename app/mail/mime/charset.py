"""Bytes to text, for reading only: charsets (RFC 2046 §4.1.2) and encoded words in headers (RFC 2047).

Whatever comes in, text comes out: an unknown or wrong charset falls back to UTF-8, then to windows-1252. The
text never holds NUL (PostgreSQL refuses it) nor half a surrogate pair. `email.header` is not used: it raises on
hostile input, and reads one word at a time, so that a character split over two words is lost.
"""

from __future__ import annotations

import binascii
import codecs
import re
from functools import lru_cache

from app.mail import limits

_REFUSED = frozenset({"idna", "punycode", "undefined", "unicode-escape", "raw-unicode-escape", "unicode_escape"})
"""Codecs of Python that are no charsets of mail, or that take quadratic time."""

_MEANT = {"iso8859-1": "windows-1252", "ascii": "utf-8", "gb2312": "gb18030", "gbk": "gb18030", "euc_kr": "cp949"}
"""Charsets that mail names where it means one that holds more, as browsers read them (WHATWG Encoding §4.2)."""

_WORD = re.compile(r"=\?([!-)+->@-~]{1,60})(?:\*[\w-]*)?\?([bBqQ])\?([^?]*+)\?=")
_SURROGATE = re.compile("[\ud800-\udfff]")
_NOT_BASE64 = re.compile(rb"[^A-Za-z0-9+/]+")


def decoded(raw: bytes, charset: str = "") -> str:
    """`raw` as text in `charset`, or in the first of UTF-8 and windows-1252 that fits. Never raises."""
    try:
        return cleaned(raw.decode(_codec(charset) if charset else "utf-8"))
    except (LookupError, ValueError):  # base64, hex, zlib and their like are codecs of Python, but no charsets
        return cleaned(_guessed(raw))


def cleaned(text: str) -> str:
    """`text` without NUL and without lone surrogates: what a database and a page can take."""
    if not text.isascii() and _SURROGATE.search(text):
        text = text.encode("utf-8", "replace").decode("utf-8")
    return text.replace("\x00", "\ufffd") if "\x00" in text else text


def header_text(raw: bytes) -> str:
    """The value of a header field for reading: unfolded to one line, encoded words decoded, at most FIELD_CHARS."""
    raw = raw.strip()
    if raw.isascii() and len(raw) <= limits.FIELD_CHARS:
        text = raw.decode("ascii")
        if text.isprintable() and "=?" not in text:  # one line, as nearly every value is
            return text
    raw = raw[: limits.FIELD_CHARS]
    raw = b" ".join([line.strip() for line in raw.split(b"\n")]).strip() if b"\n" in raw else raw.strip()
    text = decoded(raw)
    if "\r" in text or "\x00" in text:
        text = cleaned(text.replace("\r", " "))
    return words_decoded(text) if "=?" in text else text


def words_decoded(text: str) -> str:
    """`text` with its RFC 2047 words decoded; white space between two words is dropped (§6.2)."""
    pieces: list[str] = []
    held, held_charset, end = b"", "", 0
    for word in _WORD.finditer(text):
        between = text[end : word.start()]
        charset = word[1].lower()
        apart = end == 0 or not between.isspace()
        if held and ((apart and between) or charset != held_charset):
            pieces.append(decoded(held, held_charset))
            held = b""
        if apart:
            pieces.append(between)
        held, held_charset, end = held + _word_bytes(word[2], word[3]), charset, word.end()
    pieces.append(decoded(held, held_charset))
    pieces.append(text[end:])
    return cleaned("".join(pieces))


def from_base64(raw: bytes) -> bytes:
    """What `raw` encodes, line ends and strangers skipped, a torn last group dropped (RFC 2045 §6.8)."""
    try:
        return binascii.a2b_base64(raw)
    except binascii.Error:
        letters = _NOT_BASE64.sub(b"", raw)
        whole = len(letters) - (len(letters) % 4 == 1)
        return binascii.a2b_base64(letters[:whole] + b"=" * (-whole % 4))


def _word_bytes(encoding: str, content: str) -> bytes:
    raw = content.encode("utf-8", "replace")
    return from_base64(raw) if encoding in "bB" else binascii.a2b_qp(raw, header=True)


def _guessed(raw: bytes) -> str:
    try:
        return raw.decode("utf-8")
    except UnicodeError:
        return raw.decode("cp1252", "replace")


@lru_cache(maxsize=256)
def _codec(charset: str) -> str:
    """The codec for `charset`, UTF-8 where there is none."""
    try:
        name = codecs.lookup(charset.strip("\"' ")[:60]).name
    except (LookupError, ValueError):
        return "utf-8"
    return "utf-8" if name in _REFUSED else _MEANT.get(name, name)
