"""How lists of wordings become one pattern that takes linear time (pure)."""

from __future__ import annotations

import re
from collections.abc import Iterator

_CHOICE = re.compile(r"\(\?:([^()]*+)\)(?![?*{])")
_PLAIN = re.compile(r"[^\W\d_](?![?*{])")
_START = r"(?:(?<![^\W_])(?=[^\u3040-\u9fff\uac00-\ud7a3])|(?=[\u3040-\u9fff\uac00-\ud7a3]))"
"""The start of a word; anywhere in a script that does not part words."""
_GAP = r"(?:[^\S\n]{1,9}|[^\S\n]{0,4}\n[^\S\n]{0,9})"
"""Short white space with at most one line end: a wording does not go over a blank line."""


def words(wordings: str) -> re.Pattern[str]:
    """One pattern for wordings parted by ` / `. A blank in one is short white space, ` ?` may be none.

    They are sorted by their first letter, for else every one is tried at every word.
    """
    by_letter: dict[str, list[str]] = {}
    for each in " ".join(wordings.split()).split(" / "):
        for letter in _initials(each):
            by_letter.setdefault(letter, []).append(each.replace(" ?", f"{_GAP}?").replace(" ", _GAP))
    rest = by_letter.pop("", [])
    groups = [f"(?={letter})(?:{'|'.join(some)})" for letter, some in by_letter.items()]
    return re.compile(f"{_START}(?:{'|'.join([*groups, *rest])})", re.IGNORECASE)


def _initials(wording: str) -> Iterator[str]:
    """The letters that a wording may begin with; "" where that cannot be told easily."""
    choice = _CHOICE.match(wording)
    begins = choice[1].split("|") if choice else [wording]
    told = all(_PLAIN.match(each) for each in begins)
    yield from dict.fromkeys(each[0].lower() for each in begins) if told else ("",)
