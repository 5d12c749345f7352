"""What is done to a sender, and how it ends: each act checks, writes, rings the mail servers, records itself.

Actions on one sender come one after the other: each holds the sender's row until the commit. The audit entry is
written last, for it locks the chain's head.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from app.audit.domain import SYSTEM, Actor
from app.audit.service import record
from app.enforcement import store
from app.enforcement.domain import (
    BELL,
    BITING,
    KEEPING,
    STOPPING,
    ActionFact,
    ActionKind,
    Ending,
    Queued,
    ScopeKind,
    Waiting,
)
from app.enforcement.models import Action
from app.enforcement.service.decision import (
    Decision,
    check,
    check_new,
    check_scope,
    detail_of,
    fit,
    is_the_same,
    told,
)
from app.enforcement.service.reading import facts_of
from app.enforcement.service.words import seal_into
from app.errors import Conflict, Forbidden, NotFound
from app.jobs import NOTIFY
from app.senders import service as senders
from app.senders.domain import SenderStatus
from app.uow import Work

USED = "This key was used for something else."


def act(work: Work, actor: Actor, sender: str, decision: Decision) -> UUID:
    """Does it; the action's id. From the commit on it bites, unless it waits for a second person.

    Raises NotFound; Conflict where the same is in force for as long or the sender is closed; Rejected for words, a
    scope, a limit or a time that do not fit. With a key that was used before: the earlier action's id, and nothing
    happens; Conflict where that was for something else.
    """
    check(work, decision)
    store.hold_sender(work.session, sender)
    earlier = done_before(work, sender, decision)
    if earlier is not None:
        return earlier
    found = senders.find(work, sender)
    if found.status is SenderStatus.CLOSED and decision.kind in BITING:
        raise Conflict(f"Sender {sender} is closed: there is nothing to {decision.kind}.")
    check_scope(work, sender, decision.scope)
    action = _written(work, actor, sender, found.status, decision)
    _after(work, sender, found.status)
    record(work, actor, f"sender.{decision.kind}", f"sender:{sender}", told(decision))
    return action


def done_before(work: Work, sender: str, decision: Decision) -> UUID | None:
    """The action that was asked for with the decision's key, if there is one. Raises Conflict where that was for
    something else: another kind of action, sender, scope or limit, or for ever."""
    earlier = store.by_key(work.session, decision.key) if decision.key else None
    if earlier is None:
        return None
    if earlier.sender_id != sender or not is_the_same(decision, earlier):
        raise Conflict(USED)
    return earlier.id


def _written(work: Work, actor: Actor, sender: str, status: SenderStatus, decision: Decision) -> UUID:
    action = uuid4()
    standing = store.active_of(work.session, [sender])
    over = decision.kind not in BITING  # nothing bites that a second person could hold back
    second = not over and (decision.needs_second or decision.kind is ActionKind.TERMINATE)
    if not over:
        check_new(decision, second=second, sender=sender, standing=standing)
    waits = Waiting.SECOND if second else Waiting.CONFIRM if decision.rule else None
    row = {
        "id": action,
        "sender_id": sender,
        "kind": decision.kind,
        "scope_kind": decision.scope.kind,
        "scope_value": decision.scope.value,
        "per_hour": decision.per_hour,
        "grounds": list(decision.grounds),
        "case_number": decision.case_number,
        "by": actor.name,
        "rule": decision.rule,
        "waiting": waits,
        "base_status": standing[0].base_status if standing else status,
        "key": decision.key,
        "asked_at": work.now,
        "since": None if second else work.now,
        "until": decision.until,
        "ended_at": work.now if over else None,
        "ended_by": actor.name if over else None,
        "ending": Ending.DONE if over else None,
    }
    sealed = seal_into(work, action, {"reason": fit(decision.reason), "facts": decision.facts.strip()})
    if not store.insert_action(work.session, row | sealed):
        raise Conflict(USED)
    return action


def confirm(work: Work, actor: Actor, action: UUID) -> None:
    """A second person agrees: from the commit on it bites; or a person agrees with what a rule did.

    Raises NotFound; Conflict where it waits for nobody; Forbidden for the one who asked for it.
    """
    row = _held(work, action)
    if row.waiting is None:
        raise Conflict("This waits for nobody.")
    if row.waiting is Waiting.SECOND and row.by == actor.name:
        raise Forbidden("A second person must agree: nobody approves what they asked for themselves.")
    if row.until is not None and row.until <= work.now:
        raise Conflict("Its time is over: ask for it anew.")
    row.waiting, row.confirmed_by = None, actor.name
    row.since = row.since or work.now
    _after(work, row.sender_id, row.base_status)
    record(work, actor, f"sender.{row.kind}.confirm", f"sender:{row.sender_id}", detail_of(row.case_number))


def decline(work: Work, actor: Actor, action: UUID, reason: str) -> None:
    """It does not happen, or what a rule did is taken back. Raises NotFound, Rejected; Conflict as `confirm`."""
    row = _held(work, action)
    if row.waiting is None:
        raise Conflict("This waits for nobody.")
    ending = Ending.DECLINED if row.waiting is Waiting.SECOND else Ending.UNDONE
    _end(work, actor, row, ending, fit(reason), Queued.RELEASE)


def lift(work: Work, actor: Actor, action: UUID, reason: str, queued: Queued = Queued.RELEASE) -> None:
    """Ends one action; what the others say stands. queued: what becomes of mail that was kept back by it.

    Raises NotFound; Conflict where it has ended; Rejected for an unfit reason.
    """
    _end(work, actor, _held(work, action), Ending.LIFTED, fit(reason), queued)


def undo(work: Work, actor: Actor, action: UUID) -> None:
    """Takes back what was just done, in one click. Raises NotFound; Conflict where that time is over."""
    row = _held(work, action)
    if work.now >= undoable_until(work, row.since or row.asked_at):
        raise Conflict("The time to undo this is over: lift it, with a reason.")
    _end(work, actor, row, Ending.UNDONE, "", Queued.RELEASE)


def undoable_until(work: Work, since: datetime) -> datetime:
    """Until when what bites since this moment, or was asked for then and does not yet, is undone in one click."""
    return since + timedelta(minutes=work.settings.undo_minutes)


def reinstate(
    work: Work,
    actor: Actor,
    sender: str,
    *,
    case_number: int | None,
    reason: str,
    queued: Queued = Queued.RELEASE,
) -> tuple[UUID, ...]:
    """Lets a suspended sender send as it could before: ends what suspends all of it; what else is in force stands.

    case_number: the case this is decided in, for the record. The actions that ended. Raises NotFound; Conflict where
    nothing suspends the sender, or two people closed it, which is lifted by who may close; Rejected for an unfit
    reason.
    """
    words = fit(reason)
    store.hold_sender(work.session, sender)
    found = senders.find(work, sender)
    active = [each for each in store.active_of(work.session, [sender]) if each.kind in STOPPING and _whole(each)]
    if any(each.kind is ActionKind.TERMINATE for each in active):
        raise Conflict(f"Sender {sender} is closed: lift that.")
    _heed_roster(work, sender)
    if not active and found.status is not SenderStatus.SUSPENDED:
        raise Conflict(f"Sender {sender} is not suspended.")
    for row in active:
        _ended(work, actor, row, Ending.LIFTED, words, queued)
    # The roster may bring a sender as suspended: that is over, too.
    store.rebase(work.session, sender, SenderStatus.SUSPENDED, SenderStatus.ACTIVE)
    _after(work, sender, SenderStatus.ACTIVE)
    record(work, actor, "sender.reinstate", f"sender:{sender}", detail_of(case_number, words))
    return tuple(each.id for each in active)


def expire(
    work: Work, hold: Callable[[int], object], tell: Callable[[ActionFact], None], limit: int = 100
) -> tuple[ActionFact, ...]:
    """Ends what is over by the clock, and says so; what ended. It has not bitten since its end, whenever this runs.

    hold: holds a case by its number, before anything else is held, as everybody does. tell: called with each action
    before it is recorded.
    """
    rows = store.over(work.session, work.now, limit)
    for number in sorted({row.case_number for row in rows if row.case_number is not None}):
        hold(number)
    ended = [row for row in rows if _ended_by_clock(work, row)]
    facts = facts_of(work, ended)
    for each in facts:
        tell(each)
    for each in facts:
        record(work, SYSTEM, f"sender.{each.kind}.expire", f"sender:{each.sender}", detail_of(each.case_number))
    return facts


def _ended_by_clock(work: Work, row: Action) -> bool:
    """Ends it, unless somebody did so meanwhile."""
    store.hold_sender(work.session, row.sender_id)
    work.session.refresh(row)
    if row.ended_at is not None:
        return False
    _heed_roster(work, row.sender_id)
    _ended(work, SYSTEM, row, Ending.EXPIRED, "", Queued.RELEASE)
    _after(work, row.sender_id, row.base_status)
    return True


def _whole(row: Action) -> bool:
    return row.scope_kind is ScopeKind.SENDER and row.since is not None


def _held(work: Work, action: UUID) -> Action:
    """The action, with its sender held, where it has not ended."""
    row = store.one(work.session, action)
    if row is None:
        raise NotFound("There is no such action.")
    store.hold_sender(work.session, row.sender_id)
    work.session.refresh(row)
    if row.ended_at is not None:
        raise Conflict("This action has ended already.")
    return row


def _end(work: Work, actor: Actor, row: Action, ending: Ending, words: str, queued: Queued) -> None:
    _heed_roster(work, row.sender_id)
    _ended(work, actor, row, ending, words, queued)
    _after(work, row.sender_id, row.base_status)
    detail = detail_of(row.case_number, words)
    record(work, actor, f"sender.{row.kind}.{ending}", f"sender:{row.sender_id}", detail)


def _heed_roster(work: Work, sender: str) -> None:
    """What the roster made of the sender's status while actions stood is what they leave behind."""
    standing, status = store.active_of(work.session, [sender]), senders.find(work, sender).status
    if standing and status is not _status(standing, standing[0].base_status):
        for each in standing:
            each.base_status = status


def _ended(work: Work, actor: Actor, row: Action, ending: Ending, words: str, queued: Queued) -> None:
    if words:
        sealed = seal_into(work, row.id, {"end_reason": words}, earlier=row)
        row.end_reason = sealed["end_reason"]
    row.ended_at, row.ended_by, row.ending, row.waiting = work.now, actor.name, ending, None
    row.queued = queued if row.kind in KEEPING and row.since is not None else None


def _after(work: Work, sender: str, base: str) -> None:
    """What every change of actions brings with it: the sender's status, the bell, a notice to the sender.

    base: the sender's status where no action is in force any more.
    """
    work.session.flush()
    store.count_change(work.session)
    standing = store.active_of(work.session, [sender])
    senders.set_status(work, sender, _status(standing, standing[0].base_status if standing else base))
    work.ring(BELL)
    work.enqueue(NOTIFY.name)


def _status(standing: Sequence[Action], base: str) -> SenderStatus:
    whole = {each.kind for each in standing if _whole(each)}
    if ActionKind.TERMINATE in whole:
        return SenderStatus.CLOSED
    return SenderStatus.SUSPENDED if ActionKind.SUSPEND in whole else SenderStatus(base)
