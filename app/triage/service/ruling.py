"""What rules do in cases that were just routed: the facts of all of them at once, then what is to be done.

Every sender that is acted on is held before the first act: the audit's head is locked by then, and whoever waits for
that holds a sender.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta

from app.audit.domain import SYSTEM
from app.enforcement.automatic import Facts, Rule, matching
from app.enforcement.restraint import Earlier, counted_from, may_act
from app.enforcement.service import ruling as enforcement
from app.senders.delivered_service import delivered
from app.senders.domain import SenderFact
from app.triage.domain import CaseKind
from app.triage.growth import Standing
from app.triage.service.deciding import held, record_in
from app.triage.service.enforcing import ENOUGH, TOLD
from app.triage.service.timeline import write_line
from app.triage.service.weighing import reweigh
from app.triage.store import routing as store
from app.uow import Work
from app.values import dataclass


@dataclass(frozen=True, slots=True)
class Routed:
    """A case as it stands after what was routed into it, and its number."""

    number: int
    standing: Standing


def act_by_rules(work: Work, routed: Sequence[Routed], owners: Mapping[str, SenderFact]) -> None:
    """Acts on the senders of these cases, which this unit of work holds, where a rule says so and nobody said no.

    owners: the senders of the cases. The number of statements grows with what is done, not with the cases.
    """
    due = [each for each in routed if _is_ours(each.standing) and each.standing.sender in owners]
    rules = enforcement.rules(work) if due else ()
    if not rules:
        return
    facts = _facts(work, [each.standing for each in due], owners)
    found = {each.number: matching(rules, fact, work.now) for each, fact in zip(due, facts, strict=True)}
    hit = sorted({str(each.standing.sender) for each in due if found[each.number]})
    earlier = enforcement.earlier(work, hit, hold=True) if hit else {}
    for each in due:
        for rule in found[each.number]:
            _act(work, rule, each, earlier[str(each.standing.sender)])


def _is_ours(standing: Standing) -> bool:
    return standing.verdict in ENOUGH and standing.kind is not CaseKind.REPLAY


def _facts(work: Work, standings: Sequence[Standing], owners: Mapping[str, SenderFact]) -> list[Facts]:
    names = sorted({str(each.sender) for each in standings})
    since = {name: counted_from(some, work.now) for name, some in enforcement.earlier(work, names).items()}
    complaints = store.complaints_since(work.session, since)
    mails = delivered(work, since, work.now.date() + timedelta(days=1))
    return [
        Facts(
            sender=sender,
            kind=each.kind,
            verdict=each.verdict,
            account_since=owners[sender].created_at,
            reports=each.reports,
            complaints=complaints.get(sender, 0),
            delivered=mails[sender],
        )
        for each in standings
        if (sender := str(each.sender))
    ]


def _act(work: Work, rule: Rule, routed: Routed, earlier: list[Earlier]) -> None:
    sender = str(routed.standing.sender)
    if not may_act(rule, earlier, work.now) or enforcement.act_by(work, rule, sender, routed.number) is None:
        return
    earlier.append(Earlier(rule.then.action, per_hour=rule.then.per_hour, rule=rule.id, since=work.now))
    case = held(work, routed.number)
    write_line(work, case, SYSTEM, TOLD[rule.then.action], _words(work, rule))
    reweigh(work, case)
    record_in(
        work, case, SYSTEM, f"case.{rule.then.action}", {"sender": sender, "rule": rule.id, "reason": rule.reason}
    )


def _words(work: Work, rule: Rule) -> str:
    until = work.now + timedelta(hours=rule.then.hours)
    limit = f"At most {rule.then.per_hour:,} recipients an hour. " if rule.then.per_hour else ""
    return f"{rule.reason} {limit}Rule {rule.id}, until {until:%Y-%m-%d %H:%M} UTC unless a person decides otherwise."
