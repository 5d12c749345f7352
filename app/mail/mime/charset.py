"""Bytes to text, for reading only: charsets (RFC 2046 §4.1.2) and encoded words in headers (RFC 2047).

Whatever comes in, text comes out: an unknown or wrong charset falls back to UTF-8, then to windows-1252. Where a few
bytes only are wrong, the rest is read in its charset. The text never holds NUL (PostgreSQL refuses it) nor half a
surrogate pair. `email.header` is not used: it raises on hostile input, and reads one word at a time, so that a
character split over two words is lost.
"""

from __future__ import annotations

import binascii
import codecs
import re
import string
from functools import lru_cache

from app.mail import limits

_REFUSED = frozenset({"idna", "punycode", "undefined", "unicode-escape", "raw-unicode-escape", "unicode_escape"})
"""Codecs of Python that are no charsets of mail, or that take quadratic time."""

_MEANT = {
    **{"iso8859-1": "windows-1252", "ascii": "utf-8", "gb2312": "gb18030", "gbk": "gb18030", "euc_kr": "cp949"},
    **{"shift_jis": "cp932", "big5": "big5hkscs", "iso2022_jp": "iso2022_jp_ext", "iso2022_jp_1": "iso2022_jp_ext"},
    **{"iso8859-9": "cp1254", "iso8859-11": "cp874", "tis-620": "cp874"},
}
"""Charsets that mail names where it means one that holds more, as browsers read them (WHATWG Encoding §4.2)."""

_NAMED = {
    **dict.fromkeys(("x-sjis", "windows-31j"), "cp932"),
    **dict.fromkeys(("x-euc-jp", "cp51932", "eucjp-ms"), "euc_jp"),
    **dict.fromkeys(("iso-2022-jp-ms", "cp50220", "cp50221", "cp50222"), "iso2022_jp_ext"),
    **dict.fromkeys(("x-gbk", "gb_2312-80", "csgb2312", "windows-936"), "gb18030"),
    **{"windows-949": "cp949", "windows-874": "cp874", "x-x-big5": "big5hkscs", "koi8": "koi8-r", "dos-866": "cp866"},
    **{
        "iso-8859-8-i": "iso8859-8",
        "iso-8859-8-e": "iso8859-8",
        "x-cp1251": "cp1251",
        "x-mac-cyrillic": "mac-cyrillic",
    },
}
"""Names that mail has for a charset and Python has not."""

_BY_ESCAPES = ("iso2022", "hz", "utf-7")
"""Charsets whose text looks like ASCII, and so like UTF-8."""
_JIS = frozenset({"euc_jp", "iso2022_jp_ext"})
_OF_VENDORS = 2_000
"""So many characters that only vendors have are looked up in one text: each takes a call from C to Python."""

_WORD = re.compile(r"=\?([!-)+->@-~]{1,60})(?:\*[\w-]*)?\?([bBqQ])\?([^?]*+)\?=")
_SURROGATE = re.compile("[\ud800-\udfff]")
_NOT_BASE64 = bytes({*range(256)} - {*f"{string.ascii_letters}{string.digits}+/".encode()})
_REPLACED = "\ufffd".encode()


def decoded(raw: bytes, charset: str = "") -> str:
    """`raw` as text in `charset`, or in the first of UTF-8 and windows-1252 that fits. Never raises."""
    codec = _codec(charset) if charset else "utf-8"
    try:
        return cleaned(raw.decode(codec))
    except (LookupError, ValueError):  # base64, hex, zlib and their like are codecs of Python, but no charsets
        return cleaned(_guessed(raw, codec))


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
        letters = raw.translate(None, _NOT_BASE64)
        whole = len(letters) - (len(letters) % 4 == 1)
        return binascii.a2b_base64(letters[:whole] + b"=" * (-whole % 4))


def _word_bytes(encoding: str, content: str) -> bytes:
    raw = content.encode("utf-8", "replace")
    return from_base64(raw) if encoding in "bB" else binascii.a2b_qp(raw, header=True)


def _guessed(raw: bytes, codec: str) -> str:
    """Text out of bytes that are not all in the charset they are said to be in."""
    if codec.startswith(_BY_ESCAPES) and (text := _mended(raw, codec)):
        return text
    try:
        return raw.decode("utf-8")
    except UnicodeError:
        return _mended(raw, "utf-8") or _mended(raw, codec) or raw.decode("cp1252", "replace")


def _mended(raw: bytes, codec: str) -> str | None:
    """`raw` with what is wrong replaced, None where that is much: it is in another charset then."""
    try:
        text = raw.decode(codec, "replace")
        if codec in _JIS and text.count("\ufffd") <= _OF_VENDORS:
            text = raw.decode(codec, _WITH_VENDORS)
    except (LookupError, ValueError):
        return None
    wrong = text.count("\ufffd") - raw.count(_REPLACED)
    right = len(text) - len(text.encode("ascii", "ignore")) - wrong
    wrong -= text.endswith("\ufffd")  # the text was cut there
    return text if right > 0 and wrong * 2 <= right else None


def _of_vendors(error: UnicodeError) -> tuple[str, int]:
    """What NEC and IBM added to JIS X 0208, by way of Microsoft's Shift_JIS, which has it at the same place."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    pair = error.object[error.start : error.start + 2]
    first = 0xA1 if error.encoding == "euc_jp" else 0x21
    if len(pair) == 2 and first <= min(pair) and max(pair) < first + 94:
        text = _shifted(pair[0] - first, pair[1] - first).decode("cp932", "replace")
        if "\ufffd" not in text:
            return text, error.start + 2
    return "\ufffd", error.end


def _shifted(row: int, cell: int) -> bytes:
    """Row and cell of JIS X 0208, from 0, in Shift_JIS, of which a lead byte holds two rows."""
    lead = row // 2 + 0x81
    trail = cell + 0x9F if row % 2 else cell + 0x40 + (cell > 0x3E)
    return bytes((lead + 0x40 if lead > 0x9F else lead, trail))


_WITH_VENDORS = "abusedesk.jis"
codecs.register_error(_WITH_VENDORS, _of_vendors)


@lru_cache(maxsize=256)
def _codec(charset: str) -> str:
    """The codec for `charset`, UTF-8 where there is none."""
    charset = charset.strip("\"' ")[:60]
    try:
        name = codecs.lookup(charset).name
    except (LookupError, ValueError):
        return _NAMED.get(charset.lower(), "utf-8")
    return "utf-8" if name in _REFUSED else _MEANT.get(name, name)
