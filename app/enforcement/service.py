"""Suspends and reinstates senders, tells which logins are stopped, and forgets the words of old suspensions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID, uuid4

from app.audit.domain import Actor
from app.audit.service import record
from app.enforcement import store
from app.enforcement.domain import BELL, REASON_CHARS, SuspendedLogin, SuspensionFact, case_reference
from app.enforcement.models import Suspension
from app.errors import Conflict, Rejected
from app.mail.address import addresses_in
from app.senders import service as senders
from app.senders.domain import SenderStatus
from app.uow import Work


def suspend(work: Work, actor: Actor, sender: str, *, case_number: int | None, reason: str) -> None:
    """Stops a sender: from the commit on its logins may not submit mail.

    reason: for the record, read by staff only. Raises NotFound; Conflict where the sender is suspended already
    or closed; Rejected for a reason that is empty or over REASON_CHARS.
    """
    words = _fit(reason)
    found = senders.find(work, sender)
    if found.status is SenderStatus.CLOSED:
        raise Conflict(f"Sender {sender} is closed: there is nothing to suspend.")
    suspension = uuid4()
    key = work.vault.create([suspension])[suspension]
    sealed = work.vault.seal(key, _place("reason", suspension), words.encode())
    row = {"id": suspension, "sender_id": sender, "case_number": case_number, "by": actor.name}
    if not store.insert_unless_active(work.session, row | {"reason": sealed, "since": work.now}):
        raise Conflict(f"Sender {sender} is suspended already.")
    work.vault.tag({suspension: addresses_in(words)})
    senders.set_status(work, sender, SenderStatus.SUSPENDED)
    work.ring(BELL)
    record(work, actor, "sender.suspend", f"sender:{sender}", _detail(case_number, words))


def reinstate(work: Work, actor: Actor, sender: str, *, case_number: int | None, reason: str) -> None:
    """Lets a suspended sender send again.

    case_number: the case this is decided in, for the record. Raises NotFound; Conflict where the sender is not
    suspended; Rejected for a reason that is empty or over REASON_CHARS.
    """
    words = _fit(reason)
    found = senders.find(work, sender)
    suspension = store.active_of(work.session, sender, lock=True)
    if suspension is not None:
        _seal_lift_reason(work, suspension, words)
        suspension.lifted_at, suspension.lifted_by = work.now, actor.name
    elif found.status is not SenderStatus.SUSPENDED:  # the roster may bring a sender as suspended
        raise Conflict(f"Sender {sender} is not suspended.")
    senders.set_status(work, sender, SenderStatus.ACTIVE)
    work.ring(BELL)
    record(work, actor, "sender.reinstate", f"sender:{sender}", _detail(case_number, words))


def _fit(reason: str) -> str:
    words = reason.strip()
    if not words:
        raise Rejected("Give a reason.")
    if len(words) > REASON_CHARS:
        raise Rejected(f"A reason may have at most {REASON_CHARS} characters.")
    return words


def _detail(case_number: int | None, words: str) -> dict[str, str]:
    case = {} if case_number is None else {"case": case_reference(case_number)}
    return case | {"reason": words}


def _seal_lift_reason(work: Work, suspension: Suspension, words: str) -> None:
    # Where the first reason was forgotten meanwhile, so was its key: the new words get a new one.
    keys = work.vault.open([suspension.id]) or work.vault.create([suspension.id])
    earlier = _words(work, keys, suspension.id, "reason", suspension.reason) or ""
    sealed = work.vault.seal(keys[suspension.id], _place("lift_reason", suspension.id), words.encode())
    suspension.lift_reason = sealed
    work.vault.tag({suspension.id: {*addresses_in(earlier), *addresses_in(words)}})


def _place(column: str, suspension: UUID) -> str:
    return f"suspension.{column}:{suspension}"


def _words(work: Work, keys: Mapping[UUID, bytes], suspension: UUID, column: str, sealed: bytes | None) -> str | None:
    if sealed is None or suspension not in keys:
        return None
    return work.vault.unseal(keys[suspension], _place(column, suspension), sealed).decode()


def active_suspension(work: Work, sender: str) -> SuspensionFact | None:
    """The suspension that holds now, or None."""
    active = store.active_of(work.session, sender)
    return _facts(work, [active])[0] if active else None


def history(work: Work, sender: str) -> tuple[SuspensionFact, ...]:
    """Every suspension of a sender, newest first."""
    return tuple(_facts(work, store.of_sender(work.session, sender)))


def _facts(work: Work, suspensions: Sequence[Suspension]) -> list[SuspensionFact]:
    keys = work.vault.open(each.id for each in suspensions)
    return [_fact(work, each, keys) for each in suspensions]


def _fact(work: Work, of: Suspension, keys: Mapping[UUID, bytes]) -> SuspensionFact:
    return SuspensionFact(
        id=of.id,
        sender=of.sender_id,
        case_number=of.case_number,
        by=of.by,
        since=of.since,
        reason=_words(work, keys, of.id, "reason", of.reason),
        lifted_at=of.lifted_at,
        lifted_by=of.lifted_by,
        lift_reason=_words(work, keys, of.id, "lift_reason", of.lift_reason),
    )


def suspended_logins(work: Work) -> tuple[SuspendedLogin, ...]:
    """Every login, lower case, that may not submit mail now: of suspended senders, also of those that the roster
    brought as suspended."""
    listed = dict.fromkeys(senders.with_status(work, SenderStatus.SUSPENDED))
    cases: dict[str, int | None] = listed | store.active_cases(work.session)
    logins = senders.logins_of(work, list(cases))
    return tuple(
        SuspendedLogin(login, sender, number) for sender, number in cases.items() for login in logins.get(sender, ())
    )


def version(work: Work) -> str:
    """Another text after each suspension and each reinstatement; cheap enough to be asked twice a second."""
    return "{}-{}".format(*store.counted(work.session))


def worded_before(work: Work, moment: datetime, limit: int) -> list[UUID]:
    """Up to `limit` suspensions whose newest words are older than `moment` and not yet forgotten."""
    return store.worded_before(work.session, moment, limit)


def among(work: Work, owners: Sequence[UUID]) -> list[UUID]:
    """Which of these owners of sealing keys are suspensions."""
    return store.among(work.session, owners)


def forget(work: Work, suspensions: Sequence[UUID]) -> int:
    """Destroys the words of suspensions for good, and the way to look them up; that they were stays. How many."""
    store.empty_words(work.session, suspensions)
    return work.vault.destroy(suspensions)
