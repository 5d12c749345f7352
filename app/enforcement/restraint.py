"""When a rule that applies does nothing all the same (pure): its action stands already, or a person said no."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from app.audit.domain import SYSTEM
from app.enforcement.automatic import Rule
from app.enforcement.domain import ALL_OF_IT, BITING, STOPPING, ActionKind, Ending, Scope
from app.values import dataclass

NO_STANDS = timedelta(days=30)
"""How long a rule leaves a sender alone after a person took back what it did."""

DAYS = 7
"""Of how many days complaints and mails count."""


@dataclass(frozen=True, slots=True)
class Earlier:
    """An action on a sender, without its words. since: None while it waits for a second person. until: when it ends
    by itself. ended_at: None while it holds."""

    kind: ActionKind
    scope: Scope = ALL_OF_IT
    per_hour: int | None = None
    rule: str | None = None
    confirmed: bool = False
    since: datetime | None = None
    until: datetime | None = None
    ended_at: datetime | None = None
    ended_by: str | None = None
    ending: Ending | None = None


def may_act(rule: Rule, earlier: Iterable[Earlier], now: datetime) -> bool:
    """Whether a rule that applies acts. earlier: every action on the sender that holds, or ended within NO_STANDS."""
    return not any(_covers(each, rule, now) or (each.rule == rule.id and _is_no(each, now)) for each in earlier)


def _covers(each: Earlier, rule: Rule, now: datetime) -> bool:
    """Whether it does now what the rule would, or stops the sender altogether."""
    bites = each.ended_at is None and each.since is not None and (each.until is None or now < each.until)
    if not bites or each.scope != ALL_OF_IT:
        return False
    if each.kind in STOPPING:
        return True
    same = each.kind is rule.then.action
    return same and (rule.then.per_hour is None or (each.per_hour or 0) <= rule.then.per_hour)


def _is_no(each: Earlier, now: datetime) -> bool:
    """Whether a person took it back; what was found right and lifted later was no mistake of the rule's."""
    if each.ended_at is None or each.ended_by in (None, SYSTEM.name) or now - each.ended_at >= NO_STANDS:
        return False
    return each.ending in (Ending.UNDONE, Ending.DECLINED) or (each.ending is Ending.LIFTED and not each.confirmed)


def counted_from(earlier: Iterable[Earlier], now: datetime) -> date:
    """The first day (UTC) whose complaints and mails count for a rule: DAYS back with today, or the day after a
    person last let the sender send again, for what was complained of before was decided on then."""
    first, decided = now.date() - timedelta(days=DAYS - 1), _decided_at(earlier)
    return first if decided is None else max(first, decided.date() + timedelta(days=1))


def _decided_at(earlier: Iterable[Earlier]) -> datetime | None:
    ends = (each.ended_at for each in earlier if each.kind in BITING and each.ended_by not in (None, SYSTEM.name))
    return max((each for each in ends if each is not None), default=None)
