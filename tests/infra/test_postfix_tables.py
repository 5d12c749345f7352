"""The tables Postfix refuses and freezes by: what is in them, and that no name can put more into them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.errors import Unavailable
from app.infra.connectors import postfix_programs
from app.infra.connectors.postfix import Postfix
from app.infra.connectors.postfix_programs import Programs
from app.infra.connectors.postfix_sight import Sight
from app.infra.connectors.postfix_tables import FROZEN, SUSPENDED, Folder, fits, tables_of
from app.ports import Order
from app.settings.readers import Address
from tests.infra.postfix_lab import line, order
from tests.services.programs import demand, free_port

UNFIT = ["a b@x.test", "a\nevil@x.test OK", "#a@x.test", '"a@x.test', "", "a\x00", "a\u2028b", "a" * 321, "\udc80"]


@pytest.mark.parametrize("name", UNFIT)
def test_a_name_that_could_be_another_entry_is_left_out_and_counted(name: str) -> None:
    found = tables_of([Order("acme", "k", (name, "b@x.test"), (), (line("suspend", name, "b@x.test"),))])

    assert (set(found.suspended), found.unfit) == ({"b@x.test"}, {"acme": 1})


def test_stops_are_in_it_and_nothing_else_is() -> None:
    lines = [
        line("suspend", "a@x.test", scope="login", value="a@x.test"),
        line("hold", "b@x.test"),
        line("throttle", "c@x.test"),
        line("suspend", scope="domain", value="x.test"),
    ]
    found = tables_of([order("a@y.test", *lines)])

    assert found.suspended == {"a@x.test": "REJECT 5.7.1 Sending is suspended for this account, case C7"}
    assert found.frozen == {"@x.test": "retry:4.7.1 Account suspended"}


def test_the_strictest_line_says_what_is_told() -> None:
    closed = line("terminate", "a@x.test", text="This account is closed")
    both = [order("a@x.test", closed, line("suspend", "a@x.test"))]

    found = tables_of(both)

    assert found.suspended == {"a@x.test": "REJECT 5.7.1 This account is closed"}
    assert found.frozen == {"@x.test": "error:5.7.1 Account closed"}


def test_a_text_is_one_line_of_printable_ascii() -> None:
    bad = line("suspend", "a@x.test", text="no\nb@x.test OK \u00fc" + "x" * 900)
    [action] = tables_of([order("a@x.test", bad)]).suspended.values()
    assert (action[:31], len(action)) == ("REJECT 5.7.1 no?b@x.test OK ?xx", 313)


def test_the_order_of_orders_changes_nothing() -> None:
    orders = [order(f"a@{name}.test", line("suspend", f"a@{name}.test")) for name in "cab"]
    assert tables_of(orders) == tables_of(reversed(orders))


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Folder]:
    """A folder of tables that real postmap writes; its configuration is that of no server."""
    demand("postmap")
    (tmp_path / "main.cf").write_text("compatibility_level = 3.6\nmeta_directory = /etc/postfix\n")
    (tmp_path / "master.cf").write_text("")
    yield Folder(tmp_path / "maps", Programs(tmp_path))


@pytest.mark.services
class TestOnDisk:
    def test_it_is_written_once_and_found(self, folder: Folder, tmp_path: Path) -> None:
        entries = {"a@x.test": "REJECT 5.7.1 no", "-": "REJECT 5.7.1 dash", "-x": "REJECT 5.7.1 no"}
        file = tmp_path / "maps" / SUSPENDED

        assert folder.write(SUSPENDED, entries)
        text, table = file.read_bytes(), file.with_suffix(".lmdb").stat()
        assert not folder.write(SUSPENDED, dict(reversed(entries.items())))

        assert (file.read_bytes(), file.with_suffix(".lmdb").stat()) == (text, table)
        assert folder.look_up(SUSPENDED, ["a@x.test", "-", "-x", "b@x.test"]) == entries
        assert folder.look_up(SUSPENDED, ["b@x.test"]) == {}

    def test_it_is_the_same_file_afterwards_for_a_running_smtpd_has_it_open(
        self, folder: Folder, tmp_path: Path
    ) -> None:
        table = tmp_path / "maps" / f"{FROZEN}.lmdb"
        folder.write(FROZEN, {})
        before = table.stat().st_ino

        folder.write(FROZEN, {"@x.test": "retry:4.7.1 no"})

        assert table.stat().st_ino == before

    def test_a_table_that_lags_behind_its_text_is_made_anew(self, folder: Folder, tmp_path: Path) -> None:
        folder.write(SUSPENDED, {"a@x.test": "REJECT"})
        (tmp_path / "maps" / SUSPENDED).write_text("b@x.test\tREJECT\n")

        assert folder.write(SUSPENDED, {"b@x.test": "REJECT"})

        assert folder.look_up(SUSPENDED, ["a@x.test", "b@x.test"]) == {"b@x.test": "REJECT"}

    def test_unfit_names_are_reported_and_never_proven(self, folder: Folder) -> None:
        bad = order("a b", line("suspend", "a b", "c@x.test"))
        connector = Postfix(folder, None, Sight(folder, None, Address("127.0.0.1", free_port())))

        [applied] = connector.apply([bad], []).values()
        [seen] = connector.observe([bad]).values()

        assert (applied.ok, seen.in_force) == (False, False)
        assert "1 of its names cannot be written" in seen.said
        assert folder.look_up(SUSPENDED, ["c@x.test"])

    def test_a_table_that_is_lost_is_seen_and_mended(self, folder: Folder, tmp_path: Path) -> None:
        stop = order("m@a.test", line("suspend", "m@a.test"))
        connector = Postfix(folder, None, Sight(folder, None, Address("127.0.0.1", free_port())))
        connector.apply([stop], [stop])
        (tmp_path / "maps" / "suspended.lmdb").unlink()

        [lost] = connector.observe([stop]).values()
        connector.apply([stop], [stop])
        [mended] = connector.observe([stop]).values()

        assert (lost.in_force, lost.said) == (False, "Postfix's table refuses 0 of 1 logins.")
        assert mended.in_force

    def test_standing_orders_stay_in_the_table(self, folder: Folder) -> None:
        a, b = (order(f"m@{each}.test", line("suspend", f"m@{each}.test")) for each in "ab")
        connector = Postfix(folder, None, Sight(folder, None, Address("127.0.0.1", free_port())))

        connector.apply([a], [a, b])
        connector.apply([order("m@a.test")], [b])

        assert set(folder.look_up(SUSPENDED, ["m@a.test", "m@b.test"])) == {"m@b.test"}


def test_without_postfix_it_is_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postfix_programs, "PLACES", "")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(Unavailable, match=r"postmap cannot be run here .*: is Postfix installed on this machine"):
        Folder(tmp_path, Programs(None)).write(SUSPENDED, {})


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("echo 'postmap: fatal: open a@x.test: Permission denied' >&2; exit 1", "postmap failed: Permission denied."),
        ("echo 'postsuper: fatal: reserved for the superuser' >&2; exit 1", "postmap failed: only root may do this."),
        ("echo 'a@x.test is bad' >&2; exit 75", "postmap failed: exit code 75."),
        ("exec sleep 60", "postmap did not end within 0 s."),
    ],
)
def test_what_a_program_complains_of_is_told_without_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str, said: str
) -> None:
    program = tmp_path / "postmap"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setattr(postfix_programs, "SECONDS", 0.3)
    with pytest.raises(Unavailable) as caught:
        Programs(None).run("postmap", "lmdb:x")
    assert str(caught.value) == said


def test_our_secrets_are_not_in_a_programs_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "postmap"
    program.write_text("#!/bin/sh\nenv\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("ABUSEDESK_PROBE_URL", "smtp://a:pa55word@127.0.0.1")
    assert "pa55word" not in Programs(None).run("postmap")


@pytest.mark.parametrize("name", ["mailer@acme.test", "acct42", "-", "m\u00fcller@acme.test"])
def test_ordinary_names_fit(name: str) -> None:
    assert fits(name)


def test_a_stop_that_began_first_is_the_one_that_is_told() -> None:
    moments = [datetime(2026, 1, day, tzinfo=UTC) for day in (2, 1)]
    lines = [line("suspend", "a@x.test", since=at, text=f"since {at.day}") for at in moments]
    assert tables_of([order("a@x.test", *lines)]).suspended == {"a@x.test": "REJECT 5.7.1 since 1"}
