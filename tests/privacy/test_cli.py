"""Forgetting at the command line."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from click.testing import CliRunner, Result

from app.bootstrap import Desk
from app.cli import run
from app.privacy.cli import erase, retention
from app.staff.domain import Role
from app.staff.models import Staff
from app.staff.store import role_row
from tests.privacy.planted import Planted
from tests.privacy.test_rules import NOTHING, PLANTED, forgettings, write_in


@pytest.fixture(autouse=True)
def environment(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("data", "database_url", "redis_url"):
        monkeypatch.setenv(f"ABUSEDESK_{name.upper()}", str(getattr(desk.settings, name)))


def say(*words: str) -> Result:
    return CliRunner().invoke(erase, words)


def test_erase_says_how_much_was_forgotten(planted: Planted) -> None:
    done = say(planted.address)

    assert done.exit_code == 0
    assert done.output.splitlines()[:2] == ["raw messages    forgotten: 3", "reports         forgotten: 3"]


def test_a_dry_run_says_how_much_would_be(desk: Desk, planted: Planted) -> None:
    assert json.loads(say(planted.address, "--dry-run", "--json").output) == {
        "dry_run": True,
        "forgotten": PLANTED,
        "unread": 0,
    }
    assert forgettings(desk) == []


def test_reports_still_to_be_read_are_told_of(desk: Desk, planted: Planted) -> None:
    write_in(desk, "lena@people.example")

    assert "Reports still waiting to be read: 1. Run this again after that." in say(planted.address).stderr


def test_mails_in_the_mailbox_are_told_of(planted: Planted, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ABUSEDESK_IMAP_URL", "imap://reports:secret@mail.test/INBOX")

    told = say(planted.address).stderr

    assert "folder Processed" in told
    assert "secret" not in told


@pytest.mark.parametrize(("role", "code"), [(Role.DPO, 0), (Role.LEAD, 1)])
def test_who_decides_must_be_permitted_to(desk: Desk, planted: Planted, role: Role, code: int) -> None:
    with desk.work() as work:
        row = Staff(email="dora@desk.test", created_at=datetime.now(UTC))
        row.roles = [role_row(work.session, role)]
        work.session.add(row)

    assert run(["erase", planted.address, "--by", "dora@desk.test"]) == code
    assert [by for by, _, _ in forgettings(desk)] == (["dora@desk.test"] if code == 0 else [])


def test_retention_says_what_was_forgotten(desk: Desk, planted: Planted) -> None:
    # The command's clock is the real one: what was planted in its future or recent past is not due.
    done = CliRunner().invoke(retention, ["--json"])

    assert json.loads(done.output) == {"dry_run": False, "forgotten": NOTHING}


def test_retention_can_be_tried(planted: Planted) -> None:
    done = CliRunner().invoke(retention, ["--dry-run"])

    assert done.output.splitlines()[0] == "raw messages    to be forgotten: 0"
