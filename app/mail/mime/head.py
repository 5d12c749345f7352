"""A header block, field by field, exact to the byte (RFC 5322 §2.2).

Nothing is changed: each field keeps its bytes and where it stands, so that DKIM can be judged on them; reading
(unfolding, decoding) happens on demand. A junk line inside a header is stepped over; a header that runs into its
body without a blank line ends at the first line that is no field. One pass, no backtracking, limits from
`limits`. `email.parser` is not used: it keeps neither bytes nor places.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from app.mail import limits
from app.mail.domain import Header
from app.mail.mime.fields_restored import is_field
from app.mail.mime.latest import Latest
from app.values import dataclass

_FIELD = re.compile(rb"([!-9;-~]++)[ \t]*+:(.*+(?:\n[ \t].*+)*+)(?:\n|\Z)")
# Only at the start of a line: tried at every letter of a line that has no colon, it takes quadratic time.
_FIELDS = re.compile(rb"^([!-9;-~]++[ \t]*+:)(.*+(?:\n[ \t].*+)*+)\n", re.MULTILINE)
_SHORT_NAME = 64
_header = tuple.__new__  # half the time of Header(…), for the objects that are made most often
_FIELD_START = re.compile(rb"[A-Za-z][!-9;-~]*+:|[ \t]|\r*\n|\Z")
_BLANK = re.compile(rb"\n\r?\n")
_LEAD = re.compile(rb"(?:\xef\xbb\xbf)?+(?:[ \t]*+\r*+\n|>?From (?![ \t]*+:)[^\n]*+(?:\n|\Z))*+")
_JUNK_LINES = 20
_CUT_LINES = 10
_LONG = ("received", "authentication-", "dkim-", "arc-", "x-")


@dataclass(frozen=True, slots=True)
class Head:
    """A header block: its fields in order, where the body starts, and what was wrong with it."""

    fields: tuple[Header, ...]
    body: int
    defects: tuple[str, ...] = ()

    def all(self, key: str) -> Iterator[str]:
        """Every value of the field `key` (lower case), topmost first."""
        return (field.value for field in self.fields if field.key == key)

    def first(self, key: str) -> str | None:
        """The topmost value of the field `key` (lower case), or None."""
        for field in self.fields:
            if field.key == key:
                return field.value
        return None

    def has(self, *keys: str) -> bool:
        """Whether any field of these names (lower case) is there."""
        return any(field.key in keys for field in self.fields)


def lead(raw: bytes, start: int = 0, end: int | None = None) -> int:
    """Where the header starts in `raw`: after a byte order mark, blank lines and mbox "From " lines."""
    match = _LEAD.match(raw, start, len(raw) if end is None else end)
    return match.end() if match else start


def without_body_fields(raw: bytes, head: Head) -> bytes:
    """The fields of `head`, read of `raw`, without those that describe the body; each ends in CRLF."""
    ends = [*(field.start for field in head.fields[1:]), head.body]
    return b"".join(
        raw[field.start : end].rstrip(b"\r\n") + b"\r\n"
        for field, end in zip(head.fields, ends, strict=False)
        if not field.key.startswith("content-") and field.key != "mime-version"
    )


@Latest
def top_head(raw: bytes) -> tuple[int, Head]:
    """Where the header of a whole mail starts in `raw`, and the header."""
    start = lead(raw)
    return start, read_head(raw, start, len(raw))


def read_head(raw: bytes, start: int, end: int) -> Head:
    """The header block at `start`; it ends at a blank line, at the first line that is no field, or at `end`.

    At most `limits.HEADER_FIELDS` fields and `limits.HEADER_BYTES` bytes are read, the rest is a defect.
    """
    return _faultless(raw, start, end) or _line_by_line(raw, start, end)


def _faultless(raw: bytes, start: int, end: int) -> Head | None:
    """The header block where it is one: fields up to a blank line, within the limits. None where it is not.

    All fields at once take a quarter of the time that they take one by one, and nearly every header is like that.
    """
    blank = _BLANK.search(raw, start, min(end, start + limits.HEADER_BYTES))
    if blank is None:
        return None
    stop = blank.start() + 1
    found = _FIELDS.findall(raw, start, stop)
    if len(found) > limits.HEADER_FIELDS:
        return None
    fields: list[Header] = []
    at = start
    for written, value in found:
        size = len(written)
        key, name = _name(written) if size <= _SHORT_NAME else _named(written)
        fields.append(_header(Header, (key, name, value, at)))
        at += size + len(value) + 1
    return Head(tuple(fields), blank.end()) if at == stop else None


def _named(written: bytes) -> tuple[str, str]:
    """The name in lower case and as written, of `Name:`."""
    name = written[:-1].rstrip(b" \t").decode("ascii")
    return name.lower(), name


_name = lru_cache(maxsize=4096)(_named)


def _line_by_line(raw: bytes, start: int, end: int) -> Head:
    fields: list[Header] = []
    limit = min(end, start + limits.HEADER_BYTES)
    at, junk = start, 0
    while at < limit and len(fields) < limits.HEADER_FIELDS:
        match = _FIELD.match(raw, at, limit)
        if match:
            name = match[1].decode("ascii")
            fields.append(Header(name.lower(), name, match[2], at))
            at = match.end()
            continue
        after = _blank_line(raw, at, end)
        if after:
            return Head(tuple(fields), after, _junk_defect(junk))
        step = _over_junk(raw, at, limit, fields[-1].key) if fields and junk < _JUNK_LINES else None
        if step is None:
            return Head(tuple(fields), at, ("The blank line between header and body is missing.",))
        at, junk = step, junk + 1
    if at >= end:
        return Head(tuple(fields), end, _junk_defect(junk))
    return Head(tuple(fields), _after_blank(raw, at, end), ("The header is over the limit and was read in part.",))


def _blank_line(raw: bytes, at: int, end: int) -> int | None:
    """Where the line after the blank line at `at` starts, None where the line is not blank."""
    if raw[at] == 10:
        return at + 1
    if raw[at] != 13:
        return None
    eol = raw.find(b"\n", at, min(end, at + 8))
    return eol + 1 if eol > 0 and not raw[at:eol].strip(b"\r") else None


def _over_junk(raw: bytes, at: int, limit: int, above: str) -> int | None:
    """Where the line after the junk at `at` starts; None where the header must have ended at `at`.

    above: the field above it. One that tells a mail's way is long and followed by no body, so several lines of it
    may have lost the blank that said they go on; then a field that mails have must follow them.
    """
    for number in range(_CUT_LINES if above.startswith(_LONG) else 1):
        eol = raw.find(b"\n", at, limit)
        if eol < 0 or raw.startswith(b"--", at):
            return None
        at = eol + 1
        if is_field(raw[at : at + _SHORT_NAME]) if number else _FIELD_START.match(raw, at, limit):
            return at
    return None


def _after_blank(raw: bytes, at: int, end: int) -> int:
    blank = _BLANK.search(raw, max(at - 1, 0), end)
    return blank.end() if blank else end


def _junk_defect(junk: int) -> tuple[str, ...]:
    return ("A line in the header is no header field.",) if junk else ()
