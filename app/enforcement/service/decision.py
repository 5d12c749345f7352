"""What is asked for, and whether it may be: words, limits and times that fit, a scope that there is, nothing that is
so already."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from app.enforcement.domain import (
    ALL_OF_IT,
    MOST_PER_HOUR,
    WORDS_CHARS,
    ActionKind,
    Scope,
    ScopeKind,
    case_reference,
)
from app.enforcement.grounds import named
from app.enforcement.models import Action
from app.enforcement.service.reading import clauses
from app.errors import Conflict, Rejected
from app.mail.fields.address import addresses_in
from app.senders import service as senders
from app.senders.domain import IdentityKind
from app.uow import Work
from app.values import dataclass

LONGEST = timedelta(days=366)

SAME_END = timedelta(minutes=5)
"""Ends so near to each other are the same: who sends a form "for 4 hours" twice means it once."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What is to be done.

    reason: for the record, staff only. facts: what the sender is told besides the grounds, no addresses in it.
    grounds: ids of clauses. per_hour: recipients, of a throttle. until: when it ends by itself; of a warning, by when
    an answer is asked for. needs_second: it waits for a second person, as a termination always does. rule: the rule
    that decided it. key: asking twice with one key is asking once.
    """

    kind: ActionKind
    reason: str
    scope: Scope = ALL_OF_IT
    facts: str = ""
    grounds: tuple[str, ...] = ()
    per_hour: int | None = None
    until: datetime | None = None
    case_number: int | None = None
    needs_second: bool = False
    rule: str | None = None
    key: str | None = None


def check(work: Work, decision: Decision) -> None:
    """Raises Rejected where words, grounds, limit or time do not fit."""
    fit(decision.reason)
    named(clauses(work), decision.grounds)
    if len(decision.facts) > WORDS_CHARS:
        raise Rejected(f"The facts may have at most {WORDS_CHARS} characters.")
    if addresses_in(decision.facts):
        raise Rejected("The sender is told the facts: leave every e-mail address out of them.")
    throttle = decision.kind is ActionKind.THROTTLE
    if throttle and not (decision.per_hour and 1 <= decision.per_hour <= MOST_PER_HOUR):
        raise Rejected(f"A limit is 1 to {MOST_PER_HOUR:,} recipients an hour.")
    if decision.per_hour is not None and not throttle:
        raise Rejected("Only a throttle has a limit.")
    _check_until(work, decision)


def _check_until(work: Work, decision: Decision) -> None:
    if decision.until is None:
        return
    if decision.kind in (ActionKind.NOTE, ActionKind.TERMINATE):
        raise Rejected(f"A {decision.kind} does not end by itself.")
    if not work.now < decision.until <= work.now + LONGEST:
        raise Rejected("An end must lie ahead, within a year.")


def check_scope(work: Work, sender: str, scope: Scope) -> None:
    """Raises Rejected for a scope that nothing of the sender is in: it would look like a stop and be none."""
    if scope.kind is ScopeKind.SENDER:
        return
    facts = [each for each in senders.identities(work, sender) if each.holds(work.now)]
    kinds = {
        ScopeKind.LOGIN: {each.value for each in facts if each.kind is IdentityKind.LOGIN},
        ScopeKind.STREAM: {each.stream for each in facts if each.kind is IdentityKind.LOGIN},
        ScopeKind.DOMAIN: {each.value for each in facts if each.kind in (IdentityKind.DOMAIN, IdentityKind.DKIM)},
    }
    if scope.value not in kinds[scope.kind]:
        raise Rejected(f"Sender {sender} has no {scope.kind} of this name.")


def check_new(decision: Decision, *, second: bool, sender: str, standing: Iterable[Action]) -> None:
    """Raises Conflict where what stands for the sender does already what is asked for: the same, as long or longer.

    second: it is to wait for a second person. What waits for one, or ends sooner, is no reason against what bites at
    once or longer.
    """
    if any(_repeats(decision, second, each) for each in standing):
        done = {"throttle": "throttled to this", "hold": "held", "suspend": "suspended", "terminate": "being closed"}
        what = f" ({decision.scope})" if decision.scope.value else ""
        raise Conflict(f"Sender {sender}{what} is {done[decision.kind]} already.")


def is_the_same(decision: Decision, row: Action) -> bool:
    """Whether the action is what is asked for. Two ends are not compared: who asks again "for 4 hours", because no
    answer came, names a later one."""
    return _does_the_same(decision, row) and (decision.until is None) == (row.until is None)


def _does_the_same(decision: Decision, row: Action) -> bool:
    asked = (decision.kind, decision.scope.kind, decision.scope.value, decision.per_hour)
    return asked == (row.kind, row.scope_kind, row.scope_value, row.per_hour)


def _repeats(decision: Decision, second: bool, row: Action) -> bool:
    if not _does_the_same(decision, row) or (row.since is None and not second):
        return False
    return row.until is None or (decision.until is not None and decision.until <= row.until + SAME_END)


def fit(reason: str) -> str:
    """The reason, trimmed. Raises Rejected where there is none or it is too long."""
    words = reason.replace("\0", "").strip()
    if not words:
        raise Rejected("Give a reason.")
    if len(words) > WORDS_CHARS:
        raise Rejected(f"A reason may have at most {WORDS_CHARS} characters.")
    return words


def told(decision: Decision) -> dict[str, str]:
    """The decision as the audit keeps it."""
    more = {
        "scope": str(decision.scope) if decision.scope.value else "",
        "limit": f"{decision.per_hour} an hour" if decision.per_hour else "",
        "until": decision.until.isoformat() if decision.until else "",
        "rule": decision.rule or "",
    }
    said = {name: value for name, value in more.items() if value}
    return detail_of(decision.case_number, decision.reason.strip()) | said


def detail_of(case_number: int | None, words: str = "") -> dict[str, str]:
    """Case and words as the audit keeps them."""
    case = {} if case_number is None else {"case": case_reference(case_number)}
    return case | ({"reason": words} if words else {})
