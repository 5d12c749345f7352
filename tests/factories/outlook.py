"""Outlook .msg files made for tests: a small writer of compound files (MS-CFB) and of the properties in them.

It can write what no maker of good files does: a size, a sector or a directory that lies.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

SECTOR, MINI, CUTOFF = 512, 64, 4096
END, FREE, FAT_SECTOR, NONE = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFD, 0xFFFFFFFF
STORAGE, STREAM, ROOT = 1, 2, 5
SUBJECT, HEADERS, BODY, HTML, MESSAGE_ID = 0x0037, 0x007D, 0x1000, 0x1013, 0x1035
SENDER_NAME, SENDER_ADDRESS, SMTP_SENDER = 0x0C1A, 0x0C1F, 0x5D01
NAME, ADDRESS, SMTP_ADDRESS, RECIPIENT_TYPE, SUBMITTED = 0x3001, 0x3003, 0x39FE, 0x0C15, 0x0039
UNICODE, EIGHT_BIT, BINARY, LONG, TIME = 0x001F, 0x001E, 0x0102, 0x0003, 0x0040
Values = Mapping[int, str | bytes | int | datetime]
_EPOCH = datetime(1601, 1, 1, tzinfo=UTC)


@dataclass
class Entry:
    """One directory entry; `size` and `start` are filled in unless a test sets them."""

    name: str
    kind: int
    content: bytes = b""
    kids: list[Entry] = field(default_factory=list)
    size: int | None = None
    start: int | None = None
    child: int = NONE
    right: int = NONE


def msg_file(values: Values, recipients: tuple[Values, ...] = (), *, kind: int = UNICODE) -> bytes:
    """A .msg file whose message has these properties; text is written as UTF-16, or as cp1252 with EIGHT_BIT."""
    kids = list(_properties(values, 32, kind))
    for number, each in enumerate(recipients):
        name = f"__recip_version1.0_#{number:08X}"
        kids.append(Entry(name, STORAGE, kids=list(_properties(each, 8, kind))))
    return compound_file(kids)


def compound_file(kids: list[Entry]) -> bytes:
    """A compound file of version 3 with these entries below its root."""
    root = Entry("Root Entry", ROOT, kids=kids)
    entries = [root]
    _number(root, entries)
    sectors: list[bytes] = []
    fat: list[int] = []
    mini, mini_fat = bytearray(), list[int]()
    for entry in entries:
        if entry.kind == STREAM:
            _store(entry, sectors, fat, mini, mini_fat)
    root.start, root.size = _chain(bytes(mini), sectors, fat), len(mini)
    mini_start = _chain(struct.pack(f"<{len(mini_fat)}L", *mini_fat), sectors, fat)
    directory = _chain(b"".join(map(_entry_bytes, entries)), sectors, fat)
    minis = -(-4 * len(mini_fat) // SECTOR)
    count = next(n for n in range(1, 110) if (len(fat) + n) * 4 <= n * SECTOR)
    places = [len(fat) + n for n in range(count)]
    fat += [FAT_SECTOR] * count + [FREE] * (count * SECTOR // 4 - len(fat) - count)
    header = struct.pack("<8s16xHHHHH6x", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 0x3E, 3, 0xFFFE, 9, 6)
    header += struct.pack("<9L", 0, count, directory, 0, CUTOFF, mini_start, minis, END, 0)
    header += struct.pack("<109L", *places, *[FREE] * (109 - count))
    return header + b"".join(sectors) + struct.pack(f"<{len(fat)}L", *fat)


def _properties(values: Values, lead: int, kind: int) -> Iterator[Entry]:
    rows = bytearray(lead)
    for pid, value in values.items():
        if isinstance(value, int):
            rows += struct.pack("<HHLLL", LONG, pid, 6, value, 0)
        elif isinstance(value, datetime):
            rows += struct.pack("<HHLQ", TIME, pid, 6, int((value - _EPOCH).total_seconds() * 10**7))
        else:
            written = (
                value if isinstance(value, bytes) else value.encode("utf-16-le" if kind == UNICODE else "cp1252")
            )
            ptyp = BINARY if isinstance(value, bytes) else kind
            rows += struct.pack("<HHLLL", ptyp, pid, 6, len(written), 0)
            yield Entry(f"__substg1.0_{pid:04X}{ptyp:04X}", STREAM, written)
    yield Entry("__properties_version1.0", STREAM, bytes(rows))


def _number(parent: Entry, entries: list[Entry]) -> None:
    """Gives every kid its place in the directory; siblings hang one right of the other."""
    kids = sorted(parent.kids, key=lambda kid: (len(kid.name), kid.name.upper()))
    first = len(entries)
    entries += kids
    for offset, kid in enumerate(kids):
        kid.right = first + offset + 1 if offset + 1 < len(kids) else NONE
    parent.child = first if kids else NONE
    for kid in kids:
        _number(kid, entries)


def _store(entry: Entry, sectors: list[bytes], fat: list[int], mini: bytearray, mini_fat: list[int]) -> None:
    if entry.start is not None:
        return
    entry.size = len(entry.content) if entry.size is None else entry.size
    if len(entry.content) >= CUTOFF:
        entry.start = _chain(entry.content, sectors, fat)
        return
    count = -(-len(entry.content) // MINI)
    entry.start = len(mini_fat) if count else END
    mini_fat += [len(mini_fat) + n + 1 for n in range(count - 1)] + [END] * bool(count)
    mini += entry.content.ljust(count * MINI, b"\0")


def _chain(content: bytes, sectors: list[bytes], fat: list[int]) -> int:
    """Where the sectors that hold `content` start."""
    pieces = [content[at : at + SECTOR].ljust(SECTOR, b"\0") for at in range(0, len(content), SECTOR)]
    if not pieces:
        return END
    start = len(fat)
    fat += [start + n + 1 for n in range(len(pieces) - 1)] + [END]
    sectors += pieces
    return start


def _entry_bytes(entry: Entry) -> bytes:
    name = entry.name.encode("utf-16-le") + b"\0\0"
    numbers = (entry.kind, 1, NONE, entry.right, entry.child, 0, 0, 0, entry.start or 0, entry.size or 0, 0)
    return struct.pack("<64sHBBLLL16xLQQLLL", name, len(name), *numbers)
