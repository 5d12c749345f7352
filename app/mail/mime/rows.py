"""The rows of tables, for reading what a notice reports in them: in HTML, where one of layout is as good as one of
data, and drawn in text by blanks, tabs or commas."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from itertools import islice

from app.mail.mime.message import Message

_HTML_BYTES = 262_144
_ROWS = 1_000
_CELLS = 30
_CELL_CHARS = 2_000
_LINE_CHARS = 1_000
_APART = re.compile(r"[ ]{2,}|[ ]*\t[ \t]*|[ ]*(?<!&amp);[ ]*")
_ROW = re.compile(r"<tr\b[^<>]*+>", re.IGNORECASE)
_CELL = re.compile(r"<t[dh]\b[^<>]*+>", re.IGNORECASE)
_TAG = re.compile(r"<[^<>]*+>")

Row = tuple[str, ...]


def rows_in(mail: Message) -> Iterator[Row]:
    """The cells of each row in the first HTML part that is no attachment, as text without line ends.

    At most 1,000 rows of 30 cells, of 256 KB.
    """
    part = next((part for part in mail.leaves() if part.name == "text/html" and not part.is_attachment), None)
    source = part.text(_HTML_BYTES) if part else ""
    if "<t" in source or "<T" in source:
        yield from _rows(source)


def rows_of_text(text: str) -> Iterator[Row]:
    """The cells of each line that has at least two, of those of at most 1,000 letters."""
    for line in text.split("\n"):
        cells = _APART.split(line.strip()) if len(line) <= _LINE_CHARS else []
        if len(cells) < 2 and line.count(",") >= 2:
            cells = [cell.strip() for cell in line.split(",")]
        if 2 <= len(cells) <= _CELLS:
            yield tuple(cells)


def _rows(source: str) -> Iterator[Row]:
    for row in islice(_between(_ROW, source), _ROWS):
        cells = tuple(_text(cell) for cell in islice(_between(_CELL, row), _CELLS))
        if cells:
            yield cells


def _between(tag: re.Pattern[str], source: str) -> Iterator[str]:
    """What stands behind each such tag, up to the next."""
    start = -1
    for found in tag.finditer(source):
        if start >= 0:
            yield source[start : found.start()]
        start = found.end()
    if start >= 0:
        yield source[start:]


def _text(cell: str) -> str:
    return " ".join(html.unescape(_TAG.sub(" ", cell[:_CELL_CHARS])).split())
