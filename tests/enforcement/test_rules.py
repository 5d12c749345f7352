"""Which rules can be written, and when one applies, without a database."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.attribution.domain import Verdict
from app.enforcement.automatic import (
    KINDS,
    MOST_DAYS,
    RULES,
    TEXT_CHARS,
    Facts,
    Rule,
    matching,
    read_rules,
    rule_of,
    written,
)
from app.enforcement.domain import ActionKind
from app.enforcement.rates import wilson
from app.errors import Rejected
from app.triage.domain import CaseKind

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
FACTS = Facts("acme", "phishing", Verdict.LIKELY, NOW - timedelta(days=3), reports=1)
RULE: dict[str, Any] = {
    "id": "new-phishing",
    "when": {"kinds": ["phishing"], "verdict": "likely", "account_younger_than_days": 14},
    "then": {"action": "hold", "hours": 24, "grounds": ["phishing"]},
    "reason": "Phishing from a new account.",
}
HIGH_RATE = {"verdict": "likely", "rate_over": 0.005}

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
names = st.sampled_from([*RULE, *RULE["when"], "rate_over", "minimum_delivered", "reports_at_least", "per_hour", "x"])
near = st.fixed_dictionaries({name: st.just(RULE[name]) | anything for name in RULE}) | st.dictionaries(
    names, anything | st.dictionaries(names, anything, max_size=4), max_size=5
)
conditions = st.fixed_dictionaries(
    {"verdict": st.sampled_from(["likely", "proven"]), "reports_at_least": st.integers(0, 10**9)},
    optional={
        "kinds": st.lists(st.sampled_from(sorted(KINDS)), min_size=1, max_size=3),
        "rate_over": st.floats(0, 1, exclude_min=True, exclude_max=True),
        "complaints_over": st.integers(0, 10**9),
        "account_younger_than_days": st.integers(0, MOST_DAYS),
    },
)
rules = st.builds(lambda when: rule_of(RULE | {"when": when}), conditions)


def file_of(*listed: object) -> str:
    return json.dumps({"rules": listed})


def changed(part: str, **by: object) -> dict[str, Any]:
    """The rule with something of `when` or `then` put in or, where None, taken out."""
    said = {name: value for name, value in {**RULE[part], **by}.items() if value is not None}
    return {**RULE, part: said}


def applies(when: dict[str, Any], facts: Facts = FACTS) -> bool:
    return matching([rule_of({**RULE, "when": when})], facts, NOW) != ()


def test_a_rule_is_read_as_it_is_written() -> None:
    (rule,) = read_rules(file_of(RULE))

    assert (rule.then.action, rule.then.hours, rule.then.grounds) == (ActionKind.HOLD, 24, ("phishing",))
    assert written(rule) == RULE


@given(anything | st.lists(near, max_size=3).map(lambda listed: {"rules": listed}))
def test_any_json_gives_rules_or_one_sentence(said: object) -> None:
    try:
        found = read_rules(json.dumps(said))
    except Rejected as fault:
        assert str(fault).endswith(".")
        assert str(fault).isprintable()
        assert len(str(fault)) < 300
    else:
        assert all(isinstance(each, Rule) for each in found)


@given(st.text(max_size=60))
def test_any_text_gives_rules_or_one_sentence(said: str) -> None:
    with pytest.raises(Rejected):
        read_rules(said)


@given(rules)
def test_what_is_stored_of_a_rule_is_the_rule(rule: Rule) -> None:
    assert rule_of(json.loads(json.dumps(written(rule)))) == rule


@pytest.mark.parametrize(
    ("rule", "sentence"),
    [
        (changed("then", action="suspend"), "Rule new-phishing: to suspend a sender is for people to decide"),
        (changed("then", action="terminate"), "to terminate a sender is for people to decide"),
        (changed("then", action="warn"), "its action is hold or throttle"),
        (changed("then", hours=None), "hours, after which it ends by itself, is a whole number from 1 to 72"),
        (changed("then", hours=73), "from 1 to 72"),
        (changed("then", hours=True), "from 1 to 72"),
        (changed("then", per_hour=10), "only a throttle has per_hour"),
        (changed("then", action="throttle"), "per_hour is a whole number"),
        (changed("then", grounds=[]), "its grounds are 1 to 10 ids of clauses"),
        (changed("when", verdict="unproven"), "its verdict is likely or proven; nobody is acted on for less"),
        (changed("when", verdict=None), "its verdict is likely or proven"),
        (changed("when", kinds=None, account_younger_than_days=None), "besides the verdict it names at least one"),
        (changed("when", kinds=["replay"]), "its kinds are some of feedback, fraud"),
        (changed("when", kinds=[]), "its kinds are some of"),
        (changed("when", rate_over=5), "rate_over is a part between 0 and 1"),
        (changed("when", minimum_delivered=10), "minimum_delivered goes with rate_over"),
        (changed("when", reports_at_least=1.5), "reports_at_least is a whole number"),
        (changed("when", account_younger_than_days=36_501), "is a whole number from 0 to 36,500"),
        (changed("when", colour="red"), "Rule new-phishing, when: there is no 'colour', only account_younger"),
        ({**RULE, "note": "x"}, "Rule 1: there is no 'note', only id, reason, then, when."),
        ({**RULE, "id": "New Phishing"}, "Rule 1: its id is 1 to 40 of a-z, 0-9 and -."),
        ({**RULE, "reason": "two\nlines"}, "its reason is one line"),
        ({**RULE, "reason": "told by dee@home.test"}, "leave every e-mail address out of its reason"),
        ("hold them", "Rule 1 is a JSON object."),
    ],
)
def test_what_may_not_be_a_rule_is_refused_with_a_sentence(rule: object, sentence: str) -> None:
    with pytest.raises(Rejected) as fault:
        read_rules(file_of(rule))

    assert sentence in str(fault.value)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("{", "Rules are JSON"),
        ("[" * 100_000, "Rules are JSON"),
        (json.dumps({"rules": [RULE], "more": 1}), "Rules are JSON"),
        (file_of(), f"There are 1 to {RULES} rules"),
        (file_of(*[RULE] * (RULES + 1)), f"There are 1 to {RULES} rules"),
        (file_of(RULE, RULE), "Two rules have the same id."),
        (" " * (TEXT_CHARS + 1), "more than 200,000 characters"),
    ],
)
def test_what_is_no_file_of_rules_is_refused_with_a_sentence(text: str, sentence: str) -> None:
    with pytest.raises(Rejected) as fault:
        read_rules(text)

    assert sentence in str(fault.value)


def test_the_kinds_a_rule_may_name_are_those_of_cases_but_for_replays() -> None:
    assert {each.value for each in CaseKind} - {CaseKind.REPLAY} == KINDS


def test_without_rules_nothing_applies() -> None:
    assert matching([], FACTS, NOW) == ()


def test_a_rule_applies_where_everything_holds_that_it_names() -> None:
    assert applies(RULE["when"])
    assert not applies(RULE["when"], replace(FACTS, kind="spam"))
    assert not applies(RULE["when"], replace(FACTS, account_since=NOW - timedelta(days=14)))


@pytest.mark.parametrize("verdict", [Verdict.UNPROVEN, Verdict.CONTRADICTED])
def test_no_rule_applies_to_a_weaker_verdict(verdict: Verdict) -> None:
    assert not applies(RULE["when"], replace(FACTS, verdict=verdict))


def test_a_rule_that_wants_proof_is_not_content_with_likely() -> None:
    wants_proof = {"verdict": "proven", "kinds": ["phishing"]}

    assert not applies(wants_proof)
    assert applies(wants_proof, replace(FACTS, verdict=Verdict.PROVEN))


def test_no_rule_applies_to_what_somebody_else_replayed() -> None:
    assert not applies({"verdict": "likely", "reports_at_least": 0}, replace(FACTS, kind="replay"))


def test_the_number_of_reports_is_enough_and_that_of_clicks_is_over() -> None:
    for name, field, least in (("reports_at_least", "reports", 5), ("complaints_over", "complaints", 6)):
        when = {"verdict": "likely", name: 5}
        assert applies(when, replace(FACTS, **{field: least}))  # type: ignore[arg-type]
        assert not applies(when, replace(FACTS, **{field: least - 1}))  # type: ignore[arg-type]


def test_a_rate_that_chance_may_have_made_is_not_over_the_line() -> None:
    by_chance, for_sure = (
        replace(FACTS, complaints=6, delivered=1_000),
        replace(FACTS, complaints=60, delivered=6_000),
    )

    assert by_chance.complaints / by_chance.delivered > HIGH_RATE["rate_over"]  # type: ignore[operator]
    assert not applies(HIGH_RATE, by_chance)
    assert applies(HIGH_RATE, for_sure)


def test_a_rate_of_too_few_mails_is_not_looked_at() -> None:
    few = replace(FACTS, complaints=50, delivered=999)

    assert not applies(HIGH_RATE, few)
    assert applies({**HIGH_RATE, "minimum_delivered": 500}, few)
    assert not applies({**HIGH_RATE, "minimum_delivered": 0}, replace(FACTS, complaints=50, delivered=0))


@given(rules, st.integers(0, 10**6), st.integers(0, 10**6), st.integers(1, 50))
def test_more_complaints_never_end_that_a_rule_applies(
    rule: Rule, complaints: int, delivered: int, more: int
) -> None:
    facts = replace(FACTS, verdict=Verdict.PROVEN, reports=10**9, complaints=complaints, delivered=delivered)
    worse = replace(facts, complaints=complaints + more)

    assert not matching([rule], facts, NOW) or matching([rule], worse, NOW)


@pytest.mark.parametrize(
    ("some", "many", "low", "high"),
    [(0, 0, 0.0, 1.0), (0, 10, 0.0, 0.2775), (1, 10, 0.0179, 0.4042), (10, 10, 0.7225, 1.0), (15, 10, 0.7225, 1.0)],
)
def test_the_interval_is_wilson_s(some: int, many: int, low: float, high: float) -> None:
    assert wilson(some, many) == pytest.approx((low, high), abs=5e-5)


@given(st.integers(0, 10**7), st.integers(1, 10**7))
def test_the_rate_that_was_seen_is_within_the_interval(some: int, many: int) -> None:
    low, high = wilson(some, many)

    assert 0 <= low <= min(1, some / many) + 1e-12
    assert min(1, some / many) - 1e-12 <= high <= 1


def test_the_rules_of_the_documentation_can_be_loaded() -> None:
    docs = Path(__file__).parents[2] / "docs"
    first = json.loads((docs / "examples" / "rules.json").read_text())["rules"][0]
    shown = re.search(r'^    (\{"id": .*?\})$', (docs / "enforcement.md").read_text(), re.DOTALL | re.MULTILINE)

    assert len(read_rules((docs / "examples" / "rules.json").read_text())) == 3
    assert shown is not None
    assert json.loads(shown[1]) == first
