"""The line below a forwarded mail that says where it ends: `----- End forwarded message -----`, in any language.

A line that says "end" and "forwarded" closes in whatever frame it stands. Where its word for the end is not known, it
closes if it stands in a frame like that of the line above the mail, says something else, and introduces nothing: no
labels follow it, and neither date nor address is in it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from app.mail.inline.block import Mark, mark_of
from app.mail.inline.label import unquoted
from app.mail.inline.words import END_WORDS, folded

_CHARS = 200
"""No longer line is a mark."""
_FRAMED = re.compile(r"([-=])\1{2,}[^-=].*[^-=]\1{3,}")
_SCISSORS = "8<"
"""As The Bat draws them into its line, which does not say forwarded."""
_TELLS = re.compile(r"[\d@/]")
_LABELS = re.compile(r"[:：@/]")
_BELOW = 3


def closes(lines: Sequence[str], at: int, opening: int) -> bool:
    """Whether line `at` ends the mail that line `opening` introduces."""
    line = unquoted(lines[at][:_CHARS]).strip()
    if line[:1] not in ("-", "="):
        return False
    has_scissors = _SCISSORS in line[:12]
    words = folded(line.strip(" \t\xa0-=8<" if has_scissors else " \t\xa0-=")).split()
    if not words or (not has_scissors and mark_of(line) is not Mark.FORWARDED):
        return False
    return words[0] in END_WORDS or (
        not has_scissors and _is_framed_alike(line, lines[opening]) and not _introduces(lines, at, words)
    )


def _is_framed_alike(line: str, opening: str) -> bool:
    opening = unquoted(opening[:_CHARS]).strip()
    frame, other = _FRAMED.fullmatch(line), _FRAMED.fullmatch(opening)
    return frame is not None and other is not None and frame[1] == other[1] and line != opening


def _introduces(lines: Sequence[str], at: int, words: Sequence[str]) -> bool:
    """Whether another forward begins here, or a newsletter asks to forward it, which it does in English mostly."""
    said = " ".join(words)
    below = next((each for each in lines[at + 1 : at + 1 + _BELOW] if unquoted(each).strip()), "")
    return said.startswith(("forward", "fwd")) or bool(_TELLS.search(said) or _LABELS.search(below[:_CHARS]))
