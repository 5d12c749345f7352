"""From a reading to the evidence that `judge.attribute` weighs: what the mail says, nothing looked up (pure)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import chain
from typing import NamedTuple

from app.attribution.domain import Origin
from app.attribution.places import OurPlaces, address_of, border, networks_around
from app.attribution.traces import (
    Traced,
    asked_ids,
    delivered_to,
    link_hosts,
    reported_hosts,
    return_path_ids,
    traced,
    unsubscribe_ids,
)
from app.attribution.vouched import Vouched, vouched
from app.mail.domain import HashState, Hop, Original, Reading, SignatureResult
from app.mail.fields.address import domain_of
from app.mail.fields.authres import read_authentication_results, smtp_login
from app.ports import SentFact
from app.senders.domain import IdentityFact, IdentityKind
from app.values import dataclass

LONGEST_AUTH = 2_000
_NO_KEYS: Mapping[int, bytes] = {}
VALUES = 40
"""Values of one kind that are looked up for one message."""

RECENT = timedelta(days=30)

BELOW = "Received of others"
"""Where an address was found that stands on a line below the recipient's own."""


class Said(NamedTuple):
    """A value and where it was found."""

    value: str
    source: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """Everything known of one reported message. `at`: when it was sent, as far as can be told.

    identities: the facts of our records for the values below (see `values_of`), of any time. vouched: signatures that
    the known loop behind the report verified.
    tokens: trace tokens of ours in it. sent: what the send log knows of it. origin: who sent the report that says
    all this. envelope: whom the mail was delivered to, as those who delivered it say; it need not stand in To.
    also_at: when the report arrived, where only the mail's author says when it was sent; else None.
    """

    at: datetime
    signatures: tuple[SignatureResult, ...] = ()
    hops: tuple[Hop, ...] = ()
    places: OurPlaces = OurPlaces()
    logins: tuple[Said, ...] = ()
    addresses: tuple[Said, ...] = ()
    feedback_ids: tuple[Said, ...] = ()
    verp: tuple[Said, ...] = ()
    unsubscribe: tuple[Said, ...] = ()
    domains: tuple[Said, ...] = ()
    links: tuple[Said, ...] = ()
    tokens: tuple[Traced, ...] = ()
    vouched: tuple[Vouched, ...] = ()
    envelope: frozenset[str] = frozenset()
    identities: tuple[IdentityFact, ...] = ()
    sent: tuple[SentFact, ...] = ()
    origin: Origin = Origin()
    also_at: datetime | None = None


def evidence_of(
    reading: Reading,
    original: Original | None,
    signatures: Sequence[SignatureResult],
    places: OurPlaces,
    arrived_at: datetime,
    origin: Origin = Origin(),
    token_keys: Mapping[int, bytes] = _NO_KEYS,
) -> Evidence:
    """The evidence in one reported message (None: the report holds none, only its fields speak)."""
    hops = original.received if original else ()
    at, is_authors_word = sent_at(original, hops, reading.arrived, places, arrived_at, signatures)
    return Evidence(
        at=at,
        also_at=arrived_at if is_authors_word else None,
        signatures=tuple(signatures),
        hops=hops,
        places=places,
        logins=_few(_logins(reading, original, hops, places)),
        addresses=_few(_addresses(reading, hops, places)),
        feedback_ids=_few(_feedback_ids(original)),
        verp=_few(_said(return_path_ids(reading, original))),
        unsubscribe=_few(_said(chain(unsubscribe_ids(original), asked_ids(reading)))),
        domains=_few(_domains(reading, original)),
        links=_few(_said(chain(link_hosts(original), reported_hosts(reading, original)))),
        tokens=traced(reading, original, token_keys),
        vouched=vouched(reading, original, origin),
        envelope=delivered_to(reading, original),
        origin=origin,
    )


def sent_at(
    original: Original | None,
    hops: Sequence[Hop],
    arrived: datetime | None,
    places: OurPlaces,
    arrived_at: datetime,
    signatures: Sequence[SignatureResult] = (),
) -> tuple[datetime, bool]:
    """When the mail was sent, and whether only its author says so: our own hop's time, else that of another in the
    believed path, the report's word; else a valid signature's t=, a hop further down, the Date field; our clock.

    Nothing later than the report's own arrival is believed, and of what the mail's author alone says nothing older
    than RECENT: who took a domain over would blame who had it before.
    """
    believed = places.believed(hops)
    ours = [hop.at for hop in believed if hop.at and places.handled(hop)]
    others = [hop.at for hop in believed if hop.at]
    below = [hop.at for hop in hops[len(believed) :] if hop.at]
    signed = [each.signed_at for each in signatures if each.signed_at and each.header_hash is HashState.PASS]
    dated = [original.date] if original and original.date else []
    witnessed = [(each, False) for each in (*ours, *others, *([arrived] if arrived else []))]
    written = [(each, True) for each in (*signed, *below, *dated) if each >= arrived_at - RECENT]
    told = (each for each in (*witnessed, *written) if each[0] <= arrived_at + timedelta(days=1))
    return next(told, (arrived_at, False))


def values_of(evidence: Evidence) -> dict[IdentityKind, set[str]]:
    """What to look up in our records, by kind of identity; all lower case."""
    domains = {parent for said in (*evidence.domains, *evidence.links) for parent in upwards(said.value)}
    traces = {said.value for said in (*evidence.verp, *evidence.unsubscribe)}
    signers = {each.domain.lower() for each in evidence.signatures} | {each.domain for each in evidence.vouched}
    ids = {part for said in evidence.feedback_ids for part in feedback_parts(said.value)}
    return {
        IdentityKind.DKIM: signers,
        IdentityKind.DOMAIN: domains,
        IdentityKind.IP: {form for said in evidence.addresses for form in networks_around(said.value)},
        IdentityKind.LOGIN: {said.value.lower() for said in evidence.logins},
        IdentityKind.FEEDBACK_ID: ids,
        IdentityKind.TOKEN: ids | traces,
    }


def feedback_parts(value: str) -> set[str]:
    """A Feedback-ID as a whole and by its parts (`campaign:customer:kind:provider`), white space taken out.

    RFC 9477 §3.2 has white space inside CFBL-Feedback-ID removed before it is looked up.
    """
    whole = "".join(value[:LONGEST_AUTH].split()).lower()
    return {part for part in (whole, *whole.split(":")) if len(part) > 1}


def _said(found: Iterable[tuple[str, str]]) -> Iterator[Said]:
    return (Said(value, source) for value, source in found if value)


def _few(said: Iterable[Said]) -> tuple[Said, ...]:
    return tuple(dict.fromkeys(said))[:VALUES]


def _logins(reading: Reading, original: Original | None, hops: Sequence[Hop], places: OurPlaces) -> Iterator[Said]:
    for hop in places.believed(hops):
        if places.has_host(hop.by_host):
            yield from (Said(login, "Received") for login in _authenticated(hop.text))
            if hop.from_ip and not places.handed_over(hop):
                break  # handed in from outside: what stands below, the client wrote
    stated = [(text, "Authentication-Results") for text in reading.fields.get("authentication-results", ())]
    inner = original.all("Authentication-Results") if original else ()
    for text, source in [*stated, *((text, "Authentication-Results of the message") for text in inner)]:
        login = smtp_login([text])
        if login and (not places.hosts or places.has_host(read_authentication_results(text).authserv_id)):
            yield Said(login, source)


_SENDER = re.compile(r"\(Authenticated sender:\s{0,9}([^\s()]{1,200})\)", re.IGNORECASE)


def _authenticated(received: str) -> list[str]:
    return _SENDER.findall(received[:LONGEST_AUTH])


def _addresses(reading: Reading, hops: Sequence[Hop], places: OurPlaces) -> Iterator[Said]:
    for text in reading.fields.get("source-ip", ()):
        if address_of(text):
            yield Said(str(address_of(text)), "Source-IP")
    seen = border(hops)
    for at, hop in enumerate(hops):
        if places.has_address(hop.from_ip) and not places.has_host(hop.by_host):
            yield Said(str(address_of(hop.from_ip)), "Received" if at == seen else BELOW)


def _feedback_ids(original: Original | None) -> Iterator[Said]:
    for name in ("Feedback-ID", "CFBL-Feedback-ID", "X-Feedback-ID"):
        for value in original.all(name) if original else ():
            yield Said(value, name)


def _domains(reading: Reading, original: Original | None) -> Iterator[Said]:
    given = [(original.from_, "From"), (original.return_path, "Return-Path")] if original else []
    given += [(text, "Original-Mail-From") for text in reading.fields.get("original-mail-from", ())]
    for text, source in given:
        domain = domain_of(text)
        if domain:
            yield Said(domain, source)


def upwards(domain: str) -> Iterator[str]:
    """The domain and those above it, of its last eight labels; none of one label only."""
    labels = domain.split(".")[-8:]
    for at in range(len(labels) - 1):
        yield ".".join(labels[at:])
