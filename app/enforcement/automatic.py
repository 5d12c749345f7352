"""Rules by which the machine acts before a person does (pure): their language, and when one applies.

    {"rules": [{"id": "new-phishing",
                "when": {"kinds": ["phishing"], "verdict": "likely", "account_younger_than_days": 14},
                "then": {"action": "hold", "hours": 24, "grounds": ["phishing"]},
                "reason": "Phishing from a new account."}]}

A rule applies where everything holds that it names. It may hold or throttle, always with an end; what cannot be taken
back, and what needs two people, is not a machine's to do, and whose mail it was must be at least likely. Whoever
replays a sender's mail is not the sender: no rule applies to that. Without rules nothing happens by itself.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from app.attribution.domain import Verdict
from app.enforcement.domain import MOST_PER_HOUR, ActionKind
from app.enforcement.rates import wilson
from app.errors import Rejected
from app.mail.fields.address import addresses_in
from app.values import dataclass

TEXT_CHARS = 200_000
RULES = 50
REASON_CHARS = 500
GROUNDS = 10
CLAUSE_CHARS = 40
MOST_HOURS = 72
"""How long what a rule did may stand without a person; over a long weekend."""

MOST_COUNT = 10**9
MOST_DAYS = 36_500
MINIMUM_DELIVERED = 1_000
"""Below so many delivered mails a rate says little, unless the rule names another number."""

KINDS = frozenset({"phishing", "malware", "fraud", "unsubscribe-ignored", "spam", "feedback", "other"})
"""What a case may be about for a rule to apply: triage's kinds but for replays."""

VERDICTS = (Verdict.PROVEN, Verdict.LIKELY)
ACTIONS = (ActionKind.HOLD, ActionKind.THROTTLE)

_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
_SHAPE = 'Rules are JSON: {"rules": [{"id", "when", "then", "reason"}]}.'


@dataclass(frozen=True, slots=True)
class When:
    """What must hold, all of it; None and no kinds: whatever.

    kinds: of the case, any of them. verdict: at least this sure. rate_over: the lower bound of the complaint rate of
    seven days, of at least minimum_delivered mails. complaints_over: complaint clicks in seven days.
    reports_at_least: in the case.
    """

    verdict: Verdict
    kinds: frozenset[str] = frozenset()
    rate_over: float | None = None
    minimum_delivered: int = MINIMUM_DELIVERED
    complaints_over: int | None = None
    account_younger_than_days: int | None = None
    reports_at_least: int | None = None


@dataclass(frozen=True, slots=True)
class Then:
    """What is done: hold or throttle (per_hour: recipients), for so many hours. grounds: ids of clauses."""

    action: ActionKind
    hours: int
    grounds: tuple[str, ...]
    per_hour: int | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """reason: one line for staff, the same for every sender it is done to."""

    id: str
    when: When
    then: Then
    reason: str


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a case and its sender at one moment.

    kind: what the case is about. account_since: when the sender's account began. reports: in the case. complaints,
    delivered: of the sender in the last seven days, all mailbox providers together.
    """

    sender: str
    kind: str
    verdict: Verdict
    account_since: datetime
    reports: int
    complaints: int = 0
    delivered: int = 0

    @property
    def rate_at_least(self) -> float:
        """The lower bound of the complaint rate: what it is at least, as far as so few mails can tell."""
        return wilson(self.complaints, self.delivered).low


def matching(rules: Iterable[Rule], facts: Facts, now: datetime) -> tuple[Rule, ...]:
    """The rules that apply, in their order."""
    return tuple(each for each in rules if _applies(each.when, facts, now))


def _applies(when: When, facts: Facts, now: datetime) -> bool:
    younger, enough, clicks = when.account_younger_than_days, when.reports_at_least, when.complaints_over
    return (
        facts.kind in (when.kinds or KINDS)
        and facts.verdict in VERDICTS[: VERDICTS.index(when.verdict) + 1]
        and (younger is None or now - facts.account_since < timedelta(days=younger))
        and (enough is None or facts.reports >= enough)
        and (clicks is None or facts.complaints > clicks)
        and (when.rate_over is None or _too_often(when, when.rate_over, facts))
    )


def _too_often(when: When, rate: float, facts: Facts) -> bool:
    return facts.delivered >= when.minimum_delivered and facts.rate_at_least > rate


def read_rules(text: str) -> tuple[Rule, ...]:
    """The rules of a file. Raises Rejected, with a sentence that says which rule is at fault and why."""
    if len(text) > TEXT_CHARS:
        raise Rejected(f"The rules have more than {TEXT_CHARS:,} characters.")
    try:
        given = json.loads(text)
    except (ValueError, RecursionError):
        raise Rejected(_SHAPE) from None
    listed = given.get("rules") if isinstance(given, dict) and given.keys() == {"rules"} else None
    if not isinstance(listed, list):
        raise Rejected(_SHAPE)
    if not 0 < len(listed) <= RULES:
        raise Rejected(f"There are 1 to {RULES} rules in a file.")
    rules = tuple(rule_of(each, f"Rule {number}") for number, each in enumerate(listed, 1))
    if len({each.id for each in rules}) != len(rules):
        raise Rejected("Two rules have the same id.")
    return rules


def rule_of(given: object, called: str = "The rule") -> Rule:
    """The rule that a JSON object says. called: how a fault names it. Raises Rejected."""
    whole = _object(given, called, {"id", "when", "then", "reason"})
    name = whole.get("id")
    if not isinstance(name, str) or not _ID.fullmatch(name):
        raise Rejected(f"{called}: its id is 1 to 40 of a-z, 0-9 and -.")
    called = f"Rule {name}"
    return Rule(name, _when(whole.get("when"), called), _then(whole.get("then"), called), _reason(whole, called))


def written(rule: Rule) -> dict[str, Any]:
    """The rule as JSON says it; `rule_of` reads it back."""
    when, then = rule.when, rule.then
    said: dict[str, Any] = {
        "verdict": when.verdict.value,
        "kinds": sorted(when.kinds) or None,
        "rate_over": when.rate_over,
        "minimum_delivered": None if when.rate_over is None else when.minimum_delivered,
        "complaints_over": when.complaints_over,
        "account_younger_than_days": when.account_younger_than_days,
        "reports_at_least": when.reports_at_least,
    }
    does = {
        "action": then.action.value,
        "per_hour": then.per_hour,
        "hours": then.hours,
        "grounds": list(then.grounds),
    }
    return {"id": rule.id, "when": _told(said), "then": _told(does), "reason": rule.reason}


def _told(said: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in said.items() if value is not None}


def _object(given: object, called: str, known: set[str]) -> dict[str, Any]:
    if not isinstance(given, dict):
        raise Rejected(f"{called} is a JSON object.")
    unknown = sorted(given.keys() - known)
    if unknown:
        raise Rejected(f"{called}: there is no {unknown[0][:40]!a}, only {', '.join(sorted(known))}.")
    return given


def _reason(whole: Mapping[str, Any], called: str) -> str:
    words = whole.get("reason")
    if not isinstance(words, str) or not words.strip() or len(words) > REASON_CHARS or not words.isprintable():
        raise Rejected(f"{called}: its reason is one line of 1 to {REASON_CHARS} characters.")
    if addresses_in(words):
        # A rule is kept in the clear: whoever is erased could not be erased from it.
        raise Rejected(f"{called}: leave every e-mail address out of its reason.")
    return words.strip()


_COUNTS = {
    "minimum_delivered": MOST_COUNT,
    "complaints_over": MOST_COUNT,
    "account_younger_than_days": MOST_DAYS,
    "reports_at_least": MOST_COUNT,
}
_NARROWING = ("kinds", "rate_over", "complaints_over", "account_younger_than_days", "reports_at_least")


def _when(given: object, called: str) -> When:
    said = _object(given, f"{called}, when", {"kinds", "verdict", "rate_over", *_COUNTS})
    if said.get("verdict") not in VERDICTS:
        raise Rejected(f"{called}: its verdict is likely or proven; nobody is acted on for less.")
    if not any(name in said for name in _NARROWING):
        raise Rejected(f"{called}: besides the verdict it names at least one of {', '.join(_NARROWING)}.")
    if "minimum_delivered" in said and "rate_over" not in said:
        raise Rejected(f"{called}: minimum_delivered goes with rate_over.")
    counts = {
        name: _whole(said[name], f"{called}: {name}", 0, most) for name, most in _COUNTS.items() if name in said
    }
    more: dict[str, Any] = dict(counts)
    if "kinds" in said:
        more["kinds"] = _kinds(said["kinds"], called)
    if "rate_over" in said:
        more["rate_over"] = _rate(said["rate_over"], called)
    return When(Verdict(said["verdict"]), **more)


def _kinds(given: object, called: str) -> frozenset[str]:
    if not isinstance(given, list) or not given or not all(isinstance(each, str) and each in KINDS for each in given):
        raise Rejected(f"{called}: its kinds are some of {', '.join(sorted(KINDS))}.")
    return frozenset(given)


def _rate(given: object, called: str) -> float:
    if isinstance(given, bool) or not isinstance(given, int | float) or not 0 < given < 1:
        raise Rejected(f"{called}: rate_over is a part between 0 and 1, as in 0.005 for one in two hundred.")
    return float(given)


def _whole(given: object, called: str, least: int, most: int) -> int:
    if isinstance(given, bool) or not isinstance(given, int) or not least <= given <= most:
        raise Rejected(f"{called} is a whole number from {least:,} to {most:,}.")
    return given


def _then(given: object, called: str) -> Then:
    said = _object(given, f"{called}, then", {"action", "per_hour", "hours", "grounds"})
    action = _action(said.get("action"), called)
    throttle = action is ActionKind.THROTTLE
    if not throttle and "per_hour" in said:
        raise Rejected(f"{called}: only a throttle has per_hour.")
    hours = _whole(said.get("hours"), f"{called}: hours, after which it ends by itself,", 1, MOST_HOURS)
    limit = _whole(said.get("per_hour"), f"{called}: per_hour", 1, MOST_PER_HOUR) if throttle else None
    return Then(action, hours, _grounds(said.get("grounds"), called), limit)


def _action(given: object, called: str) -> ActionKind:
    if given in (ActionKind.SUSPEND, ActionKind.TERMINATE):
        raise Rejected(f"{called}: to {given} a sender is for people to decide; a rule may hold or throttle.")
    if given not in ACTIONS:
        raise Rejected(f"{called}: its action is hold or throttle.")
    return ActionKind(str(given))


def _grounds(given: object, called: str) -> tuple[str, ...]:
    if not isinstance(given, list) or not 0 < len(given) <= GROUNDS or not all(map(_is_clause, given)):
        raise Rejected(f"{called}: its grounds are 1 to {GROUNDS} ids of clauses of the acceptable-use policy.")
    return tuple(dict.fromkeys(given))


def _is_clause(given: object) -> bool:
    return isinstance(given, str) and 0 < len(given) <= CLAUSE_CHARS and given.isprintable()
