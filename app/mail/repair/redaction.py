"""Where a feedback loop put a mark in place of the recipient, and the recipient put back there (bytes, pure).

    redacted@d   [redacted]   redacted=d@…   redacted%40d     AOL, RoadRunner: one word, often inside VERP and links
    <32 hex>@d   (also longer, or base64)                     Validity, RFC 6590: a keyed hash, wherever it stood
    x   x@d   <>   an empty To   undisclosed … <…>            SpamCop, Comcast and others

Only such marks are ever replaced: an address in the clear, though it is another one, stays. Whether what was put
back is right is for the signature to say (`repair`). Every step is linear in the size.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from enum import StrEnum
from itertools import islice
from typing import NamedTuple
from urllib.parse import quote

from app.values import dataclass

_WORD = re.compile(rb"\[redacted\]|redacted(?:-?[0-9]{1,9}+)?+", re.IGNORECASE)
_AT = rb"(@|%40|%2540|=40|=3D|=|&#64;)([A-Za-z0-9.-]{1,253}+)"
_ADDRESS = re.compile(rb"(?<![A-Za-z0-9])([A-Za-z0-9+/]{1,128}+(?:={1,2}(?=@|%40|=40|=3D|==))?)" + _AT, re.IGNORECASE)
_DOMAIN_BEHIND = re.compile(_AT, re.IGNORECASE)
_HEX = re.compile(rb"[0-9A-Fa-f]{16,128}\Z")
_BASE64 = re.compile(rb"(?=.*[0-9])(?=.*[a-z])(?=.*[A-Z]).{20,88}\Z")
_CROSSED_OUT = re.compile(rb"[Xx]{1,64}\Z")
_REWRITTEN = re.compile(rb"\s*+(?:|<\s*+>|<?x>?|\"?undisclosed.*+)\s*+\Z", re.IGNORECASE | re.DOTALL)
MARKS = 1_000
"""Marks that are read, and occurrences of one mark that are replaced, in one text; with more it is left."""

_ALPHANUMERIC = frozenset(b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")


class Bare(StrEnum):
    """What a mark without a domain behind it stands for."""

    ADDRESS = "address"
    LOCAL = "local"


class Spelling(NamedTuple):
    """How an address stood in a text. encoded: whether a local part before `%40` was percent-encoded as a whole; many
    programs encode the @ alone."""

    bare: Bare = Bare.ADDRESS
    encoded: bool = True


@dataclass(frozen=True, slots=True)
class Redaction:
    """The marks in some fields. words: those that are marks anywhere. hashes: mark and the domain it was seen with.
    domains: the domains that were kept beside a mark. bare: whether one stands without its domain, or a whole field
    was rewritten: then any recipient may be meant."""

    words: tuple[bytes, ...] = ()
    hashes: tuple[tuple[bytes, bytes], ...] = ()
    domains: frozenset[bytes] = frozenset()
    bare: bool = False

    def fits(self, address: bytes) -> bool:
        """Whether the address may be what a mark stands for: any, or one of a domain that was kept."""
        return self.bare or _domain(address) in self.domains

    def marks(self, address: bytes) -> tuple[bytes, ...]:
        """The marks that may stand for the address."""
        domain = _domain(address)
        own = (mark for mark, kept in self.hashes if kept == domain or _is_no_domain(kept))
        return tuple(dict.fromkeys((*self.words, *own)))


def redaction_in(texts: Iterable[bytes]) -> Redaction:
    """The marks in field values (all behind the colon)."""
    words: dict[bytes, None] = {}
    hashes: dict[tuple[bytes, bytes], None] = {}
    domains: set[bytes] = set()
    bare = False
    for text in texts:
        for found in islice(_WORD.finditer(text), MARKS):
            words[found[0]] = None
            behind = _DOMAIN_BEHIND.match(text, found.end())
            bare = bare or behind is None or _is_no_domain(_tidy(behind[2]))
            if behind:
                domains.add(_tidy(behind[2]))
        for found in islice(_ADDRESS.finditer(text), MARKS):
            if is_hash(found[1]):
                domain = _tidy(found[3])
                hashes[found[1], domain] = None
                domains.add(domain)
                bare = bare or _is_no_domain(domain)
    return Redaction(tuple(words), tuple(hashes), frozenset(domains), bare)


def is_hash(local: bytes) -> bool:
    """Whether a local part looks like a keyed hash (RFC 6590 §2) or is crossed out with x."""
    return bool(_HEX.match(local) or _CROSSED_OUT.match(local) or _BASE64.match(local))


def is_redacted(address: bytes) -> bool:
    """Whether an address is a mark itself and names nobody."""
    local, _, domain = address.rpartition(b"@")
    return b"redacted" in address.lower() or is_hash(local) or _is_no_domain(domain.lower())


def is_rewritten(value: bytes) -> bool:
    """Whether a To field was emptied or rewritten as a whole."""
    return _REWRITTEN.match(value) is not None


def ways_to_name(address: bytes) -> tuple[bytes, ...]:
    """How a To field may have named its one recipient, no display name known."""
    return (
        b" " + address + b"\r",
        b" <" + address + b">\r",
        b' "' + address + b'" <' + address + b">\r",
        b" " + address + b" <" + address + b">\r",
    )


def spellings(address: bytes, *, bare: bool) -> tuple[Spelling, ...]:
    """The ways to try for this address, the likeliest first. bare: whether a mark may stand without a domain."""
    plain = quote(local := _local(address), safe="").encode() == local
    meant = tuple(Bare) if bare else (Bare.ADDRESS,)
    return tuple(Spelling(each, encoded) for encoded in ((True,) if plain else (True, False)) for each in meant)


def put_back(text: bytes, marks: Iterable[bytes], addresses: Sequence[bytes], way: Spelling) -> bytes:
    """`text` with each mark replaced by the address of its domain, one without a domain by the first address.

    addresses: the one to try first, then others of further domains. A mark beside a foreign domain stays.
    """
    for mark in marks:
        if 0 < text.count(mark) <= MARKS:
            text = _put_back(text, mark, addresses, way)
    return text


def _put_back(text: bytes, mark: bytes, addresses: Sequence[bytes], way: Spelling) -> bytes:
    pieces: list[bytes] = []
    at = 0
    while (found := text.find(mark, at)) >= 0:
        end = found + len(mark)
        pieces.append(text[at:found])
        if (found and text[found - 1] in _ALPHANUMERIC) or _goes_on(text, end):
            pieces.append(mark)
        else:
            word, end = _meant(text, mark, end, addresses, way)
            pieces.append(word)
        at = end
    pieces.append(text[at:])
    return b"".join(pieces)


def _goes_on(text: bytes, end: int) -> bool:
    return end < len(text) and text[end] in _ALPHANUMERIC


def _meant(text: bytes, mark: bytes, end: int, addresses: Sequence[bytes], way: Spelling) -> tuple[bytes, int]:
    """What stood where the mark is, and where the text goes on behind it."""
    behind = _DOMAIN_BEHIND.match(text, end)
    if behind is None:
        return addresses[0] if way.bare is Bare.ADDRESS else _local(addresses[0]), end
    domain = _tidy(behind[2])
    if _is_no_domain(domain):
        return _written(addresses[0], behind[1], way) + behind[1] + _domain_as_written(addresses[0]), behind.end()
    own = next((each for each in addresses if _domain(each) == domain), None)
    return (mark if own is None else _written(own, behind[1], way)), end


def _written(address: bytes, at: bytes, way: Spelling) -> bytes:
    """The local part as it is written before this kind of @."""
    local = _local(address)
    return quote(local, safe="").encode() if at.startswith(b"%") and way.encoded else local


def _local(address: bytes) -> bytes:
    return address.rpartition(b"@")[0]


def _domain_as_written(address: bytes) -> bytes:
    return address.rpartition(b"@")[2]


def _domain(address: bytes) -> bytes:
    return _domain_as_written(address).lower()


def _tidy(domain: bytes) -> bytes:
    return domain.rstrip(b".-").lower()


def _is_no_domain(domain: bytes) -> bool:
    """Whether the domain was taken out too."""
    return b"redacted" in domain or domain.endswith(b".invalid") or _CROSSED_OUT.match(domain) is not None
