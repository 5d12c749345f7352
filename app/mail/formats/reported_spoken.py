"""The addresses of which the sentences of a notice or a complaint say that what is reported is there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

from app.mail.formats.defanged import undone
from app.mail.formats.reported import MOST, TEXT_CHARS, alone, is_address

_ADDRESS = r"(?:\d{1,3}(?:\.\d{1,3}){3}|[0-9a-f]{0,4}(?::[0-9a-f]{0,4}){2,7})"
_SAID = rf"({_ADDRESS})(?=[\s)\],;]|\.\s|\.?\Z)"
_SPOKEN = re.compile(
    rf"\bhost \S{{1,253}}\[{_ADDRESS}\] (?:said|refused)|\bconnect to \S{{1,253}}\[{_ADDRESS}\]"
    rf"|(?:[(\[]|\bIP(?:v[46])?(?: address)?:? ){_SAID}",
    re.IGNORECASE,
)
"""In brackets or behind the word, but for whom a mail server was asked in vain: the one that answers may be ours."""
_HOSTED = re.compile(
    r"\b(?:(?:hosted|located|hosting|resolv\w{1,4}|following|associated)(?:\s(?:at|on|by|to|from))?"
    r"|\.[a-z]{2,24}\swith)(?:\s(?:the|an?))?"
    r"(?:\sIP(?:v[46])?(?:\saddress(?:es|\(es\))?)?(?:\s(?:is|are))?[:.]?\s{1,3}[(\[]?"
    rf"{_SAID}|\s({_ADDRESS})\sIP\b)|(?:\bip_address[:=]|\.[a-z]{{2,24}}\s\(IP:?\s|\s[-–]\sIP:\s"
    rf"|\b(?:zur|unter der|auf der)\sIP(?:-Adresse)?\s){_SAID}",
    re.IGNORECASE,
)
_ACTUAL = re.compile(
    r"\bactual host for \S{1,255}\s{1,4}(?:is|are) the following IP address(?:es)?[.:]\s{1,3}"
    r"((?:[0-9a-f.:]{3,46}(?:[,\s]{1,3}|\Z)){1,40})",
    re.IGNORECASE,
)
"""What a proxy says of the host behind it."""
_SENDS = re.compile(
    r"\bdomain [\"“]([\w.-]{4,253})[\"”]\s?/\s?IP address [\"“]([0-9a-f.:]{3,45})[\"”]", re.IGNORECASE
)
_SOURCE = re.compile(
    rf"^[^\w\n]{{0,8}}(?:(?:(?:spam|mail|the)[ ])?(?:source|send(?:er|ing)(?:['’]s)?|origin(?:ating)?|spam(?:mer)?)"
    rf"[ -])?(?:server )?(?:IP(?:v[46])?(?:[ -]addr(?:ess)?)?|(?:来源|发信|發信|발신)[ ]?IP)"
    rf"[ \t]{{0,9}}[:：=][ \t]{{0,9}}[(\[]?({_ADDRESS})[)\]]?[ \t.]{{0,9}}$",
    re.IGNORECASE | re.MULTILINE,
)
_LIST = re.compile(r"[^\w\n]{0,8}(?:source )?IP(?:v[46])? address(?:es)?[ \t]{0,9}:?\s*", re.IGNORECASE)


def spoken_in(text: str) -> Iterator[str]:
    """The addresses in sentences, in brackets or behind the word: reported where nothing else is."""
    found = (match[1] for match in _SPOKEN.finditer(undone(text[:TEXT_CHARS])) if match[1])
    yield from islice(found, MOST)


def hosted_in(text: str) -> Iterator[str]:
    """The addresses of which a sentence says that what is reported is hosted there."""
    found = _HOSTED.finditer(undone(text[:TEXT_CHARS]))
    yield from islice((match[1] or match[2] or match[3] for match in found), MOST)


def senders_in(text: str) -> Iterator[str]:
    """The host and address from which a sentence says that spam comes, and the addresses in lines of their own below
    a line that says nothing but that they are listed there."""
    for match in _SENDS.finditer(text[:TEXT_CHARS]):
        yield from match.groups()
    is_listed = False
    for line in text[:TEXT_CHARS].split("\n"):
        is_listed = is_listed or bool(_LIST.fullmatch(line))
        found = alone(line) if is_listed else None
        if found and is_address(found):
            yield found


def labelled_in(text: str) -> Iterator[str]:
    """The addresses of which a line of their own says nothing but that a mail came from there."""
    for match in _SOURCE.finditer(text[:TEXT_CHARS]):
        yield match[1]


def behind_proxy_in(text: str) -> Iterator[str]:
    """The addresses of the host behind the proxy that writes: where they are, all others are the proxy's own."""
    for match in _ACTUAL.finditer(text[:TEXT_CHARS]):
        yield from match[1].replace(",", " ").split()
