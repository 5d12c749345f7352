"""JSON objects in a mail's text, of limited size, whatever follows them: what machines mail of their events."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

from app.mail import limits
from app.mail.mime.message import Part

Object = Mapping[str, Any]

_START = re.compile(r"^[ \t>]*+(?=\{\s*+[\"}]|\[\s*+\{)", re.MULTILINE)
_NEXT = re.compile(r"[\s,\[]*+(?=\{)")
_TEXT_BYTES = 262_144
_PEEK_BYTES = 4_096
_DECODER = json.JSONDecoder(strict=False)


def objects_in(part: Part, marks: re.Pattern[bytes]) -> tuple[tuple[Object, ...], str]:
    """The JSON objects, or those of a list, that a line of a part's text starts with, and the text above that line.

    Nothing where none of `marks` stands near the start of the part. At most `limits.ORIGINALS` objects.
    """
    peek = part.content(_PEEK_BYTES)
    if b"{" not in peek or not marks.search(peek):
        return (), ""
    text = part.text(_TEXT_BYTES)
    start = _START.search(text, 0, _PEEK_BYTES)
    if start is None:
        return (), ""
    return tuple(islice(_objects(text, start.end()), limits.ORIGINALS)), text[: start.start()].strip()


def object_of(text: str) -> Object:
    """The JSON object that `text` starts with, an empty one where there is none."""
    return next(_objects(text, 0), {})


def inner(event: Object, name: str) -> Object:
    """The object under a name, an empty one where there is none."""
    found = event.get(name)
    return found if isinstance(found, dict) else {}


def texts(named: Mapping[str, list[object]]) -> dict[str, tuple[str, ...]]:
    """The lists without what is no text, those left out that are then empty."""
    kept = {
        name: tuple(each[: limits.FIELD_CHARS] for each in some if isinstance(each, str) and each)
        for name, some in named.items()
    }
    return {name: some for name, some in kept.items() if some}


def _objects(text: str, at: int) -> Iterator[Object]:
    """One after the other, so that what is cut or broken takes none of those above it away."""
    while start := _NEXT.match(text, at):
        try:
            found, at = _DECODER.raw_decode(text, start.end())
        except (ValueError, RecursionError):
            return
        if isinstance(found, dict):
            yield found
