"""Who had an identity when the mail was sent (pure)."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from app.attribution.domain import Clue, ClueKind, Known, Strength
from app.attribution.evidence import Evidence, upwards
from app.attribution.ours import may_be_ours
from app.senders.domain import IdentityFact, IdentityKind

CONTESTED = "whose it was hangs on when the mail was sent, which only its author says."


def had(
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


def held_by_kind(evidence: Evidence) -> dict[IdentityKind, list[IdentityFact]]:
    """The identities that somebody had when the mail was sent, by kind."""
    held: dict[IdentityKind, list[IdentityFact]] = {}
    for fact in evidence.identities:
        if fact.holds(evidence.at):
            held.setdefault(fact.kind, []).append(fact)
    return held


def at_or_above(domain: str) -> set[str]:
    """The domain and those above it."""
    return {domain, *upwards(domain)}


def out_of_time(evidence: Evidence, fact: IdentityFact, value: str, source: str) -> Clue:
    """That what was found belonged to nobody when the mail was sent: a contradiction, unless the mail may be ours."""
    text = "This did not belong to the sender when the mail was sent."
    if may_be_ours(evidence):
        return Clue(ClueKind.NOT_YET_A_SENDER, value, Known.LOOKED_UP, source, None, Strength.WEAK, text)
    return Clue(ClueKind.NOT_YET_A_SENDER, value, Known.LOOKED_UP, source, fact.sender, Strength.CONTRADICTS, text)
