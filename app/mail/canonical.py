"""A message split once for DKIM: its header fields, its body, and both canonicalised (RFC 6376 §3.4).

Works on the exact bytes. Line ends are brought to CRLF first: a message that came with bare LF (or, without any
LF, with bare CR) is judged as the CRLF message that was signed. Never raises; what breaks the message format is
told in `Letter.defect`. Every step is linear in the size: `dkimpy` takes 0.8 s for 32 KB of spaces because its
patterns back-track, and canonicalises all fields again for every signature.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from functools import cached_property
from typing import NamedTuple

from app.mail import limits

CRLF = b"\r\n"
SIMPLE, RELAXED = "simple", "relaxed"

_NEXT_FIELD = re.compile(rb"\r\n(?![ \t])")
_NAME = re.compile(rb"[!-9;-~]+")


class Field(NamedTuple):
    """One header field: `name` in lower case, `raw` as it stands without its last CRLF, `colon` where it splits."""

    name: bytes
    raw: bytes
    colon: int

    @property
    def value(self) -> bytes:
        return self.raw[self.colon + 1 :]


class Letter:
    """One message, ready to be hashed in either canonicalisation as often as it is signed.

    fields: the header fields, topmost first. `defect`: a sentence where the header block breaks RFC 5322, or is
    over `limits.HEADER_BYTES` or `limits.HEADER_FIELDS`; the fields that were read are still there.
    """

    def __init__(self, message: bytes) -> None:
        head, self._body = _split(message)
        self.fields, self.defect = _fields(head)
        self._canonical_bodies: dict[str, bytes] = {}
        self._relaxed_fields: dict[int, bytes] = {}
        self._digests: dict[tuple[str, int | None, str], bytes] = {}

    @cached_property
    def by_name(self) -> dict[bytes, list[int]]:
        """Field name → where its fields stand in `fields`, from the top down."""
        places: dict[bytes, list[int]] = {}
        for place, field in enumerate(self.fields):
            places.setdefault(field.name, []).append(place)
        return places

    def header(self, names: Sequence[bytes], form: str) -> bytes:
        """The canonical fields that `names` (lower case) select, CRLF after each (RFC 6376 §5.4.2).

        A name that repeats takes the next field upwards; one that finds no more field adds nothing.
        """
        left = {name: list(self.by_name.get(name, ())) for name in names}
        chosen = [left[name].pop() for name in names if left[name]]
        return b"".join([self._field(place, form) + CRLF for place in chosen])

    def body(self, form: str) -> bytes:
        """The canonical body (RFC 6376 §3.4.3, §3.4.4); canonicalised once."""
        if form not in self._canonical_bodies:
            plain = _crlf(self._body)
            self._canonical_bodies[form] = _trimmed(plain) if form == SIMPLE else _relaxed_body(plain)
        return self._canonical_bodies[form]

    def body_digest(self, form: str, length: int | None, hashed: str) -> bytes:
        """The hash (`sha256` or `sha1`) of the first `length` bytes of the canonical body; None: of all of it."""
        wanted = (form, length, hashed)
        if wanted not in self._digests:
            text = memoryview(self.body(form))[:length]
            self._digests[wanted] = hashlib.new(hashed, text, usedforsecurity=False).digest()
        return self._digests[wanted]

    def _field(self, place: int, form: str) -> bytes:
        if form == SIMPLE:
            return self.fields[place].raw
        known = self._relaxed_fields.get(place)
        if known is None:
            field = self.fields[place]
            known = self._relaxed_fields[place] = relaxed_field(field.name, field.value)
        return known


def relaxed_field(name: bytes, value: bytes) -> bytes:
    """The field in relaxed form (RFC 6376 §3.4.2), without a CRLF. name: in lower case."""
    return name + b":" + _squeezed(value.replace(CRLF, b"")).strip()


def _split(message: bytes) -> tuple[bytes, bytes]:
    """Header block with CRLF and without its last one, and the body as it came."""
    if b"\n" not in message:
        # RFC 5322 knows no bare CR; a file without one LF had its line ends changed on its way to us.
        message = message.replace(b"\r", CRLF)
    if message.startswith((CRLF, b"\n")):
        return b"", message[message.index(b"\n") + 1 :]
    end = message.find(b"\n\r\n")
    bare = message.find(b"\n\n", 0, end + 1 if end >= 0 else len(message))
    if bare >= 0:
        return _crlf(message[:bare]).removesuffix(b"\r"), message[bare + 2 :]
    if end >= 0:
        return _crlf(message[:end]).removesuffix(b"\r"), message[end + 3 :]
    return _crlf(message).removesuffix(CRLF), b""


def _crlf(text: bytes) -> bytes:
    if text.count(b"\n") == text.count(CRLF):
        return text
    return text.replace(CRLF, b"\n").replace(b"\n", CRLF)


def _fields(head: bytes) -> tuple[tuple[Field, ...], str | None]:
    defect = None
    if len(head) > limits.HEADER_BYTES:
        head = head[: limits.HEADER_BYTES].rpartition(CRLF)[0]
        defect = f"the header block is over {limits.HEADER_BYTES} bytes"
    lines = _NEXT_FIELD.split(head, maxsplit=limits.HEADER_FIELDS) if head else []
    if len(lines) > limits.HEADER_FIELDS:
        del lines[limits.HEADER_FIELDS :]
        defect = f"the header block has over {limits.HEADER_FIELDS} fields"
    read = [(_field(line), line) for line in lines]
    if any(field is None and not _is_mbox_line(line) for field, line in read):
        defect = "a line of the header block is no header field"
    return tuple(field for field, _ in read if field), defect


def _is_mbox_line(line: bytes) -> bool:
    """Mailbox files put `From someone time` before the header block; it is no part of the message."""
    return line.startswith(b"From ") and CRLF not in line


def _field(line: bytes) -> Field | None:
    colon = line.find(b":")
    # RFC 5322 §4.5.3 and RFC 6376 §3.4.2: white space before the colon is obsolete, and still a field.
    name = line[:colon].rstrip(b" \t") if colon > 0 else b""
    return Field(name.lower(), line, colon) if _NAME.fullmatch(name) else None


def _squeezed(text: bytes) -> bytes:
    """Every run of spaces and tabs made one space; each round halves the longest run, so time stays linear."""
    if b"\t" in text:
        text = text.replace(b"\t", b" ")
    while b"  " in text:
        text = text.replace(b"        ", b" ").replace(b"  ", b" ")
    return text


def _trimmed(body: bytes) -> bytes:
    """The body with exactly one CRLF at its end; an empty one becomes CRLF (RFC 6376 §3.4.3)."""
    if not body.endswith(CRLF):
        return body + CRLF
    if not body.endswith(b"\n\r\n"):
        return body
    text = body.rstrip(CRLF)
    tail = body[len(text) :]
    # A bare CR in front of the last line ends is content, not a line end.
    return text + tail[: tail.rfind(b"\r\r") + 1] + CRLF


def _relaxed_body(body: bytes) -> bytes:
    trimmed = _trimmed(_squeezed(body).replace(b" \r\n", CRLF))
    return b"" if trimmed == CRLF else trimmed  # RFC 6376 §3.4.4: an empty body stays empty
