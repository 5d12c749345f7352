"""A mail as a tree of parts, each an exact slice of what arrived (RFC 2045, 2046).

One pass over the bytes, no copies until a body is asked for, never a re-serialised part. A missing last boundary,
a multipart without its boundary parameter and a wrong one are read and noted. Parts inside `message/rfc822` are
not followed: what is inside belongs to the reported mail and may never be taken for a part of the report.
`email.policy.default` is not used: it crashes on hostile headers and takes quadratic time; `fast_mail_parser`
gives no place of a header field.
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterator
from functools import lru_cache

from app.mail import limits
from app.mail.mime.charset import decoded, from_base64
from app.mail.mime.head import Head, read_head, top_head
from app.mail.mime.latest import Latest
from app.mail.mime.media_type import MediaType, read_media_type, read_parameters
from app.values import dataclass

_GUESS = re.compile(rb"(?:\A|\n)--([!-~][ -~]{0,199}+)\r?(?=\n|\Z)")
_BARE_CR = re.compile(rb"\r(?!\n)")
_PLAIN = MediaType("text/plain")
_MISSES = 16
_LINES_SEEN = 4_096  # the header, or what of it is enough to tell how its lines end


@dataclass(frozen=True, slots=True)
class Part:
    """One MIME part; `start`, `head.body` and `end` are places in `source`."""

    source: bytes
    start: int
    end: int
    head: Head
    type: MediaType
    children: tuple[Part, ...] = ()

    @property
    def name(self) -> str:
        """The media type, lower case."""
        return self.type.name

    @property
    def raw(self) -> bytes:
        """Header and body as they stand."""
        return self.source[self.start : self.end]

    @property
    def body(self) -> bytes:
        """The body as it stands, transfer encoding not undone."""
        return self.source[self.head.body : self.end]

    @property
    def encoding(self) -> str:
        """Content-Transfer-Encoding in lower case, "" where there is none."""
        return (self.head.first("content-transfer-encoding") or "").split("(")[0].strip().lower()

    @property
    def filename(self) -> str:
        """The name the part is given, "" where it has none."""
        disposition = self.head.first("content-disposition")
        named = read_parameters(disposition).get("filename", "") if disposition else ""
        return named or self.type.parameters.get("name", "")

    @property
    def is_attachment(self) -> bool:
        """Whether Content-Disposition says attachment (RFC 2183 §2.2)."""
        return (self.head.first("content-disposition") or "").lower().startswith("attachment")

    def content(self, limit: int | None = None) -> bytes:
        """The body, transfer encoding undone; of the encoded form at most `limit` bytes where one is given."""
        end = self.end if limit is None else min(self.end, self.head.body + limit)
        return transfer_decoded(self.source[self.head.body : end], self.encoding)

    def text(self, limit: int) -> str:
        """The body as text, of at most `limit` encoded bytes."""
        return decoded(self.content(limit), self.type.parameters.get("charset", ""))


@dataclass(frozen=True, slots=True, eq=False)  # itself alone is its equal: what is known of it can be remembered
class Message:
    """A whole mail: its top part, the faults found while splitting it, and every part that is not a multipart."""

    top: Part
    defects: tuple[str, ...]
    leaf_parts: tuple[Part, ...]

    @property
    def head(self) -> Head:
        return self.top.head

    def leaves(self) -> Iterator[Part]:
        """Every part that is not a multipart, in order."""
        return iter(self.leaf_parts)


@Latest
def parse(raw: bytes) -> Message:
    """The mail in `raw`. Never raises; `raw` must be at most `limits.MESSAGE_BYTES` long.

    A mail with bare CR line ends is read as if they were CRLF, which is noted: no DKIM-exact bytes exist for it.
    """
    splitter = _Splitter(raw)
    if _is_bare_cr(raw):
        splitter = _Splitter(raw.replace(b"\r", b"\r\n").replace(b"\r\n\n", b"\r\n"))
        splitter.note("The line ends are bare CR and were read as CRLF.")
    start, head = top_head(splitter.raw)
    top = splitter.part(start, len(splitter.raw), 0, _PLAIN, head)
    return Message(top, tuple(splitter.defects), tuple(splitter.leaves))


def transfer_decoded(raw: bytes, encoding: str) -> bytes:
    """`raw` with base64 or quoted-printable undone (RFC 2045 §6); any other encoding leaves it as it is."""
    if encoding == "base64":
        return from_base64(raw)
    if encoding == "quoted-printable":
        return binascii.a2b_qp(raw)
    return raw


def _is_bare_cr(raw: bytes) -> bool:
    start = raw[:_LINES_SEEN]
    if not _BARE_CR.search(start):  # half the time of counting, and nearly every mail ends here
        return False
    crs, lfs = start.count(b"\r"), start.count(b"\n")
    return crs > max(1, 10 * lfs) and crs - start.count(b"\r\n") > 10 * lfs


@lru_cache(maxsize=64)
def _line_of(boundary: bytes) -> re.Pattern[bytes]:
    """The delimiter line as a pattern: dear to make, and cheap where many lines nearly are one."""
    return re.compile(rb"\n--" + re.escape(boundary) + rb"(?:--)?+[ \t\r\x0b\f]*+(?=\n|\Z)")


class _Splitter:
    """The one pass over `raw`; counts parts so that a bomb ends early."""

    def __init__(self, raw: bytes) -> None:
        self.raw = raw
        self.parts = 0
        self.leaves: list[Part] = []
        self.defects: list[str] = []

    def note(self, defect: str) -> None:
        if defect not in self.defects:
            self.defects.append(defect)

    def part(self, start: int, end: int, depth: int, default: MediaType, head: Head | None = None) -> Part:
        """The part that fills `start` to `end`, its children split. head: where it is known already."""
        self.parts += 1
        head = head or read_head(self.raw, start, end)
        for defect in head.defects:
            self.note(defect)
        declared = head.first("content-type")
        kind = read_media_type(declared) if declared else default
        children = self._children(head.body, end, depth, kind) if kind.name.startswith("multipart/") else ()
        part = Part(self.raw, start, end, head, kind, children)
        if not children:
            self.leaves.append(part)
        return part

    def _children(self, start: int, end: int, depth: int, kind: MediaType) -> tuple[Part, ...]:
        if depth >= limits.DEPTH:
            self.note("The parts lie deeper in one another than is read.")
            return ()
        default = MediaType("message/rfc822") if kind.name == "multipart/digest" else _PLAIN
        return tuple([self.part(a, b, depth + 1, default) for a, b in self._slices(start, end, kind)])

    def _slices(self, start: int, end: int, kind: MediaType) -> Iterator[tuple[int, int]]:
        """Where each part of a multipart starts and ends (RFC 2046 §5.1.1)."""
        boundary = kind.parameters.get("boundary", "").rstrip().encode("utf-8", "replace")
        first = self._delimiter(boundary, start, end) if boundary else None
        if first is None:
            boundary = self._guessed(start, end)
            first = self._delimiter(boundary, start, end) if boundary else None
        here = first
        while here and not here[2]:
            if self.parts >= limits.PARTS:
                return self.note("The mail has more parts than are read.")
            after = self._delimiter(boundary, here[1], end)
            if after is None:
                self.note("The last boundary is missing.")
            yield here[1], max(here[1], after[0] if after else end)
            here = after

    def _guessed(self, start: int, end: int) -> bytes:
        """The boundary that the body itself uses, b"" where there is none."""
        self.note("A multipart does not say its boundary, or a wrong one.")
        found = _GUESS.search(self.raw[start:end])
        return found[1].rstrip().removesuffix(b"--") if found else b""

    def _delimiter(self, boundary: bytes, start: int, end: int) -> tuple[int, int, bool] | None:
        """The next delimiter line: where the part before it ends, where the next starts, whether it is the last."""
        raw, mark = self.raw, b"--" + boundary
        at = start if raw.startswith(mark, start, end) else raw.find(b"\n" + mark, max(start - 1, 0), end)
        misses = 0
        while at >= 0:
            tail = at + len(mark) + (raw[at] == 10)
            closing = raw.startswith(b"--", tail, end)
            eol = raw.find(b"\n", tail, end)
            eol = end if eol < 0 else eol
            if not raw[tail + 2 * closing : eol].strip():
                before = at - 1 if at > start and raw[at] == 10 and raw[at - 1] == 13 else at
                return before, min(eol + 1, end), closing
            misses += 1
            if misses > _MISSES:
                # Parts twenty deep whose lines all start alike, and Python would look at each line twenty times.
                found = _line_of(boundary).search(raw, tail, end)
                at, misses = found.start() if found else -1, 0
            else:
                at = raw.find(b"\n" + mark, tail, end)
        return None
