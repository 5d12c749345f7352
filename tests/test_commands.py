"""`abusedesk ingest` and `abusedesk reports`, as a person at the command line has them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
import structlog
from click.testing import CliRunner, Result

from app import pipeline
from app.audit import service as audit
from app.bootstrap import Desk
from app.cli import cli
from app.errors import AbuseDeskError
from app.intake.service import waiting
from app.mail import limits
from app.settings import PREFIX
from tests.factories.customers import customers
from tests.workers.mail import arf

Run = Callable[..., Result]


@pytest.fixture
def run(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Iterator[Run]:
    """Runs one command line over the desk's servers."""
    for each in ("data", "database_url", "redis_url", "dns_zone"):
        assert each in {field.name for field in fields(desk.settings)}
        monkeypatch.setenv(PREFIX + each.upper(), str(getattr(desk.settings, each)))
    runner = CliRunner()

    def say(*words: object, stdin: bytes | None = None) -> Result:
        done = runner.invoke(cli, [str(word) for word in words], input=stdin)
        if done.exception and not isinstance(done.exception, (SystemExit, AbuseDeskError)):
            raise done.exception
        return done

    yield say
    structlog.reset_defaults()


@pytest.fixture
def ingest(run: Run) -> Callable[..., list[dict[str, Any]]]:
    """What `ingest --json` says, an object a report."""

    def say(*words: object, stdin: bytes | None = None) -> list[dict[str, Any]]:
        return [json.loads(line) for line in run("ingest", "--json", *words, stdin=stdin).stdout.splitlines()]

    return say


@pytest.fixture
def file(tmp_path: Path) -> Callable[[str, bytes], Path]:
    """Writes a file."""

    def write(name: str, content: bytes) -> Path:
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content)
        return path

    return write


Ingest = Callable[..., list[dict[str, Any]]]
File = Callable[[str, bytes], Path]


def mbox(*numbers: int) -> bytes:
    line = b"From feedback@example.net Sun Nov 22 12:00:00 2026\r\n"
    return b"".join(line + arf(number) + b"\r\n" for number in numbers)


def test_a_report_is_stored_and_left_to_the_workers(desk: Desk, ingest: Ingest, file: File) -> None:
    [told] = ingest(file("a.eml", arf(1)))
    assert (told["state"], told["verdict"]) == ("received", None)
    with desk.work() as work:
        assert waiting(work) == 1


def test_with_wait_the_verdict_is_said_without_any_worker(ingest: Ingest, file: File) -> None:
    path = file("a.eml", arf(1))
    [told] = ingest("--wait", path)
    assert list(told) == ["file", "receipt", "report", "state", "kind", "verdict", "sender", "case", "reason"]
    assert (told["file"], told["state"], told["kind"], told["verdict"]) == (str(path), "accepted", "arf", "unproven")
    assert told["reason"]


def test_what_was_ingested_before_is_a_duplicate_with_all_that_is_known_of_it(ingest: Ingest, file: File) -> None:
    path = file("a.eml", arf(1))
    [first] = ingest("--wait", path)
    [again] = ingest("--wait", path)
    assert again == first | {"state": "duplicate"}


def test_the_same_message_twice_in_one_run_is_one_report(ingest: Ingest, file: File) -> None:
    first, second = ingest("--wait", file("a.eml", arf(1)), file("b.eml", arf(1)))
    assert (first["state"], second["state"]) == ("accepted", "duplicate")
    assert first["report"] == second["report"]


def test_the_answers_are_in_the_order_of_the_input(ingest: Ingest, file: File) -> None:
    paths = [file(f"{name}.eml", arf(ord(name))) for name in "zebra"[:4]]
    assert [told["file"] for told in ingest("--wait", *paths, file("m.mbox", mbox(1, 2, 3)))] == [
        *map(str, paths),
        *[str(paths[0].parent / "m.mbox")] * 3,
    ]


def test_an_mbox_is_its_messages_and_a_folder_its_files(ingest: Ingest, file: File) -> None:
    path = file("inbox/a.mbox", mbox(1, 2))
    file("inbox/b.eml", arf(3))
    assert len({told["report"] for told in ingest(path.parent)}) == 3


def test_standard_input_is_a_file_too(ingest: Ingest) -> None:
    assert [told["file"] for told in ingest("-", stdin=mbox(1, 2))] == ["-", "-"]


def test_more_than_one_batch_is_stored_and_judged(ingest: Ingest, file: File) -> None:
    told = ingest("--wait", file("m.mbox", mbox(*range(250))))
    assert len({each["receipt"] for each in told}) == 250
    assert {each["state"] for each in told} == {"accepted"}


def test_what_cannot_be_taken_is_refused_and_the_rest_is_taken(run: Run, file: File) -> None:
    large = file("large.eml", b"Subject: large\r\n\r\n" + b"x" * limits.MESSAGE_BYTES)
    paths = [file("a.eml", arf(1)), large, file("empty.eml", b""), large.parent / "none", file("b.eml", arf(2))]
    done = run("ingest", "--json", "--wait", *paths)
    told = [json.loads(line) for line in done.stdout.splitlines()]
    assert [each["state"] for each in told] == ["accepted", "refused", "refused", "refused", "accepted"]
    assert [bool(each["reason"]) for each in told] == [True] * 5
    assert {each["receipt"] for each in told[1:4]} == {None}
    assert done.exit_code == 1


def test_all_taken_is_exit_code_zero(run: Run, file: File) -> None:
    assert run("ingest", file("a.eml", arf(1))).exit_code == 0


def test_the_case_that_is_told_is_about_the_sender_that_is_told(desk: Desk, ingest: Ingest, file: File) -> None:
    customers(desk, first=[("domain", "first.test")], second=[("domain", "second.test")])
    message = "From: a@{}.test\nTo: me@home.example\nSubject: offer\nMessage-ID: <1@{}.test>\n\nBuy.\n"
    attached = "--b\nContent-Type: message/rfc822\n\n{}\n"
    head = "From: me@home.example\nSubject: spam\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n"
    for names in (("first", "second"), ("second", "first")):
        both = "".join(attached.format(message.format(name, name)) for name in names)
        [told] = ingest("--wait", file(f"{names[0]}.eml", f"{head}{both}--b--\n".encode()))
        [case] = ingest(
            "--wait", file("one.eml", f"{head}{attached.format(message.format(names[0], ''))}--b--\n".encode())
        )
        assert (told["sender"], told["case"]) == (names[0], case["case"])


def test_what_is_no_mail_is_quarantined_with_a_reason(ingest: Ingest, file: File) -> None:
    [told] = ingest("--wait", file("junk", b"\0\1\2 nothing that is a mail"))
    assert (told["state"], told["verdict"]) == ("quarantined", None)
    assert told["reason"]


def test_standard_output_has_the_answers_alone(run: Run, file: File) -> None:
    done = run("ingest", "--json", "--wait", file("a.eml", arf(1)))
    assert [json.loads(line)["state"] for line in done.stdout.splitlines()] == ["accepted"]


def test_without_json_there_is_a_line_a_report(run: Run, file: File) -> None:
    [line] = run("ingest", "--wait", file("a.eml", arf(1))).stdout.splitlines()
    assert "accepted" in line
    assert "a.eml" in line
    assert "unproven" in line


def test_no_file_is_a_wrong_command_line(run: Run) -> None:
    assert run("ingest").exit_code == 2


def test_reports_are_listed_the_newest_first(run: Run, ingest: Ingest, file: File) -> None:
    ingest("--wait", file("a.eml", arf(1)))
    ingest(file("b.eml", arf(2)))
    told = [json.loads(line) for line in run("reports", "--json").stdout.splitlines()]
    assert [each["state"] for each in told] == ["received", "accepted"]


def test_reports_can_be_listed_by_state_and_counted_off(run: Run, ingest: Ingest, file: File) -> None:
    ingest("--wait", file("m.mbox", mbox(1, 2, 3)))
    ingest(file("b.eml", arf(4)))
    assert len(run("reports", "--state", "accepted").stdout.splitlines()) == 3
    assert len(run("reports", "--limit", "2").stdout.splitlines()) == 2


def test_the_list_goes_on_over_pages(run: Run, ingest: Ingest, file: File, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.commands.PAGE", 2)
    ingest(file("m.mbox", mbox(*range(5))))
    told = [json.loads(line)["report"] for line in run("reports", "--json").stdout.splitlines()]
    assert len(set(told)) == len(told) == 5


def test_a_message_is_given_back_byte_for_byte_and_that_is_on_the_record(
    desk: Desk, run: Run, ingest: Ingest, file: File
) -> None:
    [told] = ingest(file("a.eml", arf(1)))
    assert run("reports", "raw", told["receipt"]).stdout_bytes == arf(1)
    assert run("reports", "raw", told["report"]).stdout_bytes == arf(1)
    with desk.work() as work:
        entries = audit.read(work, subject=f"report:{told['report']}")
    assert [entry.action for entry in entries] == ["report.raw", "report.raw"]


def test_a_report_can_be_read_again(desk: Desk, run: Run, ingest: Ingest, file: File) -> None:
    [told] = ingest("--wait", file("a.eml", arf(1)))
    assert run("reports", "reread", told["report"]).exit_code == 0
    assert pipeline.work_off(desk, 10) == 1


def test_a_report_that_is_not_there_is_a_failure(run: Run) -> None:
    assert run("reports", "raw", "XXXXX-XXXXX-XXXXX-XXXXX").exit_code != 0
