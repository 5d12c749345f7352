"""What was done to senders, as pages and commands show it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from uuid import UUID

from app.enforcement import store
from app.enforcement.domain import STOPPING, ActionFact, ActionKind, Scope, ScopeKind
from app.enforcement.grounds import STANDARD, Clause, read_clauses, told
from app.enforcement.models import Action
from app.enforcement.service.words import said
from app.errors import NotFound, Unavailable
from app.uow import Work

HISTORY = 100


def clauses(work: Work) -> tuple[Clause, ...]:
    """The acceptable-use policy. Raises Unavailable where its file cannot be read, Rejected where it is unfit."""
    file = work.settings.clauses
    if file is None:
        return STANDARD
    try:
        return _clauses_in(file, file.stat().st_mtime_ns)
    except OSError as fault:
        raise Unavailable("The acceptable-use policy's file cannot be read.") from fault


@lru_cache(maxsize=4)
def _clauses_in(file: Path, changed: int) -> tuple[Clause, ...]:
    return read_clauses(file.read_text())


def told_clauses(work: Work, kept: Sequence[str]) -> tuple[Clause, ...]:
    """The clauses an action rests on; one that is no longer in the policy stands by its id."""
    return told(clauses(work), kept)


def action(work: Work, wanted: UUID) -> ActionFact:
    """One action. Raises NotFound."""
    row = store.one(work.session, wanted)
    if row is None:
        raise NotFound("There is no such action.")
    return facts_of(work, [row])[0]


def in_force(work: Work, sender: str) -> tuple[ActionFact, ...]:
    """What is in force for a sender, or waits for a second person, oldest first."""
    return facts_of(work, store.active_of(work.session, [sender]))


def suspensions(work: Work, sender: str) -> tuple[ActionFact, ...]:
    """What stops all of a sender and was not ended, oldest first."""
    stopping = (each for each in in_force(work, sender) if each.kind in STOPPING and each.bites)
    return tuple(each for each in stopping if each.scope.kind is ScopeKind.SENDER)


def active_suspension(work: Work, sender: str) -> ActionFact | None:
    """What stops all of a sender now, the strictest of it and of that the oldest, or None."""
    now = [each for each in suspensions(work, sender) if _holds(each, work.now)]
    return max(now, key=lambda each: STOPPING.index(each.kind), default=None)


def _holds(fact: ActionFact, now: datetime) -> bool:
    return fact.until is None or now < fact.until


def history(work: Work, sender: str, limit: int = HISTORY) -> tuple[ActionFact, ...]:
    """The newest actions on a sender, newest first."""
    return facts_of(work, store.of_sender(work.session, sender, limit))


def of_case(work: Work, number: int) -> tuple[ActionFact, ...]:
    """The actions that were decided in a case, newest first."""
    return facts_of(work, store.of_case(work.session, number))


def waiting(work: Work, limit: int = HISTORY) -> tuple[ActionFact, ...]:
    """What waits for a person: second persons, and what a rule did, oldest first."""
    return facts_of(work, store.waiting(work.session, limit))


def waiting_in_no_case(work: Work, limit: int = 20) -> tuple[tuple[str, ActionKind], ...]:
    """Senders with what is to be done to them once a second person agrees, where no case shows it; oldest first."""
    return tuple((row.sender_id, row.kind) for row in store.waiting(work.session, limit, in_no_case=True))


def facts_of(work: Work, rows: Sequence[Action]) -> tuple[ActionFact, ...]:
    """The actions with what can still be read of their words."""
    keys = work.vault.open([each.id for each in rows])
    return tuple(_fact(work, row, keys) for row in rows)


def _fact(work: Work, row: Action, keys: dict[UUID, bytes]) -> ActionFact:
    return ActionFact(
        id=row.id,
        sender=row.sender_id,
        kind=row.kind,
        scope=Scope(row.scope_kind, row.scope_value),
        per_hour=row.per_hour,
        grounds=tuple(row.grounds),
        case_number=row.case_number,
        by=row.by,
        rule=row.rule,
        waiting=row.waiting,
        confirmed_by=row.confirmed_by,
        reason=said(work, keys, row, "reason"),
        facts=said(work, keys, row, "facts"),
        asked_at=row.asked_at,
        since=row.since,
        until=row.until,
        ended_at=row.ended_at,
        ended_by=row.ended_by,
        ending=row.ending,
        end_reason=said(work, keys, row, "end_reason"),
        queued=row.queued,
    )
