"""Whether a reported message is ours at all, whosever it is (pure)."""

from __future__ import annotations

from app.attribution.evidence import BELOW, Evidence
from app.mail.domain import DkimResult, HashState, KeyState, SignatureResult
from app.senders.domain import IdentityFact, IdentityKind

_USABLE = (KeyState.FOUND, KeyState.CACHED, KeyState.ROTATED)


def authentic(signature: SignatureResult, evidence: Evidence) -> bool:
    """Whether the signed headers are what the signer wrote.

    With the body cut or re-encoded, as feedback loops do, the header signature still proves who signed
    (RFC 6376 §3.7 signs the body only through bh=); a signature that was out of time proves nothing.
    """
    if signature.result is DkimResult.PASS:
        return True
    expired = signature.expires_at is not None and signature.expires_at < evidence.at
    cut = signature.body_hash in (HashState.FAIL, HashState.ABSENT)
    judged = signature.result in (DkimResult.FAIL, DkimResult.NEUTRAL)
    return signature.header_hash is HashState.PASS and cut and judged and signature.key in _USABLE and not expired


def signed_by(fact: IdentityFact, signature: SignatureResult) -> bool:
    """Whether the fact is about the key of this signature: its d=, and its s= where the fact names one."""
    return fact.value == signature.domain.lower() and fact.selector in (None, signature.selector.lower())


def we_signed(evidence: Evidence) -> bool:
    """Whether our own servers signed this message, under their own name."""
    return any(authentic(each, evidence) and evidence.places.has_host(each.domain) for each in evidence.signatures)


def proves_us(evidence: Evidence) -> bool:
    """Whether a signature of this message is ours or a sender's of ours: then a second one is no contradiction."""
    if we_signed(evidence):
        return True
    facts = [fact for fact in evidence.identities if fact.kind is IdentityKind.DKIM and fact.holds(evidence.at)]
    return any(authentic(each, evidence) and any(signed_by(f, each) for f in facts) for each in evidence.signatures)


def is_foreign(evidence: Evidence) -> bool:
    """Whether nothing but the visible domains ties this mail, signed by a stranger, to us.

    Where our own servers are not configured, a login or address of ours in the report is enough to doubt.
    """
    if proves_us(evidence) or any(evidence.places.handled(hop) for hop in evidence.hops):
        return False
    ties = (fact for fact in evidence.identities if fact.kind is not IdentityKind.DOMAIN)
    return evidence.places.known or not any(ties)


def seen_from_us(evidence: Evidence) -> bool:
    """Whether a known loop reports that it had the mail from us: what is left of the path may be its own."""
    return evidence.origin.loop is not None and any(
        said.source == "Source-IP" and evidence.places.has_address(said.value) for said in evidence.addresses
    )


def may_be_ours(evidence: Evidence) -> bool:
    """Whether anything says that the mail is ours, be it what a stranger can copy."""
    return (
        we_signed(evidence)
        or any(evidence.places.handled(hop) for hop in evidence.hops)
        or any(evidence.places.has_address(said.value) for said in evidence.addresses)
    )


def is_seen_as_ours(evidence: Evidence) -> bool:
    """Whether a signature, or what no stranger can have copied, says that the mail is ours."""
    places = evidence.places
    seen = any(said.source != BELOW and places.has_address(said.value) for said in evidence.addresses)
    return seen or proves_us(evidence) or places.took_part(evidence.hops)
