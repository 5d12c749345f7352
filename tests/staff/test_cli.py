"""`abusedesk staff`, run as an operator runs it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from click.testing import CliRunner, Result

from app.bootstrap import Desk
from app.errors import NotFound
from app.staff import cli
from tests.factories.sites import Visitor, hire


def test_add_prints_what_is_needed_to_sign_in(desk: Desk, run: Run, colleague: Visitor) -> None:
    told = json.loads(run("add", "Ann@desk.example", "--role", "senior", "--json").output)

    assert set(told) == {"email", "role", "password", "totp_secret", "totp_uri"}
    assert (told["email"], told["role"]) == ("ann@desk.example", "senior")
    assert told["totp_secret"] in told["totp_uri"]
    person = cli.service.Added(**told)
    assert colleague.sign_in(person).status_code == 302


def test_add_says_it_in_words_without_json(run: Run) -> None:
    words = run("add", "ann@desk.example").output

    assert words.startswith("Added ann@desk.example as agent. Shown once:")


def test_list_shows_everybody_and_no_secret(desk: Desk, run: Run) -> None:
    person = hire(desk)

    listed = json.loads(run("list", "--json").output)

    assert [(one["email"], one["roles"], one["active"], one["second_factor"]) for one in listed] == [
        (person.email, ["lead"], True, True)
    ]
    assert person.email in run("list").output
    assert "password" not in str(listed)


def test_list_of_nobody_says_how_to_begin(run: Run) -> None:
    assert "staff welcome" in run("list").output


def test_remove_ends_access(desk: Desk, run: Run) -> None:
    hire(desk)

    assert run("remove", "LEAD@desk.example").exit_code == 0
    assert json.loads(run("list", "--json").output)[0]["active"] is False


def test_remove_of_an_unknown_person_is_refused(run: Run) -> None:
    assert isinstance(run("remove", "nobody@desk.example").exception, NotFound)


def test_welcome_prints_a_link_that_opens(desk: Desk, run: Run, colleague: Visitor) -> None:
    link = run("welcome").stdout.strip()

    assert link.startswith(f"{desk.settings.desk_site}/welcome/")
    assert colleague.get(link.removeprefix(desk.settings.desk_site)).status_code == 200


def test_welcome_prints_nothing_where_there_is_staff(desk: Desk, run: Run) -> None:
    hire(desk)

    assert run("welcome").stdout == ""


class Run:
    """Runs a command of `staff`."""

    def __call__(self, *arguments: str) -> Result:
        return CliRunner().invoke(cli.staff, arguments)


@pytest.fixture
def run(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Run:
    @contextmanager
    def opened() -> Iterator[Desk]:
        yield desk

    monkeypatch.setattr(cli, "opened", opened)
    return Run()
