"""Clues of what we sent: trace tokens and the send log, and what they say of mail that others sent on (pure)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta

from app.attribution.domain import Clue, ClueKind, Known, Strength
from app.attribution.evidence import Evidence
from app.ports import SentFact

NEAR = timedelta(days=2)
"""How far apart the log's time and the mail's own may be for them to agree."""


def sent_clues(evidence: Evidence, *, ours: bool) -> Iterator[Clue]:
    """Every clue that rests on our own records of the mail. ours: whether something else says that we sent it."""
    logged = [clue for fact in evidence.sent for clue in _log(evidence, fact)]
    yield from _tokens(evidence, ours=ours or any(clue.strength is not Strength.WEAK for clue in logged))
    yield from logged


def _tokens(evidence: Evidence, *, ours: bool) -> Iterator[Clue]:
    for each in evidence.tokens:
        token = each.token
        value = f"key {token.key}, {token.at:%Y-%m-%d %H:%M}"
        if not token.valid:
            text = "A trace token that looks like ours is not made with our key: somebody made it up or damaged it."
            # Alone it contradicts. On mail that is seen to be ours it was its author's doing, who is not freed by it.
            strength = Strength.WEAK if ours else Strength.CONTRADICTS
            yield Clue(ClueKind.TOKEN_FORGED, value, Known.VERIFIED, each.source, None, strength, text)
        elif each.sender is None:
            text = "A trace token of ours is genuine, but it names no sender that there is any more."
            yield Clue(ClueKind.TRACE_TOKEN, value, Known.VERIFIED, each.source, None, Strength.WEAK, text)
        else:
            named = [f"stream {token.stream}"] if token.stream else []
            named += [f"campaign {token.campaign}"] if token.campaign else []
            text = f"A trace token of ours is genuine: {', '.join(('we wrote it for this sender', *named))}."
            yield Clue(ClueKind.TRACE_TOKEN, value, Known.VERIFIED, each.source, each.sender, Strength.PROVES, text)


def _log(evidence: Evidence, fact: SentFact) -> Iterator[Clue]:
    kind = ClueKind.SENT_MESSAGE_ID if fact.by_message_id else ClueKind.SENT_QUEUE_ID
    what = "Message-ID" if fact.by_message_id else "queue id"
    source = "Message-ID" if fact.by_message_id else "Received"
    value = f"{fact.at:%Y-%m-%d %H:%M}"
    agreeing = [f"the {what}"]
    agreeing += ["the recipient"] if fact.to_asked else []
    agreeing += ["the time"] if abs(fact.at - evidence.at) <= NEAR else []
    text = f"The send log knows the mail as this sender's: {' and '.join(agreeing)} agree."
    # It was not sent to whom it was delivered to: somebody used the Message-ID again, or sent the mail on, unless the
    # recipient's servers had it from us (an alias of theirs). Who only stands in To may be anybody.
    known = bool(evidence.envelope) and not evidence.places.took_over(evidence.hops)
    elsewhere = known or any(each.to_asked for each in evidence.sent)
    others = fact.to_asked is False and elsewhere
    if others or len(agreeing) == 1 or _is_copied_line(evidence, fact):
        text = f"The send log has the {what} for this sender, but not for this recipient, way or time."
        yield Clue(kind, value, Known.LOOKED_UP, source, fact.sender, Strength.WEAK, text)
        return
    if evidence.origin.loop is not None:
        text += f" The feedback loop {evidence.origin.loop} itself reports it."
    strength = Strength.STRONG if evidence.origin.loop is None else Strength.PROVES
    yield Clue(kind, value, Known.LOOKED_UP, source, fact.sender, strength, text)


def _is_copied_line(evidence: Evidence, fact: SentFact) -> bool:
    """Whether all that names the mail is the queue id of a line of ours that a stranger may have copied."""
    return not fact.by_message_id and bool(evidence.hops) and not evidence.places.took_part(evidence.hops)


def replay_clue(evidence: Evidence, clues: Sequence[Clue]) -> Clue | None:
    """What says that somebody else sent the proven mail on to people whom its sender never wrote to; None: nothing.

    The send log knows the mail and not its recipient, whose servers did not have it from us, whatever lines of ours a
    stranger left in; or it is signed with a key that only our servers have, and still no server of ours stands in its
    path.
    """
    proofs = [clue for clue in clues if clue.strength is Strength.PROVES and clue.sender]
    facts = [fact for fact in evidence.sent if fact.by_message_id]
    if len({clue.sender for clue in proofs}) != 1 or any(fact.to_asked for fact in facts):
        return None
    foreign = any(clue.kind is ClueKind.FOREIGN_PATH for clue in clues)
    if evidence.envelope and facts and not evidence.places.took_part(evidence.hops):
        text = "The send log knows this mail, but it never went to the one who complains: somebody else sent it on."
        return Clue(ClueKind.REPLAY, "", Known.LOOKED_UP, "send log", proofs[0].sender, Strength.WEAK, text)
    if foreign and any(clue.kind in _BY_OUR_KEY for clue in proofs) and _signed_by_us_alone(evidence):
        text = "Only our servers sign with this key, but the mail did not come from them: somebody else sent it on."
        return Clue(ClueKind.REPLAY, "", Known.DERIVED, "Received", proofs[0].sender, Strength.WEAK, text)
    return None


_BY_OUR_KEY = frozenset({ClueKind.DKIM, ClueKind.DKIM_REPAIRED, ClueKind.DKIM_HEADERS})


def _signed_by_us_alone(evidence: Evidence) -> bool:
    """Whether a selector is one that we keep for the sender: with others the domain's owner may sign elsewhere."""
    kept = {(fact.value, fact.selector) for fact in evidence.identities if fact.selector and fact.holds(evidence.at)}
    return any((each.domain.lower(), each.selector.lower()) in kept for each in evidence.signatures)
