"""Each rung of the evidence ladder as a function from evidence to clues (pure)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from app.attribution.clues_dkim import signature_clues, vouched_clues
from app.attribution.clues_sent import sent_clues
from app.attribution.domain import Clue, ClueKind, Known, Strength
from app.attribution.evidence import BELOW, Evidence, Said, feedback_parts
from app.attribution.holding import CONTESTED, at_or_above, had, held_by_kind, out_of_time
from app.attribution.ours import authentic, is_seen_as_ours, seen_from_us, we_signed
from app.attribution.places import closeness, covers
from app.senders.domain import IdentityFact, IdentityKind


def clues_of(evidence: Evidence) -> Iterator[Clue]:
    """Every clue in the evidence."""
    yield from _origin(evidence)
    for signature in evidence.signatures:
        yield from signature_clues(evidence, signature)
    for each in evidence.vouched:
        yield from vouched_clues(evidence, each)
    yield from _path(evidence)
    held = held_by_kind(evidence)
    yield from _matching(evidence, evidence.logins, held, IdentityKind.LOGIN, ClueKind.SMTP_AUTH, _login)
    for said in evidence.addresses:
        yield from _source_ip(evidence, said)
    for kind in (IdentityKind.FEEDBACK_ID, IdentityKind.TOKEN):
        yield from _matching(evidence, evidence.feedback_ids, held, kind, ClueKind.FEEDBACK_ID, feedback_parts)
    yield from _matching(evidence, evidence.verp, held, IdentityKind.TOKEN, ClueKind.VERP, _itself)
    yield from _matching(evidence, evidence.unsubscribe, held, IdentityKind.TOKEN, ClueKind.LIST_UNSUBSCRIBE, _itself)
    yield from _matching(evidence, evidence.domains, held, IdentityKind.DOMAIN, ClueKind.FROM_DOMAIN, at_or_above)
    yield from _matching(evidence, evidence.links, held, IdentityKind.DOMAIN, ClueKind.TRACKING_DOMAIN, at_or_above)
    yield from sent_clues(evidence, ours=is_seen_as_ours(evidence))


def _origin(evidence: Evidence) -> Iterator[Clue]:
    """Who sent the report: it points to no sender, and makes what the report says worth more."""
    loop = evidence.origin.loop
    if loop is not None:
        text = f"The report is signed: it does come from the feedback loop {loop}."
        value = ", ".join(evidence.origin.signed_by)
        yield Clue(
            ClueKind.KNOWN_LOOP, value, Known.VERIFIED, "DKIM-Signature of the report", None, Strength.WEAK, text
        )


def _path(evidence: Evidence) -> Iterator[Clue]:
    """Our own hop, found by our host names and networks wherever it stands, never 'the topmost line'."""
    named = [hop for hop in evidence.hops if hop.by_host or hop.from_ip]
    ours = next((hop for hop in reversed(named) if evidence.places.handled(hop)), None)
    if ours is not None:
        value = ours.queue_id or ours.by_host or ours.from_ip or ""
        text = "The mail passed through our servers, as its path says (the path is not signed)."
        yield Clue(ClueKind.RECEIVED, value, Known.DERIVED, "Received", None, Strength.WEAK, text)
    elif named and evidence.places.known and not we_signed(evidence) and not seen_from_us(evidence):
        value = named[-1].from_ip or named[-1].by_host or ""
        text = f"None of the {len(named)} hops of its path is one of our servers."
        yield Clue(ClueKind.FOREIGN_PATH, value, Known.DERIVED, "Received", None, Strength.CONTRADICTS, text)


def _source_ip(evidence: Evidence, said: Said) -> Iterator[Clue]:
    facts = [f for f in evidence.identities if f.kind is IdentityKind.IP and covers(f.value, said.value)]
    holders, contested = had(evidence, facts, _closest)
    known = Known.REPORTED if said.source == "Source-IP" else Known.DERIVED
    alone = len(holders) == 1 and not contested
    for holder in holders:
        text = "This address was used by this sender only." if alone else "This address is shared by several senders."
        text = f"This address is known, but {CONTESTED}" if contested else text
        text += " It stands on a line that others wrote." if said.source == BELOW else ""
        strength = Strength.STRONG if alone and said.source != BELOW else Strength.WEAK
        yield Clue(ClueKind.SOURCE_IP, said.value, known, said.source, holder, strength, text)
    if facts and not holders:
        yield out_of_time(evidence, facts[0], said.value, said.source)


def _closest(facts: list[IdentityFact]) -> list[str]:
    """Who has the narrowest of the networks: a part of one may be another's than the whole."""
    narrowest = max((closeness(fact.value) for fact in facts), default=0)
    return sorted({fact.sender for fact in facts if closeness(fact.value) == narrowest})


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
    if any(each.signed.count(name) >= there and authentic(each, evidence) for each in ours):
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
