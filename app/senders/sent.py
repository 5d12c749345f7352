"""Reads what was sent, a line at a time: CSV or JSON lines with the names below (pure).

CSV has a heading line; JSON lines have an object a line. Names: time, sender, recipient, message_id, queue_id,
stream, campaign, provider. Needed are time, sender, and a message_id or a queue_id. Whatever the file's size, one
line is held at a time; a line that cannot be read becomes a Fault and the next goes on. A quoted CSV field cannot
hold a line break.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from enum import StrEnum
from functools import partial
from itertools import chain
from typing import BinaryIO, NamedTuple, TypeVar

from app.mail.original import message_id
from app.senders.providers import UNKNOWN, provider_of
from app.senders.roster import ID, Fault

LINE_BYTES = 65_536
NAME_CHARS = 100
MESSAGE_ID_CHARS = 998
QUEUE_ID_CHARS = 100
ADDRESS_CHARS = 320
NAMES = frozenset({"time", "sender", "recipient", "message_id", "queue_id", "stream", "campaign", "provider"})
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_MOMENT = re.compile(r"[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d |\d{4}-\d\d-\d\dT")


T = TypeVar("T")


class SentFormat(StrEnum):
    CSV = "csv"
    JSONL = "jsonl"
    KUMOMTA = "kumomta"
    POSTFIX = "postfix"


class Sent(NamedTuple):
    """One mail that was delivered to one recipient.

    line: its number in the input. sender: the account; None where only the `login` it came by is known, lower case.
    message_id: without angle brackets. recipient: lower case. Empty: not known. at: aware UTC.
    """

    line: int
    sender: str | None
    login: str
    at: datetime
    message_id: str
    queue_id: str
    recipient: str
    provider: str
    stream: str = ""
    campaign: str = ""


Line = tuple[int, bytes | Fault]
Reading = Iterator[Sent | Fault]


def lines_of(stream: BinaryIO) -> Iterator[Line]:
    """Number and bytes of every line that is not empty; of one longer than LINE_BYTES only a Fault."""
    number = 0
    while line := stream.readline(LINE_BYTES + 1):
        number += 1
        if len(line) <= LINE_BYTES:
            if not line.isspace():
                yield number, line
            continue
        while line and not line.endswith(b"\n"):
            line = stream.readline(LINE_BYTES)
        yield number, Fault(number, f"The line is longer than {LINE_BYTES} bytes.")


def guessed(lines: Iterator[Line]) -> tuple[SentFormat, Iterator[Line]]:
    """The format that the first line shows, and all lines."""
    first = next(lines, None)
    if first is None:
        return SentFormat.CSV, iter(())
    return _format_of(first[1]), chain((first,), lines)


def _format_of(line: bytes | Fault) -> SentFormat:
    text = "" if isinstance(line, Fault) else line.decode("utf-8", "replace").removeprefix("\ufeff").lstrip()
    if text.startswith("{"):
        return SentFormat.KUMOMTA if '"type"' in text and '"timestamp"' in text else SentFormat.JSONL
    return SentFormat.POSTFIX if _MOMENT.match(text) else SentFormat.CSV


def read_jsonl(lines: Iterator[Line]) -> Reading:
    """What an object a line says."""
    for number, line in lines:
        yield attempt(number, line, _from_json)


def _from_json(number: int, line: str) -> Sent:
    return sent_of(number, json_object(line))


def json_object(line: str) -> Mapping[str, object]:
    """The object of a line. Raises ValueError with a sentence."""
    try:
        row = json.loads(line)
    except (ValueError, RecursionError) as fault:
        raise ValueError("This line is not JSON that can be read.") from fault
    if not isinstance(row, dict):
        raise ValueError("This line is not a JSON object.")
    return row


def read_csv(lines: Iterator[Line]) -> Reading:
    """What a row a line says; without a heading of known names the only answer is a Fault."""
    heading: list[str] | None = None
    for number, line in lines:
        if heading is None:
            heading = heading_of(line)
            if "time" not in heading or "sender" not in heading or not NAMES.issuperset(heading):
                yield Fault(number, f"The first line must name the columns: {', '.join(sorted(NAMES))}.")
                return
            continue
        yield attempt(number, line, partial(_from_csv, heading))


def _from_csv(heading: list[str], number: int, line: str) -> Sent:
    return sent_of(number, csv_row(heading, line))


def heading_of(line: bytes | Fault) -> list[str]:
    """The names in a heading line, lower case; [""] for what is none."""
    text = "" if isinstance(line, Fault) else line.decode("utf-8", "replace").removeprefix("\ufeff")
    return [name.strip().lower() for name in text.strip().split(",")]


def csv_row(heading: list[str], line: str) -> Mapping[str, object]:
    """A line by the heading's names. Raises ValueError with a sentence."""
    try:
        cells = next(csv.reader((line,), strict=True))
    except (csv.Error, StopIteration) as fault:
        raise ValueError("This line is not CSV that can be read.") from fault
    if len(cells) != len(heading):
        raise ValueError(f"This line has {len(cells)} columns, the first line {len(heading)}.")
    return dict(zip(heading, cells, strict=True))


def attempt(number: int, line: bytes | Fault, read: Callable[[int, str], T]) -> T | Fault:
    """What `read` makes of the line, or why it cannot be read."""
    if isinstance(line, Fault):
        return line
    try:
        return read(number, line.decode())
    except UnicodeDecodeError:
        return Fault(number, "This line is not UTF-8 text.")
    except ValueError as fault:
        return Fault(number, str(fault))


def sent_of(number: int, row: Mapping[str, object]) -> Sent:
    """The mail of a row with the documented names. Raises ValueError with a sentence."""
    sender = text_of(row, "sender", NAME_CHARS)
    if not ID.fullmatch(sender):
        raise ValueError("sender must be the id of an account.")
    recipient = address_of(text_of(row, "recipient", ADDRESS_CHARS))
    sent = Sent(
        line=number,
        sender=sender,
        login="",
        at=moment_of(row.get("time")),
        message_id=message_id(text_of(row, "message_id", MESSAGE_ID_CHARS)) or "",
        queue_id=text_of(row, "queue_id", QUEUE_ID_CHARS),
        recipient=recipient,
        provider=text_of(row, "provider", NAME_CHARS).lower() or provider_for(recipient),
        stream=text_of(row, "stream", NAME_CHARS),
        campaign=text_of(row, "campaign", NAME_CHARS),
    )
    if not sent.message_id and not sent.queue_id:
        raise ValueError("A message_id or a queue_id is needed.")
    return sent


def provider_for(recipient: str) -> str:
    """The mailbox provider of an address, UNKNOWN where there is none."""
    return provider_of(recipient.rpartition("@")[2]) if recipient else UNKNOWN


def address_of(text: str) -> str:
    """An address in lower case without angle brackets, "" for none. Raises ValueError with a sentence."""
    address = text.strip("<> ").lower()
    if address and not (address.count("@") and address.rpartition("@")[2]):
        raise ValueError("recipient must be one e-mail address.")
    return address


def moment_of(value: object) -> datetime:
    """A moment in ISO 8601 (UTC where no zone is named) or seconds since 1970. Raises ValueError with a sentence."""
    try:
        if isinstance(value, str) and not value.isdigit():
            moment = datetime.fromisoformat(value)
            return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            raise ValueError("no time")
        return datetime.fromtimestamp(float(value), UTC)
    except (ValueError, OverflowError, OSError) as fault:
        raise ValueError("time must be like 2026-01-31T12:00:00Z, or seconds since 1970.") from fault


def text_of(row: Mapping[str, object], name: str, limit: int) -> str:
    """The text under a name, "" where there is none. Raises ValueError with a sentence."""
    value = row.get(name)
    if value is None:
        return ""
    if not isinstance(value, str) or len(value) > limit or _UNSTORABLE.search(value):
        raise ValueError(f"{name} must be a text of at most {limit} characters.")
    return value.strip()
