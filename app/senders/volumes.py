"""Reads ready-made daily totals: CSV or JSON lines of day, sender, stream, provider, delivered (pure).

For providers that count themselves, or whose log is not here. `provider` is a name as the send log writes it
(`google`), or a mail domain (`gmail.com`), which becomes that name.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from itertools import chain
from typing import NamedTuple

from app.senders.providers import provider_of
from app.senders.roster import ID, Fault
from app.senders.sent import NAME_CHARS, Line, attempt, csv_row, heading_of, json_object, text_of

NAMES = frozenset({"day", "sender", "stream", "provider", "delivered"})
MOST = 10**12


class Total(NamedTuple):
    """How much of a sender's mail a mailbox provider took on one day (UTC)."""

    line: int
    day: date
    sender: str
    stream: str
    provider: str
    delivered: int


def read_totals(lines: Iterator[Line]) -> Iterator[Total | Fault]:
    """The totals, told JSON from CSV by the first line."""
    first = next(lines, None)
    if first is None:
        return
    if isinstance(first[1], bytes) and first[1].lstrip().startswith(b"{"):
        for number, line in chain((first,), lines):
            yield attempt(number, line, lambda number, line: _total(number, json_object(line)))
        return
    heading = heading_of(first[1])
    if not {"day", "sender", "provider", "delivered"} <= set(heading) <= NAMES:
        yield Fault(first[0], f"The first line must name the columns: {', '.join(sorted(NAMES))}.")
        return
    for number, line in lines:
        yield attempt(number, line, lambda number, line: _total(number, csv_row(heading, line)))


def _total(number: int, row: Mapping[str, object]) -> Total:
    sender = text_of(row, "sender", NAME_CHARS)
    if not ID.fullmatch(sender):
        raise ValueError("sender must be the id of an account.")
    provider = text_of(row, "provider", NAME_CHARS).lower()
    if not provider:
        raise ValueError("provider is missing.")
    return Total(
        line=number,
        day=_day(text_of(row, "day", 10)),
        sender=sender,
        stream=text_of(row, "stream", NAME_CHARS),
        provider=provider_of(provider) if "." in provider else provider,
        delivered=_count(row.get("delivered")),
    )


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as fault:
        raise ValueError("day must be like 2026-01-31.") from fault


def _count(value: object) -> int:
    text = str(value) if isinstance(value, int | str) and not isinstance(value, bool) else ""
    if not (text.isascii() and text.isdigit() and len(text) <= 12):
        raise ValueError(f"delivered must be a whole number up to {MOST - 1}.")
    return int(text)
