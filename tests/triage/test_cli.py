"""`abusedesk cases` on the command line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from click.testing import CliRunner

from app.audit.domain import OPERATOR
from app.bootstrap import Desk
from app.errors import NotFound
from app.triage import cli, service
from app.triage.domain import Outcome
from tests.triage.arriving import PERSON, STRANGER, arrive


@pytest.fixture(autouse=True)
def _opened(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    @contextmanager
    def opened() -> Iterator[Desk]:
        yield desk

    monkeypatch.setattr(cli, "opened", opened)


def said(*words: str) -> str:
    result = CliRunner().invoke(cli.cases, words, catch_exceptions=False)
    assert result.exit_code == 0
    return result.stdout


def test_cases_are_listed_most_urgent_first(desk: Desk) -> None:
    arrive(desk, STRANGER, PERSON)
    told = json.loads(said("--json"))
    assert [case["number"] for case in told] == [1002, 1001]
    assert set(told[0]) == {
        *("number", "status", "kind", "sender", "verdict", "priority", "reasons"),
        *("reports", "assignee", "opened_at", "outcome"),
    }


def test_resolved_cases_are_listed_when_asked_for(desk: Desk) -> None:
    arrive(desk, STRANGER, PERSON)
    with desk.work() as work:
        service.resolve(work, OPERATOR, 1001, Outcome.NO_ACTION, "fine")
    assert [case["number"] for case in json.loads(said("--json", "--status", "resolved"))] == [1001]
    assert len(json.loads(said("--json", "--status", "all"))) == 2


def test_the_limit_holds(desk: Desk) -> None:
    arrive(desk, STRANGER, PERSON)
    assert len(json.loads(said("--json", "--limit", "1"))) == 1


def test_a_case_is_shown_with_timeline_and_reports_and_without_its_reporter(desk: Desk) -> None:
    arrive(desk, PERSON, reporter="jane@home.example")
    told = said("show", "1001", "--json")
    case = json.loads(told)
    assert [line["event"] for line in case["timeline"]] == ["opened"]
    assert len(case["reports"]) == case["report_count"] == 1
    assert "jane" not in told
    assert "C1001" in said("show", "1001")


def test_a_case_that_is_not_there_is_a_failure() -> None:
    with pytest.raises(NotFound):
        said("show", "4711")


def test_an_empty_queue_is_an_empty_array() -> None:
    assert json.loads(said("--json")) == []
    assert said() == ""
