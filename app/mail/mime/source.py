"""Source pasted into a form, brought back to the bytes of a mail as far as that can be done.

A paste may come quoted, indented, with HTML-escaped brackets, with a line of talk above the header, in UTF-16, with
whatever line ends the browser made, and with none at all. Each step is taken only where the paste shows that it is
needed.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator

from app.mail.mime.blocks import line_blocks
from app.mail.mime.fields_restored import is_field, restored

_QUOTED = re.compile(rb"^[ \t]?> ?", re.MULTILINE)
_QUOTED_BLANK = re.compile(rb"^[ \t]?>[ \t]*+$", re.MULTILINE)
_HEADER_START = re.compile(
    rb"^(?:Received|Return-Path|Delivered-To|From|To|Subject|Date|Message-ID|MIME-Version|X-[\w-]+|DKIM-Signature"
    rb"|ARC-[\w-]+|Authentication-Results)[ \t]*+:",
    re.IGNORECASE | re.MULTILINE,
)
_NEXT_FIELD = re.compile(
    rb"(?<![ \t])[ \t]++(?=(?:(?i:Received|Return-Path|Delivered-To|From|To|Cc|Subject|Date|Sender|Reply-To"
    rb"|Message-ID|MIME-Version|Authentication-Results|Received-SPF|DKIM-Signature|Content-T[\w-]{3,20})"
    rb"|List-[A-Z][\w-]{1,20}|ARC-[A-Z][\w-]{1,30}|X-[A-Z][\w-]{1,40}):[ \t])"
)
"""Where the next field of a header goes on in the same line; of those not listed, only as mail servers write them."""
_RUN_ON = 6
_OPENED = re.compile(rb"[\"'`][ \t]*+")
_BEHEADED = (b"eceived:", b"eturn-path:")
_LONGEST_BEHEADED = 11
"""What the first line of a paste starts with where its first letter was not taken along."""
_LINKED = re.compile(
    rb"^((?:From|To|Cc|Sender|Reply-To|Return-Path|Message-ID)[ \t]*+:(?:[^\n<]{0,200}<|[ \t]*+))mailto:",
    re.IGNORECASE | re.MULTILINE,
)
_LINKED_ID = re.compile(rb"^Message-ID[ \t]*+:[ \t]*+<mailto:", re.IGNORECASE | re.MULTILINE)
_ENTITIES = (
    (b"&lt;", b"<"),
    (b"&gt;", b">"),
    (b"&quot;", b'"'),
    (b"&#39;", b"'"),
    (b"&nbsp;", b" "),
    (b"&amp;", b"&"),
)
_TEARS = 16
"""Blank lines inside a header that are taken out."""
_TORN = 4
"""Fields that must stand below one that a Received field was torn by."""
_FROM = re.compile(rb"^From[ \t]*+:", re.IGNORECASE | re.MULTILINE)
_HEAD_BYTES = 65_536
_TALK_BYTES = 4_096
_DOUBLED = 4
_MOST_LINES = 2_000
_GOES_ON = (b" ", b"\t", "\xa0".encode())


def as_mail(pasted: bytes) -> bytes:
    """The pasted source with CRLF line ends, without quoting, indentation, escapes and what stands above it."""
    raw = _as_utf8(pasted).replace(b"\r\n", b"\n").replace(b"\r", b"\n").lstrip(b"\n")
    raw = _undoubled(_whole(_undented(raw)))
    raw = _undented(_unquoted(raw))
    raw = _unescaped(raw)
    raw = _unlinked(raw)
    raw = _spread(raw)
    raw = _from_header_on(raw)
    raw = _untorn(raw)
    head = _head_of(raw)
    return (restored(head) + raw[len(head) :]).replace(b"\n", b"\r\n")


def _as_utf8(raw: bytes) -> bytes:
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return raw.decode("utf-16", "replace").encode("utf-8", "replace")
    return raw.removeprefix(codecs.BOM_UTF8)


def _whole(raw: bytes) -> bytes:
    """With the first letter of the first field, and without the quotation mark before it."""
    if raw[:_LONGEST_BEHEADED].lower().startswith(_BEHEADED):
        return b"R" + raw
    opened = _OPENED.match(raw)
    return raw[opened.end() :] if opened and is_field(raw[opened.end() : opened.end() + _TALK_BYTES]) else raw


def _undoubled(raw: bytes) -> bytes:
    """Without the blank lines after each line of the header, as editors of HTML paste paragraphs."""
    lines = raw[:_HEAD_BYTES].split(b"\n", _MOST_LINES)[:_MOST_LINES]
    alone = list(_alone(lines))
    fields = [at for at, (start, _) in enumerate(alone) if is_field(lines[start])]
    if len(fields) < _DOUBLED:
        return raw
    paragraphs = alone[: fields[-1] + 1]
    head = [line for start, end in paragraphs for line in lines[start:end]]
    body = paragraphs[-1][1] + 1
    return b"\n".join(head) + b"\n\n" + raw[sum(len(each) + 1 for each in lines[:body]) :]


def _alone(lines: list[bytes]) -> Iterator[tuple[int, int]]:
    """Where the paragraphs from the first line on start and end that are a line of a header each, which may be
    wrapped; where more than one blank line lies below, a field must follow."""
    start = 0
    while start < len(lines) and lines[start].strip():
        end = _following(lines, start, is_blank=True)
        if end == len(lines) or (end > start + 1 and not _is_wrapped(lines[start:end])):
            return
        yield start, end
        start = _following(lines, end, is_blank=False)
        if start > end + 1 and not (start < len(lines) and is_field(lines[start])):
            return


def _following(lines: list[bytes], at: int, *, is_blank: bool) -> int:
    """The first line from `at` on that is blank, or is not; the number of lines where there is none."""
    while at < len(lines) and is_blank is bool(lines[at].strip()):
        at += 1
    return at


def _is_wrapped(paragraph: list[bytes]) -> bool:
    """Whether the lines are one field, or one line that goes on with it."""
    is_headed = paragraph[0].startswith(_GOES_ON) or is_field(paragraph[0])
    return is_headed and not any(map(is_field, paragraph[1:]))


def _unquoted(raw: bytes) -> bytes:
    """Without the `> ` of every line, where nearly every line of the header has one; quoting may be doubled."""
    for _ in range(3):
        head = _QUOTED_BLANK.split(raw[:_HEAD_BYTES], maxsplit=1)[0]
        lines = [line for line in head.split(b"\n", _MOST_LINES)[:_MOST_LINES] if line.strip()]
        quoted = sum(line.lstrip(b" \t").startswith(b">") for line in lines)
        if not lines or quoted < 0.9 * len(lines):
            break
        raw = b"".join([_QUOTED.sub(b"", block) for block in line_blocks(raw)])
    return raw


def _undented(raw: bytes) -> bytes:
    """Without the indentation of the first line: of all lines where other fields have it too, else of that one."""
    first, *others = _head_of(raw).split(b"\n")
    indent = first[: len(first) - len(first.lstrip(b" \t"))]
    if not indent or not first.strip():
        return raw
    if others and not any(is_field(line.removeprefix(indent)) for line in others if line.startswith(indent)):
        return raw[len(indent) :]
    return (b"\n" + raw).replace(b"\n" + indent, b"\n")[1:]


def _head_of(raw: bytes) -> bytes:
    """What stands above the first blank line."""
    return raw[:_HEAD_BYTES].partition(b"\n\n")[0]


def _unescaped(raw: bytes) -> bytes:
    """With brackets for entities, where the header has escaped brackets and no real ones."""
    head = _head_of(raw)
    if b"&lt;" not in head or b"<" in head:
        return raw
    for entity, character in _ENTITIES:
        raw = raw.replace(entity, character)
    return raw


def _unlinked(raw: bytes) -> bytes:
    """Without the `mailto:` that some clients write before the addresses of a header that they copy, even before what
    is none."""
    head = _head_of(raw)
    return _LINKED.sub(rb"\1", head) + raw[len(head) :] if _LINKED_ID.search(head) else raw


def _spread(raw: bytes) -> bytes:
    """With a line for each field, where the first line holds a whole header."""
    line, _, rest = raw.partition(b"\n")
    if len(line) > _HEAD_BYTES or not is_field(line):
        return raw
    fields = _NEXT_FIELD.split(line.rstrip())
    return b"\n".join(fields) + b"\n\n" + rest if len(fields) >= _RUN_ON else raw


def _from_header_on(raw: bytes) -> bytes:
    """From the first line that is a mail's field, where only a few lines of talk stand above it."""
    found = _HEADER_START.search(raw[:_TALK_BYTES])
    if not found or found.start() == 0 or raw.startswith((b"From ", b">From ")):
        return raw
    above = raw[: found.start()]
    return raw if _looks_like_field(above) else raw[found.start() :]


def _untorn(raw: bytes) -> bytes:
    """Without the blank lines inside fields, where the rest of the field and of the header stand below."""
    for _ in range(_TEARS):
        head = _head_of(raw)
        rest = raw[len(head) :].lstrip(b"\n")
        below = _head_of(rest).split(b"\n")
        is_torn = _is_torn(head) and sum(map(is_field, below)) >= _TORN
        if is_field(below[0]) or not (is_torn or _goes_on(head, rest)):
            break
        raw = head + b"\n" + rest
    return raw


def _goes_on(head: bytes, rest: bytes) -> bool:
    """Whether a header without a sender yet goes on below, indented, and has one there after such lines."""
    if _FROM.search(head) or not rest.startswith(_GOES_ON):
        return False
    lines = (line for line in rest[:_HEAD_BYTES].split(b"\n", _MOST_LINES)[:_MOST_LINES] if line.strip())
    first = next((line for line in lines if not line.startswith(_GOES_ON)), b"")
    return is_field(first) and bool(_FROM.search(rest, 0, _HEAD_BYTES))


def _is_torn(head: bytes) -> bool:
    """Whether a header ends in a Received field that lacks its date."""
    lines = head.split(b"\n")
    last = next((at for at in reversed(range(len(lines))) if is_field(lines[at])), None)
    return last is not None and lines[last].lower().startswith(b"received:") and b";" not in b"".join(lines[last:])


def _looks_like_field(above: bytes) -> bool:
    return re.match(rb"[!-9;-~]+:", above) is not None
