"""What lies in an opaque signature: S/MIME (RFC 8551 §3.5.2) wraps a whole body in CMS signed data (RFC 5652 §5).

Nothing is verified: whose complaint it is does not hang on it. Read as BER (X.690), as mail clients stream it, with
lengths that are told behind and octets in pieces. What is encrypted or only compressed is not read.
"""

from __future__ import annotations

from collections.abc import Iterator

from app.mail import limits
from app.mail.mime.head import without_body_fields
from app.mail.mime.message import Message, Part, parse

_TYPES = ("application/pkcs7-mime", "application/x-pkcs7-mime")
_OCTETS, _OBJECT, _SEQUENCE, _EXPLICIT = 0x04, 0x06, 0x30, 0xA0
_CONSTRUCTED = 0x20
_SIGNED_DATA = bytes.fromhex("2a864886f70d010702")  # 1.2.840.113549.1.7.2
_DEEP = 8


class _NotReadError(ValueError):
    """It is no signed data, or broken, or in more pieces than are read."""


def opened(mail: Message) -> Message:
    """The mail as it was before it was signed, under its own header; `mail` itself where it is not wrapped so."""
    for _ in range(limits.FORWARDS):
        content = content_of(mail.top)
        if content is None:
            break
        mail = parse(without_body_fields(mail.top.source, mail.head) + content)
    return mail


def content_of(part: Part) -> bytes | None:
    """The MIME entity that was signed, None where the part holds none."""
    if part.name in _TYPES or (part.name.startswith("application/") and part.filename.lower().endswith(".p7m")):
        return signed_content(part.content())
    return None


def signed_content(raw: bytes) -> bytes | None:
    """The content of CMS signed data; None where `raw` is something else, is broken, or has its content elsewhere."""
    try:
        return _Reader(raw).content()
    except (_NotReadError, IndexError):
        return None


class _Reader:
    """The way through the elements of `raw` to its content, in at most `limits.CMS_STEPS` steps."""

    def __init__(self, raw: bytes) -> None:
        self._raw = raw
        self._steps = limits.CMS_STEPS

    def content(self) -> bytes:
        at = self._past_object(self._into(0, _SEQUENCE), _SIGNED_DATA)
        at = self._into(self._into(at, _EXPLICIT), _SEQUENCE)
        at = self._over(self._over(at))  # the version, the digest algorithms
        at = self._past_object(self._into(at, _SEQUENCE))
        return b"".join(self._pieces(self._into(at, _EXPLICIT)))

    def _into(self, at: int, tag: int) -> int:
        """Where the content of the element at `at` starts, which must have this tag."""
        found, start, _ = self._element(at)
        if found != tag:
            raise _NotReadError
        return start

    def _past_object(self, at: int, wanted: bytes | None = None) -> int:
        """Where the element after the object identifier at `at` starts. wanted: what it must be."""
        tag, start, end = self._element(at)
        if tag != _OBJECT or end is None or (wanted is not None and self._raw[start:end] != wanted):
            raise _NotReadError
        return end

    def _over(self, at: int, deep: int = _DEEP) -> int:
        """Where the element after the one at `at` starts."""
        _, start, end = self._element(at)
        if end is not None:
            return end
        if not deep:
            raise _NotReadError
        while not self._is_end(start):
            start = self._over(start, deep - 1)
        return start + 2

    def _pieces(self, at: int, deep: int = _DEEP) -> Iterator[bytes]:
        """The octets of the string at `at`, which may be made of others (X.690 §8.7)."""
        tag, start, end = self._element(at)
        if tag == _OCTETS and end is not None:
            yield self._raw[start:end]
            return
        if tag != _OCTETS | _CONSTRUCTED or not deep:
            raise _NotReadError
        while start < end if end is not None else not self._is_end(start):
            yield from self._pieces(start, deep - 1)
            start = self._over(start)

    def _is_end(self, at: int) -> bool:
        return self._raw[at] == 0 == self._raw[at + 1]

    def _element(self, at: int) -> tuple[int, int, int | None]:
        """Tag, start and end of the content of the element at `at`; its end is None where it is told behind it."""
        self._steps -= 1
        tag, size, start = self._raw[at], self._raw[at + 1], at + 2
        if self._steps < 0:
            raise _NotReadError
        if size == 0x80 and tag & _CONSTRUCTED:
            return tag, start, None
        if size & 0x80:
            digits = size & 0x7F
            if not 0 < digits <= 4:
                raise _NotReadError
            size, start = int.from_bytes(self._raw[start : start + digits], "big"), start + digits
        if start + size > len(self._raw):
            raise _NotReadError
        return tag, start, start + size
