"""Addresses that were written so that nobody clicks on them: `hxxp://bad[.]example`, `bad .example`."""

from __future__ import annotations

import re
from collections.abc import Iterator

_SCHEME = re.compile(
    r"(?:\[(?=h..ps?\]))?+\bh(?:xx|\*\*|__|tt|txt|ttx|xtt)p(?:(s?)\]?|\[(s)\])(?:\[://\]|(?:\[:\]|:)(?:\[//\]|//|\\\\))",
    re.IGNORECASE,
)
_DOT = re.compile(r"(?<=\w)[ ]?(?:\\\.|\[\.\]|\(\.\)|\{\.\}|\[dot\]|\(dot\)|\{dot\}|_\._)[ ]?(?=\w)", re.IGNORECASE)
_SLASH = "[/]"
_BROKEN = re.compile(
    r"((?<=\w)[ ]?(?:\[\.\]|\(\.\)|\{\.\})|\bhxxps?://[^\s/]{1,253}-(?=\s{1,6}[\w-]{1,63}\[?\.))"
    r"[ \t]{0,2}\r?\n[ \t]{0,4}(?=\w)",
    re.IGNORECASE,
)
"""A line that ends at such a dot, or at a hyphen of the host: the address goes on in the next one."""
_BREAKS = (".)\n", ".]\n", ".}\n", "-\n")
_MARKED = re.compile(
    r"\bh(?:xx|\*\*|__|txt|ttx|xtt)ps?\b|\bhttps?\[:|\bhttp\[s\]|\[https?\]:"
    r"|\w[ ]?(?:\\\.|\[\.\]|\(\.\)|\[dot\]|\(dot\)|\{\.\})|\w[ ]?_\._|\w[ ]\.[ ]?[a-z]",
    re.IGNORECASE,
)

_GAP = re.compile(
    r"(://[\w.-]{1,200}|(?:^[^\w\n]{0,12}|[:=][ \t'\"<]{0,9})(?:[\w-]{1,63}\.){0,5}[\w-]{1,63})"
    r"[ ]\.[ ]?(?=[a-z][a-z0-9-]{1,62}(?:\.[a-z0-9-]{2,63}){0,3}(?:[/:>\"'][^ \n]*|,)?"
    r"(?:[ ]\([0-9a-f.:]{3,45}\))?[ ]*$)",
    re.MULTILINE,
)
"""A blank before the last dot of a host that ends its line, as Google writes hosts; an address may follow."""

_BRACKETED = re.compile(r"\w(?:\[\.\]|\(\.\)|\{\.\}|\[dot\]|\(dot\)|\{dot\}|_\._)\w", re.IGNORECASE)
_AT = re.compile(r"@|[\[({]at[\])}]", re.IGNORECASE)
_AROUND = "'\"<>()[]{},;.:!?*"


def is_marked(line: str) -> bool:
    """Whether an address may be written so in `line`."""
    return bool(_MARKED.search(line))


def is_defanged(line: str) -> bool:
    """Whether an address is written so in `line`, and not only with a blank before its dot."""
    return _unbracketed(line).lower() != line.lower()


def marked_hosts(line: str) -> Iterator[str]:
    """The hosts and addresses whose dots are in brackets, wherever in `line`; no mailboxes, no URLs."""
    before = ""
    for word in line.split():
        plain = _unbracketed(word) if _BRACKETED.search(word) else ""
        if plain and "://" not in plain and not (_AT.search(word) or _AT.search(before)):
            yield plain.strip(_AROUND)
        before = word


def undone(text: str) -> str:
    """`text` with addresses that were written so that nobody clicks on them as they are meant."""
    plain = _unbracketed(text)
    return _GAP.sub(r"\1.", plain) if " ." in plain else plain


def in_one_line(text: str) -> str:
    """`text` with the addresses that were broken behind such a dot put together again."""
    return _BROKEN.sub(r"\1", text) if any(end in text for end in _BREAKS) else text


def _unbracketed(text: str) -> str:
    return _DOT.sub(".", _SCHEME.sub(r"http\1\2://", text.replace(_SLASH, "/")))
