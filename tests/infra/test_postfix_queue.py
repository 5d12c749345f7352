"""The queue as Postfix's programs tell it, with mail that goes away while it is read."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from app.errors import Unavailable
from app.infra.connectors import postfix_queue
from app.infra.connectors.postfix_notes import Notes
from app.infra.connectors.postfix_programs import Failed, Programs
from app.infra.connectors.postfix_queue import MailQueue
from app.infra.connectors.postfix_sweep import Queued

AT = 1_795_650_503


class Spool(Programs):
    """Stands for Postfix's programs. logins: queue id → login, None for mail that is gone when it is read."""

    def __init__(self, logins: dict[str, str | None], sender: str = "B@Acme.test", *, broken: str = "") -> None:
        super().__init__(None)
        self.logins, self.sender, self.broken = logins, sender, broken
        self.asked: list[Sequence[str]] = []
        self.told: list[tuple[str, ...]] = []

    def lines(self, program: str, *arguments: str) -> Iterator[bytes]:
        for name in self.logins:
            mail = {"queue_name": "deferred", "queue_id": name, "arrival_time": AT, "sender": self.sender}
            yield json.dumps(mail).encode()

    def run(self, program: str, *arguments: str, told: Sequence[str] | None = None) -> str:
        if program != "postcat":
            self.told.append((program, *arguments, *(told or ())))
            return ""
        self.asked.append(arguments[1:])
        said = ""
        for name in arguments[1:]:
            if self.broken:
                raise Failed("postcat failed.", self.broken, said)
            login = self.logins[name]
            if login is None:
                complaint = f"postcat: fatal: open queue file {name}: No such file or directory\n"
                raise Failed("postcat failed.", complaint, said)
            said += f"*** ENVELOPE RECORDS deferred/{name[0]}/{name} ***\nsender: named_attribute: sasl_username=x\n"
            said += f"named_attribute: sasl_username={login}\n" if login else ""
            said += f"*** MESSAGE FILE END deferred/{name[0]}/{name} ***\n"
        return said


@pytest.fixture
def notes(tmp_path: Path) -> Notes:
    return Notes(tmp_path / "var" / "held")


def logins(mails: list[Queued]) -> dict[str, str]:
    return {each.id: each.login for each in mails}


def test_mail_that_goes_away_meanwhile_hides_no_other(notes: Notes) -> None:
    spool = Spool({"AAAAAA1": "A@x.test", "AAAAAA2": None, "AAAAAA3": "b@x.test", "AAAAAA4": None, "AAAAAA5": ""})
    found = MailQueue(spool, notes).mails()
    assert logins(found) == {"AAAAAA1": "a@x.test", "AAAAAA3": "b@x.test", "AAAAAA5": ""}
    assert {each.domain for each in found} == {"acme.test"}


def test_a_login_is_read_once(notes: Notes) -> None:
    spool = Spool({"AAAAAA1": "a@x.test"})
    queue = MailQueue(spool, notes)
    queue.mails()
    spool.logins["AAAAAA2"] = "b@x.test"
    queue.mails()
    assert spool.asked == [("AAAAAA1",), ("AAAAAA2",)]


def test_what_is_remembered_has_an_end(notes: Notes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postfix_queue, "REMEMBERED", 2)
    spool = Spool({f"AAAAAA{number}": "a@x.test" for number in range(5)})
    queue = MailQueue(spool, notes)
    assert len(queue.mails()) == len(queue.mails()) == 5


def test_names_that_are_no_queue_ids_reach_no_program(notes: Notes) -> None:
    spool = Spool(dict.fromkeys(["ALL", "../../x", "-d", "AAAAAA1"], "a@x.test"))
    assert logins(MailQueue(spool, notes).mails()) == {"AAAAAA1": "a@x.test"}


def test_a_queue_that_may_not_be_read_is_not_taken_for_empty(notes: Notes) -> None:
    spool = Spool({"AAAAAA1": "a@x.test"}, broken="postcat: fatal: open queue file AAAAAA1: Permission denied")
    with pytest.raises(Unavailable):
        MailQueue(spool, notes).mails()


def test_nothing_is_asked_of_postfix_for_nothing(notes: Notes) -> None:
    spool = Spool({})
    queue = MailQueue(spool, notes)
    queue.hold([])
    queue.release([])
    queue.discard([])
    assert spool.told == []


def test_what_is_held_is_noted_for_the_next_process_until_it_is_gone(notes: Notes, tmp_path: Path) -> None:
    spool = Spool({"AAAAAA1": "a@x.test", "AAAAAA2": "a@x.test"})
    first, _ = MailQueue(spool, notes).mails()
    MailQueue(spool, notes).hold([first])
    assert spool.told == [("postsuper", "-h", "-", "AAAAAA1")]

    after = MailQueue(spool, Notes(tmp_path / "var" / "held")).mails()
    assert [each.noted for each in after] == [True, False]

    del spool.logins["AAAAAA1"]
    MailQueue(spool, notes).mails()
    assert (tmp_path / "var" / "held").read_text() == ""


def test_notes_that_are_damaged_are_read_as_far_as_they_go(notes: Notes, tmp_path: Path) -> None:
    (tmp_path / "var").mkdir()
    (tmp_path / "var" / "held").write_bytes(b"AAAAAA1 5\nAAAAAA2\n\xff x\nAAAAAA3 6")
    assert [("AAAAAA1", 5) in notes, ("AAAAAA2", 0) in notes, ("AAAAAA3", 6) in notes] == [True, False, True]


@pytest.mark.parametrize(
    ("sender", "domains"),
    [
        ("B@Acme.test", ("acme.test",)),
        ("b@M\u00fcnchen.example", ("xn--mnchen-3ya.example",)),
        ("b@acme.test@relay.test", ("relay.test", "acme.test")),
        ("b%acme.test@relay.test.", ("relay.test", "acme.test")),
        ("MAILER-DAEMON", ("",)),
    ],
)
def test_an_envelope_is_read_as_the_policy_service_reads_it(
    notes: Notes, sender: str, domains: tuple[str, ...]
) -> None:
    spool = Spool({"AAAAAA1": "a@x.test"}, sender)
    assert [each.domains for each in MailQueue(spool, notes).mails()] == [domains]


def test_notes_that_cannot_be_kept_hold_no_mail(tmp_path: Path) -> None:
    (tmp_path / "var").write_text("a file where the folder should be")
    spool = Spool({})
    mail = Queued("AAAAAA1", AT, False, "a@x.test", "x.test")
    with pytest.raises(Unavailable, match="notes of held mail cannot be"):
        MailQueue(spool, Notes(tmp_path / "var" / "held")).hold([mail])
    assert spool.told == []
