"""The record as an operator sees it."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from click.testing import CliRunner, Result

from app.audit import service
from app.audit.cli import audit
from app.bootstrap import Desk
from tests.audit.conftest import ANNA

Run = Callable[..., Result]


@pytest.fixture
def run(chain: Desk, monkeypatch: pytest.MonkeyPatch) -> Run:
    for name in ("data", "database_url", "redis_url"):
        monkeypatch.setenv(f"ABUSEDESK_{name.upper()}", str(getattr(chain.settings, name)))
    return lambda *words: CliRunner().invoke(audit, words)


def test_verify_says_that_the_chain_holds(run: Run) -> None:
    done = run("verify")

    assert (done.exit_code, done.output) == (0, "The chain of 5 entries holds.\n")


def test_verify_names_the_first_broken_entry(run: Run, tamper: Callable[..., None]) -> None:
    tamper("update audit_entry set actor = 'bob@desk.test' where seq in (2, 4)")

    done = run("verify")

    assert (done.exit_code, done.output) == (1, "The chain is broken at entry 2: entry 2 was changed.\n")


def test_verify_names_it_to_machines_too(run: Run, tamper: Callable[..., None]) -> None:
    tamper("delete from audit_entry where seq = 3")

    done = run("verify", "--json")

    assert done.exit_code == 1
    assert json.loads(done.output) == {
        "holds": False,
        "entries": 5,
        "entry": 3,
        "reason": "entry 3 is missing; the next one there is 4",
    }


@pytest.mark.parametrize("words", [(), ("list",)])
def test_list_shows_the_newest_first(run: Run, words: tuple[str, ...]) -> None:
    lines = run(*words).output.splitlines()

    assert [line.split()[0] for line in lines] == ["5", "4", "3", "2", "1"]
    assert lines[0].endswith('anna@desk.test  case.note  case:5  {"note": "note 5"}')


def test_list_shows_one_subject(run: Run) -> None:
    told = [json.loads(line) for line in run("list", "--subject", "case:2", "--json").output.splitlines()]

    assert [(each["entry"], each["actor"], each["detail"]) for each in told] == [
        (2, "anna@desk.test", {"note": "note 2"})
    ]


def test_list_shows_no_more_than_asked_for(run: Run) -> None:
    assert len(run("list", "--limit", "2").output.splitlines()) == 2


def test_a_forgotten_detail_is_shown_as_such(run: Run, chain: Desk) -> None:
    with chain.work() as work:
        service.forget(work, service.readable_before(work, chain.clock.now(), 10))

    assert run("list", "--limit", "1").output.endswith("(forgotten)\n")


def test_what_somebody_typed_cannot_steer_the_terminal(run: Run, chain: Desk) -> None:
    with chain.work() as work:
        service.record(work, ANNA, "case.note", "case:6", {"note": "\x1b[2J\x9b2J‮gone"})

    shown = run("list", "--limit", "1").output.rstrip("\n")

    assert shown.isascii()
    assert shown.isprintable()
