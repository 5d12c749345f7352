"""Who sent the report itself: known feedback loops, and the one rule that a report must be signed (pure).

A report is a claim (RFC 6650 §4); a feedback loop that we know, and whose own DKIM signature its report carries, is a
claim worth more. From alone is worth nothing, and a signing domain alone is not enough either: everybody who has an
account at a mailbox provider sends mail with that provider's signature. So both are held against the loop.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from app.attribution.domain import Origin
from app.mail.domain import DkimResult, Kind, Reading, SignatureResult
from app.mail.fields.address import addresses_in, domain_of
from app.values import dataclass

MACHINES = frozenset({Kind.ARF, Kind.JMRP, Kind.XARF, Kind.X_ARF, Kind.SPAMCOP, Kind.NOTICE})
"""Kinds that machines write: a person's mail proves no loop, whoever signed it."""

UNSIGNED_CFBL = "A report to a CFBL-Address that its sender's domain did not sign (RFC 9477): nothing is done on it."

_DELIVERED_TO = frozenset({"to", "cc", "delivered-to", "x-original-to", "envelope-to"})


@dataclass(frozen=True, slots=True)
class Loop:
    """A feedback loop that we know.

    domains: what signs its reports (d=, at or below one of them). senders: who its reports are from, each an address
    or a domain that covers what is below it. active: one that is not authenticates nothing.
    """

    id: str
    name: str
    domains: tuple[str, ...]
    senders: tuple[str, ...]
    active: bool = True
    note: str = ""


def is_worth_verifying(reading: Reading, loops: Iterable[Loop]) -> bool:
    """Whether the report's own signatures can make a difference: it says that it is from a loop we know, or it came
    to a CFBL-Address."""
    if reading.kind not in MACHINES:
        return False
    return any(_is_from(reading.reporter, loop) for loop in loops) or _came_by_cfbl(reading)


def origin_of(reading: Reading, results: Sequence[SignatureResult], loops: Iterable[Loop]) -> Origin:
    """Who sent the report. results: what its own signatures are worth as of its arrival.

    A signature that covers only the start of the body (l=) counts for nothing: what follows anybody may have written.
    """
    signed_by = tuple(
        dict.fromkeys(
            each.domain.lower() for each in results if each.result is DkimResult.PASS and each.body_length is None
        )
    )
    known = (loop.name for loop in loops if reading.kind in MACHINES and _is(loop, reading.reporter, signed_by))
    return Origin(signed_by, next(known, None))


def refusal(reading: Reading, origin: Origin) -> str | None:
    """Why nothing may be done on this report, in a sentence; None where it may be acted on.

    RFC 9477 §3.1.2: a report that came to a CFBL-Address counts only with a valid signature of its From domain.
    """
    if reading.kind not in MACHINES or not _came_by_cfbl(reading):
        return None
    sender = domain_of(reading.reporter) or ""
    return None if any(_covers(domain, sender) for domain in origin.signed_by) else UNSIGNED_CFBL


def _is(loop: Loop, sender: str | None, signed_by: Iterable[str]) -> bool:
    signed = any(_covers(domain, each) for domain in loop.domains for each in signed_by)
    return signed and _is_from(sender, loop)


def _is_from(sender: str | None, loop: Loop) -> bool:
    address = (sender or "").lower()
    domain = domain_of(address) or ""
    return loop.active and any(address == each if "@" in each else _covers(each, domain) for each in loop.senders)


def _covers(domain: str, other: str) -> bool:
    return other == domain or other.endswith(f".{domain}")


def _came_by_cfbl(reading: Reading) -> bool:
    """Whether the reported mail names, in CFBL-Address, an address that this report was sent to."""
    named = {
        address.lower()
        for original in reading.originals
        for value in original.all("CFBL-Address")
        for address in addresses_in(value.split(";")[0])
    }
    if not named:
        return False
    told = (each.value for each in reading.headers if each.key in _DELIVERED_TO)
    return any(address.lower() in named for value in told for address in addresses_in(value))
