"""The rules by which the machine acts: loads them, lists them, acts by them. Who is acted on, triage finds."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

import structlog

from app.audit.domain import SYSTEM, Actor
from app.audit.service import record
from app.enforcement import rule_store
from app.enforcement.automatic import Rule, rule_of, written
from app.enforcement.domain import Scope, ScopeKind
from app.enforcement.grounds import named
from app.enforcement.restraint import NO_STANDS, Earlier
from app.enforcement.rule_words import deed
from app.enforcement.service.acting import act
from app.enforcement.service.decision import Decision
from app.enforcement.service.reading import clauses
from app.errors import AbuseDeskError, Rejected
from app.uow import Work
from app.values import dataclass

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Loaded:
    """A rule that is in force, since when and by whom."""

    rule: Rule
    changed_at: datetime
    changed_by: str


@dataclass(frozen=True, slots=True)
class Deeds:
    """How often a rule acted; and of these: waits for a person, was confirmed, was taken back by one."""

    acted: int = 0
    waiting: int = 0
    confirmed: int = 0
    taken_back: int = 0


def loaded_rules(work: Work) -> tuple[Loaded, ...]:
    """The rules in force, by id; one that this version cannot read any more is left out, and logged."""
    found = []
    for row in rule_store.rules(work.session):
        try:
            found.append(Loaded(rule_of(row.rule), row.changed_at, row.changed_by))
        except Rejected as fault:
            log.warning("rule.unreadable", rule=row.id, error=str(fault))
    return tuple(found)


def rules(work: Work) -> tuple[Rule, ...]:
    """The rules in force, by id."""
    return tuple(each.rule for each in loaded_rules(work))


def deeds(work: Work, since: datetime) -> dict[str, Deeds]:
    """Rule → what it did from `since` on; rules that are in force no longer, too. Who did nothing is left out."""
    rows = rule_store.deeds(work.session, since)
    return {row.rule: Deeds(row.acted, row.waiting, row.confirmed, row.taken_back) for row in rows}


def check_rules(work: Work, wanted: Sequence[Rule]) -> None:
    """Raises Rejected for grounds that the acceptable-use policy does not have; Unavailable where it is not there."""
    for each in wanted:
        named(clauses(work), each.then.grounds)


def load_rules(work: Work, actor: Actor, wanted: Sequence[Rule]) -> int:
    """Puts these rules in the place of all there were; how many there were. What rules did before stands.

    Raises as `check_rules`.
    """
    check_rules(work, wanted)
    rows = [
        {"id": each.id, "rule": written(each), "changed_at": work.now, "changed_by": actor.name} for each in wanted
    ]
    before = rule_store.replace_rules(work.session, rows)
    record(work, actor, "rules.load", "rules", {each.id: f"{deed(each.then)}: {each.reason}" for each in wanted})
    return before


def clear_rules(work: Work, actor: Actor) -> int:
    """Ends all rules: nothing happens by itself any more; how many there were. What they did before stands."""
    before = rule_store.replace_rules(work.session, [])
    record(work, actor, "rules.clear", "rules", {"rules": str(before)})
    return before


def earlier(work: Work, senders: Sequence[str], *, hold: bool = False) -> dict[str, list[Earlier]]:
    """Sender → what holds a rule back from acting on it, one statement for all; of every sender asked for.

    hold: the senders are held first, until the commit, so that nobody acts on them meanwhile.
    """
    if hold:
        rule_store.hold_senders(work.session, senders)
    found: dict[str, list[Earlier]] = {each: [] for each in senders}
    for row in rule_store.earlier(work.session, senders, work.now - NO_STANDS):
        found[row.sender_id].append(
            Earlier(
                kind=row.kind,
                scope=Scope(ScopeKind(row.scope_kind), row.scope_value),
                per_hour=row.per_hour,
                rule=row.rule,
                confirmed=row.confirmed_by is not None,
                since=row.since,
                until=row.until,
                ended_at=row.ended_at,
                ended_by=row.ended_by,
                ending=row.ending,
            )
        )
    return found


def act_by(work: Work, rule: Rule, sender: str, case_number: int) -> UUID | None:
    """Does what the rule says, at once and with its end; a person is to confirm it. None where it cannot be done.

    Nothing is raised for a fault of the rule's: a report must not be lost for it.
    """
    try:
        with work.session.begin_nested():
            return act(work, SYSTEM, sender, _decision(work, rule, sender, case_number))
    except AbuseDeskError as fault:
        log.warning("rule.failed", rule=rule.id, sender=sender, error=str(fault))
        return None


def _decision(work: Work, rule: Rule, sender: str, case_number: int) -> Decision:
    known = {each.id for each in clauses(work)}
    return Decision(
        kind=rule.then.action,
        reason=rule.reason,
        # A clause that the policy lost since the rule was loaded is no reason to let phishing go on.
        grounds=tuple(each for each in rule.then.grounds if each in known),
        per_hour=rule.then.per_hour,
        until=work.now + timedelta(hours=rule.then.hours),
        case_number=case_number,
        rule=rule.id,
        key=f"rule:{rule.id}:{sender}:{work.now.isoformat()}",
    )
