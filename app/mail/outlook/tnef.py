"""What Exchange wraps a mail into (winmail.dat, application/ms-tnef): MS-OXTNEF, read with bounds.

A run of attributes, each with its size; the message and each attachment have one that holds MAPI properties, and an
attached message is such a run again. `tnefparse` is not used: it takes quadratic time, and reads every property.
Sizes are believed as far as there are bytes, checksums are not looked at: what is torn is read up to the tear.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta

from app.mail import limits
from app.mail.mime.charset import cleaned, decoded
from app.mail.mime.message import Part
from app.mail.outlook import item as o
from app.mail.outlook.item import Item, Person
from app.mail.outlook.rtf import Allowance, text_of_rtf, unpacked
from app.values import dataclass

SIGNATURE = b"\x78\x9f\x3e\x22"
"""The first bytes of such a file (MS-OXTNEF §2.1.3.1)."""

_TYPES = ("application/ms-tnef", "application/vnd.ms-tnef")
_NAME = "winmail.dat"
_SUBJECT, _BODY, _DATE_SENT, _FROM = 0x18004, 0x2800C, 0x38005, 0x8000
_MESSAGE, _RECIPIENTS, _CODE_PAGE = 0x69003, 0x69004, 0x69007
_NEXT_FILE, _FILE_DATA, _FILE = 0x69002, 0x6800F, 0x69005
_FILE_OBJECT = 0x3701
_MESSAGE_IID = bytes.fromhex("0703020000000000c000000000000046")
"""PidTagAttachDataObject starts with it where a message is attached (MS-OXTNEF §2.1.3.3.15)."""
_STRING8, _STRING, _BINARY, _OBJECT, _TIME, _LONG = 0x1E, 0x1F, 0x102, 0x0D, 0x40, 0x03
_WIDTHS = {0x02: 4, _LONG: 4, 0x04: 4, 0x0A: 4, 0x0B: 4} | dict.fromkeys((0x05, 0x06, 0x07, 0x14, _TIME), 8)
_WIDTHS |= {0x48: 16}
_SIZED = frozenset((_STRING8, _STRING, _BINARY, _OBJECT))
_MANY, _NAMED = 0x1000, 0x8000
_PEOPLE = 100
_EPOCH = datetime(1601, 1, 1, tzinfo=UTC)
_CHARSETS = {65001: "utf-8", 20127: "ascii", 28591: "iso-8859-1", 28592: "iso-8859-2"}

Values = Mapping[int, tuple[int, bytes]]
"""The type and the bytes of a property, by its number."""


@dataclass(frozen=True, slots=True)
class Attached:
    """One attachment: a message, or else the bytes of a file."""

    content: bytes
    message: Tnef | None


@dataclass(frozen=True, slots=True)
class Tnef:
    """A message and what is attached to it, at most `limits.ORIGINALS`."""

    item: Item
    attached: tuple[Attached, ...]


def is_tnef(part: Part) -> bool:
    """Whether a part is declared or named to be such a file, or starts as one."""
    if part.name in _TYPES or part.filename.lower() == _NAME:
        return True
    return part.name == "application/octet-stream" and part.content(16).startswith(SIGNATURE)


def read_file(raw: bytes) -> Tnef | None:
    """The message in `raw`, None where it is no such file. Never raises; takes linear time."""
    return _Reader().message(memoryview(raw), 0) if raw.startswith(SIGNATURE) else None


def files_attached(found: Tnef) -> Iterator[bytes]:
    """The bytes of every file attached, to messages within it too."""
    for each in found.attached:
        if each.content:
            yield each.content
        if each.message:
            yield from files_attached(each.message)


class _Reader:
    """One file, read once: `steps` are what may still be looked at of it, all depths together."""

    def __init__(self) -> None:
        self.steps = limits.TNEF_STEPS
        self.allowance = Allowance()

    def message(self, raw: memoryview, depth: int) -> Tnef:
        attributes: dict[int, memoryview] = {}
        files: list[dict[int, memoryview]] = []
        for name, value in self._attributes(raw):
            if name == _NEXT_FILE:
                files.append({})
            (files[-1] if files else attributes).setdefault(name, value)
        attached = (self._file(each, depth) for each in files[: limits.ORIGINALS])
        return Tnef(self._item(attributes), tuple([each for each in attached if each]))

    def _attributes(self, raw: memoryview) -> Iterator[tuple[int, memoryview]]:
        at = 6  # behind the signature and a key
        while at + 9 <= len(raw) and self.steps > 0:
            self.steps -= 1
            _, name, size = struct.unpack_from("<BLL", raw, at)
            yield name, raw[at + 9 : at + 9 + size]
            at += 9 + size + 2

    def _item(self, attributes: Mapping[int, memoryview]) -> Item:
        charset = _charset(attributes.get(_CODE_PAGE, memoryview(b"")))
        values, _ = self._values(attributes.get(_MESSAGE, memoryview(b"")), 0)
        texts = _old_texts(attributes, charset) | _texts(values, o.TEXTS, charset)
        times = {pid: when for pid in o.TIMES if (when := _time(values.get(pid)))}
        sent = None if times else _old_time(attributes.get(_DATE_SENT, memoryview(b"")))
        _, html = values.get(o.HTML, (_BINARY, b""))
        bare = not texts.get(o.BODY, "").strip() and not html.strip()
        rtf = unpacked(values.get(o.RTF, (0, b""))[1], self.allowance) if bare else b""
        return Item(
            texts=texts,
            times={o.SUBMITTED: sent} if sent else times,
            people=tuple(self._people(attributes.get(_RECIPIENTS, memoryview(b"")), charset)),
            html=_text(values.get(o.HTML), charset, limits.MSG_STREAM_BYTES),
            rich=text_of_rtf(rtf, self.allowance),
        )

    def _file(self, attributes: Mapping[int, memoryview], depth: int) -> Attached | None:
        values, _ = self._values(attributes.get(_FILE, memoryview(b"")), 0)
        _, held = values.get(_FILE_OBJECT, (0, b""))
        if held.startswith(_MESSAGE_IID + SIGNATURE) and depth < limits.FORWARDS:
            return Attached(b"", self.message(memoryview(held)[16:], depth + 1))
        content = bytes(attributes.get(_FILE_DATA, b"")) or held
        return Attached(content, None) if content else None

    def _people(self, raw: memoryview, charset: str) -> Iterator[Person]:
        """The recipients (§2.1.3.5.1): a count, and a list of properties for each."""
        count, at = _number(raw, 0), 4
        for _ in range(min(count, _PEOPLE)):
            values, at = self._values(raw, at)
            kind = int.from_bytes(values.get(o.RECIPIENT_TYPE, (_LONG, b"\x01"))[1], "little") & 0xF
            texts = _texts(values, o.PERSON_TEXTS, charset)
            if texts:
                yield Person(texts, kind)

    def _values(self, raw: memoryview, at: int) -> tuple[dict[int, tuple[int, bytes]], int]:
        """The properties in a list that starts at `at`, and where it ends (§2.1.3.4)."""
        found: dict[int, tuple[int, bytes]] = {}
        count = _number(raw, at)
        at += 4
        for _ in range(count):
            if self.steps <= 0 or at + 4 > len(raw):
                break
            self.steps -= 1
            kind, pid = struct.unpack_from("<HH", raw, at)
            at = _behind_name(raw, at + 4) if pid & _NAMED else at + 4
            value, at = self._value(raw, at, kind)
            if value is None:
                break  # nobody can tell where the next one starts
            if pid in _WANTED:
                found.setdefault(pid, (kind, bytes(value)))
        return found, at

    def _value(self, raw: memoryview, at: int, kind: int) -> tuple[memoryview | None, int]:
        """The first value of a property and where the next property starts; None of a type that is not known."""
        base = kind & ~_MANY
        is_counted = base in _SIZED or kind & _MANY
        count = _number(raw, at) if is_counted else 1
        at += 4 if is_counted else 0
        if base in _WIDTHS:
            width = _WIDTHS[base]
            return raw[at : at + width], at + width * count
        if base not in _SIZED:
            return None, at
        first: memoryview | None = None
        while count > 0 and self.steps > 0 and at + 4 <= len(raw):
            size = _number(raw, at)
            first = raw[at + 4 : at + 4 + size] if first is None else first
            at += 4 + size + -size % 4
            count -= 1
            self.steps -= 1
        return memoryview(b"") if first is None else first, at


_WANTED = frozenset((*o.TEXTS, *o.TIMES, *o.PERSON_TEXTS, o.RECIPIENT_TYPE, o.RTF, o.HTML, _FILE_OBJECT))


def _behind_name(raw: memoryview, at: int) -> int:
    """Where the value of a named property starts: behind a GUID and a number, or a text (§2.1.3.4)."""
    is_text = _number(raw, at + 16) == 1
    size = _number(raw, at + 20) if is_text else 0
    return at + 24 + size + -size % 4


def _number(raw: memoryview, at: int) -> int:
    return int.from_bytes(raw[at : at + 4], "little")


def _texts(values: Values, pids: tuple[int, ...], charset: str) -> dict[int, str]:
    texts = {pid: _text(values.get(pid), charset, limits.MSG_STREAM_BYTES) for pid in pids}
    return {pid: text for pid, text in texts.items() if text}


def _text(value: tuple[int, bytes] | None, charset: str, most: int) -> str:
    if value is None or value[0] not in _SIZED or len(value[1]) > most:
        return ""
    kind, raw = value
    if kind == _STRING:
        return cleaned(raw.decode("utf-16-le", "replace").rstrip("\x00"))
    return decoded(raw.rstrip(b"\x00"), charset if kind == _STRING8 else "")


def _time(value: tuple[int, bytes] | None) -> datetime | None:
    """A count of 100 nanoseconds since 1601, None where no calendar has it."""
    if value is None or value[0] != _TIME or len(value[1]) < 8:
        return None
    try:
        return _EPOCH + timedelta(microseconds=int.from_bytes(value[1], "little") // 10)
    except OverflowError:
        return None


def _charset(raw: memoryview) -> str:
    page = _number(raw, 0)
    return _CHARSETS.get(page, f"cp{page}") if page else "cp1252"


def _old_texts(attributes: Mapping[int, memoryview], charset: str) -> dict[int, str]:
    """Subject, body and sender as the first Exchange wrote them, outside of all properties (§2.1.3.3)."""
    found = {o.SUBJECT: attributes.get(_SUBJECT), o.BODY: attributes.get(_BODY)}
    texts = {
        pid: decoded(bytes(raw[: limits.MSG_STREAM_BYTES]).rstrip(b"\x00"), charset)
        for pid, raw in found.items()
        if raw
    }
    return texts | _old_sender(attributes.get(_FROM, memoryview(b"")), charset)


def _old_sender(raw: memoryview, charset: str) -> dict[int, str]:
    """Name and address behind four numbers, of which the last two are their sizes (TRP, §2.1.3.3.2)."""
    if len(raw) < 8:
        return {}
    _, _, name, address = struct.unpack_from("<4H", raw)
    texts = (
        decoded(bytes(each).split(b"\x00")[0], charset) for each in (raw[8 : 8 + name], raw[8 + name :][:address])
    )
    found = dict(zip((o.SENDER_NAME, o.SENDER_ADDRESS), texts, strict=True))
    return found | {o.SENDER_ADDRESS: found[o.SENDER_ADDRESS].removeprefix("SMTP:")}


def _old_time(raw: memoryview) -> datetime | None:
    """Year, month, day, hour, minute and second as six numbers (DTR, §2.1.3.3.5)."""
    if len(raw) < 12:
        return None
    try:
        year, month, day, hour, minute, second = struct.unpack_from("<6H", raw)
        return datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    except ValueError:
        return None
