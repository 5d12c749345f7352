"""`abusedesk worksheet` at the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from app.compliance.cli import worksheet
from app.compliance.rules import RULES
from app.errors import Rejected
from tests.compliance.letters import letter
from tests.factories.signed import key_pair, sign, zone_line


@pytest.fixture
def mail(tmp_path: Path) -> Path:
    path = tmp_path / "mail.eml"
    path.write_bytes(letter("To unsubscribe: https://shop.example/out\x1b[2J\n", To="x@home.de"))
    return path


def say(*words: str | Path) -> Result:
    done = CliRunner().invoke(worksheet, [str(word) for word in words])
    assert done.exit_code == 0, done.output
    return done


def lines_of(done: Result) -> dict[str, dict[str, object]]:
    return {each["rule"]: each for each in json.loads(done.stdout)["lines"]}


def test_every_line_is_printed(mail: Path) -> None:
    printed = say(mail).stdout

    assert "recipient's country: DE (by the recipient's domain)" in printed
    assert all(rule.id in printed for rule in RULES)
    assert "\x1b" not in printed


def test_scripts_read_json(mail: Path) -> None:
    lines = lines_of(say(mail, "--json"))

    assert set(lines) == {rule.id for rule in RULES}
    assert lines["can-spam.5.present"]["finding"] == "met"
    assert lines["can-spam.1.from"]["applies"] == "no"


def test_what_is_known_besides_can_be_said(mail: Path) -> None:
    lines = lines_of(say(mail, "--json", "--country", "US", "--sender", "Acme", "--parent", "Shop"))

    assert lines["can-spam.6"]["applies"] == "yes"
    assert lines["can-spam.6"]["finding"] == "breached"


def test_a_signature_that_holds_shows_that_from_is_true(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    zone = tmp_path / "zone.tsv"
    zone.write_text(zone_line("shop.example", "s1", key_pair()) + "\n")
    monkeypatch.setenv("ABUSEDESK_DNS_ZONE", str(zone))
    signed = sign(letter(), "shop.example", "s1", key_pair(), headers=["from", "subject"])
    path = tmp_path / "signed.eml"
    path.write_bytes(signed)
    assert lines_of(say(path, "--json"))["can-spam.1.from"]["finding"] == "met"

    path.write_bytes(signed.replace(b"Garden chairs", b"Garden tables"))
    assert lines_of(say(path, "--json"))["can-spam.1.from"]["finding"] == "unknown"


def test_a_report_gives_the_worksheet_of_what_it_is_about() -> None:
    report = Path(__file__).parents[1] / "corpus" / "001.eml"

    assert "Bulbs for spring" in say(report).stdout


def test_what_is_no_mail_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"\x00\x01")
    for path in (tmp_path / "x", tmp_path / "missing"):
        done = CliRunner().invoke(worksheet, [str(path)])
        assert isinstance(done.exception, Rejected)
