"""The text of a part, with the place in the raw message of every piece of it.

A quote must show bytes that really stand there. So a part is decoded in steps, each remembering which bytes it came
from; HTML loses its tags the same way. Within ASCII that is not encoded a place is exact to the byte, so a step may
be many lines; elsewhere a quote takes the whole step, a line of at most STEP bytes. One pass, no backtracking, never
raises. `app.mail.mime.text` is not used: it forgets the places.
"""

from __future__ import annotations

import binascii
import codecs
import html
import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from app.compliance.hiding import Hiding, after_tag
from app.mail import limits
from app.mail.mime.charset import cleaned
from app.mail.mime.message import Part
from app.values import dataclass

STEP = 160
"""Bytes decoded at once, at most; a multiple of 4 for base64."""
SOURCE_CHARS = ENCODED_BYTES = 4 * limits.TEXT_CHARS
"""How much is looked at of HTML source, and of a body as it is encoded."""

_QP_END = re.compile(rb"=[0-9A-Fa-f\r]?\Z")
_ASCII = bytes(range(128))
_ASCII_LINES = re.compile(rb"(?:[^\n\x0e\x0f\x1b\x80-\xff]{0,2000}+\n)++")
"""Lines that say the same in most charsets: none that shifts to another set of letters, as ISO 2022 does."""
_TOKEN = re.compile(r"\s{2,}+|&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z]\w{1,30});")
_BLOCK = re.compile(r"</?(?:br|p|div|tr|td|th|h[1-6]|li|table|ul|ol|hr|center|blockquote)\b", re.IGNORECASE)
_UNSEEN = re.compile("[\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]")
"""Characters that nobody sees, such as the soft hyphen and the zero-width space, which part no word."""
_HREF = re.compile(r"\bhref\s{0,9}=\s{0,9}[\"']?((?:https?:|mailto:)[^\s\"'<>]{1,2000}+)", re.IGNORECASE)
_URL = re.compile(r"(?:https?://|mailto:)[^\s\"'<>]{1,2000}+", re.IGNORECASE)
_BLANK = re.compile(r"[^\S ]")
_ENCODED = ("quoted-printable", "base64")
_NO_CHARSET = frozenset({"idna", "punycode", "undefined", "unicode-escape", "raw-unicode-escape", "unicode_escape"})


class Piece(NamedTuple):
    """Text and the bytes it came from. exact: one character is one byte."""

    text: str
    start: int
    end: int
    exact: bool


class Link(NamedTuple):
    """A link: where it leads, and where it is written in the raw message."""

    target: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Passage:
    """Text for reading; `at[i]` is where `pieces[i]` begins in it."""

    text: str
    at: tuple[int, ...]
    pieces: tuple[Piece, ...]
    links: tuple[Link, ...] = ()

    def place(self, start: int, end: int) -> tuple[int, int]:
        """Where the bytes of `text[start:end]` start and end in the raw message; for a text that is not empty."""
        first, last = bisect_right(self.at, start) - 1, bisect_right(self.at, end - 1) - 1
        head, tail = self.pieces[first], self.pieces[last]
        begin = head.start + (start - self.at[first] if head.exact else 0)
        return begin, tail.start + end - self.at[last] if tail.exact else tail.end


def plain_passage(part: Part) -> Passage:
    """The text of a text/plain part."""
    whole = _joined(_steps(part), limits.TEXT_CHARS)
    return Passage(whole.text, whole.at, whole.pieces, tuple(_written_links(whole)))


def html_passage(part: Part) -> Passage:
    """What a person sees of a text/html part: no tags, comments, scripts, styles or what its own style or a sheet
    hides, entities resolved."""
    source = _joined(_steps(part), SOURCE_CHARS)
    links: list[Link] = []
    shown = _joined(_shown(source, links), limits.TEXT_CHARS)
    linked = {link.target for link in links}
    written = (link for link in _written_links(shown) if link.target not in linked)
    return Passage(shown.text, shown.at, shown.pieces, (*links, *written))


def _written_links(shown: Passage) -> Iterator[Link]:
    """The addresses that stand in the text, which readers make links of."""
    return (Link(match[0], *shown.place(*match.span())) for match in _URL.finditer(shown.text))


def _joined(pieces: Iterable[Piece], most: int) -> Passage:
    """The pieces in one text; none is asked for once there are `most` characters."""
    kept: list[Piece] = []
    at: list[int] = []
    length = 0
    for piece in pieces:
        if piece.text:
            kept.append(piece)
            at.append(length)
            length += len(piece.text)
        if length >= most:
            break
    return Passage("".join([piece.text for piece in kept]), tuple(at), tuple(kept))


def _steps(part: Part) -> Iterator[Piece]:
    """The body decoded step by step; of the encoded form at most ENCODED_BYTES."""
    source, start = part.source, part.head.body
    end = min(part.end, start + ENCODED_BYTES)
    codec = _codec(part, source[start:end])
    decoder = codecs.getincrementaldecoder(codec)("replace")
    held = b""
    encoding = part.encoding  # looked for once: it may stand behind a thousand fields
    as_ascii = encoding not in _ENCODED and _ASCII.decode(codec, "replace") == _ASCII.decode("ascii")
    for at, stop in _cuts(source, start, end, encoding, as_ascii):
        raw = source[at:stop]
        content, held = _undone(raw, held, encoding)
        text = _text(decoder, content)
        exact = raw is content and raw.isascii() and len(text) == len(raw)
        shown = text.replace("\x00", "\ufffd") if exact else _UNSEEN.sub("", cleaned(text))
        yield Piece(shown, at, stop, exact)


def _text(decoder: codecs.IncrementalDecoder, content: bytes) -> str:
    """The content in the charset; some codecs raise on bytes that fit no state of theirs, whatever they are told."""
    try:
        return decoder.decode(content)
    except ValueError:
        decoder.reset()
        return content.decode("utf-8", "replace")


def _cuts(source: bytes, start: int, end: int, encoding: str, as_ascii: bool) -> Iterator[tuple[int, int]]:
    """Places to cut at: after lines of ASCII, after each other one, and within a long one after STEP bytes.

    as_ascii: ASCII stands for itself, so that its lines need not be told apart.
    """
    at = start
    while at < end:
        if as_ascii and (lines := _ASCII_LINES.match(source, at, end)):
            yield at, lines.end()
            at = lines.end()
            continue
        eol = source.find(b"\n", at, min(end, at + STEP))
        stop = eol + 1 if eol >= 0 else min(end, at + STEP)
        if encoding == "quoted-printable" and stop < end and (torn := _QP_END.search(source[at:stop])):
            stop -= len(torn[0]) if at + len(torn[0]) < stop else 0
        yield at, stop
        at = stop


def _undone(raw: bytes, held: bytes, encoding: str) -> tuple[bytes, bytes]:
    """The step with its transfer encoding undone, and the base64 letters that wait for the next one."""
    if encoding == "quoted-printable":
        return binascii.a2b_qp(raw), b""
    if encoding != "base64":
        return raw, b""
    letters = held + re.sub(rb"[^A-Za-z0-9+/]+", b"", raw)
    whole = len(letters) - len(letters) % 4
    return binascii.a2b_base64(letters[:whole]), letters[whole:]


def _codec(part: Part, body: bytes) -> str:
    """The charset that is declared, where there is such a one; else UTF-8, else windows-1252, by what fits."""
    declared = part.type.parameters.get("charset", "").strip("\"' ")[:60]
    try:
        name = codecs.lookup(declared).name if declared else ""
        b" ".decode(name or "utf-8", "replace")  # `hex` and its like are codecs, but of no text
    except (LookupError, ValueError, TypeError):
        name = ""
    if name and name not in _NO_CHARSET and name != "ascii":
        return name
    if body.isascii():
        return "utf-8"
    try:
        body.decode("utf-8")
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8"


def _shown(source: Passage, links: list[Link]) -> Iterator[Piece]:
    """What is left of HTML source without its tags; adds the links of the tags."""
    text, at, hiding = source.text, 0, Hiding(source.text)
    while at < len(text):
        opened = text.find("<", at)
        yield from _between(source, at, len(text) if opened < 0 else opened)
        if opened < 0:
            return
        hidden = hiding.after(opened)
        if hidden:
            at = hidden
            continue
        at = after_tag(text, opened)
        if linked := _HREF.search(text, opened, min(at, opened + 4_000)):
            links.append(Link(html.unescape(linked[1]), *source.place(*linked.span(1))))
        if _BLOCK.match(text, opened):
            place = source.place(opened, opened + 1)[0]
            yield Piece("\n", place, place, False)


def _between(source: Passage, start: int, end: int) -> Iterator[Piece]:
    """The text between two tags: white space as one blank, entities resolved."""
    at = start
    for token in _TOKEN.finditer(source.text, start, end):
        yield from _run(source, at, token.start())
        yield Piece(_resolved(token[0]), *source.place(*token.span()), False)
        at = token.end()
    yield from _run(source, at, end)


def _resolved(token: str) -> str:
    return " " if token[0] != "&" else _UNSEEN.sub("", cleaned(html.unescape(token)).replace("\xa0", " "))


def _run(source: Passage, start: int, end: int) -> Iterator[Piece]:
    """The text of source from `start` to `end` as pieces, cut where the source's pieces are."""
    while start < end:
        index = bisect_right(source.at, start) - 1
        piece, begin = source.pieces[index], source.at[index]
        stop = min(end, begin + len(piece.text))
        yield Piece(_BLANK.sub(" ", source.text[start:stop]), *source.place(start, stop), piece.exact)
        start = stop
