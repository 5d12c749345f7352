"""Hostile text made fit to be read by staff (pure): nothing unseen acts, and nobody's address is told by accident.

Escaping for HTML is the template's; this is about what escaping leaves: control characters, characters that turn
the direction of reading, characters that are not seen at all (Unicode TR #36).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable
from itertools import pairwise

SHOWN_BYTES = 200_000
"""How much of a message's source is shown."""
SHOWN_ADDRESSES = 200
"""How many addresses are masked in a text: more than a reported mail has recipients that matter."""

_UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\ud800-\udfff\U000e0000-\U000e007f]"
)


def visible(text: str) -> str:
    """The text with every control, direction-turning and unseen character written out (`␀`, `⟨U+202E⟩`).

    Line ends become LF; tabs and line feeds stay.
    """
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return _UNSEEN.sub(lambda match: _written_out(ord(match[0])), lines)


def _written_out(code: int) -> str:
    if code < 0x20:
        return chr(0x2400 + code)
    return "␡" if code == 0x7F else f"⟨U+{code:04X}⟩"


def line(text: str | None, most: int = 300) -> str:
    """The text on one line, at most `most` characters, for a list or a table."""
    seen = visible(" ".join((text or "").split()))
    return seen if len(seen) <= most else f"{seen[: most - 1]}…"


def source_text(raw: bytes) -> tuple[str, bool]:
    """The beginning of a message's source as text, and whether that is all of it. Bytes that are not UTF-8 are
    written as `\\xNN`."""
    return visible(raw[:SHOWN_BYTES].decode("utf-8", "backslashreplace")), len(raw) <= SHOWN_BYTES


def concealer(addresses: Iterable[str | None], mask: Callable[[str], str]) -> Callable[[str], str]:
    """A function that masks these addresses wherever they stand in a text, in any case.

    Also as they stand in links and bounce addresses: `jane%40home.example`, `jane=home.example`.
    """
    known = sorted({address.lower() for address in addresses if address and "@" in address}, key=len, reverse=True)
    if not known:
        return lambda text: text
    pattern = re.compile("|".join(map(_spellings, known[:SHOWN_ADDRESSES])), re.IGNORECASE)

    def conceal(text: str) -> str:
        return pattern.sub(lambda match: mask(re.sub("%40|=", "@", match[0], flags=re.IGNORECASE)), text)

    return conceal


def _spellings(address: str) -> str:
    local, _, domain = address.rpartition("@")
    return rf"{re.escape(local)}(?:@|%40|=){re.escape(domain)}"


def line_start(raw: bytes, offset: int) -> int:
    """Where the line that `offset` is in begins."""
    return raw.rfind(b"\n", 0, offset) + 1


def marked_source(raw: bytes, offsets: Collection[int]) -> tuple[list[tuple[int | None, str, str]], bool]:
    """`source_text` in pieces, so that a line can be linked to: for each piece where it begins (None: no line that
    was asked for), its first line, and the rest. Cut at line ends only: an address may not be torn from its mask.
    """
    end_of_all = min(len(raw), SHOWN_BYTES)
    wanted = {start for offset in offsets if (start := line_start(raw, offset)) < end_of_all}
    pieces: list[tuple[int | None, str, str]] = []
    for start, end in pairwise([*sorted({0, *wanted}), end_of_all]):
        first, feed, rest = source_text(raw[start:end])[0].partition("\n")
        pieces.append((start if start in wanted else None, first, feed + rest))
    return pieces, len(raw) <= SHOWN_BYTES
