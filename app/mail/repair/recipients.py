"""Who a reported mail was sent to, as far as the report still says it: addresses, the likeliest first (pure).

A feedback loop that hides the recipient rarely hides all of it: its own fields, the envelope fields above the
mail, a VERP return path, an encoded link or a base64 body still name it. Nothing here is believed; `repair` tries.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import chain, islice
from urllib.parse import unquote

from app.mail.dkim.signatures import Signed
from app.mail.domain import Kind, Original, Reading
from app.mail.fields.address import addresses_in, verp_recipients
from app.mail.mime.message import parse
from app.mail.repair.redaction import is_redacted
from app.values import dataclass

TEXT_CHARS = 200_000
"""Characters of one part of the body that are searched for addresses."""

NAMED = 200
"""Header fields of one sort that are searched for addresses."""

LONGEST = 254  # RFC 5321 §4.5.3.1.3: a path has at most 256 octets, angle brackets included

_MAY_NAME = re.compile(rb"@|%40|=\?")
_PARAMETER = re.compile(r"[=/?&]")
_FIELDS = (("original-rcpt-to", "Original-Rcpt-To"), ("removal-recipient", "Removal-Recipient"))
_HEADERS = ("x-hmxmroriginalrecipient", "delivered-to", "x-original-to", "envelope-to", "x-apparently-to", "to", "cc")
_TOLD = frozenset(("List-Unsubscribe", "List-Unsubscribe-Post", "X-Return", "Received", "Return-Path"))
_SENDERS = frozenset(("from", "reply-to", "sender", "message-id"))
_FROM_PEOPLE = frozenset((Kind.PERSON, Kind.FORWARDED, Kind.INLINE, Kind.UNSUBSCRIBE))


@dataclass(frozen=True, slots=True)
class Recipient:
    """An address that the mail may have been sent to. source: where it was found, as a phrase."""

    address: str
    source: str


def recipients(
    reading: Reading,
    original: Original,
    reporter: str | None = None,
    logged: Iterable[str] = (),
    signed: Signed | None = None,
) -> Iterator[Recipient]:
    """The possible recipients, each address once, the body searched only when the rest was not enough.

    reporter: who filled in the form, where the report came by it. logged: whom the send log says the mail went to.
    signed: what was read of `original.raw` before.
    """
    seen: set[str] = set()
    for found in chain(_found(logged, "the send log"), _all(reading, original, reporter, signed)):
        if found.address in seen:
            continue
        both = {found.address: None, found.address.lower(): None}
        if _names_somebody(found.address):
            yield from (Recipient(each, found.source) for each in both if each not in seen)
        seen.update(both)


def _all(reading: Reading, original: Original, reporter: str | None, signed: Signed | None) -> Iterator[Recipient]:
    for name, source in _FIELDS:
        for value in reading.fields.get(name, ()):
            yield from _found(addresses_in(value), f"{source} of the report")
    named = [header for header in original.headers if header.key in _HEADERS]
    for header in sorted(named, key=lambda each: _HEADERS.index(each.key))[:NAMED]:
        yield from _found(addresses_in(header.value), header.name)
    yield from _found((hop.for_address or "" for hop in original.received), "the Received path")
    yield from _reporters(reading, reporter)
    yield from _return_paths(reading, original)
    # Most fields name nobody: they are not decoded.
    others = (each for each in original.headers if each.key not in _SENDERS and _MAY_NAME.search(each.raw))
    for header in islice(others, NAMED):
        value = header.value
        if "@" in value or "%40" in value:
            yield from _found(_encoded(value), header.name if header.name in _TOLD else "a header field")
    if not original.headers_only:
        yield from _found(_in_body(signed or Signed(original.raw), original.raw), "the body")


def _reporters(reading: Reading, reporter: str | None) -> Iterator[Recipient]:
    own = [reporter] if reporter else []
    own += [reading.reporter] if reading.reporter and reading.kind in _FROM_PEOPLE else []
    yield from _found(own, "the reporter")


def _return_paths(reading: Reading, original: Original) -> Iterator[Recipient]:
    yield from _found(verp_recipients(original.return_path or ""), "Return-Path")
    for value in reading.fields.get("original-mail-from", ()):
        yield from _found(verp_recipients(value), "Original-Mail-From of the report")


def _encoded(value: str) -> Iterator[str]:
    """Addresses in a field's text or a body, also percent-encoded and inside VERP."""
    # Most words hold none: splitting and asking is fifteen times faster than a pattern over all of a body.
    words = [word for word in value.split() if "@" in word or "%40" in word]
    if words:
        text = unquote(" ".join(words))
        yield from _parameters(text)
        yield from verp_recipients(text)


def _parameters(text: str) -> Iterator[str]:
    """Addresses; of `e=user@b.example`, which a local part may be, what stands behind the last `=`."""
    for address in addresses_in(text):
        local, _, domain = address.rpartition("@")
        yield f"{_PARAMETER.split(local)[-1]}@{domain}"


def _in_body(signed: Signed, raw: bytes) -> Iterator[str]:
    if not _may_name_anybody("base64" if b"base64" in raw.lower() else "", signed.letter.plain_body):
        return
    for part in parse(raw).leaves():
        if part.name.startswith("text/") and _may_name_anybody(part.encoding, part.body):
            yield from _encoded(part.text(TEXT_CHARS))


def _may_name_anybody(encoding: str, body: bytes) -> bool:
    """Whether it is worth decoding: most bodies hold no address at all."""
    if encoding == "base64" or b"@" in body:
        return True
    # One byte is found in no time, and most bodies do not have it.
    return (b"%" in body and b"%40" in body) or (b"=" in body and b"=40" in body)


def _found(addresses: Iterable[str], source: str) -> Iterator[Recipient]:
    for address in addresses:
        yield Recipient(address, source)


def _names_somebody(address: str) -> bool:
    local, at, domain = address.rpartition("@")
    plain = bool(local and at and domain) and address.isascii() and len(address) <= LONGEST
    return plain and not is_redacted(address.encode())
