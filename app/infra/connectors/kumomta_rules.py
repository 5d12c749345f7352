"""KumoMTA's administrative rules: what a node lists, what an order asks for, and what is to be changed (pure).

A rule is kept in a node's memory, ends by itself and is gone after a restart; a new one takes the place of one with
the same criteria. Ours have a tenant and nothing else as criterion, and are known by how their reason begins:

    abusedesk <key of the order>: <text>           a stop
    abusedesk discard <key of the order>           throws away, once, what a stop that is over kept back

The list does not tell the queue names that may narrow a rule, so a rule of somebody else proves nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from enum import StrEnum

from app.ports import Order, OrderLine
from app.values import dataclass

LEASE = timedelta(hours=1)
"""How long a rule is asked for: so long is a sender still stopped where nobody takes it back."""

RENEW = timedelta(minutes=30)
"""A rule that ends sooner is asked for anew."""

ALARM = timedelta(minutes=10)
"""A rule that ends sooner counts as lost: two looks later it would be."""

DISCARD = timedelta(minutes=1)
SLACK = timedelta(minutes=1)

OURS = "abusedesk "
DISCARDS = OURS + "discard "


class Kind(StrEnum):
    """The path of the rules: what they do."""

    SUSPEND = "/api/admin/suspend/v1"
    """Mail is taken and kept back."""
    BOUNCE = "/api/admin/bounce/v1"
    """Mail is thrown away, also what is queued."""


KINDS = {"hold": Kind.SUSPEND, "suspend": Kind.SUSPEND, "terminate": Kind.BOUNCE}


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule as a node lists it. tenant_only: the tenant is its one criterion. left: until it ends."""

    id: str
    kind: Kind
    tenant: str | None
    tenant_only: bool
    reason: str
    left: timedelta

    @property
    def ours(self) -> bool:
        return self.tenant_only and self.reason.startswith(OURS)


@dataclass(frozen=True, slots=True)
class Wanted:
    """A rule that is to be. lease: how long it is to hold from now."""

    kind: Kind
    tenant: str
    reason: str
    lease: timedelta

    def request(self) -> dict[str, str]:
        """What is posted."""
        return {
            "tenant": self.tenant,
            "reason": self.reason,
            "duration": f"{max(1, round(self.lease.total_seconds()))}s",
        }

    def is_met_by(self, rule: Rule) -> bool:
        """Whether the rule says the same and does not end soon."""
        return rule.kind is self.kind and rule.reason == self.reason and self._lasts(rule, RENEW)

    def is_in_force(self, rule: Rule) -> bool:
        """Whether the rule does what is wanted, now and until it is looked at again."""
        return rule.kind is self.kind and self._lasts(rule, ALARM)

    def _lasts(self, rule: Rule, least: timedelta) -> bool:
        return rule.left >= min(least, self.lease - SLACK)


@dataclass(frozen=True, slots=True)
class Changes:
    """What brings a node to an order. post goes before delete, so that nothing slips through between them.

    foreign: whether a rule that is not ours gives way to one of `post`.
    """

    post: tuple[Wanted, ...] = ()
    delete: tuple[Rule, ...] = ()
    foreign: bool = False


def wanted(order: Order, now: datetime) -> tuple[Wanted, ...]:
    """The rules that the order asks for, at most one of a kind; its lines that cannot be rules are left out."""
    if unfit(order.sender):
        return ()
    lines = [each for each in order.lines if _can_be(each) and (each.until is None or each.until > now)]
    found = []
    for kind in Kind:
        of_kind = [each for each in lines if KINDS[each.kind] is kind]
        if of_kind:
            last = max(of_kind, key=lambda each: each.until or datetime.max.replace(tzinfo=now.tzinfo))
            lease = LEASE if last.until is None else min(LEASE, last.until - now)
            found.append(Wanted(kind, order.sender, f"{OURS}{order.key}: {last.text}", lease))
    return tuple(found)


def changes(order: Order, rules: Sequence[Rule], now: datetime) -> Changes:
    """What is to be done for this order at a node that has these rules."""
    here = [each for each in rules if each.tenant == order.sender and each.tenant_only]
    asked = wanted(order, now)
    post = [each for each in asked if not any(each.is_met_by(rule) for rule in here)]
    kinds = {each.kind for each in asked}
    delete = [each for each in here if _stands(each) and each.kind not in kinds]
    if _throws_away(order) and any(each.kind is Kind.SUSPEND for each in delete):
        post.append(Wanted(Kind.BOUNCE, order.sender, DISCARDS + order.key, DISCARD))
    posted = {each.kind for each in post}
    foreign = any(not each.ours and each.kind in posted for each in here)
    return Changes(tuple(post), tuple(delete), foreign)


def in_force(order: Order, rules: Iterable[Rule], now: datetime) -> bool:
    """Whether a node with these rules does what the order says, as far as rules can."""
    ours = [each for each in rules if each.tenant == order.sender and _stands(each)]
    asked = wanted(order, now)
    there = all(any(each.is_in_force(rule) for rule in ours) for each in asked)
    return there and {each.kind for each in ours} <= {each.kind for each in asked}


def _stands(rule: Rule) -> bool:
    return rule.ours and not rule.reason.startswith(DISCARDS)


def _throws_away(order: Order) -> bool:
    return order.discard and not any(each.kind in KINDS for each in order.lines)


def _can_be(line: OrderLine) -> bool:
    return line.scope == "sender" and line.kind in KINDS


def unfit(sender: str) -> str:
    """Why a sender cannot be a tenant, empty where it can. Without a tenant a rule would be about everybody."""
    if not sender.strip():
        return "KumoMTA cannot stop a sender without an id: it would stop everybody."
    if ":" in sender or "@" in sender:
        return "KumoMTA cannot tell a sender whose id has : or @ in it from others."
    return ""


def lacking(order: Order) -> str:
    """What of the order KumoMTA cannot do, in a sentence; empty where it does everything.

    What is stopped as a whole needs no limit and no stop of a part.
    """
    if not order.lines:
        return ""
    if why := unfit(order.sender):
        return why
    if any(_can_be(each) for each in order.lines):
        return ""
    if any(each.kind not in KINDS for each in order.lines):
        return "KumoMTA cannot limit a sender to a number of recipients an hour by its API."
    scopes = sorted({each.scope for each in order.lines})
    return f"KumoMTA cannot stop a single {' or '.join(scopes)} of a sender, only the sender."


_UNITS = {
    **dict.fromkeys(("ns", "nsec"), 1e-9),
    **dict.fromkeys(("us", "usec", "µs"), 1e-6),
    **dict.fromkeys(("ms", "msec"), 1e-3),
    **dict.fromkeys(("s", "sec", "second", "seconds"), 1.0),
    **dict.fromkeys(("m", "min", "minute", "minutes"), 60.0),
    **dict.fromkeys(("h", "hr", "hour", "hours"), 3_600.0),
    **dict.fromkeys(("d", "day", "days"), 86_400.0),
    **dict.fromkeys(("w", "week", "weeks"), 604_800.0),
    **dict.fromkeys(("M", "month", "months"), 2_630_016.0),
    **dict.fromkeys(("y", "year", "years"), 31_557_600.0),
}
_PART = re.compile(r"\s*([0-9]{1,18})\s*([A-Za-zµ]{1,8})\s*")
_MOST_SECONDS = 1e11


def duration(said: object) -> timedelta:
    """How long a node says: `59m 59s 998ms`, or a number of seconds. Raises ValueError."""
    seconds: float
    if isinstance(said, int | float) and not isinstance(said, bool):
        seconds = said
    elif isinstance(said, str) and 0 < len(said) <= 200:
        seconds = sum(int(number) * _unit(unit) for number, unit in _parts(said))
    else:
        raise ValueError("not a duration")
    if not 0 <= seconds <= _MOST_SECONDS:
        raise ValueError("not a duration")
    return timedelta(seconds=seconds)


def _parts(said: str) -> Iterable[tuple[str, str]]:
    at = 0
    while at < len(said):
        part = _PART.match(said, at)
        if part is None:
            raise ValueError("not a duration")
        yield part[1], part[2]
        at = part.end()


def _unit(name: str) -> float:
    if name not in _UNITS:
        raise ValueError("not a unit of time")
    return _UNITS[name]
