"""When a broken signature is worth repairing, and what of the repair counts (pure).

Only a signature of a domain of ours, and only where none of ours proves the mail as it came: most reports cost
nothing here. What was repaired stays visible in `SignatureResult.repaired`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial

from app.attribution.clues import clues_of
from app.attribution.domain import ClueKind, Strength
from app.attribution.evidence import Evidence
from app.attribution.keys import Keyring, key_name, only
from app.mail.dkim.signatures import Signed
from app.mail.domain import DkimResult, HashState, Original, SignatureResult
from app.mail.repair.recipients import Recipient
from app.mail.repair.repair import repair
from app.senders.domain import IdentityKind

EARLIER_KEYS = 2
"""Keys seen earlier that are tried after the one of now."""


def repaired(
    evidence: Evidence,
    original: Original,
    recipients: Iterable[Recipient],
    keyring: Keyring,
    as_of: datetime,
    signed: Signed | None = None,
) -> Evidence:
    """The evidence, its broken signatures of ours replaced by their repaired results where that can be done.

    recipients: asked for only when a repair is tried. as_of: as the signatures were judged. signed: what was read
    of `original.raw` before.
    """
    ours = _domains(evidence)
    broken = [each for each in evidence.signatures if each.domain in ours and _is_broken(each)]
    if not broken or not original.verifiable or _is_proven_whole(evidence):
        return evidence
    earlier = [key for each in broken for key in keyring.earlier(as_of, key_name(each))][:EARLIER_KEYS]
    known = tuple(recipients) if earlier else recipients
    message = signed or Signed(original.raw)
    for at, key_of in enumerate((partial(keyring.now, as_of), *(partial(only, key) for key in earlier))):
        found = repair(
            message,
            headers_only=original.headers_only,
            recipients=known,
            key_of=key_of,
            as_of=as_of,
            domains=ours,
            before=evidence.signatures if at == 0 else (),
        )
        if found:
            return replace(evidence, signatures=_better(evidence.signatures, found.results, found.steps))
    return evidence


def _domains(evidence: Evidence) -> frozenset[str]:
    facts = (fact for fact in evidence.identities if fact.kind is IdentityKind.DKIM)
    return frozenset(fact.value for fact in facts if fact.holds(evidence.at))


def _is_broken(result: SignatureResult) -> bool:
    return HashState.FAIL in (result.header_hash, result.body_hash)


def _is_proven_whole(evidence: Evidence) -> bool:
    passing = any(each.result is DkimResult.PASS for each in evidence.signatures)
    return passing and any(
        clue.kind is ClueKind.DKIM and clue.strength is Strength.PROVES for clue in clues_of(evidence)
    )


def _better(
    before: Sequence[SignatureResult], after: Sequence[SignatureResult], steps: tuple[str, ...]
) -> tuple[SignatureResult, ...]:
    """Each signature as it was, or repaired where more of it holds now."""
    if len(before) != len(after):
        return tuple(before)
    return tuple(
        replace(new, repaired=steps) if _held(new) > _held(old) else old
        for old, new in zip(before, after, strict=True)
    )


def _held(result: SignatureResult) -> int:
    return 2 * (result.header_hash is HashState.PASS) + (result.body_hash is HashState.PASS)
