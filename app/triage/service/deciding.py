"""What staff do with a case: each act checks the case's state, writes a line of its timeline and an audit entry.

Every act holds the case's row until the commit, so that two people never decide the same case, and writes its
audit entry last.
"""

from __future__ import annotations

from uuid import UUID

from app.audit.domain import Actor
from app.audit.service import record
from app.enforcement import service as enforcement
from app.enforcement.domain import case_reference
from app.errors import Conflict, NotFound, Rejected
from app.triage.domain import CaseStatus, EventKind, Outcome
from app.triage.models import Case
from app.triage.service.reporter import reporter_of
from app.triage.service.timeline import write_line
from app.triage.store import cases as store
from app.uow import Work

WORDS_CHARS = 4_000
"""How long a note or a reason may be."""


def claim(work: Work, actor: Actor, number: int) -> None:
    """Makes the case the actor's to decide. Nothing happens where it is already.

    Raises NotFound; Conflict where it is resolved or somebody else's; Rejected for an actor who is not staff.
    """
    case = undecided(work, actor, number)
    _only_staff(actor)
    if case.assignee_id != actor.staff_id:
        _claimed(work, actor, case)


def claim_next(work: Work, actor: Actor) -> int | None:
    """Makes the most urgent free case the actor's; its number, None where no open case is free.

    Two who ask at the same moment are given different cases. Raises Rejected for an actor who is not staff.
    """
    _only_staff(actor)
    case = store.hold_next(work.session)
    if case is None:
        return None
    _claimed(work, actor, case)
    return case.number


def _only_staff(actor: Actor) -> None:
    if actor.staff_id is None:
        raise Rejected("Only a staff member can claim a case.")


def _claimed(work: Work, actor: Actor, case: Case) -> None:
    case.assignee_id = actor.staff_id
    _done(work, case, actor, EventKind.CLAIMED, "case.claim")


def release(work: Work, actor: Actor, number: int) -> None:
    """Gives the case back to the queue. Raises NotFound; Conflict where it is not the actor's, or resolved."""
    case = undecided(work, actor, number)
    if case.assignee_id is None:
        raise Conflict(f"Case {case_reference(number)} is claimed by nobody.")
    case.assignee_id = None
    _done(work, case, actor, EventKind.RELEASED, "case.release")


def note(work: Work, actor: Actor, number: int, text: str) -> None:
    """Adds a note to the timeline, also of a resolved case. Raises NotFound; Rejected for an unfit text."""
    case = held(work, number)
    _done(work, case, actor, EventKind.NOTED, "case.note", fit(text, "a note"))


def resolve(work: Work, actor: Actor, number: int, outcome: Outcome, reason: str) -> None:
    """Closes the case. reason: for the record, staff only; the reporter is told the outcome alone.

    Raises NotFound; Conflict where it is resolved or somebody else's, or where `outcome` says that the sender is
    suspended and it is not; Rejected for an unfit reason.
    """
    words = fit(reason, "a reason")
    case = undecided(work, actor, number)
    if outcome is Outcome.SUSPENDED and not (case.sender_id and enforcement.active_suspension(work, case.sender_id)):
        raise Conflict("The sender of this case is not suspended: suspend it first, or choose another outcome.")
    case.status, case.outcome, case.resolved_at = CaseStatus.RESOLVED, outcome, work.now
    write_line(work, case, actor, EventKind.RESOLVED, words, outcome=outcome)
    record_in(work, case, actor, "case.resolve", {"outcome": outcome, "reason": words})


def unmask(work: Work, actor: Actor, number: int, report: UUID, reason: str) -> str:
    """The address of the reporter; that it was looked at, and why, is on the record.

    Raises NotFound where the case has no such report or the address is not known (any more); Rejected for an
    unfit reason.
    """
    words = fit(reason, "a reason")
    case = held(work, number)
    if not store.has_report(work.session, case.id, report):
        raise NotFound("This case has no such report.")
    address = reporter_of(work, report)
    if address is None:
        raise NotFound("The reporter's address is not known.")
    write_line(work, case, actor, EventKind.UNMASKED, words)
    record_in(work, case, actor, "case.unmask", {"report": str(report), "reason": words})
    return address


def held(work: Work, number: int) -> Case:
    """The case, its row held until the commit. Raises NotFound."""
    case = store.hold(work.session, number)
    if case is None:
        raise NotFound(f"There is no case {case_reference(number)}.")
    return case


def undecided(work: Work, actor: Actor, number: int) -> Case:
    """The case, held, where the actor may decide it."""
    case = held(work, number)
    if case.status is CaseStatus.RESOLVED:
        raise Conflict(f"Case {case_reference(number)} is resolved already.")
    if case.assignee_id not in (None, actor.staff_id):
        raise Conflict(f"Case {case_reference(number)} is claimed by somebody else.")
    return case


def fit(words: str, what: str) -> str:
    """The words, trimmed. Raises Rejected where there are none or too many."""
    kept = words.replace("\0", "").strip()
    if not kept:
        raise Rejected(f"Write {what}.")
    if len(kept) > WORDS_CHARS:
        raise Rejected(f"There is room for {WORDS_CHARS:,} characters; this has {len(kept):,}.")
    return kept


def _done(work: Work, case: Case, actor: Actor, kind: EventKind, action: str, words: str = "") -> None:
    write_line(work, case, actor, kind, words)
    record_in(work, case, actor, action, {})


def record_in(work: Work, case: Case, actor: Actor, action: str, detail: dict[str, str]) -> None:
    """The audit entry of an act on a case; the last that a unit of work writes."""
    case.updated_at = work.now
    work.session.flush()
    record(work, actor, action, f"case:{case.number}", detail)
