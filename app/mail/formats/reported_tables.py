"""The pages, hosts and addresses in what a machine wrote to be read by a machine: tables of HTML, CSV and XML."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator
from itertools import islice

from app.mail.formats.aggregate import unpacked_start
from app.mail.formats.defanged import undone
from app.mail.formats.reported import in_line, is_address, is_place
from app.mail.formats.reported_words import is_label
from app.mail.mime.charset import decoded
from app.mail.mime.message import Message, Part
from app.mail.mime.rows import Row
from app.mail.report import holds_mail

TABLE_BYTES = 262_144
ROWS = 1_000
_LEAST_COLUMNS = 3
_NAME_CHARS = 40
_PEEK_BYTES = 16_384

_ELEMENT = re.compile(r"<([A-Za-z][\w:-]{0,40})(?:[ \t][^<>]{0,300})?>\s{0,9}([^<>\s]{2,2000})\s{0,9}</")
_ATTRIBUTE = re.compile(r"[\s<]([A-Za-z][\w:-]{0,40})=[\"']([^\"'<>\s]{2,2000})[\"']")


def in_rows(rows: Iterable[Row]) -> Iterator[str]:
    """The values that rows of HTML report: below the name of a column, beside a label, else a row's first address."""
    columns: list[int] = []
    for row in rows:
        named = [at for at, cell in enumerate(row) if len(cell) <= _NAME_CHARS and is_label(cell)]
        values = [undone(cell) for cell in row]
        if len(row) == 2 and named == [0] and is_place(values[1]):
            yield values[1]
        elif named and not any(map(is_place, values)):
            columns = named
        elif columns:
            yield from (values[at] for at in columns if at < len(row) and is_place(values[at]))
        else:
            yield from islice((each for each in values if is_address(each)), 1)


def in_tables(mail: Message) -> Iterator[str]:
    """The values that attached tables (CSV), XML and `label: value` files report."""
    for part in tables(mail):
        yield from _in_table(_text_of(part), part.filename.lower())


def in_xml(text: str) -> Iterator[str]:
    """The values of elements and attributes that are named like something reported; no XML parser is let near it."""
    for pattern in (_ELEMENT, _ATTRIBUTE):
        for match in islice(pattern.finditer(text), ROWS):
            if is_label(match[1]):
                yield undone(match[2])


def tables(mail: Message) -> tuple[Part, ...]:
    """The parts of a mail that a machine wrote to be read by a machine."""
    parts = list(islice(mail.leaves(), 1, 20))
    return tuple(part for part in parts if _is_table(part) and not holds_mail(part.content(_PEEK_BYTES)))


def _text_of(part: Part) -> str:
    """What a table says, taken out of its zip or gzip; of both forms at most `TABLE_BYTES`."""
    unpacked = unpacked_start(part.content(TABLE_BYTES), TABLE_BYTES)
    return decoded(unpacked, part.type.parameters.get("charset", ""))


def _in_table(text: str, name: str) -> Iterator[str]:
    if text.lstrip()[:1] == "<":
        yield from in_xml(text)
    elif "csv" in name or text[:500].partition("\n")[0].count(",") >= _LEAST_COLUMNS:
        yield from _in_csv(text)
    else:
        for line in text.split("\n")[:ROWS]:
            yield from in_line(line)


def _in_csv(text: str) -> Iterator[str]:
    """The cells of columns that are named like something reported; `source` may also be where a row is from."""
    lines = (line for line in text.splitlines()[:ROWS] if len(line) < 8_000)
    try:
        rows = csv.reader(lines)
        names = next(rows, [])
        columns = [at for at, name in enumerate(names) if is_label(name)]
        for row in rows:
            cells = ((names[at], undone(row[at].strip())) for at in columns if at < len(row))
            yield from (cell for name, cell in cells if name.lower() != "source" or is_address(cell) or "://" in cell)
    except csv.Error:
        return


def _is_table(part: Part) -> bool:
    name = part.filename.lower()
    return part.name in ("text/csv", "text/xml", "application/xml", "application/json", "text/yaml") or name.endswith(
        (".csv", ".xml", ".log", ".txt", ".json", ".yaml", ".yml", ".csv.zip", ".csv.gz")
    )
