"""What rules would have done, had they been in force (pure): past complaints once more, in their order.

As the machine acts: when a report joins a case, with what was known by then. What was delivered on a day counts as a
whole from its morning on. A case that people later resolved as no matter of abuse tells that the rule was wrong; it
is taken as if they had undone what the rule did at that moment, so that it leaves the sender alone from then on.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import field, replace
from datetime import date, datetime, timedelta
from heapq import merge

from app.attribution.domain import Verdict
from app.audit.domain import SYSTEM
from app.enforcement.automatic import Facts, Rule, matching
from app.enforcement.domain import Ending
from app.enforcement.restraint import Earlier, counted_from, may_act
from app.triage.domain import CaseKind, Outcome
from app.triage.grouping import best, most_severe
from app.values import dataclass

WRONG = frozenset({Outcome.NO_ACTION, Outcome.NOT_OURS, Outcome.NOT_ABUSE})
"""Outcomes by which people said that nothing had to be done to the sender."""

PEOPLE = "people"


@dataclass(frozen=True, slots=True)
class Click:
    """A complaint click that was counted at `at`, for the day (UTC) on which it arrived."""

    at: datetime
    sender: str
    day: date


@dataclass(frozen=True, slots=True)
class Joined:
    """A complaint of a report that joined a case of the sender, and how that case ended; None: it did not."""

    at: datetime
    case: int
    sender: str
    account_since: datetime
    report: str
    kind: CaseKind
    verdict: Verdict
    outcome: Outcome | None = None
    resolved_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Hit:
    """That a rule would have acted, at `at`, until `until`. outcome: how its case ended, None where it is open."""

    rule: str
    sender: str
    case: int
    at: datetime
    until: datetime
    outcome: Outcome | None

    @property
    def wrong(self) -> bool:
        """Whether people found that nothing had to be done."""
        return self.outcome in WRONG


@dataclass(slots=True)
class _Case:
    kind: CaseKind
    verdict: Verdict
    reports: int = 0
    last: str = ""


@dataclass(slots=True)
class _Past:
    """What is known by the moment that the replay stands at."""

    delivered: Mapping[str, Mapping[date, int]]
    clicks: defaultdict[str, Counter[date]] = field(default_factory=lambda: defaultdict(Counter))
    cases: dict[int, _Case] = field(default_factory=dict)
    acted: defaultdict[str, list[tuple[Earlier, datetime, bool]]] = field(default_factory=lambda: defaultdict(list))


def replay(
    rules: Sequence[Rule],
    clicks: Iterable[Click],
    joined: Iterable[Joined],
    delivered: Mapping[str, Mapping[date, int]],
    since: datetime,
) -> list[Hit]:
    """What the rules would have done from `since` on, in order.

    clicks, joined: each in the order of `at`, also from before `since`: a case's earlier reports, a week's clicks.
    delivered: sender → day (UTC) → mails.
    """
    past, hits = _Past(delivered), list[Hit]()
    events: Iterator[Click | Joined] = merge(clicks, joined, key=_moment)
    for each in events:
        if isinstance(each, Click):
            past.clicks[each.sender][each.day] += 1
            continue
        facts = _facts(past, each)
        if each.at >= since:
            hits += _hits(past, each, matching(rules, facts, each.at))
    return hits


def _moment(event: Click | Joined) -> tuple[datetime, bool]:
    """Clicks are counted before the cases of their batch are looked at."""
    return event.at, isinstance(event, Joined)


def _facts(past: _Past, joined: Joined) -> Facts:
    case = past.cases.setdefault(joined.case, _Case(joined.kind, joined.verdict))
    case.kind, case.verdict = most_severe((case.kind, joined.kind)), best((case.verdict, joined.verdict))
    case.reports, case.last = case.reports + (joined.report != case.last), joined.report
    first = counted_from(_earlier(past, joined), joined.at)
    counted = [first + timedelta(days=more) for more in range((joined.at.date() - first).days + 1)]
    clicks: Mapping[date, int] = past.clicks.get(joined.sender, {})
    mails = past.delivered.get(joined.sender, {})
    return Facts(
        sender=joined.sender,
        kind=case.kind,
        verdict=case.verdict,
        account_since=joined.account_since,
        reports=case.reports,
        complaints=sum(clicks.get(day, 0) for day in counted),
        delivered=sum(mails.get(day, 0) for day in counted),
    )


def _hits(past: _Past, joined: Joined, applying: Iterable[Rule]) -> list[Hit]:
    hits = []
    for rule in applying:
        if may_act(rule, _earlier(past, joined), joined.at):
            hit = Hit(rule.id, joined.sender, joined.case, joined.at, *_end(rule, joined))
            undone = hit.wrong and hit.until == joined.resolved_at
            done = Earlier(rule.then.action, per_hour=rule.then.per_hour, rule=rule.id, since=joined.at)
            past.acted[joined.sender].append((done, hit.until, undone))
            hits.append(hit)
    return hits


def _end(rule: Rule, joined: Joined) -> tuple[datetime, Outcome | None]:
    """When what the rule did would have ended, by itself or by people, and how the case ended."""
    until, undone = joined.at + timedelta(hours=rule.then.hours), joined.resolved_at
    by_people = joined.outcome in WRONG and undone is not None and joined.at < undone < until
    return (undone if by_people and undone else until), joined.outcome


def _earlier(past: _Past, joined: Joined) -> list[Earlier]:
    """What rules did to the sender, as it stands at this moment."""
    return [_as_of(*each, joined.at) for each in past.acted.get(joined.sender, ())]


def _as_of(done: Earlier, until: datetime, undone: bool, at: datetime) -> Earlier:
    if at < until:
        return done
    by, ending = (PEOPLE, Ending.UNDONE) if undone else (SYSTEM.name, Ending.EXPIRED)
    return replace(done, ended_at=until, ended_by=by, ending=ending)


@dataclass(frozen=True, slots=True)
class Tally:
    """What one rule would have done in all. cases: of them `wrong` ended as no abuse, `open` did not end."""

    rule: str
    hits: tuple[Hit, ...]
    senders: int
    cases: int
    wrong: int
    open: int


def tallies(rules: Iterable[Rule], hits: Iterable[Hit]) -> list[Tally]:
    """One for each rule, also where it would have done nothing, in their order."""
    of: defaultdict[str, list[Hit]] = defaultdict(list)
    for hit in hits:
        of[hit.rule].append(hit)
    return [_tally(rule.id, of[rule.id]) for rule in rules]


def _tally(rule: str, hits: Sequence[Hit]) -> Tally:
    cases = {hit.case: hit for hit in hits}.values()
    wrong, unended = sum(hit.wrong for hit in cases), sum(hit.outcome is None for hit in cases)
    return Tally(rule, tuple(hits), len({hit.sender for hit in hits}), len(cases), wrong, unended)
