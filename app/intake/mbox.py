"""Finds the messages in a file: one, or those of an mbox (RFC 4155, and what others write under that name). Pure.

A file is an mbox where it begins with a separator and has at least one more: a "From " line with a date, after a
blank line and before a header field. So a mail that only begins with such a line is one message, and a line of
text that begins with "From " cuts nothing. `mailbox` of the standard library cuts at every "From " line.
"""

from __future__ import annotations

import mmap
import re
from collections.abc import Iterator

_SEPARATOR = re.compile(
    rb"(?:\A|(?<=\n\n)|(?<=\n\r\n))From [^\r\n]{0,300}?"
    rb"\b(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun),? (?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) [ \d]?\d "
    rb"\d\d?:\d\d(?::\d\d)?(?: [A-Z]{1,5}| [+-]\d{4})? \d{4}(?: [+-]\d{4}| [A-Z]{1,5})?[ \t]*\r?\n"
    rb"(?=[!-9;-~]{1,100}[ \t]*:)"
)
_QUOTED = re.compile(rb"^>(>*From )", re.MULTILINE)
_BODY = re.compile(rb"\r?\n\r?\n")


def messages(source: bytes | mmap.mmap, most: int) -> Iterator[bytes | None]:
    """The messages of a file in their order; None in place of one that is larger than `most` bytes.

    One message is given exactly as it stands. Out of an mbox they come without the separator, the blank line
    before the next one and one `>` of each quoted "From " line of the body.
    """
    starts = _SEPARATOR.finditer(source)
    first, second = next(starts, None), next(starts, None)
    if first is None or second is None or first.start() > 0:
        yield source[:] if len(source) <= most else None
        return
    begin = first.end()
    for each in (second, *starts):
        yield _message(source, begin, each.start(), most)
        begin = each.end()
    yield _message(source, begin, len(source), most)


def _message(source: bytes | mmap.mmap, begin: int, end: int, most: int) -> bytes | None:
    if end - begin > most + 2:
        return None
    raw = source[begin:end]
    for blank in (b"\r\n\r\n", b"\n\n"):
        if raw.endswith(blank):
            raw = raw[: -len(blank) // 2]
            break
    cut = _BODY.search(raw)
    body = cut.end() if cut else len(raw)
    return raw[:body] + _QUOTED.sub(rb"\1", raw[body:])
