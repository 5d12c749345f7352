"""What staff do to the sender of a case: the action itself is the enforcement's, the case tells of it.

Whose mail it was must be at least likely before a sender is kept from sending; otherwise a second person has to
agree, as always before a sender's account is closed for good.
"""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from app.attribution.domain import Verdict
from app.audit.domain import SYSTEM, Actor
from app.enforcement import service as enforcement
from app.enforcement.domain import ActionFact, ActionKind, Ending, Queued, Waiting
from app.enforcement.service import Decision
from app.errors import Conflict
from app.triage.domain import EventKind
from app.triage.models import Case
from app.triage.priority import RULE_ACTED
from app.triage.service.deciding import fit, held, record_in, undecided
from app.triage.service.timeline import write_line
from app.triage.service.weighing import reweigh
from app.triage.store import cases as store
from app.uow import Work

ENOUGH = frozenset({Verdict.PROVEN, Verdict.LIKELY})
DRASTIC = (ActionKind.HOLD, ActionKind.SUSPEND, ActionKind.TERMINATE)
"""What keeps a sender from sending."""

TOLD = {
    ActionKind.NOTE: EventKind.REMARKED,
    ActionKind.WARN: EventKind.WARNED,
    ActionKind.THROTTLE: EventKind.THROTTLED,
    ActionKind.HOLD: EventKind.HELD,
    ActionKind.SUSPEND: EventKind.SUSPENDED,
    ActionKind.TERMINATE: EventKind.TERMINATED,
}
ENDED = {
    Ending.LIFTED: EventKind.LIFTED,
    Ending.UNDONE: EventKind.LIFTED,
    Ending.DECLINED: EventKind.DECLINED,
    Ending.EXPIRED: EventKind.EXPIRED,
}


def act(work: Work, actor: Actor, number: int, decision: Decision, *, override: bool = False) -> ActionFact:
    """Does something to the sender of the case: from the commit on it bites, unless a second person must agree.

    override: although whose mail it was is less than likely; then a second person must agree. Raises NotFound;
    Conflict where the case is resolved, somebody else's or of no known sender, where the verdict is too weak and
    nobody overrides it, or where the same is in force; Rejected as `enforcement.act`. With a key that was used
    before: the earlier action, and nothing happens.
    """
    words = fit(decision.reason, "a reason")
    sender = _sender_of(held(work, number))
    earlier = enforcement.done_before(work, sender, decision)
    if earlier is not None:
        return enforcement.action(work, earlier)
    case = undecided(work, actor, number)
    unsure = decision.kind in DRASTIC and case.verdict not in ENOUGH
    if unsure and not override:
        raise Conflict(
            f"Whose mail this was is {case.verdict}. A suspension needs a verdict that is at least likely, "
            "or a second person who agrees."
        )
    wanted = replace(decision, case_number=number, needs_second=decision.needs_second or unsure)
    done = enforcement.action(work, enforcement.act(work, actor, sender, wanted))
    event = EventKind.PROPOSED if done.waiting is Waiting.SECOND else TOLD[done.kind]
    write_line(work, case, actor, event, words)
    record_in(work, case, actor, f"case.{done.kind}", {"sender": sender, "reason": words})
    return done


def act_on_sender(work: Work, actor: Actor, sender: str, decision: Decision) -> ActionFact:
    """Does something to a sender in no case. No verdict says whose mail it was: what is drastic waits for a second
    person. Raises as `enforcement.act`."""
    wanted = replace(decision, needs_second=decision.needs_second or decision.kind in DRASTIC)
    return enforcement.action(work, enforcement.act(work, actor, sender, wanted))


def _sender_of(case: Case) -> str:
    if case.sender_id is None:
        raise Conflict("No sender is known for this case: there is nobody to act on.")
    return case.sender_id


def suspend(work: Work, actor: Actor, number: int, reason: str) -> ActionFact:
    """Suspends the sender of the case, all of it, until it is reinstated. Raises as `act`."""
    return act(work, actor, number, Decision(ActionKind.SUSPEND, reason))


def confirm(work: Work, actor: Actor, action: UUID) -> None:
    """Agrees with what waits for a person. Raises as `enforcement.confirm`."""
    case = _case_of(work, action)
    enforcement.confirm(work, actor, action)
    _tell(work, actor, case, EventKind.CONFIRMED)


def decline(work: Work, actor: Actor, action: UUID, reason: str) -> None:
    """Does not agree: it does not happen, or what a rule did is taken back. Raises as `enforcement.decline`."""
    case = _case_of(work, action)
    enforcement.decline(work, actor, action, reason)
    _tell(work, actor, case, EventKind.DECLINED, reason)


def lift(work: Work, actor: Actor, action: UUID, reason: str, queued: Queued = Queued.RELEASE) -> None:
    """Ends one action. Raises as `enforcement.lift`."""
    case = _case_of(work, action)
    enforcement.lift(work, actor, action, reason, queued)
    _tell(work, actor, case, EventKind.LIFTED, reason)


def undo(work: Work, actor: Actor, action: UUID) -> None:
    """Takes back what was just done. Raises as `enforcement.undo`."""
    case = _case_of(work, action)
    enforcement.undo(work, actor, action)
    _tell(work, actor, case, EventKind.LIFTED)


def reinstate(work: Work, actor: Actor, number: int, reason: str, queued: Queued = Queued.RELEASE) -> None:
    """Lets the stopped sender of the case send as before, also from a resolved case.

    Raises NotFound; Conflict where no sender is known or nothing stops it; Rejected for an unfit reason.
    """
    words = fit(reason, "a reason")
    case = held(work, number)
    sender = _sender_of(case)
    _tell_cases(work, actor, sender, words, but=number)
    write_line(work, case, actor, EventKind.REINSTATED, words)
    enforcement.reinstate(work, actor, sender, case_number=number, reason=words, queued=queued)
    record_in(work, case, actor, "case.reinstate", {"sender": sender, "reason": words})


def reinstate_sender(
    work: Work, actor: Actor, sender: str, reason: str, queued: Queued = Queued.RELEASE
) -> tuple[UUID, ...]:
    """The same in no case; those in which it was stopped tell of it. The actions that ended. Raises as
    `enforcement.reinstate`."""
    words = fit(reason, "a reason")
    _tell_cases(work, actor, sender, words)
    return enforcement.reinstate(work, actor, sender, case_number=None, reason=words, queued=queued)


def _tell_cases(work: Work, actor: Actor, sender: str, words: str, but: int | None = None) -> None:
    """Writes into the cases in which the sender was stopped, all of them held first, that it may send again."""
    decided = {each.case_number for each in enforcement.suspensions(work, sender) if each.case_number is not None}
    for case in [store.hold(work.session, number) for number in sorted(decided - {but})]:
        _tell(work, actor, case, EventKind.REINSTATED, words)


def hold(work: Work, number: int) -> None:
    """Holds a case until the commit, where there is one of this number."""
    store.hold(work.session, number)


def tell_ended(work: Work, fact: ActionFact) -> None:
    """Writes into the case of an action that it ended by itself."""
    if fact.ending is not None and fact.case_number is not None:
        _tell(work, SYSTEM, store.hold(work.session, fact.case_number), ENDED[fact.ending])


def tell_proof(work: Work, number: int, event: EventKind, words: str) -> None:
    """Writes into a case how far its decision reached the mail servers: PROVEN or LEAKING."""
    _tell(work, SYSTEM, store.hold(work.session, number), event, words)


def _case_of(work: Work, action: UUID) -> Case | None:
    """The case an action was decided in, held; before the audit's head is locked, as everybody does."""
    number = enforcement.action(work, action).case_number
    return store.hold(work.session, number) if number is not None else None


def _tell(work: Work, actor: Actor, case: Case | None, event: EventKind, words: str = "") -> None:
    if case is not None:
        write_line(work, case, actor, event, words)
        case.updated_at = work.now
        if RULE_ACTED in case.priority_reasons:
            reweigh(work, case)
