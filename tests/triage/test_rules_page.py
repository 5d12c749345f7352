"""The desk's page of rules: what they say and did, tried and put in force by a lead."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.audit import service as audit
from app.audit.domain import Actor
from app.bootstrap import Desk
from app.enforcement import service as enforcement
from app.enforcement.automatic import read_rules, rule_of
from app.enforcement.rule_words import conditions, deed
from app.enforcement.service.ruling import Deeds, deeds, rules
from app.staff.domain import Role
from app.triage.views.rules import EXAMPLE
from tests.factories.sites import faults, heading
from tests.triage.scene import Scene
from tests.triage.staffed import Enter, desk, desk_site, enter, said, scene
from tests.triage.test_backtest import PHISHING
from tests.triage.test_to_confirm import held

__all__ = ["desk", "desk_site", "enter", "held", "scene"]

ANNA = Actor("anna@desk.example")
BOTH = Path(__file__).parents[2] / "docs" / "examples" / "rules.json"
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("when", "words"),
    [
        ({"verdict": "proven", "kinds": ["spam"]}, "whose mail it was is proven; the case is about spam"),
        (
            {"verdict": "likely", "kinds": ["phishing", "malware", "feedback"], "account_younger_than_days": 1},
            "whose mail it was is likely or proven; the case is about many complaint clicks, malware or phishing; "
            "the account is younger than 1 day",
        ),
        (
            {"verdict": "likely", "reports_at_least": 3, "complaints_over": 1000},
            "whose mail it was is likely or proven; the case has at least 3 reports; "
            "more than 1,000 complaints in seven days",
        ),
        (
            {"verdict": "likely", "rate_over": 0.0005, "minimum_delivered": 2000},
            "whose mail it was is likely or proven; surely more than 0.05 % of at least 2,000 mails in seven days "
            "were complained about",
        ),
    ],
)
def test_a_rule_is_told_in_words(when: dict[str, object], words: str) -> None:
    assert "; ".join(conditions(rule_of({**EXAMPLE, "when": when}).when)) == words


@pytest.mark.parametrize(
    ("then", "words"),
    [
        ({"action": "hold", "hours": 24}, "hold for 24 hours"),
        ({"action": "throttle", "per_hour": 1200, "hours": 1}, "throttle to 1,200 recipients an hour for 1 hour"),
        ({"action": "throttle", "per_hour": 1, "hours": 2}, "throttle to 1 recipient an hour for 2 hours"),
    ],
)
def test_what_a_rule_does_is_told_in_words(then: dict[str, object], words: str) -> None:
    assert deed(rule_of({**EXAMPLE, "then": {**then, "grounds": ["phishing"]}}).then) == words


def test_without_rules_the_page_says_so_and_shows_how_one_is_written(enter: Enter) -> None:
    page = enter(Role.LEAD).get("/automatic-rules")

    assert heading(page) == "Rules"
    assert "No rules: nothing happens by itself." in page.text
    assert "new-account-phishing" in page.text and "End all rules" not in page.text
    read_rules(json.dumps({"rules": [EXAMPLE]}))


def test_an_agent_reads_and_changes_nothing(desk: Desk, enter: Enter, held: int) -> None:
    agent = enter(Role.AGENT)
    page = agent.get("/automatic-rules")

    assert PHISHING["id"] in page.text and "Put in force" not in page.text and "End all rules" not in page.text
    sent = {"rules": json.dumps({"rules": [EXAMPLE]}), "load": ""}
    assert agent.post("/automatic-rules", token_from="/account/password", **sent).status_code == 403
    assert agent.post("/automatic-rules/clear", token_from="/account/password").status_code == 403
    with desk.work() as work:
        assert [each.id for each in rules(work)] == [PHISHING["id"]]


def test_what_a_rule_did_is_counted_and_what_became_of_it(desk: Desk, enter: Enter, held: int) -> None:
    lead = enter(Role.LEAD)
    assert "1 1 to confirm, 0 confirmed, 0 taken back" in said(lead.get("/automatic-rules").text)

    with desk.work() as work:
        enforcement.confirm(work, ANNA, enforcement.in_force(work, "parcel")[0].id)
        assert deeds(work, LONG_AGO) == {PHISHING["id"]: Deeds(1, 0, 1, 0)}
        assert deeds(work, work.now) == {}


def test_what_a_person_took_back_is_counted(desk: Desk, held: int) -> None:
    with desk.work() as work:
        enforcement.lift(work, ANNA, enforcement.in_force(work, "parcel")[0].id, "No abuse.")
        assert deeds(work, LONG_AGO) == {PHISHING["id"]: Deeds(1, 0, 0, 1)}


def test_a_lead_puts_rules_in_force_and_ends_them_on_the_record(desk: Desk, enter: Enter) -> None:
    lead = enter(Role.LEAD)
    assert lead.post("/automatic-rules", rules=BOTH.read_text(), load="").status_code == 303
    page = lead.get("/automatic-rules")
    assert "They apply from the next report on." in page.text
    with desk.work() as work:
        loaded = [each.id for each in rules(work)]
    assert loaded == sorted(each.id for each in read_rules(BOTH.read_text()))
    assert all(each in page.text for each in loaded)

    assert lead.post("/automatic-rules/clear", token_from="/automatic-rules").status_code == 303
    with desk.work() as work:
        assert rules(work) == ()
        done = [(each.action, each.actor) for each in audit.read(work, subject="rules", before=None, limit=5)]
    assert done == [("rules.clear", "lead@desk.example"), ("rules.load", "lead@desk.example")]


def test_rules_are_tried_and_nothing_is_in_force(desk: Desk, enter: Enter, scene: Scene, held: int) -> None:
    tried = json.dumps(
        {"rules": [PHISHING, {**EXAMPLE, "id": "never", "when": {"verdict": "proven", "kinds": ["malware"]}}]}
    )
    page = enter(Role.LEAD).post("/automatic-rules", **{"rules": tried, "try": ""})

    assert page.status_code == 200
    assert "What these rules would have done" in page.text and f'href="/cases/{scene.phish.number}"' in page.text
    assert "never 0 0 0 0 0 nothing" in said(page.text)
    assert "&#34;never&#34;" in page.text  # what was written stays
    with desk.work() as work:
        assert [each.id for each in rules(work)] == [PHISHING["id"]]


@pytest.mark.parametrize(
    ("sent", "fault"),
    [
        ("", "Write the rules."),
        ("{", 'Rules are JSON: {"rules": [{"id", "when", "then", "reason"}]}.'),
        (json.dumps({"rules": []}), "There are 1 to 50 rules in a file."),
        (
            json.dumps({"rules": [{**EXAMPLE, "then": {"action": "suspend", "hours": 1, "grounds": ["spam"]}}]}),
            "Rule new-account-phishing: to suspend a sender is for people to decide; a rule may hold or throttle.",
        ),
    ],
)
@pytest.mark.parametrize("button", ["try", "load"])
def test_what_cannot_be_a_rule_is_said_and_what_was_written_stays(
    desk: Desk, enter: Enter, sent: str, fault: str, button: str
) -> None:
    page = enter(Role.LEAD).post("/automatic-rules", **{"rules": sent, button: ""})

    assert (page.status_code, faults(page)) == (422, [fault])
    assert not sent or "rules" in page.text
    with desk.work() as work:
        assert rules(work) == ()


def test_grounds_that_the_policy_does_not_have_are_said(enter: Enter) -> None:
    wrong = {**EXAMPLE, "then": {"action": "hold", "hours": 1, "grounds": ["nothing-such"]}}
    page = enter(Role.LEAD).post("/automatic-rules", rules=json.dumps({"rules": [wrong]}), load="")

    assert page.status_code == 422
    assert "nothing-such" in faults(page)[0]
