"""Signatures that a known feedback loop verified when the mail came in: Authentication-Results (RFC 8601; pure).

Where the loop took the body away and hid the recipient, we can verify nothing; its mail servers could. Anybody may
write such a field, so it counts only in a report that the loop signed: as the report's own (RFC 5965 §3.2), or as the
topmost one of the reported mail where the recipient's servers wrote it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from app.attribution.domain import Origin
from app.attribution.places import border
from app.mail.domain import Original, Reading
from app.mail.fields.address import addresses_in, ascii_domain, domain_of
from app.mail.fields.authres import AuthenticationResults, MethodResult, read_authentication_results
from app.mail.fields.domains import organisation

_FIELD = "authentication-results"
_RECEIVED = ("received", "recieved")
_SIGNATURES = 12


class Vouched(NamedTuple):
    """A signature that a known loop says it verified. domain: d=, lower case. selector: s=, "" where it is not said.
    source: the field that says so."""

    domain: str
    selector: str
    source: str


def vouched(reading: Reading, original: Original | None, origin: Origin) -> tuple[Vouched, ...]:
    """The signatures of the reported mail that the known loop behind the report verified, each once."""
    if origin.loop is None:
        return ()
    found = dict.fromkeys(
        Vouched(domain, ascii_domain(passed.get("header.s") or ""), source)
        for source, results in _believed(reading, original, origin)
        for passed in results.of("dkim")
        if passed.result == "pass" and (domain := _signer(passed))
    )
    return tuple(found)[:_SIGNATURES]


def _believed(
    reading: Reading, original: Original | None, origin: Origin
) -> Iterator[tuple[str, AuthenticationResults]]:
    if _FIELD not in reading.derived:
        for value in reading.fields.get(_FIELD, ())[:_SIGNATURES]:
            yield "Authentication-Results of the report", read_authentication_results(value)
    at = next((at for at, each in enumerate(original.headers) if each.key == _FIELD), None) if original else None
    if original is not None and at is not None:
        topmost = read_authentication_results(original.headers[at].value)
        if _is_the_recipients(topmost.authserv_id, at, reading, original, origin):
            yield "Authentication-Results", topmost


def _is_the_recipients(name: str | None, at: int, reading: Reading, original: Original, origin: Origin) -> bool:
    """Whether the recipient's servers wrote the field: it has the name of their house, which they take out of what
    comes in (RFC 8601 §5); or it has none, as Microsoft's, and stands above where the mail came into it."""
    entry = border(original.received)
    if name is None:
        above = sum(each.key in _RECEIVED for each in original.headers[:at])
        return entry is not None and above <= entry
    told = [*reading.fields.get("original-rcpt-to", ()), *reading.fields.get("removal-recipient", ())]
    houses = {*origin.signed_by, *(domain_of(address) for value in told for address in addresses_in(value))}
    houses.add(original.received[entry].by_host if entry is not None else None)
    house = organisation(name)
    return house is not None and house in map(organisation, houses)


def _signer(passed: MethodResult) -> str:
    """The domain of the signature: header.d, else that of header.i, which is at or below it."""
    named = passed.get("header.d") or (passed.get("header.i") or "").rpartition("@")[2]
    return ascii_domain(named.strip(" ."))
