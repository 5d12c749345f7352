"""E-mail addresses out of any text, with tolerance, in linear time.

A strict parser (RFC 5322 §3.4) is of no use here: reports hold phrases, redacted local parts and torn brackets.
`email.utils.getaddresses` is not used: 20,000 addresses take it seconds.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

import idna

_LOCAL = r"\w.!#$%&'*+/=?^`{|}~\-"
# That nothing of a local part stands before it is looked at behind its first letter: to a pattern that starts with a
# class, `re` passes over everything else in a third of the time.
ADDRESS = re.compile(
    rf"([{_LOCAL}](?<![{_LOCAL}]{{2}})[{_LOCAL}]{{0,255}}+)@(\w[\w.-]{{0,252}}+|\[[0-9A-Fa-f:.IPVipv]{{2,60}}+\])"
)
"""Local part and domain of every address in a text."""

_ANGLE = re.compile(r"<([^<>]*+)>")
_VERP = re.compile(r"(?<![\w.+\-/'&~])([\w.+\-/'&~]{1,256}+)=([\w-]{1,63}+(?:\.[\w-]{1,63}+){1,8}+)@")
_VERP_MARK = re.compile(r"[+\-]")

READINGS = 4
"""As how many addresses one may be read."""

VERP_READINGS = 4
"""How many recipients one VERP local part may stand for."""


def addresses_in(text: str) -> tuple[str, ...]:
    """Every address in `text`, in order, case kept, repeats kept, without angle brackets and quotes."""
    return tuple(_scan(text)) if "@" in text else ()


def bare_address(value: str | None) -> str | None:
    """The first address of a header value such as From: `a@b` of `"Name" <a@b>`; None where there is none.

    What stands in angle brackets goes first: a display name may hold somebody else's address. A null sender,
    `<>`, gives "".
    """
    if value is None:
        return None
    for inside in _ANGLE.findall(value):
        inside = inside.strip()
        if not inside:
            return ""
        if "@" in inside:
            return next(_scan(inside), inside)
    return next(_scan(value), None)


def domain_of(address: str | None) -> str | None:
    """The domain of an address, lower case, in ASCII, without a trailing dot; None where there is none."""
    domain = ascii_domain((address or "").rpartition("@")[2].strip(" .>"))
    return domain if address and "@" in address and domain else None


def ascii_domain(name: str) -> str:
    """A domain as it is looked up and compared: lower case, with A-labels (RFC 5890); as it is where it has none."""
    if name.isascii():
        return name.lower()
    try:
        return idna.encode(name, uts46=True).decode("ascii")
    except (idna.IDNAError, UnicodeError):
        return name.lower()


def readings(address: str) -> tuple[str, ...]:
    """What a mail server may take an address for, lower case and with A-labels: first as it stands, then what it
    finds in the local part of `site!user`, `user%site` and `"user@site"@relay` (Postfix's swap_bangpath,
    allow_percent_hack and resolve_dequoted_address). At most READINGS, at least one.
    """
    left = address.strip().lower()
    if left.isascii() and left.count("@") == 1 and left[-1] != "." and "!" not in left and "%" not in left:
        return (left,)  # as nearly every address is
    found: list[str] = []
    while len(found) < READINGS:
        local, at, domain = left.rpartition("@")
        if at:
            left = local.strip()
            found.append(f"{left}@{ascii_domain(domain.strip(' .'))}")
        if "@" in left:
            continue
        if "!" in left:
            site, _, user = left.partition("!")
        elif "%" in left:
            user, _, site = left.rpartition("%")
        else:
            break
        left = f"{user}@{site}"
    return tuple(found) or (left,)


def domain_readings(address: str) -> tuple[str, ...]:
    """The domains that a mail server may take an address to have, as `readings` has it; empty for none."""
    return tuple([each.rpartition("@")[2] if "@" in each else "" for each in readings(address)])


def verp_recipients(text: str) -> Iterator[str]:
    """The recipients inside VERP local parts: of `bounce-17-user=b.example@relay.example`, `user@b.example`.

    Where the prefix ends is the sender's secret: each reading is given, the shortest first, at most VERP_READINGS.
    """
    for match in _VERP.finditer(text):
        marks = _VERP_MARK.finditer(text, match.start(1), match.end(1))
        starts = [match.start(1), *(mark.end() for mark in marks)]
        for start in islice(reversed(starts), VERP_READINGS):
            if start < match.end(1):
                yield f"{text[start : match.end(1)]}@{match[2]}"


def _scan(text: str) -> Iterator[str]:
    for match in ADDRESS.finditer(text):
        local, domain = match[1].lstrip("."), match[2].rstrip(".-_")
        if local.startswith("'") and text.startswith("'", match.end()):
            local = local.lstrip("'")  # as Outlook quotes who has no name: 'a@b.example' <a@b.example>
        if local and domain:
            yield f"{local}@{domain}"
