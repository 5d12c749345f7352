"""Authentication-Results (RFC 8601), as senders really write it.

Outlook leaves the authserv-id out, Yahoo puts a sentence there, filters hide whole clauses in comments. The
`authres` package raises on all of these. Whatever is read here is the word of whoever wrote the field.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from app.values import dataclass

_COMMENT = re.compile(r"\(((?:[^()\\]++|\\.)*+)\)")
_QUOTED = re.compile(r'"[^"]*+"')
_CLAUSE = re.compile(r"\s*+([A-Za-z][\w-]*+)(?:\s*+/\s*+\d++)?\s*+=\s*+([A-Za-z][\w-]*+)")
_PAIR = re.compile(r'(?<![\w.-])([A-Za-z][\w-]*+(?:\.[\w-]++)?)\s*+=\s*+(?:"([^"]*+)"?|([^\s;"]++))')
_CHARS = 4_000


@dataclass(frozen=True, slots=True)
class MethodResult:
    """One clause: `dkim=pass header.d=…`. `properties` are (name, value) in order, names in lower case."""

    method: str
    result: str
    comment: str = ""
    properties: tuple[tuple[str, str], ...] = ()

    def get(self, name: str) -> str | None:
        """The first value of the property `name`, such as `header.d`."""
        return next((value for key, value in self.properties if key == name), None)


@dataclass(frozen=True, slots=True)
class AuthenticationResults:
    """One field. `authserv_id` is None where the field names none (Outlook) or holds a sentence (Yahoo)."""

    authserv_id: str | None
    results: tuple[MethodResult, ...]

    def of(self, method: str) -> tuple[MethodResult, ...]:
        """Every result of `method` (lower case)."""
        return tuple(result for result in self.results if result.method == method)


def read_authentication_results(text: str) -> AuthenticationResults:
    """The unfolded value of one field. Never raises; a sentence gives no results."""
    comments: list[str] = []

    def set_aside(match: re.Match[str]) -> str:
        comments.append(match[1])
        return f" \x01{len(comments) - 1}\x01 "

    # A comment may hold semicolons (Outlook's "sender IP is …; identity alignment …"), so it goes first.
    flat = _COMMENT.sub(set_aside, text[:_CHARS])
    flat = _QUOTED.sub(lambda quoted: quoted[0].replace(";", "\x02"), flat)
    clauses = flat.split(";")
    results = [_result(clause, comments) for clause in clauses]
    return AuthenticationResults(_authserv_id(clauses[0]), tuple(r for r in results if r))


def smtp_login(values: Iterable[str]) -> str | None:
    """The login that sent the mail (`auth=pass smtp.auth=…`, RFC 8601 §2.7.4), the first in `values`, or None."""
    for value in values:
        if "smtp.auth" not in value.lower():
            continue
        for result in read_authentication_results(value).of("auth"):
            login = result.get("smtp.auth")
            if login and result.result == "pass":
                return login
    return None


def _authserv_id(clause: str) -> str | None:
    words = re.sub("\x01\\d++\x01", " ", clause).split()
    if not words or "=" in words[0] or len(words) > 2 or (len(words) > 1 and "=" in words[1]):
        return None
    return words[0]


def _result(clause: str, comments: list[str]) -> MethodResult | None:
    start = _CLAUSE.match(clause)
    if not start:
        return None
    found = ((m[1].lower(), m[3] if m[2] is None else m[2]) for m in _PAIR.finditer(clause, start.end()))
    pairs = [(name, value.replace("\x02", ";")) for name, value in found]
    marks = [int(mark) for mark in re.findall("\x01(\\d++)\x01", clause)]
    comment = "; ".join(comments[mark] for mark in marks if mark < len(comments))
    return MethodResult(start[1].lower(), start[2].lower(), comment, tuple(pairs))
