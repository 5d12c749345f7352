"""A long text a block of lines at a time: what is made of many short lines takes ten times the memory of the text,
and so it is made of one block after the other."""

from __future__ import annotations

from collections.abc import Iterator
from typing import AnyStr

_LEAST = 65_536


def line_blocks(text: AnyStr) -> Iterator[AnyStr]:
    """`text` cut behind line feeds into blocks of 65,536 characters or a little more; a longer line is not cut."""
    newline = "\n" if isinstance(text, str) else b"\n"
    at = 0
    while at < len(text):
        end = text.find(newline, at + _LEAST) + 1 or len(text)
        yield text[at:end]
        at = end
