"""Clues of DKIM signatures: those that we verified, and those that a feedback loop did (pure)."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from app.attribution.domain import Clue, ClueKind, Known, Strength
from app.attribution.evidence import Evidence
from app.attribution.holding import CONTESTED, at_or_above, had, out_of_time
from app.attribution.ours import authentic, is_foreign, signed_by
from app.attribution.vouched import Vouched
from app.mail.domain import DkimResult, HashState, SignatureResult
from app.senders.domain import IdentityFact, IdentityKind

_SHARED = "several senders use this domain."


def signature_clues(evidence: Evidence, signature: SignatureResult) -> Iterator[Clue]:
    """Whose mail a signature proves it to be, where its header hash holds."""
    if not authentic(signature, evidence):
        return
    value = f"{signature.domain} ({signature.selector})"
    facts = [fact for fact in evidence.identities if fact.kind is IdentityKind.DKIM and signed_by(fact, signature)]
    holders, contested = had(evidence, facts, partial(_holders, selector=signature.selector))
    whole = signature.result is DkimResult.PASS
    kind = _kind(signature)
    if len(holders) == 1 and not contested:
        text = f"The signature of {signature.domain} verifies"
        text += _extent(signature)
        text = " ".join((text, *signature.repaired))
        yield Clue(kind, value, Known.VERIFIED, "DKIM-Signature", holders[0], Strength.PROVES, text)
    for holder in holders if len(holders) > 1 or contested else ():
        text = f"The signature of {signature.domain} verifies, but "
        text += CONTESTED if contested else _SHARED
        yield Clue(kind, value, Known.VERIFIED, "DKIM-Signature", holder, Strength.WEAK, text)
    if not holders and facts:
        yield out_of_time(evidence, facts[0], value, "DKIM-Signature")
    elif not holders and evidence.places.has_host(signature.domain):
        text = f"The signature of {signature.domain}, our own, verifies: it went through us, for whom is not said."
        yield Clue(kind, value, Known.VERIFIED, "DKIM-Signature", None, Strength.WEAK, text)
    elif not holders and whole and is_foreign(evidence):
        owner = _owner(evidence, signature.domain)
        text = f"A valid signature of {signature.domain}, a domain of none of our senders."
        if owner:
            text = f"A valid signature of {signature.domain}, this sender's domain, that is not for mail through us."
        yield Clue(ClueKind.DKIM_FOREIGN, value, Known.VERIFIED, "DKIM-Signature", owner, Strength.CONTRADICTS, text)


def vouched_clues(evidence: Evidence, each: Vouched) -> Iterator[Clue]:
    """Whose mail a signature makes it that the feedback loop verified, where we could not."""
    if any(own.domain.lower() == each.domain and authentic(own, evidence) for own in evidence.signatures):
        return
    facts = [
        fact
        for fact in evidence.identities
        if fact.kind is IdentityKind.DKIM
        and fact.value == each.domain
        and (not each.selector or fact.selector in (None, each.selector))
    ]
    holders, contested = had(evidence, facts, partial(_holders, selector=each.selector))
    alone = len(holders) == 1 and not contested
    text = f"The feedback loop {evidence.origin.loop} verified the signature of {each.domain} when the mail came in"
    text += "." if alone else f", but {CONTESTED if contested else _SHARED}"
    for holder in holders:
        strength = Strength.STRONG if alone else Strength.WEAK
        yield Clue(ClueKind.DKIM_VOUCHED, each.domain, Known.REPORTED, each.source, holder, strength, text)
    if facts and not holders:
        yield out_of_time(evidence, facts[0], each.domain, each.source)


def _extent(signature: SignatureResult) -> str:
    """What of the mail the signature is about (RFC 6376 §3.5, l=)."""
    if signature.result is not DkimResult.PASS:
        return " over the headers; the body was cut or changed on the way."
    if signature.body_length is None:
        return ", headers and body."
    return f" over the headers and the first {signature.body_length:,} bytes of the body; anyone may add to that."


def _owner(evidence: Evidence, domain: str) -> str | None:
    """The one sender that had this domain, or one above it, when the mail was sent."""
    held = (fact for fact in evidence.identities if fact.kind is IdentityKind.DOMAIN and fact.holds(evidence.at))
    owners = {fact.sender for fact in held if fact.value in at_or_above(domain.lower())}
    return next(iter(owners)) if len(owners) == 1 else None


def _kind(signature: SignatureResult) -> ClueKind:
    """DKIM_REPAIRED where all that is there verifies once the feedback loop's changes are undone."""
    if signature.repaired and signature.body_hash is not HashState.FAIL:
        return ClueKind.DKIM_REPAIRED
    return ClueKind.DKIM if signature.result is DkimResult.PASS else ClueKind.DKIM_HEADERS


def _holders(facts: list[IdentityFact], selector: str) -> list[str]:
    """Who has this domain: those who have just this selector, before those who have the domain with any."""
    exact = {fact.sender for fact in facts if fact.selector == selector.lower()}
    return sorted(exact or {fact.sender for fact in facts})
