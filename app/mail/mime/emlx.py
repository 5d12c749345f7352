"""Apple Mail's own file of a mail (.emlx): the mail's size in its first line, the mail, a property list about it."""

from __future__ import annotations

import re

_SIZE = re.compile(rb"([0-9]{1,8})[ \t]*+\r?\n")
_LIST = b"<?xml"


def out_of_emlx(raw: bytes) -> bytes:
    """The mail in `raw` byte for byte where it is such a file, else `raw` itself."""
    size = _SIZE.match(raw) if raw[:1].isdigit() else None
    if size is None:
        return raw
    end = size.end() + int(size[1])
    if end < len(raw) and not raw.startswith(_LIST, end):  # its line ends were changed on the way
        end = max(raw.rfind(_LIST), 0) or len(raw)
    return raw[size.end() : end]
