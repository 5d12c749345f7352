"""Every action on a sender at the command line, how it ends, and whether it holds."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from click.testing import CliRunner, Result

from app.attribution.domain import Verdict
from app.audit.domain import Actor
from app.audit.service import read
from app.bootstrap import Desk, wire
from app.enforcement import service as enforcement
from app.enforcement.domain import ActionKind
from app.staff.domain import Role
from app.staff.models import Staff
from app.staff.store import role_row
from app.triage import service
from app.triage.actions_cli import act, actions
from app.triage.domain import EventKind, Outcome
from tests.enforcement.servers import MadeUp
from tests.triage.arriving import PERSON, arrive
from workers.caretaker import Caretaker

LED = ("--by", "lee@desk.example", "--reason", "phishing")
PEOPLE = {"lee": Role.LEAD, "lou": Role.LEAD, "alex": Role.AGENT}


@pytest.fixture(autouse=True)
def environment(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("data", "database_url", "redis_url"):
        monkeypatch.setenv(f"ABUSEDESK_{name.upper()}", str(getattr(desk.settings, name)))
    with desk.work() as work:
        for name, role in PEOPLE.items():
            row = Staff(email=f"{name}@desk.example", created_at=datetime.now(UTC))
            row.roles = [role_row(work.session, role)]
            work.session.add(row)


def do(*words: str) -> Result:
    return CliRunner().invoke(act, words)


def on(*words: str) -> Result:
    return CliRunner().invoke(actions, words)


def done(*words: str) -> dict[str, object]:
    result = do(*words, *LED, "--json")
    assert result.exit_code == 0, result.output + repr(result.exception)
    told: dict[str, object] = json.loads(result.output)
    return told


def in_force(desk: Desk) -> list[ActionKind]:
    with desk.work() as work:
        return [each.kind for each in enforcement.in_force(work, "acme")]


@pytest.mark.parametrize(
    ("words", "state"),
    [
        (("note", "acme"), "done"),
        (("warn", "acme", "--until", "7d"), "done"),
        (("throttle", "acme", "--per-hour", "100"), "in force"),
        (("hold", "acme", "--until", "4h"), "in force"),
        (("suspend", "acme", "--ground", "phishing", "--facts", "Links to a false bank."), "in force"),
        (("terminate", "acme"), "waits"),
    ],
)
def test_every_kind_of_action_is_done(words: tuple[str, ...], state: str) -> None:
    assert done(*words)["state"] == state


def test_an_end_is_counted_from_now_or_given(desk: Desk) -> None:
    told = done("hold", "acme", "--until", "90m")
    ends = datetime.fromisoformat(str(told["until"])) - datetime.fromisoformat(str(told["since"]))
    assert ends == timedelta(minutes=90)
    assert do("suspend", "acme", "--until", "next week", *LED).exit_code == 2


def test_a_dry_run_says_what_it_would_hit_and_does_nothing(desk: Desk) -> None:
    result = do("suspend", "acme", "--dry-run", *LED, "--json")
    assert json.loads(result.output)["logins"] == 0
    assert in_force(desk) == []


@pytest.mark.parametrize(
    "more", [("--scope", "stream:none"), ("--case", "C9"), ("--per-hour", "5"), ("--until", "0m")]
)
def test_a_dry_run_fails_where_the_real_one_would(desk: Desk, more: tuple[str, ...]) -> None:
    assert do("suspend", "acme", *more, *LED).exit_code != 0
    assert do("suspend", "acme", *more, "--dry-run", *LED).exit_code != 0


def test_a_dry_run_says_what_it_would_be_and_leaves_no_trace(desk: Desk) -> None:
    told = done("terminate", "acme", "--dry-run")
    assert (told["state"], told["waits_for"], told["action"]) == ("waits", "second", None)
    with desk.work() as work:
        assert enforcement.history(work, "acme") == () and read(work, subject="sender:acme") == []


def test_asking_twice_with_one_key_is_asking_once(desk: Desk) -> None:
    first, second = (done("suspend", "acme", "--key", "ticket-7")["action"] for _ in range(2))
    assert first == second and in_force(desk) == [ActionKind.SUSPEND]


def test_asking_twice_with_one_key_is_told_once_in_the_case_also_when_that_is_resolved(desk: Desk) -> None:
    (number,) = arrive(desk, PERSON)
    words = ("throttle", "acme", "--per-hour", "9", "--case", f"C{number}", "--key", "ticket-7")
    first = done(*words)["action"]
    with desk.work() as work:
        service.resolve(work, Actor("lee@desk.example"), number, Outcome.WARNED, "told")

    assert done(*words)["action"] == first
    with desk.work() as work:
        lines = [each.kind for each in service.timeline(work, service.case(work, number).id)]
    assert lines.count(EventKind.THROTTLED) == 1


@pytest.mark.parametrize("kind", ["hold", "suspend", "terminate"])
def test_who_may_not_does_not(desk: Desk, kind: str) -> None:
    result = do(kind, "acme", "--by", "alex@desk.example", "--reason", "x")
    assert result.exit_code != 0 and in_force(desk) == []


def test_a_second_person_agrees_or_not(desk: Desk) -> None:
    waits = str(done("terminate", "acme")["action"])
    assert on("agree", waits, "--by", "lee@desk.example").exit_code != 0
    assert on("agree", waits, "--by", "lou@desk.example").output == "Agreed.\n"
    with desk.work() as work:
        assert enforcement.in_force(work, "acme")[0].confirmed_by == "lou@desk.example"
    assert on("lift", waits, *LED).exit_code == 0
    waits = str(done("terminate", "acme")["action"])
    assert on("refuse", waits, "--by", "lou@desk.example", "--reason", "no").exit_code == 0
    assert in_force(desk) == []


def test_what_was_done_is_undone_or_lifted_and_listed(desk: Desk) -> None:
    throttle = str(done("throttle", "acme", "--per-hour", "100")["action"])
    stop = str(done("suspend", "acme")["action"])
    assert on("undo", stop, "--by", "lee@desk.example").output == "Undone.\n"
    assert in_force(desk) == [ActionKind.THROTTLE]
    assert on("lift", throttle, *LED).output == "Ended.\n"
    listed = [json.loads(line) for line in on("list", "acme", "--all", "--json").output.splitlines()]
    assert {each["kind"]: each["state"] for each in listed} == {"suspend": "undone", "throttle": "lifted"}
    assert on("list", "acme").output == ""


def test_an_action_in_a_case_shows_in_its_timeline(desk: Desk) -> None:
    arrive(desk, PERSON)
    done("throttle", "acme", "--per-hour", "100", "--case", "C1001")
    with desk.work() as work:
        case = service.case(work, 1001)
        lines = service.timeline(work, case.id)
    assert EventKind.THROTTLED in {line.kind for line in lines}


def test_a_weak_verdict_needs_an_override_and_a_second_person(desk: Desk) -> None:
    arrive(desk, replace(PERSON, verdict=Verdict.UNPROVEN))
    assert do("suspend", "acme", "--case", "C1001", *LED).exit_code != 0
    assert done("suspend", "acme", "--case", "C1001", "--override")["waits_for"] == "second"
    with desk.work() as work:
        assert enforcement.active_suspension(work, "acme") is None


def test_the_proof_is_shown_and_a_leak_is_an_exit_code(desk: Desk) -> None:
    server, today = MadeUp("postfix", "mx1"), wire(desk.settings)  # the commands' clock, not the desk's
    assert on("proof", "acme").exit_code != 0
    done("suspend", "acme")
    Caretaker(today, server).step()
    shown = on("proof", "acme", "--json")
    assert (shown.exit_code, json.loads(shown.output)["stage"]) == (0, "proven")
    server.lies = True
    server.done.clear()
    with desk.engine.begin() as connection:
        connection.exec_driver_sql("update application set next_at = now() - interval '1 second'")
    Caretaker(today, server).step()
    shown = on("proof", "acme", "--json")
    assert (shown.exit_code, json.loads(shown.output)["stage"]) == (1, "leaking")
    today.close()
