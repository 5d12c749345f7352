"""Files as Exchange wraps mails (MS-OXTNEF), made for tests: a small writer. The numbers are those of `outlook`."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from datetime import UTC, datetime

import compressed_rtf

from tests.factories.outlook import BINARY, EIGHT_BIT, HTML, LONG, TIME, UNICODE, Values

RTF = 0x1009
MESSAGE, RECIPIENTS, CODE_PAGE = 0x69003, 0x69004, 0x69007
NEXT_FILE, FILE_DATA, FILE = 0x69002, 0x6800F, 0x69005
OBJECT, FILE_OBJECT = 0x0D, 0x3701
IID = bytes.fromhex("0703020000000000c000000000000046")
NAMED = struct.pack("<HH16sLL", LONG, 0x8001, b"g" * 16, 0, 7) + struct.pack("<HHHH", 5, 0, 0, 0)[:4]
_EPOCH = datetime(1601, 1, 1, tzinfo=UTC)


def tnef_file(
    values: Values,
    recipients: tuple[Values, ...] = (),
    attached: Sequence[bytes] = (),
    *,
    kind: int = UNICODE,
    old: Sequence[tuple[int, bytes]] = (),
) -> bytes:
    """A file whose message has these properties. attached: a file of the same sort is a message, else a file.

    kind: text is written as UTF-16, or as cp1252 with EIGHT_BIT. old: attributes outside of all properties.
    """
    rows = struct.pack("<L", len(recipients)) + b"".join(properties(each, kind) for each in recipients)
    parts = [attribute(0x89006, struct.pack("<L", 0x10000)), attribute(CODE_PAGE, struct.pack("<LL", 1252, 0))]
    parts += [attribute(*each) for each in old]
    parts += [attribute(RECIPIENTS, rows), attribute(MESSAGE, properties(values, kind))]
    for each in attached:
        parts.append(attribute(NEXT_FILE, bytes(14), 2))
        if each.startswith(b"\x78\x9f\x3e\x22"):
            held = one(OBJECT, FILE_OBJECT, IID + each)
            parts.append(attribute(FILE, struct.pack("<L", 1) + held, 2))
        else:
            parts.append(attribute(FILE_DATA, each, 2))
    return b"\x78\x9f\x3e\x22\x01\x00" + b"".join(parts)


def attribute(name: int, value: bytes, level: int = 1) -> bytes:
    return struct.pack("<BLL", level, name, len(value)) + value + struct.pack("<H", sum(value) % 65_536)


def properties(values: Values, kind: int = UNICODE) -> bytes:
    written = [_property(pid, value, kind) for pid, value in values.items()]
    return struct.pack("<L", len(written)) + b"".join(written)


def one(kind: int, pid: int, value: bytes) -> bytes:
    """A property of a type that has a size."""
    return struct.pack("<HHLL", kind, pid, 1, len(value)) + value + bytes(-len(value) % 4)


def packed(rtf: bytes) -> bytes:
    """RTF as Outlook packs it (MS-OXRTFCP)."""
    return bytes(compressed_rtf.compress(rtf, compressed=True))


def _property(pid: int, value: str | bytes | int | datetime, kind: int) -> bytes:
    if isinstance(value, int):
        return struct.pack("<HHL", LONG, pid, value)
    if isinstance(value, datetime):
        return struct.pack("<HHQ", TIME, pid, int((value - _EPOCH).total_seconds() * 10**7))
    if isinstance(value, bytes):
        return one(BINARY if pid in (RTF, HTML) else EIGHT_BIT, pid, value)
    return one(kind, pid, (value + "\0").encode("utf-16-le" if kind == UNICODE else "cp1252"))
