"""What somebody wrote above the mail that they answer or hand on."""

from __future__ import annotations

from itertools import islice

from app.mail.inline.block import Text, blocks, is_quoted
from app.mail.inline.wrote import wrote_lines


def written_above(text: str) -> str:
    """`text` as far as its writer wrote it: without lines behind `>`, up to the first mail that stands below."""
    page = Text.of(text)
    below = (block.above for found in (blocks(page), wrote_lines(page)) for block in islice(found, 1))
    return "\n".join(line for line in page.lines[: min(below, default=None)] if not is_quoted(line))
