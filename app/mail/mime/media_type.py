"""Content-Type and Content-Disposition, read with tolerance (RFC 2045 §5.1, RFC 2183, RFC 2231).

`email.message.get_params` is not used: hostile parameters cost it quadratic time.
"""

from __future__ import annotations

import re
from dataclasses import field
from functools import lru_cache
from urllib.parse import unquote_to_bytes

from app.mail.mime.charset import decoded, words_decoded
from app.values import dataclass

COMPOUND_FILE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
"""The first bytes of the files that Outlook and old Office write (MS-CFB), whatever type they are declared as."""

_TYPE = re.compile(r"\s*+([\w.+*-]{1,60}+)\s*+/\s*+([\w.+*-]{1,80}+)")
_PARAMETER = re.compile(r'[;\s]([\w.*-]{1,60}+)\s*+=\s*+(?:"((?:[^"\\]++|\\.)*+)"?|([^;\s"]*+))')
_ESCAPE = re.compile(r"\\(.)")
_CHARS = 2_000


@dataclass(frozen=True, slots=True)
class MediaType:
    """`name` is the type in lower case (`text/plain` where nothing readable stands), parameters by lower name."""

    name: str
    parameters: dict[str, str] = field(default_factory=dict)


@lru_cache(maxsize=512)
def read_media_type(text: str) -> MediaType:
    """The media type in a Content-Type value; at most the first 2,000 characters count."""
    text = text[:_CHARS]
    match = _TYPE.match(text)
    name = f"{match[1]}/{match[2]}".lower() if match else "text/plain"
    return MediaType(name, read_parameters(text))


def read_parameters(text: str) -> dict[str, str]:
    """The parameters of a Content-* value, first of each name; RFC 2231 pieces joined and decoded."""
    found: dict[str, str] = {}
    pieces: dict[str, list[str]] = {}
    for match in _PARAMETER.finditer(text[:_CHARS]):
        name, quoted = match[1].lower(), match[2]
        value = match[3] if quoted is None else _ESCAPE.sub(r"\1", quoted) if "\\" in quoted else quoted
        base, star, _ = name.partition("*")
        if star:
            pieces.setdefault(base, []).append(value)
        else:
            found.setdefault(name, words_decoded(value) if "=?" in value else value)
    for base, values in pieces.items():
        found.setdefault(base, _extended("".join(values)))
    return found


def _extended(value: str) -> str:
    """`charset'language'percent-encoded` as text (RFC 2231 §4); a value without the quotes as it is."""
    charset, first, rest = value.partition("'")
    _, second, content = rest.partition("'")
    return decoded(unquote_to_bytes(content), charset) if first and second else decoded(unquote_to_bytes(value))
