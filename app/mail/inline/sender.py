"""Who a line that a client showed names as the sender: a name and an address.

A name may hold somebody else's address, so that another is blamed. Clients write the name first: the last address is
the sender's, and one in brackets before any that is not.
"""

from __future__ import annotations

import re
from collections import deque

_INSIDE = r"[^\s<>()\[\]\"]{1,200}@[^\s<>()\[\]\"]{1,200}"
_BRACKETED = re.compile(rf"[<\[][\s\"'*]{{0,4}}(?:mailto:)?({_INSIDE})[\s\"'*]{{0,4}}[>\]]{{0,2}}", re.IGNORECASE)
_BARE = re.compile(rf"(?<![^\s<>()\[\]\"])(?:mailto:)?({_INSIDE})", re.IGNORECASE)
_AROUND = " \t\xa0\r\n\"'*"


def bracketed(text: str) -> re.Match[str] | None:
    """The last address in angle or square brackets, its group the address without `mailto:`; None where none is."""
    return _last(_BRACKETED, text)


def sender_of(value: str) -> str:
    """`Ann <ann@home.test>`, also of `Ann [mailto:ann@home.test]` and `Ann (ann@home.test)`; else as it stands."""
    match = bracketed(value) or _last(_BARE, value)
    if match is None:
        return value
    name = _BRACKETED.sub("", value[: match.start()]).replace("<", "").replace(">", "")
    name, address = name.rstrip(f"{_AROUND}([").strip(_AROUND), match[1].strip(",;:'*")
    return f"{name} <{address}>" if name and name != address else address


def _last(pattern: re.Pattern[str], text: str) -> re.Match[str] | None:
    return next(iter(deque(pattern.finditer(text), maxlen=1)), None)
