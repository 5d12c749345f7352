"""Writes lines into a case's timeline, reads them and forgets their words."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID, uuid4

from app.audit.domain import Actor
from app.mail.fields.address import addresses_in
from app.triage.domain import EventKind, Outcome
from app.triage.models import Case, CaseEvent
from app.triage.store import cases as store
from app.uow import Work
from app.values import dataclass


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a timeline. reports: how many it speaks of (raised: clicks). words: None where there were none
    or they were forgotten."""

    at: datetime
    actor: str
    kind: EventKind
    reports: int
    outcome: Outcome | None
    words: str | None


def write_line(
    work: Work, case: Case, actor: Actor, kind: EventKind, words: str = "", *, outcome: Outcome | None = None
) -> None:
    """Adds a line; its words are sealed under a key of their own, which knows the addresses in them."""
    event = uuid4()
    line = CaseEvent(id=event, case_id=case.id, at=work.now, actor=actor.name, kind=kind, outcome=outcome)
    if words:
        key = work.vault.create([event])[event]
        work.vault.tag({event: addresses_in(words)})
        line.text = work.vault.seal(key, _place(event), words.encode())
    store.add_line(work.session, line)


def _place(event: UUID) -> str:
    return f"case_event.text:{event}"


def timeline(work: Work, case: UUID, limit: int = 200) -> list[Line]:
    """The newest lines of a case, newest first."""
    events = store.lines(work.session, case, limit)
    keys = work.vault.open(event.id for event in events if event.text is not None)
    return [_line(work, event, keys.get(event.id)) for event in events]


def _line(work: Work, event: CaseEvent, key: bytes | None) -> Line:
    words = None
    if key is not None and event.text is not None:
        words = work.vault.unseal(key, _place(event.id), event.text).decode()
    return Line(event.at, event.actor, event.kind, event.reports, event.outcome, words)


def lines_among(work: Work, owners: Sequence[UUID]) -> list[UUID]:
    """Which of these owners of sealing keys are lines of a timeline."""
    return store.among(work.session, owners)


def forget_events(work: Work, owners: Sequence[UUID]) -> int:
    """Destroys for good the words of those of `owners` that are lines of a timeline; that they were stays.

    owners: owners of sealing keys, also of others than lines. How many lines lost their words.
    """
    events = store.among(work.session, owners)
    store.empty_words(work.session, events)
    work.vault.destroy(events)
    return len(events)


def worded_before(work: Work, moment: datetime, limit: int) -> list[UUID]:
    """Up to `limit` lines from before `moment` that still have words, of cases resolved before it: while a case
    is open its words are needed."""
    return store.worded_before(work.session, moment, limit)
