"""Looks up what the judge needs, a batch at a time, writes its verdicts and explains them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from app.attribution import store
from app.attribution.domain import BEST_FIRST, Clue, ClueKind, Judged, Known, Observed, Strength, Verdict
from app.attribution.evidence import Evidence, values_of
from app.attribution.keys import Keyring
from app.attribution.models import Complaint
from app.mail.domain import FeedbackType, KeyAnswer, KeyState, SignatureResult
from app.ports import SentFact
from app.senders import service as senders
from app.senders.domain import IdentityFact, IdentityKind
from app.senders.tokens_service import owners as token_owners
from app.uow import Work
from app.values import dataclass


@dataclass(frozen=True, slots=True)
class Explained:
    """One complaint as it is shown. clues and dkim are empty once forgotten."""

    position: int
    feedback_type: FeedbackType | None
    verdict: Verdict
    sender: str | None
    reason: str
    clues: tuple[Clue, ...]
    dkim: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True, slots=True)
class Headline:
    """What is said of a report as a whole: its best verdict."""

    verdict: Verdict
    sender: str | None
    reason: str


def seen_keys(work: Work, names: Sequence[str]) -> dict[str, list[Observed]]:
    """The key records seen before under these names, the last seen first."""
    seen: dict[str, list[Observed]] = {}
    for row in store.observed(work.session, names) if names else ():
        seen.setdefault(row.name, []).append(Observed(row.name, row.txt, row.first_seen, row.last_seen))
    return seen


def keep_keys(work: Work, keyring: Keyring) -> None:
    """Notes the key records that DNS gave, those seen again today only once a day: fewer writes, same knowledge."""
    rows = [
        {"name": name, "digest": _digest(txt), "txt": txt, "first_seen": work.now, "last_seen": work.now}
        for name, txt in _found(keyring.answers)
        if not any(
            each.txt == txt and each.last_seen.date() == work.now.date() for each in keyring.seen.get(name, ())
        )
    ]
    store.observe(work.session, rows)


def _found(answers: Mapping[str, KeyAnswer]) -> list[tuple[str, bytes]]:
    return [
        (name, each.txt) for name, each in answers.items() if each.state is KeyState.FOUND and each.txt is not None
    ]


def _digest(txt: bytes) -> bytes:
    return hashlib.sha256(txt).digest()


def with_identities(work: Work, evidence: Sequence[Evidence]) -> list[Evidence]:
    """The evidence with what our records know of the values in it; one look-up for all."""
    values = [values_of(each) for each in evidence]
    wanted: dict[IdentityKind, set[str]] = {}
    for each in values:
        for kind, some in each.items():
            wanted.setdefault(kind, set()).update(some)
    known: dict[IdentityKind, dict[str, list[IdentityFact]]] = {}
    for fact in senders.known_identities(work, {kind: sorted(some) for kind, some in wanted.items()}):
        known.setdefault(fact.kind, {}).setdefault(fact.value, []).append(fact)
    return [replace(each, identities=_facts(known, own)) for each, own in zip(evidence, values, strict=True)]


def with_records(work: Work, evidence: Sequence[Evidence], answers: Sequence[tuple[SentFact, ...]]) -> list[Evidence]:
    """The evidence with whom its trace tokens name and what the send log answered for it; one look-up for all."""
    owners = token_owners(work, [each.token for one in evidence for each in one.tokens if each.token.valid])
    return [
        replace(
            each,
            sent=facts,
            tokens=tuple([replace(found, sender=owners.get(found.token.sender)) for found in each.tokens]),
        )
        if facts or each.tokens
        else each
        for each, facts in zip(evidence, answers, strict=True)
    ]


def _facts(
    known: Mapping[IdentityKind, Mapping[str, Sequence[IdentityFact]]], values: Mapping[IdentityKind, set[str]]
) -> tuple[IdentityFact, ...]:
    return tuple(
        [
            fact
            for kind, some in values.items()
            if kind in known
            for value in sorted(known[kind].keys() & some)
            for fact in known[kind][value]
        ]
    )


def write(work: Work, judged: Sequence[Judged]) -> set[tuple[UUID, int]]:
    """Writes verdicts; which (report, position) are written for the first time: only those are to be routed."""
    keys = work.vault.open({each.report for each in judged})
    return store.put_complaints(work.session, [_row(work, each, keys.get(each.report)) for each in judged])


def _row(work: Work, judged: Judged, key: bytes | None) -> dict[str, object]:
    message = judged.message_id
    place = f"complaint.clues:{judged.report}:{judged.position}"
    return {
        "id": uuid4(),
        "report_id": judged.report,
        "position": judged.position,
        "feedback_type": judged.feedback_type,
        "counts": judged.counts,
        "verdict": judged.attribution.verdict,
        "sender_id": judged.attribution.sender,
        "reason": judged.attribution.reason,
        "message_key": work.vault.look_up_key("message-id", message) if message else None,
        "sent_at": judged.sent_at,
        "judged_at": work.now,
        "clues": work.vault.seal(key, place, _clues_text(judged)) if key else None,
    }


def _clues_text(judged: Judged) -> bytes:
    told = {"clues": judged.attribution.clues, "dkim": [dkim_row(each) for each in judged.signatures]}
    return json.dumps(told, separators=(",", ":")).encode()


def dkim_row(result: SignatureResult) -> dict[str, Any]:
    """A signature's three answers and their sum, as every surface shows them.

    repaired: a sentence for each thing that was undone before it held; rows written before it was known lack it.
    """
    return {
        "d": result.domain,
        "s": result.selector,
        "header_hash": result.header_hash,
        "body_hash": result.body_hash,
        "key": result.key,
        "result": result.result,
        "reason": result.reason,
        "repaired": list(result.repaired),
    }


def explained(work: Work, report: UUID) -> list[Explained]:
    """The complaints of a report with every clue, in their order."""
    rows = store.complaints_of(work.session, [report])
    key = work.vault.open([report]).get(report)
    return [_explained(work, row, key) for row in rows]


def _explained(work: Work, row: Complaint, key: bytes | None) -> Explained:
    told: dict[str, list[Any]] = {}
    if key is not None and row.clues is not None:
        place = f"complaint.clues:{row.report_id}:{row.position}"
        told = json.loads(work.vault.unseal(key, place, row.clues))
    return Explained(
        position=row.position,
        feedback_type=row.feedback_type,
        verdict=row.verdict,
        sender=row.sender_id,
        reason=row.reason,
        clues=tuple(_clue(each) for each in told.get("clues", ())),
        dkim=tuple(told.get("dkim", ())),
    )


def _clue(told: Sequence[Any] | Mapping[str, Any]) -> Clue:
    """A clue out of its fields in their order; older rows name each field, in the same order."""
    kind, value, known, source, sender, strength, text = told.values() if isinstance(told, Mapping) else told
    return Clue(ClueKind(kind), value, Known(known), source, sender, Strength(strength), text)


def headlines(work: Work, reports: Sequence[UUID]) -> dict[UUID, Headline]:
    """Report → the best verdict of its complaints; reports without complaints are left out."""
    best: dict[UUID, Headline] = {}
    for row in store.complaints_of(work.session, reports):
        known = best.get(row.report_id)
        if known is None or BEST_FIRST.index(row.verdict) < BEST_FIRST.index(known.verdict):
            best[row.report_id] = Headline(row.verdict, row.sender_id, row.reason)
    return best


def clicked_reports(work: Work, sender: str, since: datetime, limit: int) -> tuple[UUID, ...]:
    """The newest reports of feedback loops that count against the sender, oldest of them first."""
    return tuple(store.clicked_reports(work.session, sender, since, limit))


def forget(work: Work, reports: Sequence[UUID]) -> int:
    """Empties clues and look-ups of these reports' complaints; verdict and sender stay, as figures."""
    return store.forget(work.session, reports)
