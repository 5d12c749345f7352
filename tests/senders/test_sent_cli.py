"""`abusedesk sent` as an operator types it."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from app.bootstrap import Desk
from app.senders.sent_cli import sent
from tests.factories.customers import customers
from tests.senders.test_sent_postfix import mail

Say = Callable[..., Result]


@pytest.fixture
def say(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Say:
    for name in ("data", "database_url", "redis_url"):
        monkeypatch.setenv(f"ABUSEDESK_{name.upper()}", str(getattr(desk.settings, name)))
    customers(desk, acme=[("login", "mailer@acme.test")])
    return lambda *words, text=None: CliRunner().invoke(sent, words, input=text)


def files(desk: Desk) -> dict[str, str]:
    at = desk.clock.now() - timedelta(hours=1)
    row = {"time": at.isoformat(), "sender": "acme", "message_id": "1@acme.test", "recipient": "karl@mailbox.test"}
    kumo = {"type": "Delivery", "id": "4f1", "queue": "acme@mailbox.test", "recipient": "karl@mailbox.test"}
    return {
        "csv": ",".join(row) + "\n" + ",".join(row.values()) + "\n",
        "jsonl": json.dumps(row) + "\n",
        "kumomta": json.dumps(kumo | {"timestamp": int(at.timestamp())}) + "\n",
        "postfix": "\n".join(mail("B3F0A", 1, at=at.isoformat())) + "\n",
    }


@pytest.mark.parametrize("kind", ["csv", "jsonl", "kumomta", "postfix"])
def test_every_format_is_taken_in_by_file_or_by_pipe(say: Say, desk: Desk, tmp_path: Path, kind: str) -> None:
    text = files(desk)[kind]
    (tmp_path / "log").write_text(text)

    named = say("import", str(tmp_path / "log"), "--format", kind, "--json")
    again = say("import", "-", "--json", text=text)

    assert (named.exit_code, json.loads(named.output)["new"]) == (0, 1), named.output
    assert json.loads(again.output) == {"new": 0, "known": 1, "old": 0, "unknown": 0, "faults": 0, "told": []}


def test_bad_lines_are_told_with_their_numbers_and_end_in_a_failure(say: Say, desk: Desk) -> None:
    done = say("import", "-", text=files(desk)["csv"] + "junk\n")

    assert done.exit_code == 1
    assert done.stdout == "1 new mails, 0 known, 0 too old, 0 of no sender's login, 1 lines with a fault.\n"
    assert done.stderr == "line 3: This line has 1 columns, the first line 4.\n"


def test_a_named_format_is_not_guessed(say: Say, desk: Desk) -> None:
    assert say("import", "-", "--format", "csv", text=files(desk)["jsonl"]).exit_code == 1


@pytest.mark.parametrize("words", [["--zone", "Nowhere/Atall"], ["--account", "subject"], ["--account", "meta:"]])
def test_an_option_that_means_nothing_is_refused(say: Say, words: list[str]) -> None:
    assert say("import", "-", *words, text="").exit_code == 2


def test_syslog_times_are_of_the_zone_that_is_named(say: Say, desk: Desk) -> None:
    at = (desk.clock.now() - timedelta(days=30, hours=1)).strftime("%b %e %H:%M:%S")
    text = "\n".join(mail("B3F0A", 1, at=at))

    taken: dict[str, Any] = {
        zone: json.loads(say("import", "-", "--json", "--zone", zone, text=text).output)
        for zone in ("UTC", "America/New_York")
    }

    assert (taken["UTC"]["old"], taken["America/New_York"]["new"]) == (1, 1)


def test_totals_are_taken_in(say: Say, desk: Desk) -> None:
    text = "day,sender,stream,provider,delivered\n2026-01-31,acme,,gmail.com,1200\n2026-01-31,who,,gmail.com,1\n"

    done = say("volumes", "-", "--json", text=text)

    assert done.exit_code == 1
    assert json.loads(done.output)["new"] == 1
    assert json.loads(done.output)["told"] == [{"line": 3, "fault": "There is no sender who."}]


def test_following_once_reads_what_is_there_and_ends(say: Say, desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "mail.log").write_text(files(desk)["postfix"])

    first, again = (say("follow", str(tmp_path / "mail.log"), "--once") for _ in range(2))

    assert first.output == "1 new mails, 0 known, 0 of no sender's login.\n"
    assert again.output == "0 new mails, 0 known, 0 of no sender's login.\n"
