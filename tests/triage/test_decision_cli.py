"""Suspending and reinstating at the command line."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from click.testing import CliRunner, Result

from app.audit.service import read
from app.bootstrap import Desk
from app.cli import run as run_command_line
from app.enforcement import service as enforcement
from app.staff.domain import Role
from app.staff.models import Staff
from app.staff.store import role_row
from app.triage import service
from app.triage.decision_cli import reinstate, suspend
from app.triage.domain import EventKind
from tests.triage.arriving import PERSON, STRANGER, add_sender, arrive

Run = Callable[..., Result]
BY_SAM = ("--by", "Sam@desk.example", "--reason", "phishing")


@pytest.fixture(autouse=True)
def environment(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("data", "database_url", "redis_url"):
        monkeypatch.setenv(f"ABUSEDESK_{name.upper()}", str(getattr(desk.settings, name)))


@pytest.fixture(autouse=True)
def staff(desk: Desk) -> None:
    """Sam, who may suspend, and Alex, who may not."""
    with desk.work() as work:
        for email, role in (("sam@desk.example", Role.SENIOR), ("alex@desk.example", Role.AGENT)):
            row = Staff(email=email, created_at=datetime.now(UTC))
            row.roles = [role_row(work.session, role)]
            work.session.add(row)


@pytest.fixture
def case(desk: Desk) -> int:
    """The number of an open case about acme."""
    arrive(desk, PERSON)
    return 1001


def say(*words: str) -> Result:
    command = {"suspend": suspend, "reinstate": reinstate}[words[0]]
    return CliRunner().invoke(command, words[1:])


def suspended_by(desk: Desk) -> str | None:
    with desk.work() as work:
        active = enforcement.active_suspension(work, "acme")
    return active.by if active else None


def test_a_sender_is_suspended_by_the_staff_member_who_decided(desk: Desk) -> None:
    done = say("suspend", "acme", *BY_SAM)

    assert (done.exit_code, done.output) == (0, "Sender acme is suspended. Logins stopped: 0.\n")
    assert suspended_by(desk) == "sam@desk.example"


def test_the_result_is_told_to_machines(desk: Desk, case: int) -> None:
    done = say("suspend", "acme", "--case", "C1001", *BY_SAM, "--json")

    assert json.loads(done.output) == {
        "sender": "acme",
        "suspended": True,
        "case": 1001,
        "by": "sam@desk.example",
        "logins": 0,
    }


@pytest.mark.parametrize("written", ["1001", "c1001", " C1001 "])
def test_a_decision_in_a_case_shows_in_its_timeline(desk: Desk, case: int, written: str) -> None:
    say("suspend", "acme", "--case", written, *BY_SAM)
    say("reinstate", "acme", "--case", written, "--by", "sam@desk.example", "--reason", "mended")

    with desk.work() as work:
        lines = service.timeline(work, service.case(work, case).id)
        history = enforcement.history(work, "acme")
        recorded = {each.action for each in read(work)}
    assert [(line.kind, line.words) for line in lines[:2]] == [
        (EventKind.REINSTATED, "mended"),
        (EventKind.SUSPENDED, "phishing"),
    ]
    assert history[0].case_number == case
    assert {"sender.suspend", "case.suspend", "sender.reinstate", "case.reinstate"} <= recorded


def test_a_sender_may_send_again(desk: Desk) -> None:
    say("suspend", "acme", *BY_SAM)
    done = say("reinstate", "acme", "--by", "sam@desk.example", "--reason", "mended")

    assert (done.exit_code, done.output) == (0, "Sender acme may send again.\n")
    assert suspended_by(desk) is None


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("acme", "--by", "alex@desk.example", "--reason", "x"), "needs the permission suspend"),
        (("acme", "--by", "eve@desk.example", "--reason", "x"), "no active staff member"),
        (("acme", "--by", "sam@desk.example", "--reason", " "), "Give a reason"),
        (("nobody", *BY_SAM), "no sender with this id"),
        (("acme", "--case", "1999", *BY_SAM), "no case C1999"),
        (("other", "--case", "C1001", *BY_SAM), "Case C1001 is not about sender other"),
    ],
)
def test_what_is_not_allowed_says_why_and_stops_nobody(
    desk: Desk, case: int, words: tuple[str, ...], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with desk.work() as work:
        add_sender(work, "other")

    assert run_command_line(["suspend", *words]) == 1

    assert sentence in capsys.readouterr().err
    assert suspended_by(desk) is None


def test_twice_is_a_conflict(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    say("suspend", "acme", *BY_SAM)

    assert run_command_line(["suspend", "acme", *BY_SAM]) == 1
    assert "Sender acme is suspended already." in capsys.readouterr().err


def test_a_case_without_certainty_suspends_nobody(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    arrive(desk, STRANGER)

    assert run_command_line(["suspend", "acme", "--case", "1001", *BY_SAM]) == 1
    assert "Case C1001 is not about sender acme." in capsys.readouterr().err


@pytest.mark.parametrize("written", ["X1", "C", "1001; drop", "٣", "9" * 30])
def test_what_is_no_case_is_a_wrong_command_line(written: str) -> None:
    assert say("suspend", "acme", "--case", written, *BY_SAM).exit_code == 2
