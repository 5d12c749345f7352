"""Damage done to mail on purpose, with an eye for its structure: lines, fields, boundaries, parts, encodings.

`damaged` changes a mail a little and keeps it small; `swollen` repeats a piece of it a thousand times, which is how
quadratic time shows. Both take their chance from outside: the same chance gives the same bytes.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Sequence
from random import Random

PIECES = (
    *(b"\r\n", b"\n", b"\r", b"\r\n\r\n", b"\n\n", b" ", b"\t", b"\x00", b"\xff", b"\xef\xbb\xbf", b"\xff\xfe"),
    *(b"--", b"--b", b"--b--", b"=?utf-8?q?=40?=", b"=?", b"?=", b"%40", b"@", b"<", b">", b"(", b")", b'"', b"\\"),
    *(b";", b":", b",", b"=", b"&#", b"&#x110000;", b"> ", b">From ", b"From ", b"{", b"}", b"[", b"]", b"9" * 5000),
    *(b"message/rfc822", b"text/rfc822-headers", b"message/feedback-report", b"multipart/report", b"text/html"),
    *(b"multipart/mixed", b"multipart/digest", b"application/json", b"application/vnd.ms-outlook", b"text/xml"),
    *(b"message/delivery-status", b"application/gzip", b"report-type=feedback-report", b"boundary=b", b"boundary="),
    *(b"Content-Type: ", b"Content-Transfer-Encoding: base64\r\n", b"Content-Disposition: attachment; filename=x"),
    *(b"Content-Transfer-Encoding: quoted-printable\r\n", b"Content-Transfer-Encoding: x-uuencode\r\n"),
    *(b"Feedback-Type: abuse\r\n", b"Feedback-Type: xarf\r\n", b"Source-IP: 192.0.2.1\r\n", b"Version: 1\r\n"),
    *(b"Arrival-Date: ", b"Date: Mon, 31 Feb 99999 25:61:61 +9999\r\n", b"Received: from a by b; ", b"To: "),
    b"DKIM-Signature: v=1; a=rsa-sha256; d=example.com; s=s1; h=from:to; bh=; b=\r\n",
    *(b"[SpamCop (192.0.2.1) id:1]", b"-----Original Message-----", b"Begin forwarded message:\r\n", b"Subject: "),
    *(b"On 1 Jan, a <b@c.example> wrote:", b"Von: a\r\nGesendet: b\r\nAn: c\r\nBetreff: d\r\n", b"redacted@"),
    *(b"List-Unsubscribe: <mailto:a@b.example>\r\n", b"name=x.eml", b".txt", b"filename=x.msg"),
    *(b"charset=" + name for name in (b"utf-7", b"utf-16", b"zlib", b"hex", b"rot13", b"idna", b"hz", b"uu")),
)  # fmt: skip
_FIELD = re.compile(rb"^[!-9;-~]+:.*(?:\n[ \t].*)*\n?", re.MULTILINE)
_BOUNDARY = re.compile(rb"^--[^\r\n]*\r?\n", re.MULTILINE)
_LINE = re.compile(rb"[^\n]*\n")
_NUMBER = re.compile(rb"\d+")
_SLICE = 48

Change = Callable[[bytearray, Random, Sequence[bytes]], None]


def damaged(raw: bytes, chance: Random, others: Sequence[bytes]) -> bytes:
    """`raw` with one to four changes. others: mails that pieces are taken from."""
    changed = bytearray(raw)
    for _ in range(chance.randint(1, 4)):
        chance.choice(_CHANGES)(changed, chance, others)
    return bytes(changed)


def swollen(raw: bytes, chance: Random, size: int) -> bytes:
    """`raw` with one piece of it, or of PIECES, repeated at its place until it is `size` bytes long."""
    start, end = _span(raw, chance)
    piece = raw[start:end]
    if not piece or chance.random() < 0.3:
        piece = b"".join(chance.choice(PIECES) for _ in range(chance.randint(1, 3)))
    times = max(1, (size - len(raw)) // len(piece))
    if chance.random() < 0.3 and times < 100_000:  # each a little different: what is remembered by name is no help
        many = b"".join([_numbered(piece, number) for number in range(times)])
    else:
        many = piece * times
    return (raw[:end] + many[:size] + raw[end:])[: 2 * size]


def _numbered(piece: bytes, number: int) -> bytes:
    at = len(piece) // 2
    return piece[:at] + b"%d" % number + piece[at:]


def _span(raw: bytes | bytearray, chance: Random) -> tuple[int, int]:
    """A field, a line, a boundary line, or any few bytes."""
    pattern = chance.choice((_FIELD, _LINE, _BOUNDARY, None))
    start = chance.randint(0, len(raw))
    found = pattern.search(raw, raw.rfind(b"\n", 0, start) + 1) if pattern else None
    return found.span() if found else (start, min(len(raw), start + chance.randint(0, _SLICE)))


def _cut(raw: bytearray, chance: Random, _: Sequence[bytes]) -> None:
    start, end = _span(raw, chance)
    del raw[start:end]


def _insert(raw: bytearray, chance: Random, _: Sequence[bytes]) -> None:
    at = chance.randint(0, len(raw))
    raw[at:at] = chance.choice(PIECES)


def _replace(raw: bytearray, chance: Random, _: Sequence[bytes]) -> None:
    start, end = _span(raw, chance)
    raw[start:end] = chance.choice(PIECES)


def _repeat(raw: bytearray, chance: Random, _: Sequence[bytes]) -> None:
    start, end = _span(raw, chance)
    raw[end:end] = raw[start:end] * chance.choice((1, 2, 7, 40))


def _move(raw: bytearray, chance: Random, _: Sequence[bytes]) -> None:
    start, end = _span(raw, chance)
    piece = raw[start:end]
    del raw[start:end]
    at = raw.rfind(b"\n", 0, chance.randint(0, len(raw))) + 1
    raw[at:at] = piece


def _splice(raw: bytearray, chance: Random, others: Sequence[bytes]) -> None:
    """A piece of another mail, or all of it, as it is or encoded."""
    other = chance.choice(others) if others else b""
    start, end = _span(other, chance) if chance.random() < 0.7 else (0, len(other))
    piece = chance.choice((bytes, base64.encodebytes, binascii.b2a_qp))(other[start:end])
    at = raw.rfind(b"\n", 0, chance.randint(0, len(raw))) + 1
    raw[at:at] = piece


def _wrap(raw: bytearray, chance: Random, _: Sequence[bytes]) -> None:
    """The whole mail as a part of another, or as the mail in a feedback report."""
    kind = chance.choice((b"multipart/mixed", b"multipart/report; report-type=feedback-report", b"multipart/digest"))
    part = chance.choice((b"message/rfc822", b"text/rfc822-headers", b"text/plain", b"text/html", b"multipart/mixed"))
    head = b"From: a@b.example\r\nContent-Type: %s; boundary=b\r\n\r\n--b\r\nContent-Type: %s\r\n\r\n" % (kind, part)
    raw[:] = head + raw + b"\r\n--b--\r\n"


def _renumber(raw: bytearray, chance: Random, _: Sequence[bytes]) -> None:
    found = list(_NUMBER.finditer(raw))
    if found:
        start, end = chance.choice(found).span()
        raw[start:end] = chance.choice((b"0", b"-1", b"4294967296", b"9" * 30, b"256", b"1e9"))


def _line_ends(raw: bytearray, chance: Random, _: Sequence[bytes]) -> None:
    old, new = chance.choice(((b"\r\n", b"\n"), (b"\r\n", b"\r"), (b"\n", b"\r\r\n"), (b"\r\n", b"\r\n ")))
    raw[:] = raw.replace(old, new)


def _flip(raw: bytearray, chance: Random, _: Sequence[bytes]) -> None:
    if raw:
        raw[chance.randrange(len(raw))] = chance.randrange(256)


_CHANGES: tuple[Change, ...] = (
    *(_cut, _insert, _insert, _replace, _replace, _repeat, _move, _splice, _splice, _wrap, _renumber),
    *(_line_ends, _flip, _flip),
)
