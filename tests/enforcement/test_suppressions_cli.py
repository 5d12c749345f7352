"""`abusedesk suppressions` at the command line."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable

import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st

from app.audit.service import read
from app.bootstrap import Desk
from app.cli import cli
from app.enforcement import suppressions_cli
from app.enforcement.service import suppressed
from app.enforcement.suppressions_cli import FORMULA, cell
from app.errors import Forbidden, NotFound
from app.staff.domain import Role
from tests.factories.customers import customers
from tests.factories.sites import hire

Run = Callable[..., Result]


@pytest.fixture
def run(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Run:
    customers(desk, acme=[], beta=[])
    monkeypatch.setenv("ABUSEDESK_DATA", str(desk.settings.data))
    monkeypatch.setenv("ABUSEDESK_DATABASE_URL", desk.settings.database_url or "")
    monkeypatch.setenv("ABUSEDESK_REDIS_URL", desk.settings.redis_url or "")

    def run(*arguments: str, typed: str | None = None) -> Result:
        return CliRunner().invoke(cli, ["suppressions", *arguments], input=typed)

    return run


def test_a_long_list_is_added_in_several_transactions(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(suppressions_cli, "AT_ONCE", 2)

    added = run("add", "acme", "-", "--json", typed="".join(f"r{number}@home.example\n" for number in range(5)))

    assert json.loads(added.output) == {"sender": "acme", "new": 5, "known": 0}


def test_addresses_are_added_once_and_listed_without_being_told(run: Run) -> None:
    first = run("add", "acme", "jo@home.example", "Al@home.example", "--json")
    again = run("add", "acme", "-", "--json", typed="al@home.example\n\neve@home.example\n")

    assert json.loads(first.output) == {"sender": "acme", "new": 2, "known": 0}
    assert json.loads(again.output) == {"sender": "acme", "new": 1, "known": 1}
    listed = [json.loads(line) for line in run("list", "--sender", "acme", "--json").output.splitlines()]
    assert [(each["sender"], each["cause"], each["by"]) for each in listed] == [("acme", "staff", "operator")] * 3
    assert "home.example" not in run("list").output


def test_only_who_may_lifts_and_the_record_has_the_reason(run: Run, desk: Desk) -> None:
    run("add", "acme", "jo@home.example")
    agent, senior = (hire(desk, f"{role}@desk.example", role).email for role in (Role.AGENT, Role.SENIOR))
    lift = ("lift", "acme", "Jo@home.example", "--reason", "Jo asked for it", "--by")

    assert isinstance(run(*lift, agent).exception, Forbidden)
    assert run(*lift, senior).output == "Sender acme may write to this address again.\n"

    with desk.work() as work:
        assert not suppressed.is_suppressed(work, "acme", "jo@home.example")
        newest = read(work, subject="sender:acme")[0]
    assert (newest.actor, newest.action) == (senior, "suppression.lift")
    assert (newest.detail or {})["reason"] == "Jo asked for it"
    assert run("list").output == "" and "lifted" in run("list", "--all").output


def test_an_export_is_what_is_in_force_and_is_on_the_record(run: Run, desk: Desk) -> None:
    run("add", "acme", "jo@home.example", "=cmd@home.example", "--cause", "opt-out")
    run("add", "beta", "jo@home.example")

    table = list(csv.DictReader(io.StringIO(run("export", "--sender", "acme").output)))
    lines = [json.loads(line) for line in run("export", "--format", "jsonl").output.splitlines()]

    assert sorted(each["address"] for each in table) == ["'=cmd@home.example", "jo@home.example"]
    assert {(each["sender"], each["cause"]) for each in table} == {("acme", "opt-out")}
    assert sorted((each["sender"], each["address"]) for each in lines) == [
        ("acme", "=cmd@home.example"),
        ("acme", "jo@home.example"),
        ("beta", "jo@home.example"),
    ]
    with desk.work() as work:
        assert read(work, subject="senders")[0].action == "suppression.export"


def test_what_was_forgotten_is_left_out_and_counted(run: Run, desk: Desk) -> None:
    run("add", "acme", "jo@home.example")
    with desk.work() as work:
        suppressed.forget_addresses(work, work.vault.mentioning("jo@home.example"))

    answer = run("export")

    assert answer.stdout == "address,sender,cause,since\n"
    assert answer.stderr == "Left out, as their addresses were forgotten: 1.\n"


def test_a_sender_that_there_is_not_is_refused(run: Run) -> None:
    for arguments in (
        ("list", "--sender", "nobody"),
        ("export", "--sender", "nobody"),
        ("add", "nobody", "a@b.example"),
    ):
        assert isinstance(run(*arguments).exception, NotFound)


@given(st.text())
def test_no_cell_begins_like_a_formula_and_nothing_is_lost(text: str) -> None:
    assert not cell(text).startswith(FORMULA)
    assert cell(text).removeprefix("'") == text.removeprefix("'")
