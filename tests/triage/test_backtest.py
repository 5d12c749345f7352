"""What rules would have done to what happened, and that trying them changes nothing."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from click.testing import CliRunner, Result
from sqlmodel import SQLModel

from app.attribution.domain import Verdict
from app.audit.domain import Actor
from app.bootstrap import Desk
from app.cli import run as run_command_line
from app.enforcement import service as enforcement
from app.enforcement.automatic import Rule, rule_of
from app.enforcement.domain import ActionKind
from app.intake import service as intake
from app.intake.domain import Arrival, Category, Door
from app.pipeline import work_off
from app.staff.domain import Role
from app.triage import service
from app.triage.backtest import Click, Hit, Joined, replay, tallies
from app.triage.domain import CaseKind, EventKind, Outcome
from app.triage.rules_cli import rules as command
from tests.factories.sites import hire
from tests.triage.scene import BODY, Scene
from tests.triage.staffed import case_now, desk, scene
from workers.stage.cast import customers
from workers.stage.letters import delivered

__all__ = ["desk", "scene"]

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
PHISHING: dict[str, Any] = {
    "id": "new-phishing",
    "when": {"kinds": ["phishing"], "verdict": "likely", "account_younger_than_days": 14},
    "then": {"action": "hold", "hours": 24, "grounds": ["phishing"]},
    "reason": "Phishing from a new account.",
}
CLICKS: dict[str, Any] = {
    "id": "many-clicks",
    "when": {"verdict": "likely", "complaints_over": 9},
    "then": {"action": "throttle", "per_hour": 50, "hours": 12, "grounds": ["complaints"]},
    "reason": "Many complaints in a week.",
}
JOINED = Joined(NOW, 1001, "acme", NOW - timedelta(days=3), "r1", CaseKind.PHISHING, Verdict.PROVEN)


def hits(
    rule: dict[str, Any],
    joined: Sequence[Joined],
    clicks: Sequence[Click] = (),
    mails: int = 0,
    since: datetime = NOW - timedelta(days=30),
) -> list[Hit]:
    return replay([rule_of(rule)], clicks, joined, {"acme": {NOW.date(): mails}}, since)


def later(hours: float, **changes: Any) -> Joined:
    return replace(JOINED, at=NOW + timedelta(hours=hours), report=f"r{hours}", **changes)


# Pure


def test_a_rule_acts_once_while_its_action_would_stand_and_again_after_it() -> None:
    found = hits(PHISHING, [JOINED, later(1), later(23.9), later(24)])

    assert [each.at for each in found] == [NOW, NOW + timedelta(hours=24)]


def test_what_people_found_to_be_no_abuse_is_wrong_and_ends_the_rule_s_doing() -> None:
    over = {"outcome": Outcome.NOT_ABUSE, "resolved_at": NOW + timedelta(hours=5)}
    found = hits(PHISHING, [replace(JOINED, **over), later(6, case=1002), later(40, case=1003)])

    assert [(each.case, each.wrong, each.until) for each in found] == [(1001, True, NOW + timedelta(hours=5))]


def test_what_was_resolved_after_the_rule_s_end_was_undone_by_nobody() -> None:
    over = {"outcome": Outcome.NOT_ABUSE, "resolved_at": NOW + timedelta(days=3)}
    found = hits(PHISHING, [replace(JOINED, **over), later(25, case=1002)])

    assert [each.wrong for each in found] == [True, False]


def test_what_happened_before_the_first_day_counts_and_hits_nothing() -> None:
    three = {**PHISHING, "when": {"verdict": "likely", "reports_at_least": 3}}
    found = hits(three, [JOINED, later(1), later(2), later(3)], since=NOW + timedelta(hours=2.5))

    assert [each.at for each in found] == [NOW + timedelta(hours=3)]


def test_a_report_with_two_messages_is_one_report() -> None:
    two = {**PHISHING, "when": {"verdict": "likely", "reports_at_least": 2}}

    assert hits(two, [JOINED, JOINED]) == []


def test_a_case_is_as_severe_and_as_sure_as_the_best_of_its_complaints_by_then() -> None:
    mild = replace(JOINED, kind=CaseKind.SPAM, verdict=Verdict.UNPROVEN)
    worse = later(1, verdict=Verdict.UNPROVEN)
    surer = later(2, kind=CaseKind.SPAM, verdict=Verdict.LIKELY)

    assert [each.at for each in hits(PHISHING, [mild, worse, surer])] == [surer.at]


def test_the_clicks_of_seven_days_count_and_those_after_the_moment_do_not() -> None:
    def clicks(many: int, days: float) -> list[Click]:
        at = NOW - timedelta(days=days)
        return [Click(at, "acme", at.date())] * many

    assert hits(CLICKS, [JOINED], clicks(9, 1)) == []
    assert hits(CLICKS, [JOINED], [*clicks(9, 7), *clicks(1, 1)]) == []
    assert hits(CLICKS, [JOINED], [*clicks(9, 1), *clicks(1, -1)]) == []
    assert len(hits(CLICKS, [JOINED], [*clicks(9, 6), *clicks(1, 0)])) == 1


def test_clicks_from_before_people_let_the_sender_send_again_do_not_count() -> None:
    rules = [rule_of(PHISHING), rule_of({**CLICKS, "when": {"verdict": "proven", "complaints_over": 9}})]
    no = replace(JOINED, verdict=Verdict.LIKELY, outcome=Outcome.NOT_ABUSE, resolved_at=NOW + timedelta(hours=1))
    clicks = [Click(NOW, "acme", NOW.date())] * 10

    def found(after: Joined) -> list[str]:
        return [each.rule for each in replay(rules, clicks, [no, after], {}, NOW - timedelta(days=30))]

    assert found(later(2, case=1002, kind=CaseKind.SPAM)) == ["new-phishing"]
    assert found(later(0.5, case=1002, kind=CaseKind.SPAM)) == ["new-phishing", "many-clicks"]


def test_a_rate_needs_known_volumes() -> None:
    rate = {**CLICKS, "when": {"verdict": "likely", "rate_over": 0.005}}
    clicks = [Click(NOW, "acme", NOW.date())] * 30

    assert hits(rate, [JOINED], clicks) == []
    assert len(hits(rate, [JOINED], clicks, mails=2_000)) == 1


def test_rules_are_added_up_also_where_they_would_do_nothing() -> None:
    rules: list[Rule] = [rule_of(PHISHING), rule_of(CLICKS)]
    ended = Hit("new-phishing", "acme", 1, NOW, NOW, Outcome.NOT_OURS)
    found = tallies(rules, [ended, ended, replace(ended, case=2, outcome=None), replace(ended, case=3, sender="b")])

    assert [(each.rule, len(each.hits), each.senders, each.cases, each.wrong, each.open) for each in found] == [
        ("new-phishing", 4, 2, 3, 2, 1),
        ("many-clicks", 0, 0, 0, 0, 0),
    ]


# At the command line, on what really came in


@pytest.fixture(autouse=True)
def environment(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if "scene" in request.fixturenames:
        settings = request.getfixturevalue("desk").settings
        for name in ("data", "database_url", "redis_url"):
            monkeypatch.setenv(f"ABUSEDESK_{name.upper()}", str(getattr(settings, name)))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    written = tmp_path / "rules.json"
    written.write_text(json.dumps({"rules": [PHISHING, CLICKS]}))
    return written


def say(*words: object) -> Result:
    return CliRunner().invoke(command, [str(each) for each in words])


def contents(desk: Desk) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table, but for the order."""
    with desk.engine.connect() as connection:
        return {
            table.name: sorted(map(repr, connection.execute(sa.select(table))))  # type: ignore[misc]
            for table in SQLModel.metadata.sorted_tables
        }


def test_a_back_test_finds_what_rules_would_have_done_and_changes_nothing(scene: Scene, file: Path) -> None:
    before = contents(scene.desk)

    told = json.loads(say("backtest", file, "--json").output)

    phishing, clicks = told["rules"]
    assert [(each["sender"], each["case"]) for each in phishing["would"]] == [("parcel", scene.phish.number)]
    assert (phishing["hits"], phishing["wrong"], phishing["open"]) == (1, 0, 1)
    assert [(each["sender"], each["case"]) for each in clicks["would"]] == [("prizes", scene.clicks.number)]
    assert contents(scene.desk) == before


def test_a_back_test_says_where_people_found_no_abuse(scene: Scene, file: Path) -> None:
    with scene.desk.work() as work:
        service.resolve(work, Actor("anna@desk.example"), scene.phish.number, Outcome.NOT_ABUSE, "A parcel it was.")

    words = say("backtest", file).output
    assert "new-phishing: 1 times, to 1 senders, in 1 cases; 1 of these were no abuse, 0 are open." in words
    assert f"parcel                C{scene.phish.number}  not abuse, wrong" in words


def test_a_back_test_from_tomorrow_finds_nothing(scene: Scene, file: Path) -> None:
    tomorrow = datetime.now(UTC).date() + timedelta(days=1)

    assert "new-phishing: would have done nothing." in say("backtest", file, "--since", tomorrow).output
    assert say("backtest", file, "--since", date.min.isoformat()).exit_code == 0


def test_rules_are_loaded_listed_tried_and_cleared(scene: Scene, file: Path, tmp_path: Path) -> None:
    lead = hire(scene.desk, "lead@desk.example", Role.LEAD).email

    assert say("load", file, "--by", lead, "--dry-run").output == "2 rules can be loaded.\n"
    assert json.loads(say("list", "--json").output) == {"rules": []}
    assert say("load", file, "--by", lead).output == "2 rules in force, in the place of 0.\n"
    assert "new-phishing  hold for 24 hours  since" in say("list").output
    again = tmp_path / "again.json"
    again.write_text(say("list", "--json").output)
    assert say("load", again, "--by", lead).output == "2 rules in force, in the place of 2.\n"
    assert len(json.loads(say("backtest", "--loaded", "--json").output)["rules"]) == 2
    assert say("clear", "--by", lead).output == "No rules any more; 2 ended.\n"


def test_only_a_lead_may_make_rules(scene: Scene, file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    senior = hire(scene.desk, "senior@desk.example", Role.SENIOR).email

    assert run_command_line(["rules", "load", str(file), "--by", senior]) == 1
    assert run_command_line(["rules", "clear", "--by", senior]) == 1

    assert "needs the permission manage-rules" in capsys.readouterr().err
    with scene.desk.work() as work:
        assert work.session.execute(sa.text("select count(*) from automatic_rule")).scalar() == 0


@pytest.mark.parametrize(
    ("written", "sentence"),
    [
        (json.dumps({"rules": [{**PHISHING, "then": {"action": "terminate"}}]}), "for people to decide"),
        (json.dumps({"rules": [{**PHISHING, "then": {**PHISHING["then"], "grounds": ["x"]}}]}), "no clause 'x'"),
        (b"\xff\xfe", "The rules are a text file in UTF-8."),
    ],
)
def test_a_file_that_is_no_rules_says_why(
    scene: Scene, file: Path, written: str | bytes, sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    lead = hire(scene.desk, "lead@desk.example", Role.LEAD).email
    file.write_bytes(written.encode() if isinstance(written, str) else written)

    assert run_command_line(["rules", "load", str(file), "--by", lead]) == 1
    assert sentence in capsys.readouterr().err


@pytest.mark.parametrize("words", [("backtest",), ("backtest", "--loaded", __file__)])
def test_a_back_test_wants_a_file_or_what_is_loaded(words: tuple[str, ...]) -> None:
    assert say(*words).exit_code == 2


def test_a_report_that_comes_in_is_acted_on_by_a_loaded_rule_and_a_person_undoes_it(scene: Scene, file: Path) -> None:
    desk = scene.desk
    say("load", file, "--by", hire(desk, "lead@desk.example", Role.LEAD).email)

    def arrive(recipient: str) -> None:
        parcel = next(each for each in customers() if each.id == "parcel")
        mail = delivered(parcel, recipient, "Your parcel waits", BODY)
        with desk.work() as work:
            intake.store_many(work, [Arrival(mail, Door.FORM, Category.PHISHING, recipient)])
        assert work_off(desk, 10) == 1

    arrive("ed@home.test")
    with desk.work() as work:
        (held,) = enforcement.in_force(work, "parcel")
        number = held.case_number or 0
        line = service.timeline(work, service.case(work, number).id)[0]
    assert (held.kind, held.rule) == (ActionKind.HOLD, "new-phishing")
    assert held.until == held.asked_at + timedelta(hours=24)
    assert (line.kind, line.actor) == (EventKind.HELD, "system")
    assert "a rule acted: confirm or undo" in case_now(desk, replace(scene.phish, number=number)).reasons

    with desk.work() as work:
        service.decline(work, Actor("anna@desk.example"), held.id, "A parcel service.")
    arrive("flo@home.test")
    with desk.work() as work:
        assert enforcement.in_force(work, "parcel") == ()
