"""Each rung of the evidence ladder as a function from evidence to clues (pure)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial

from app.attribution.clues_sent import sent_clues
from app.attribution.domain import Clue, ClueKind, Known, Strength
from app.attribution.evidence import BELOW, Evidence, Said, feedback_parts, upwards
from app.attribution.places import closeness, covers
from app.mail.domain import DkimResult, HashState, KeyState, SignatureResult
from app.senders.domain import IdentityFact, IdentityKind

_USABLE = (KeyState.FOUND, KeyState.CACHED, KeyState.ROTATED)


def clues_of(evidence: Evidence) -> Iterator[Clue]:
    """Every clue in the evidence."""
    yield from _origin(evidence)
    for signature in evidence.signatures:
        yield from _signature(evidence, signature)
    yield from _path(evidence)
    held = _held(evidence)
    yield from _matching(evidence, evidence.logins, held, IdentityKind.LOGIN, ClueKind.SMTP_AUTH, _login)
    for said in evidence.addresses:
        yield from _source_ip(evidence, said)
    for kind in (IdentityKind.FEEDBACK_ID, IdentityKind.TOKEN):
        yield from _matching(evidence, evidence.feedback_ids, held, kind, ClueKind.FEEDBACK_ID, feedback_parts)
    yield from _matching(evidence, evidence.verp, held, IdentityKind.TOKEN, ClueKind.VERP, _itself)
    yield from _matching(evidence, evidence.unsubscribe, held, IdentityKind.TOKEN, ClueKind.LIST_UNSUBSCRIBE, _itself)
    yield from _matching(evidence, evidence.domains, held, IdentityKind.DOMAIN, ClueKind.FROM_DOMAIN, _at_or_above)
    yield from _matching(evidence, evidence.links, held, IdentityKind.DOMAIN, ClueKind.TRACKING_DOMAIN, _at_or_above)
    yield from sent_clues(evidence, ours=_is_seen_as_ours(evidence))


def _origin(evidence: Evidence) -> Iterator[Clue]:
    """Who sent the report: it points to no sender, and makes what the report says worth more."""
    loop = evidence.origin.loop
    if loop is not None:
        text = f"The report is signed: it does come from the feedback loop {loop}."
        value = ", ".join(evidence.origin.signed_by)
        yield Clue(
            ClueKind.KNOWN_LOOP, value, Known.VERIFIED, "DKIM-Signature of the report", None, Strength.WEAK, text
        )


def _signature(evidence: Evidence, signature: SignatureResult) -> Iterator[Clue]:
    if not _authentic(signature, evidence):
        return
    value = f"{signature.domain} ({signature.selector})"
    facts = [fact for fact in evidence.identities if fact.kind is IdentityKind.DKIM and _signed_by(fact, signature)]
    holders, contested = _had(evidence, facts, partial(_holders, selector=signature.selector))
    whole = signature.result is DkimResult.PASS
    kind = _kind(signature)
    if len(holders) == 1 and not contested:
        text = f"The signature of {signature.domain} verifies"
        text += _extent(signature)
        text = " ".join((text, *signature.repaired))
        yield Clue(kind, value, Known.VERIFIED, "DKIM-Signature", holders[0], Strength.PROVES, text)
    for holder in holders if len(holders) > 1 or contested else ():
        text = f"The signature of {signature.domain} verifies, but "
        text += _CONTESTED if contested else "several senders use this domain."
        yield Clue(kind, value, Known.VERIFIED, "DKIM-Signature", holder, Strength.WEAK, text)
    if not holders and facts:
        yield _out_of_time(evidence, facts[0], value, "DKIM-Signature")
    elif not holders and evidence.places.has_host(signature.domain):
        text = f"The signature of {signature.domain}, our own, verifies: it went through us, for whom is not said."
        yield Clue(kind, value, Known.VERIFIED, "DKIM-Signature", None, Strength.WEAK, text)
    elif not holders and whole and _is_foreign(evidence):
        owner = _owner(evidence, signature.domain)
        text = f"A valid signature of {signature.domain}, a domain of none of our senders."
        if owner:
            text = f"A valid signature of {signature.domain}, this sender's domain, that is not for mail through us."
        yield Clue(ClueKind.DKIM_FOREIGN, value, Known.VERIFIED, "DKIM-Signature", owner, Strength.CONTRADICTS, text)


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
    owners = {fact.sender for fact in held if fact.value in _at_or_above(domain.lower())}
    return next(iter(owners)) if len(owners) == 1 else None


def _authentic(signature: SignatureResult, evidence: Evidence) -> bool:
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


def _kind(signature: SignatureResult) -> ClueKind:
    """DKIM_REPAIRED where all that is there verifies once the feedback loop's changes are undone."""
    if signature.repaired and signature.body_hash is not HashState.FAIL:
        return ClueKind.DKIM_REPAIRED
    return ClueKind.DKIM if signature.result is DkimResult.PASS else ClueKind.DKIM_HEADERS


def _signed_by(fact: IdentityFact, signature: SignatureResult) -> bool:
    return fact.value == signature.domain.lower() and fact.selector in (None, signature.selector.lower())


def _had(
    evidence: Evidence, facts: Sequence[IdentityFact], holders_of: Callable[[list[IdentityFact]], list[str]]
) -> tuple[list[str], bool]:
    """Who had what the facts are about when the mail was sent; and whether that hangs on its author's word.

    Where only the author says when that was, those who had it when the report arrived may have written the time.
    """
    then = holders_of([fact for fact in facts if fact.holds(evidence.at)])
    if evidence.also_at is None:
        return then, False
    later = holders_of([fact for fact in facts if fact.holds(evidence.also_at)])
    return sorted({*then, *later}), then != later


_CONTESTED = "whose it was hangs on when the mail was sent, which only its author says."


def _holders(facts: list[IdentityFact], selector: str) -> list[str]:
    """Who has this domain: those who have just this selector, before those who have the domain with any."""
    exact = {fact.sender for fact in facts if fact.selector == selector.lower()}
    return sorted(exact or {fact.sender for fact in facts})


def _proves_us(evidence: Evidence) -> bool:
    """Whether a signature of this message is ours or a sender's of ours: then a second one is no contradiction."""
    if _we_signed(evidence):
        return True
    facts = [fact for fact in evidence.identities if fact.kind is IdentityKind.DKIM and fact.holds(evidence.at)]
    return any(_authentic(each, evidence) and any(_signed_by(f, each) for f in facts) for each in evidence.signatures)


def _we_signed(evidence: Evidence) -> bool:
    """Whether our own servers signed this message, under their own name."""
    return any(_authentic(each, evidence) and evidence.places.has_host(each.domain) for each in evidence.signatures)


def _is_foreign(evidence: Evidence) -> bool:
    """Whether nothing but the visible domains ties this mail, signed by a stranger, to us.

    Where our own servers are not configured, a login or address of ours in the report is enough to doubt.
    """
    if _proves_us(evidence) or any(evidence.places.handled(hop) for hop in evidence.hops):
        return False
    ties = (fact for fact in evidence.identities if fact.kind is not IdentityKind.DOMAIN)
    return evidence.places.known or not any(ties)


def _path(evidence: Evidence) -> Iterator[Clue]:
    """Our own hop, found by our host names and networks wherever it stands, never 'the topmost line'."""
    named = [hop for hop in evidence.hops if hop.by_host or hop.from_ip]
    ours = next((hop for hop in reversed(named) if evidence.places.handled(hop)), None)
    if ours is not None:
        value = ours.queue_id or ours.by_host or ours.from_ip or ""
        text = "The mail passed through our servers, as its path says (the path is not signed)."
        yield Clue(ClueKind.RECEIVED, value, Known.DERIVED, "Received", None, Strength.WEAK, text)
    elif named and evidence.places.known and not _we_signed(evidence) and not _seen_from_us(evidence):
        value = named[-1].from_ip or named[-1].by_host or ""
        text = f"None of the {len(named)} hops of its path is one of our servers."
        yield Clue(ClueKind.FOREIGN_PATH, value, Known.DERIVED, "Received", None, Strength.CONTRADICTS, text)


def _seen_from_us(evidence: Evidence) -> bool:
    """Whether a known loop reports that it had the mail from us: what is left of the path may be its own."""
    return evidence.origin.loop is not None and any(
        said.source == "Source-IP" and evidence.places.has_address(said.value) for said in evidence.addresses
    )


def _took_part(evidence: Evidence) -> bool:
    """Whether something else says that the mail is ours, whosever it is."""
    return (
        _we_signed(evidence)
        or any(evidence.places.handled(hop) for hop in evidence.hops)
        or any(evidence.places.has_address(said.value) for said in evidence.addresses)
    )


def _is_seen_as_ours(evidence: Evidence) -> bool:
    """Whether a signature, or what no stranger can have copied, says that the mail is ours, whosever it is."""
    places = evidence.places
    seen = any(said.source != BELOW and places.has_address(said.value) for said in evidence.addresses)
    return seen or _proves_us(evidence) or places.took_part(evidence.hops)


def _source_ip(evidence: Evidence, said: Said) -> Iterator[Clue]:
    facts = [f for f in evidence.identities if f.kind is IdentityKind.IP and covers(f.value, said.value)]
    holders, contested = _had(evidence, facts, _closest)
    known = Known.REPORTED if said.source == "Source-IP" else Known.DERIVED
    alone = len(holders) == 1 and not contested
    for holder in holders:
        text = "This address was used by this sender only." if alone else "This address is shared by several senders."
        text = f"This address is known, but {_CONTESTED}" if contested else text
        text += " It stands on a line that others wrote." if said.source == BELOW else ""
        strength = Strength.STRONG if alone and said.source != BELOW else Strength.WEAK
        yield Clue(ClueKind.SOURCE_IP, said.value, known, said.source, holder, strength, text)
    if facts and not holders:
        yield _out_of_time(evidence, facts[0], said.value, said.source)


def _closest(facts: list[IdentityFact]) -> list[str]:
    """Who has the narrowest of the networks: a part of one may be another's than the whole."""
    narrowest = max((closeness(fact.value) for fact in facts), default=0)
    return sorted({fact.sender for fact in facts if closeness(fact.value) == narrowest})


def _held(evidence: Evidence) -> dict[IdentityKind, list[IdentityFact]]:
    """The identities that somebody had when the mail was sent, by kind."""
    held: dict[IdentityKind, list[IdentityFact]] = {}
    for fact in evidence.identities:
        if fact.holds(evidence.at):
            held.setdefault(fact.kind, []).append(fact)
    return held


def _matching(
    evidence: Evidence,
    found: Sequence[Said],
    held: Mapping[IdentityKind, Sequence[IdentityFact]],
    identity: IdentityKind,
    clue: ClueKind,
    values_of: Callable[[str], set[str]],
) -> Iterator[Clue]:
    """Whom the found values name. values_of: the identities that a value may stand for."""
    facts = held.get(identity)
    for said in found if facts else ():
        values = values_of(said.value)
        for holder in sorted({fact.sender for fact in facts or () if fact.value in values}):
            known, why = _worth(evidence, found, said)
            text = f"{said.source} names {_WHAT[identity]} of this sender; {why}."
            yield Clue(clue, said.value, known, said.source, holder, Strength.WEAK, text)


def _worth(evidence: Evidence, found: Sequence[Said], said: Said) -> tuple[Known, str]:
    """How a value is known, and why it proves nothing by itself."""
    if said.source.startswith("Reported-"):
        return Known.REPORTED, "that it is reported proves nothing"
    name = said.source.lower()
    there = sum(each.source == said.source for each in found)
    ours = (each for each in evidence.signatures if evidence.places.has_host(each.domain))
    # A field that was put above the signed one has the same name (RFC 6376 §5.4.2).
    if any(each.signed.count(name) >= there and _authentic(each, evidence) for each in ours):
        return Known.VERIFIED, "our own signature covers it, but a customer may write what another does"
    return Known.DERIVED, "it is not signed"


_WHAT = {
    IdentityKind.LOGIN: "the login",
    IdentityKind.FEEDBACK_ID: "the Feedback-ID",
    IdentityKind.TOKEN: "the token",
    IdentityKind.DOMAIN: "a domain",
}


def _login(value: str) -> set[str]:
    return {value.lower()}


def _itself(value: str) -> set[str]:
    return {value}


def _at_or_above(domain: str) -> set[str]:
    return {domain, *upwards(domain)}


def _out_of_time(evidence: Evidence, fact: IdentityFact, value: str, source: str) -> Clue:
    text = "This did not belong to the sender when the mail was sent."
    if _took_part(evidence):
        return Clue(ClueKind.NOT_YET_A_SENDER, value, Known.LOOKED_UP, source, None, Strength.WEAK, text)
    return Clue(ClueKind.NOT_YET_A_SENDER, value, Known.LOOKED_UP, source, fact.sender, Strength.CONTRADICTS, text)
