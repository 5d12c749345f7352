"""Reads the list of senders that an operator imports: JSON or CSV, each fault with its line (pure).

JSON: {"senders": [{"id", "name", "contact", "parent"?, "status"?, "identities": [{"kind", "value", "selector"?,
"since"?, "until"?, "stream"?}]}]}. CSV: a heading line, then one row an identity (or a sender without any),
columns id, name, contact, parent, status, kind, value, selector, since, until, stream; the sender's own columns may
be empty after its first row.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import field
from datetime import UTC, datetime
from ipaddress import ip_network

from app.mail.fields.address import ascii_domain
from app.senders.domain import IdentityFact, IdentityKind, SenderStatus
from app.values import dataclass

ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@+-]{0,99}")
_BETWEEN = re.compile(r"[ \t\r\n,]*+")
NAME_CHARS = 300
VALUE_CHARS = 500
STREAM = re.compile(r"[a-z0-9][a-z0-9._-]*")
_IDENTITY = ("kind", "value", "selector", "since", "until", "stream")
DOMAIN = re.compile(r"(?=.{1,253}\Z)(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)+[a-z0-9-]{2,63}")
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
"""What JSON can write and PostgreSQL cannot keep: NUL and halves of characters."""


@dataclass(frozen=True, slots=True)
class Listed:
    """One sender of a roster. status: None where the roster does not say."""

    line: int
    id: str
    name: str
    contact: str
    parent: str | None
    status: SenderStatus | None
    identities: tuple[IdentityFact, ...]


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a row cannot be imported, in one sentence."""

    line: int
    text: str


@dataclass(frozen=True, slots=True)
class Roster:
    """What a file holds. Where there is any fault, nothing of it is to be imported."""

    senders: tuple[Listed, ...] = ()
    faults: tuple[Fault, ...] = ()


@dataclass
class _Reader:
    """Gathers senders and faults while the rows go by."""

    senders: list[Listed] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)

    def take(self, line: int, row: object) -> None:
        try:
            self.senders.append(_sender(line, row))
        except ValueError as fault:
            self.faults.append(Fault(line, str(fault)))


def read_roster(text: str) -> Roster:
    """The senders in `text`, told JSON from CSV by its first character."""
    reader = _Reader()
    rows = _json_rows if text.lstrip()[:1] in ("{", "[") else _csv_rows
    try:
        for line, row in rows(text.removeprefix("\ufeff")):
            reader.take(line, row)
    except _Unusable as fault:
        reader.faults.append(Fault(fault.line, str(fault)))
    reader.faults.extend(_doubles(reader.senders))
    return Roster(tuple(reader.senders), tuple(reader.faults))


class _Unusable(Exception):
    def __init__(self, line: int, text: str) -> None:
        super().__init__(text)
        self.line = line


def _json_rows(text: str) -> Iterator[tuple[int, object]]:
    try:
        whole = json.loads(text)
    except (ValueError, RecursionError) as fault:
        raise _Unusable(getattr(fault, "lineno", 1), "This is not JSON that can be read.") from fault
    listed = whole.get("senders") if isinstance(whole, dict) else whole
    if not isinstance(listed, list):
        raise _Unusable(1, 'A list named "senders" is expected.')
    yield from zip(_lines_of(text, len(listed)), listed, strict=True)


def _lines_of(text: str, count: int) -> list[int]:
    """The line each element of the list of senders starts at."""
    named = re.search(r'"senders"\s*:\s*\[', text)
    at = named.end() if named else text.index("[") + 1
    decoder, lines, line, counted = json.JSONDecoder(), [], 1, 0
    for _ in range(count):
        at = _BETWEEN.match(text, at).end()  # type: ignore[union-attr]  # it matches nothing, too
        line, counted = line + text.count("\n", counted, at), at
        lines.append(line)
        at = decoder.raw_decode(text, at)[1]
    return lines


def _csv_rows(text: str) -> Iterator[tuple[int, object]]:
    """Rows of one sender that stand together become one entry, in the shape of the JSON form.

    Raises _Unusable where the table cannot be read any further.
    """
    table = csv.DictReader(io.StringIO(text, newline=""))
    try:
        if "id" not in (table.fieldnames or ()):
            raise _Unusable(1, "The first line must name the columns, `id` among them.")
        yield from _csv_entries(table)
    except csv.Error as fault:
        raise _Unusable(max(table.line_num, 1), "This line is not CSV that can be read.") from fault


def _csv_entries(table: csv.DictReader[str]) -> Iterator[tuple[int, object]]:
    entry: dict[str, object] | None = None
    line = 1
    for row in table:
        if entry is None or row["id"] != entry["id"]:
            if entry is not None:
                yield line, entry
            line = table.line_num
            entry = {key: row.get(key) for key in ("id", "name", "contact", "parent", "status")} | {"identities": []}
        if row.get("kind") or row.get("value"):
            identities = entry["identities"]
            assert isinstance(identities, list)
            identities.append({key: row.get(key) for key in _IDENTITY})
    if entry is not None:
        yield line, entry


def _sender(line: int, row: object) -> Listed:
    if not isinstance(row, dict):
        raise ValueError("A sender must be an object.")
    sender = _text(row, "id", 100)
    if not ID.fullmatch(sender):
        raise ValueError("A sender needs an id of letters, digits and . _ @ + -")
    given = row.get("identities") or []
    if not isinstance(given, list):
        raise ValueError(f"Sender {sender}: identities must be a list.")
    return Listed(
        line=line,
        id=sender,
        name=_text(row, "name", NAME_CHARS) or sender,
        contact=_text(row, "contact", NAME_CHARS),
        parent=_text(row, "parent", 100) or None,
        status=_status(sender, _text(row, "status", 20)),
        identities=tuple(_identity(sender, number, each) for number, each in enumerate(given, start=1)),
    )


def _status(sender: str, text: str) -> SenderStatus | None:
    if not text:
        return None
    try:
        return SenderStatus(text.lower())
    except ValueError as fault:
        raise ValueError(f"Sender {sender}: status must be one of {', '.join(SenderStatus)}.") from fault


def _identity(sender: str, number: int, row: object) -> IdentityFact:
    place = f"Sender {sender}, identity {number}"
    if not isinstance(row, dict):
        raise ValueError(f"{place}: must be an object.")
    try:
        kind = IdentityKind(_text(row, "kind", 20).lower())
    except ValueError as fault:
        raise ValueError(f"{place}: kind must be one of {', '.join(IdentityKind)}.") from fault
    value = _value(place, kind, _text(row, "value", VALUE_CHARS))
    since, until = _moment(place, row.get("since")), _moment(place, row.get("until"))
    if since and until and until <= since:
        raise ValueError(f"{place}: until must come after since.")
    stream = _stream(place, kind, _text(row, "stream", 40).lower())
    return IdentityFact(sender, kind, value, _text(row, "selector", 100).lower() or None, since, until, stream)


def _stream(place: str, kind: IdentityKind, text: str) -> str:
    if not text:
        return ""
    if kind is not IdentityKind.LOGIN:
        raise ValueError(f"{place}: only a login has a stream.")
    if not STREAM.fullmatch(text):
        raise ValueError(f"{place}: a stream is small letters, digits, dots, hyphens and underscores.")
    return text


def _value(place: str, kind: IdentityKind, text: str) -> str:
    if not text:
        raise ValueError(f"{place}: value is missing.")
    if kind in (IdentityKind.DKIM, IdentityKind.DOMAIN):
        return _domain(place, text)
    if kind is not IdentityKind.IP:
        return text.lower()
    try:
        network = ip_network(text, strict=False)
    except ValueError as fault:
        raise ValueError(f"{place}: an IP address or a network is expected.") from fault
    return str(network.network_address if network.num_addresses == 1 else network)


def _domain(place: str, text: str) -> str:
    """A domain as mail names it: lower case, in ASCII (RFC 5890)."""
    name = ascii_domain(text.rstrip("."))
    if not DOMAIN.fullmatch(name):
        raise ValueError(f"{place}: a domain like shop.example is expected.")
    return name


def _moment(place: str, given: object) -> datetime | None:
    if given in (None, ""):
        return None
    try:
        moment = datetime.fromisoformat(str(given))
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError) as fault:
        raise ValueError(f"{place}: since and until are dates like 2026-01-31 or 2026-01-31T12:00:00Z.") from fault


def _text(row: Mapping[str, object], name: str, limit: int) -> str:
    value = row.get(name)
    if value is None:
        return ""
    if not isinstance(value, str) or len(value) > limit or _UNSTORABLE.search(value):
        raise ValueError(f"{name} must be a text of at most {limit} characters.")
    return value.strip()


def _doubles(senders: Sequence[Listed]) -> Iterator[Fault]:
    seen: dict[str, int] = {}
    for sender in senders:
        if sender.id in seen:
            yield Fault(sender.line, f"Sender {sender.id} is listed twice, first at line {seen[sender.id]}.")
        seen.setdefault(sender.id, sender.line)
