"""What our own servers or our customers wrote into the mail so that it can be told whose it is (pure).

Trace tokens, and the unsigned ids that providers put into VERP return paths, unsubscribe links and list names.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from urllib.parse import urlsplit

from app.mail.domain import Kind, Original, Reading
from app.mail.fields.address import addresses_in, domain_of
from app.mail.mime.message import parse
from app.mail.repair.redaction import is_redacted
from app.senders import tokens
from app.senders.tokens import Token
from app.values import dataclass

BODY_BYTES = 64 * 1024
"""How much of a body is searched for links."""
LINKS = 20

_TOKEN_FIELDS = frozenset(
    {"feedback-id", "cfbl-feedback-id", "message-id", "return-path", "reply-to", "list-unsubscribe"}
)
_ASKED_IN = frozenset({"to", "subject", "in-reply-to", "references"})
"""Where a mail that asks to unsubscribe may hold a token: in what List-Unsubscribe made of it, or an answer did."""

_REPORT_FIELDS = ("original-mail-from", "original-message-id", "message-id", "original-envelope-id")
_ANGLED = re.compile(r"<([^<>]{1,2000})>")
# `https?://…`, found by its colon: a body is searched for one byte four times faster than for "http".
_LINK = re.compile(rb":(?:(?<=http:)|(?<=https:))//([A-Za-z0-9.-]{4,253})")
_BLANK = re.compile(rb"\n\r?\n")
_ENCODED = re.compile(rb":(?<=transfer-encoding:)\s*+(?:base64|quoted-printable)", re.IGNORECASE)
_PARTS = re.compile(r"[^A-Za-z0-9_-]+")
_SHORTEST_ID = 4
_RECIPIENTS_DOMAIN = "returnpathfbl/1"
_DELIVERED_FIELDS = ("original-rcpt-to", "removal-recipient")
_DELIVERED_HEADERS = frozenset(
    {"x-hmxmroriginalrecipient", "delivered-to", "x-original-to", "envelope-to", "x-apparently-to"}
)


@dataclass(frozen=True, slots=True)
class Traced:
    """A trace token that was found. source: the field. sender: whom it names, None where that is not (yet) known."""

    token: Token
    source: str
    sender: str | None = None


def traced(reading: Reading, original: Original | None, keys: Mapping[int, bytes]) -> tuple[Traced, ...]:
    """The trace tokens in a reported message and in the report's fields about it, each once, at most tokens.MOST."""
    found: dict[Token, Traced] = {}
    told = list(_told(reading, original))
    if not tokens.may_hold([value for _, value in told]):
        return ()
    for source, value in told:
        for token in tokens.find(keys, [value]):
            if token.valid or not any(not each.valid for each in found):
                found.setdefault(token, Traced(token, source))
            if len(found) >= tokens.MOST:
                return tuple(found.values())
    return tuple(found.values())


def _told(reading: Reading, original: Original | None) -> Iterator[tuple[str, str]]:
    if reading.kind is Kind.UNSUBSCRIBE:
        yield from ((each.name, each.value) for each in reading.headers if each.key in _ASKED_IN)
    for header in original.headers if original else ():
        if header.key in _TOKEN_FIELDS or header.key.startswith("x-"):
            yield header.name, header.value
    for name in _REPORT_FIELDS:
        for value in reading.fields.get(name, ()):
            yield f"{name.title()} of the report", value


def delivered_to(reading: Reading, original: Original | None) -> frozenset[str]:
    """Whom the mail was delivered to, lower case, as the report or the receiving servers say; not what To says."""
    values = [value for name in _DELIVERED_FIELDS for value in reading.fields.get(name, ())]
    if original:
        values += [header.value for header in original.headers if header.key in _DELIVERED_HEADERS]
        values += [hop.for_address for hop in original.received[:1] if hop.for_address]
    found = (address.lower() for value in values for address in addresses_in(value))
    return frozenset(address for address in found if not is_redacted(address.encode()))


def return_path_ids(reading: Reading, original: Original | None) -> Iterator[tuple[str, str]]:
    """The ids in the local part of the return path (VERP), lower case, with the field each was found in."""
    given = [("Return-Path", original.return_path or "")] if original else []
    given += [("Original-Mail-From", value) for value in reading.fields.get("original-mail-from", ())]
    for source, value in given:
        local = value.strip(" <>").rpartition("@")[0]
        for part in _ids(local):
            yield part, source
            yield from ((piece, source) for piece in part.split("-") if "-" in part and len(piece) >= _SHORTEST_ID)


def unsubscribe_ids(original: Original | None) -> Iterator[tuple[str, str]]:
    """The ids in List-Unsubscribe: path and query of its links, local parts of its addresses (RFC 2369 §3.2)."""
    for value in original.all("List-Unsubscribe") if original else ():
        for link in _ANGLED.findall(value[:4_000]):
            behind_host = link.partition("://")[2].partition("/")[2]
            yield from ((part, "List-Unsubscribe") for part in _ids(behind_host or link.partition("@")[0]))


def asked_ids(reading: Reading) -> Iterator[tuple[str, str]]:
    """The ids in the address that a mail which asks to unsubscribe was sent to: the mailto: of List-Unsubscribe."""
    if reading.kind is not Kind.UNSUBSCRIBE:
        return
    for value in (each.value for each in reading.headers if each.key == "to"):
        for address in addresses_in(value):
            yield from ((part, "To of the request") for part in _ids(address.rpartition("@")[0]))


def link_hosts(original: Original | None) -> Iterator[tuple[str, str]]:
    """The hosts that the mail links to, of List-Unsubscribe first; List-ID's name (RFC 2919 §2). Lower case."""
    if original is None:
        return
    for value in original.all("List-Unsubscribe"):
        for link in _ANGLED.findall(value[:4_000]):
            yield _host(link), "List-Unsubscribe"
    for value in original.all("List-ID"):
        for name in _ANGLED.findall(value[:1_000]):
            yield name.strip().lower(), "List-ID"
    seen: set[bytes] = set()
    for host in _linked(original.raw):
        if host not in seen and len(seen) < LINKS:
            seen.add(host)
            yield host.decode("ascii").lower().strip("."), "a link"


def _linked(raw: bytes) -> list[bytes]:
    """The hosts in the start of a mail's body, as its reader has it: of texts that are encoded, what they encode."""
    blank = _BLANK.search(raw)
    if blank is None:
        return []
    end = blank.end() + BODY_BYTES
    if not _ENCODED.search(raw, 0, end):
        return _LINK.findall(raw, blank.end(), end)
    texts: list[bytes] = []
    left = BODY_BYTES
    for part in parse(raw).leaves():
        if left > 0 and part.name.startswith("text/"):
            texts.append(part.content(2 * left)[:left])
            left -= len(texts[-1])
    return _LINK.findall(b"\n".join(texts))


def reported_hosts(reading: Reading, original: Original | None) -> Iterator[tuple[str, str]]:
    """The hosts that the report itself names as reported, lower case, with the field each stands in.

    Reported-Domain is, in RFC 5965 §3.3, a domain that the mail is about; the feedback loops of Return Path put the
    recipient's own there in their first version, and the sender's in their second. The recipient's is left out.
    """
    for value in reading.fields.get("reported-uri", ()):
        yield _host(value), "Reported-URI"
    agents = reading.fields.get("user-agent", ())
    if "reported-domain" in reading.derived or any(each.lower().startswith(_RECIPIENTS_DOMAIN) for each in agents):
        return
    told = [*reading.fields.get("original-rcpt-to", ()), *(original.recipients if original else ())]
    recipients = {domain_of(address) for value in told for address in addresses_in(value)}
    for value in reading.fields.get("reported-domain", ()):
        domain = value.strip().lower().strip(".")
        if domain not in recipients:
            yield domain, "Reported-Domain"


def _host(link: str) -> str:
    try:
        parts = urlsplit(link.strip())
        return (parts.hostname or link.rpartition("@")[2].partition("?")[0]).lower().strip(".")
    except ValueError:
        return ""


def _ids(text: str) -> Iterator[str]:
    yield from (part.lower() for part in _PARTS.split(text[:1_000]) if len(part) >= _SHORTEST_ID)
