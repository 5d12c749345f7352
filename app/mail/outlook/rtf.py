"""The body that Outlook keeps as RTF: unpacked (MS-OXRTFCP), and made HTML again or text (MS-OXRTFEX, RTF 1.9).

Outlook wraps HTML into RTF, and in TNEF that is often the only body. `compressed_rtf` and `RTFDE` are not used: they
know no limits. All that one mail holds shares one `Allowance`, so a hundred such bodies cost no more than one.
"""

from __future__ import annotations

import re
import struct
from itertools import islice

from app.mail import limits
from app.mail.mime.charset import cleaned, decoded

_PRESET = (
    rb"{\rtf1\ansi\mac\deff0\deftab720{\fonttbl;}{\f0\fnil \froman \fswiss \fmodern \fscript \fdecor "
    rb"MS Sans SerifSymbolArialTimes New RomanCourier{\colortbl\red0\green0\blue0"
    b"\r\n"
    rb"\par \pard\plain\f0\fs20\b\i\u\tab\tx"
)
"""What every packed text may refer to before it says anything (MS-OXRTFCP §2.1.2.1)."""
_PACKED, _STORED = b"LZFu", b"MELA"
_HEAD_BYTES = 16
_WINDOW = 4_096
_UNPACKED_BYTES = 262_144
_TOKEN = re.compile(
    rb"\\([a-z]{1,32})(-?[0-9]{1,9})? ?|\\'([0-9a-fA-F]{2})|\\([^a-z])|([{}])|([^\\{}\r\n]++)|[\r\n]++|\\", re.DOTALL
)
_HTML = re.compile(rb"\\fromhtml1\b")
_HTML_BYTES = 4_096
_PAGE = re.compile(rb"\\ansicpg(\d{1,5})")
_BREAKS = {b"par": "\n", b"line": "\n", b"tab": "\t", b"row": "\n", b"cell": " ", b"emdash": "—", b"endash": "–"}
_BREAKS |= {b"lquote": "‘", b"rquote": "’", b"ldblquote": "“", b"rdblquote": "”", b"bullet": "•"}
_UNSEEN = frozenset(
    (b"fonttbl", b"colortbl", b"stylesheet", b"info", b"pict", b"object", b"themedata", b"header", b"footer")
)
_ESCAPED = {b"~": "\xa0", b"_": "-", b"\\": "\\", b"{": "{", b"}": "}", b"\n": "\n", b"\r": "\n"}
_DEPTH = 200


class Allowance:
    """What may still be spent on RTF of one mail: packed bytes, and tokens of what was unpacked."""

    def __init__(self, packed: int = limits.RTF_BYTES, tokens: int = limits.RTF_TOKENS) -> None:
        self.packed = packed
        self.tokens = tokens


def unpacked(raw: bytes | memoryview, allowance: Allowance) -> bytes:
    """The RTF in a packed body, b"" where it is none; a torn one, or one over the allowance, as far as it goes."""
    if len(raw) < _HEAD_BYTES:
        return b""
    size, _, kind, _ = struct.unpack_from("<LL4sL", raw)
    end = min(len(raw), size + 4, _HEAD_BYTES + allowance.packed)
    if kind not in (_PACKED, _STORED) or end <= _HEAD_BYTES:
        return b""
    allowance.packed -= end - _HEAD_BYTES
    return bytes(raw[_HEAD_BYTES:end]) if kind == _STORED else _inflated(raw, end)


def packed_texts(raw: bytes, allowance: Allowance) -> list[bytes]:
    """The RTF of every packed body in any file, found by its mark: for finding what must be erased."""
    found, at, view = [], raw.find(_PACKED), memoryview(raw)
    while at >= 0 and allowance.packed > 0:
        if at >= 8:
            found.append(unpacked(view[at - 8 :], allowance))
        allowance.packed -= _HEAD_BYTES
        at = raw.find(_PACKED, at + 1)
    return found


def text_of_rtf(raw: bytes, allowance: Allowance) -> tuple[str, str]:
    """Media type and text of the RTF `raw`: the HTML that was wrapped in it, else its text."""
    page = _PAGE.search(raw[:_HTML_BYTES])
    is_html = bool(_HTML.search(raw[:_HTML_BYTES]))
    reader = _Rtf(f"cp{page[1].decode()}" if page else "cp1252", is_html)
    for token in islice(_TOKEN.finditer(raw), max(allowance.tokens, 0)):
        allowance.tokens -= 1
        reader.take(token)
    return "text/html" if is_html else "text/plain", reader.text()


def _inflated(raw: bytes | memoryview, end: int) -> bytes:
    """LZ77 over a window of 4,096 bytes, eight items below a byte that tells which are references."""
    out, at = bytearray(_PRESET), _HEAD_BYTES
    while at < end and len(out) < _UNPACKED_BYTES:
        control = raw[at]
        at += 1
        if not control:
            out += raw[at : min(at + 8, end)]
            at += 8
            continue
        for bit in range(8):
            if at >= end or not control >> bit & 1:
                out += raw[at : min(at + 1, end)]
                at += 1
                continue
            pair = raw[at] << 8 | raw[at + 1] if at + 1 < end else 0
            back = (len(out) - (pair >> 4)) % _WINDOW
            if not back or back > len(out):  # a reference to where the next byte goes is the end
                return bytes(out[len(_PRESET) :])
            piece = out[-back:][: (pair & 15) + 2]
            out += (piece * 17)[: (pair & 15) + 2]
            at += 2
    return bytes(out[len(_PRESET) :])


class _Rtf:
    """Takes token after token and keeps what is seen.

    groups: of each open group whether it is left out, and how many bytes stand for a character that is not ANSI.
    """

    def __init__(self, charset: str, is_html: bool) -> None:
        self.charset, self.is_html = charset, is_html
        self.pieces: list[str] = []
        self.held = bytearray()
        self.groups: list[tuple[bool, int]] = []
        self.unseen, self.fallback, self.skip = False, 1, 0
        self.is_starred = self.is_rtf_only = False

    def text(self) -> str:
        self._flush()
        whole = "".join(self.pieces)
        return cleaned(whole.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace"))

    def take(self, token: re.Match[bytes]) -> None:
        word, number, code, symbol, brace, plain = token.groups()
        if brace:
            self._brace(brace)
        elif word:
            self._word(word, number)
        elif code:
            self._bytes(bytes((int(code, 16),)))
        elif symbol == b"*":
            self.is_starred = True
        elif symbol and symbol in _ESCAPED:
            self._say(_ESCAPED[symbol])
        elif plain:
            self._bytes(plain)

    def _brace(self, brace: bytes) -> None:
        self.is_starred, self.skip = False, 0
        if brace == b"{" and len(self.groups) < _DEPTH:
            self.groups.append((self.unseen, self.fallback))
        elif brace == b"}" and self.groups:
            self.unseen, self.fallback = self.groups.pop()

    def _word(self, word: bytes, number: bytes | None) -> None:
        starred, self.is_starred = self.is_starred, False
        if word == b"htmltag" and self.is_html:
            return
        if starred or word in _UNSEEN:
            self.unseen = True
        elif word == b"htmlrtf":
            self.is_rtf_only = number != b"0"
        elif word == b"uc":
            self.fallback = min(max(int(number or 1), 0), 9)
        elif word == b"u" and number:
            self._say(chr(int(number) % 65_536))
            self.skip = self.fallback
        elif word in _BREAKS:
            self._say(_BREAKS[word])

    def _bytes(self, plain: bytes) -> None:
        self.is_starred = False
        left, self.skip = plain[self.skip :], max(self.skip - len(plain), 0)
        if not (self.unseen or self.is_rtf_only):
            self.held += left

    def _say(self, text: str) -> None:
        if not (self.unseen or self.is_rtf_only):
            self._flush()
            self.pieces.append(text)

    def _flush(self) -> None:
        if self.held:
            self.pieces.append(decoded(bytes(self.held), self.charset))
            self.held.clear()
