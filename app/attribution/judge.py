"""Whose mail was it: the verdict over one reported message, as a pure function.

| what is known                                                            | verdict                          |
|--------------------------------------------------------------------------|----------------------------------|
| a signature, a trace token, or the send log and a known loop prove       | proven                           |
|     exactly one sender                                                   |                                  |
| they prove two senders, by themselves or else by the loop                | unproven, both named             |
| nothing proves, something contradicts                                    | contradicted                     |
| a strong clue for one sender only                                        | likely                           |
| else two independent weak ones, or one of our own traces that our        | likely                           |
|     signature covers, for one sender only                                |                                  |
| else one of our own traces for one only, told by a known feedback loop   | likely                           |
| the same for two senders                                                 | unproven, both named             |
| weak clues                                                               | unproven, the one sender named   |
| nothing                                                                  | unproven                         |

The visible From and other domains point staff to a sender but never add up to 'likely': anyone can write them. Who
copies a header copies all of it, so what stands in it counts as one clue, unless the recipient's own servers, or the
report, say that the mail came from us.
"""

from __future__ import annotations

from collections.abc import Sequence

from app.attribution.clues import clues_of
from app.attribution.clues_sent import replay_clue
from app.attribution.domain import Attribution, Clue, ClueKind, Known, Strength, Verdict
from app.attribution.evidence import BELOW, Evidence

_POINTERS = frozenset({ClueKind.FROM_DOMAIN, ClueKind.TRACKING_DOMAIN})
_TRACES = frozenset({ClueKind.SMTP_AUTH, ClueKind.FEEDBACK_ID, ClueKind.VERP, ClueKind.LIST_UNSUBSCRIBE})
"""What our own servers or our customers' programs wrote, unsigned: a known loop shows it as the mail came."""


def attribute(evidence: Evidence) -> Attribution:
    """The verdict, its sender and every clue, contradictions first, then the strongest."""
    found = list(clues_of(evidence))
    replay = replay_clue(evidence, found)
    clues = tuple(sorted([*found, *([replay] if replay else [])], key=_rank))
    verdict, sender, reason = _weigh(clues, copied=not _came_from_us(evidence))
    replayed = replay is not None and verdict is Verdict.PROVEN
    return Attribution(verdict, sender, f"{reason} {replay.text}" if replay and replayed else reason, clues, replayed)


def _came_from_us(evidence: Evidence) -> bool:
    """Whether those who took the mail in say so; where our servers are not configured nobody can tell."""
    places = evidence.places
    told = any(said.source == "Source-IP" and places.has_address(said.value) for said in evidence.addresses)
    return told or places.took_over(evidence.hops) or not places.known


_RANKS = {
    each: rank for rank, each in enumerate((Strength.CONTRADICTS, Strength.PROVES, Strength.STRONG, Strength.WEAK))
}


def _rank(clue: Clue) -> int:
    return _RANKS[clue.strength]


def _weigh(clues: Sequence[Clue], *, copied: bool) -> tuple[Verdict, str | None, str]:
    proving = [clue for clue in clues if clue.strength is Strength.PROVES]
    # What proves by itself goes before what only a loop makes a proof: else the loop's word would undo a signature.
    proving = [clue for clue in proving if clue.known is Known.VERIFIED] or proving
    if proving:
        return _of_provers(_senders(proving), proving[0].kind)
    if any(clue.strength is Strength.CONTRADICTS for clue in clues):
        first = next(clue for clue in clues if clue.strength is Strength.CONTRADICTS)
        themselves = {clue.sender for clue in clues if clue.kind is ClueKind.DKIM_FOREIGN}
        pointed = {clue.sender for clue in clues if clue.kind is ClueKind.FROM_DOMAIN and clue.sender}
        named = sorted(pointed - themselves)
        if named and first.kind in _ELSEWHERE:
            said = (
                f"Forged as far as can be seen: it names sender {', '.join(named)}, but {_lower(_REASON[first.kind])}"
            )
            return Verdict.CONTRADICTED, None, said
        return Verdict.CONTRADICTED, None, f"Not our mail as far as can be seen: {_lower(_REASON[first.kind])}"
    return _of_signs(clues, copied=copied)


def _of_provers(senders: list[str], kind: ClueKind) -> tuple[Verdict, str | None, str]:
    if len(senders) == 1:
        return Verdict.PROVEN, senders[0], _PROOF.get(kind, _BY_SIGNATURE).format(senders[0])
    return Verdict.UNPROVEN, None, f"Several senders are proven at once: {', '.join(senders)}."


_BY_SIGNATURE = "A DKIM signature that only sender {} had at that time verifies."
_PROOF = {
    ClueKind.TRACE_TOKEN: "A trace token that we wrote for sender {} is genuine.",
    ClueKind.SENT_MESSAGE_ID: "The send log knows the mail as sender {}'s, and a known feedback loop reports it.",
    ClueKind.SENT_QUEUE_ID: "The send log knows the mail as sender {}'s, and a known feedback loop reports it.",
}


def _of_signs(clues: Sequence[Clue], *, copied: bool) -> tuple[Verdict, str | None, str]:
    # Whom something strong points to does not get away by writing another's traces.
    strong = _senders(clues, Strength.STRONG)
    own = {sender: [each for each in clues if each.sender == sender] for sender in _senders(clues)}
    likely = strong or [sender for sender, some in own.items() if _is_borne_out(some, copied=copied)]
    if not likely and any(clue.kind is ClueKind.KNOWN_LOOP for clue in clues):
        likely = [sender for sender, some in own.items() if any(clue.kind in _TRACES for clue in some)]
    if len(likely) == 1:
        return Verdict.LIKELY, likely[0], f"What is known points to sender {likely[0]}, but no signature proves it."
    if likely:
        return Verdict.UNPROVEN, None, f"The clues point to several senders: {', '.join(likely)}."
    pointed = _senders(clues)
    if len(pointed) == 1:
        return (
            Verdict.UNPROVEN,
            pointed[0],
            f"Weak clues point to sender {pointed[0]}; anyone could have written them.",
        )
    if pointed:
        return Verdict.UNPROVEN, None, f"Weak clues point to several senders: {', '.join(pointed)}."
    return Verdict.UNPROVEN, None, "Nothing in the report ties the mail to a sender of ours."


def _is_borne_out(own: Sequence[Clue], *, copied: bool) -> bool:
    """Whether one sender's clues make it likely, whoever reports them: two that are independent, or a trace that our
    own signature covers."""
    counting = [clue for clue in own if clue.kind not in _POINTERS]
    covered = any(clue.kind in _TRACES and clue.known is Known.VERIFIED for clue in counting)
    independent = {"the header" if copied and _is_copied(clue) else clue.kind for clue in counting}
    return covered or len(independent) >= 2


def _is_copied(clue: Clue) -> bool:
    """Whether it stands in the mail's own header, below what the recipient's servers wrote."""
    return clue.kind is not ClueKind.SOURCE_IP or clue.source == BELOW


def _senders(clues: Sequence[Clue], strength: Strength | None = None) -> list[str]:
    """The senders that clues (of this strength) speak for, each once, in a fixed order."""
    speaking = [clue for clue in clues if strength in (None, clue.strength)]
    return sorted({clue.sender for clue in speaking if clue.sender and clue.strength is not Strength.CONTRADICTS})


_ELSEWHERE = frozenset({ClueKind.DKIM_FOREIGN, ClueKind.FOREIGN_PATH})
_REASON = {
    ClueKind.DKIM_FOREIGN: "Another domain's signature verifies and no mail server of ours took part.",
    ClueKind.NOT_YET_A_SENDER: "What ties it to a sender of ours did not belong to that sender when it was sent.",
    ClueKind.FOREIGN_PATH: "No mail server of ours stands in its path.",
    ClueKind.TOKEN_FORGED: "The trace token in it is not made with our key.",
}


def _lower(sentence: str) -> str:
    return sentence[0].lower() + sentence[1:]
