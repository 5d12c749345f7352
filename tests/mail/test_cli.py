"""`abusedesk read`, as its caller sees it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from app.mail.cli import read

CORPUS = Path(__file__).parents[1] / "corpus"
REPORT = CORPUS / "001.eml"


def golden(kind: str) -> Path:
    """The first golden mail of this kind."""
    return next(p for p in sorted(CORPUS.glob("*.json")) if f'"kind": "{kind}"' in p.read_text()).with_suffix(".eml")


BOUNCE = golden("bounce")


def run(*arguments: str, given: bytes | None = None) -> Result:
    return CliRunner().invoke(read, list(arguments), input=given)


@pytest.fixture(autouse=True)
def zone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A zone without any key: no test asks the real DNS."""
    file = tmp_path / "zone.txt"
    file.write_text("")
    monkeypatch.setenv("ABUSEDESK_DNS_ZONE", str(file))
    return file


def test_each_file_gives_one_json_object_on_a_line() -> None:
    result = run("--json", str(REPORT), str(BOUNCE))
    first, second = (json.loads(line) for line in result.stdout.splitlines())
    assert result.exit_code == 0
    assert list(first) == [
        *("file", "kind", "feedback_type", "is_complaint", "fields", "derived", "original", "more_originals"),
        *("reporter", "subject", "arrived", "reason", "defects"),
    ]
    assert (first["kind"], first["feedback_type"], first["is_complaint"]) == ("arf", "abuse", True)
    assert (second["kind"], second["feedback_type"], second["is_complaint"]) == ("bounce", None, False)
    assert second["original"] is None


def test_the_original_is_told_in_full() -> None:
    original = json.loads(run("--json", str(REPORT)).stdout)["original"]
    assert original["message_id"] == "spring-77@relay.example"
    assert original["return_path"] == "bounce-77@relay.example"
    assert original["date"] == "2026-11-03T09:58:00+00:00"
    assert original["headers_only"] is False
    assert original["dkim"] == []
    assert original["received"][0]["from_ip"] == "203.0.113.9"
    assert original["received"][0]["for"] == "reader@mailbox.test"


def test_standard_input_is_read_for_a_dash() -> None:
    told = json.loads(run("--json", "-", given=REPORT.read_bytes()).stdout)
    assert (told["file"], told["kind"]) == ("-", "arf")


def test_a_file_that_cannot_be_opened_is_named_and_the_others_are_still_read(tmp_path: Path) -> None:
    result = run("--json", str(tmp_path / "gone.eml"), str(REPORT))
    assert result.exit_code == 1
    assert result.stderr.endswith("gone.eml: No such file or directory.\n")
    assert json.loads(result.stdout)["kind"] == "arf"


def test_a_file_over_the_limit_is_refused(tmp_path: Path) -> None:
    large = tmp_path / "large.eml"
    with large.open("wb") as file:
        file.truncate(11 * 1024 * 1024)
    result = run(str(large))
    assert result.exit_code == 1
    assert "larger than 10 MB" in result.stderr


def test_the_summary_says_what_it_is_and_why() -> None:
    lines = run(str(BOUNCE)).stdout
    assert "bounce, no complaint" in lines
    assert "A bounce (RFC 3464): not a complaint." in lines


def test_the_summary_cannot_steer_a_terminal() -> None:
    result = run("-", given=b"From: a@b.example\r\nSubject: \x1b[2Jgone\r\n\r\nhi\r\n")
    assert "\x1b" not in result.stdout
    assert "gone" in result.stdout


def test_a_signature_is_judged_by_the_zone(zone: Path) -> None:
    signed = (
        b"DKIM-Signature: v=1; a=rsa-sha256; d=a.example; s=s1; h=from; bh=AAAA; b=AAAA\r\n"
        b"From: x@a.example\r\n\r\nhi"
    )
    forward = (
        b"From: ann@home.test\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n"
        b"Content-Type: message/rfc822\r\n\r\n" + signed + b"\r\n--b--\r\n"
    )
    (told,) = json.loads(run("--json", "-", given=forward).stdout)["original"]["dkim"]
    assert list(told) == ["d", "s", "header_hash", "body_hash", "key", "result", "reason"]
    assert (told["d"], told["s"], told["key"], told["result"]) == ("a.example", "s1", "none", "permerror")


def test_what_cannot_verify_is_not_judged() -> None:
    raw = (
        golden("spamcop").read_bytes().replace(b"> From:", b"> DKIM-Signature: v=1; d=a.example; s=s1; b=AA\n> From:")
    )
    assert json.loads(run("--json", "-", given=raw).stdout)["original"]["dkim"] == []
