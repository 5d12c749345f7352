"""What other readers say of their own samples (`../shared/corpus`): met, or the difference argued.

Stalwart's and rspamd's answers are in test_shared_corpus, crisp's in test_inline_corpus, the DKIM verifiers' in
test_signatures_corpus. ARC results in file names (mailauth) are not judged: a chain says who handled a mail, not
whose it was. Where sisimai makes a record for each Original-Rcpt-To, here is one complaint about one mail that names
them all (golden pair 107).
"""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from app.mail.domain import FeedbackType, Kind
from app.mail.read import read, read_source

CORPUS = Path(__file__).parents[3] / "shared" / "corpus"
pytestmark = pytest.mark.skipif(not CORPUS.is_dir(), reason="the shared corpus is not here")

MAIL_ABUSE = CORPUS / "gitpan+Mail-Abuse"
MSG_EXTRACTOR = CORPUS / "TeamMsgExtractor+msg-extractor"
SISIMAI = CORPUS / "sisimai+set-of-emails" / "maildir" / "bsd"
XARF = (CORPUS / "xarf+xarf-spec" / "samples", CORPUS / "xarf+xarf-parser-tests" / "samples" / "valid")
XARF_V3 = CORPUS / "abusix+xarf" / "samples" / "positive"
INVALID = (CORPUS / "xarf+xarf-parser-tests" / "samples" / "invalid", CORPUS / "abusix+xarf" / "samples" / "negative")


def expected() -> dict[str, Any]:
    return dict(json.loads((MAIL_ABUSE / "EXPECTED.json").read_text()))


def moment(epoch: int) -> datetime:
    return datetime.fromtimestamp(epoch, UTC)


def files(*folders: Path, ending: str) -> list[Path]:
    return sorted(path for folder in folders for path in folder.rglob(f"*{ending}"))


@pytest.mark.parametrize("path", sorted(MAIL_ABUSE.glob("spamcop-*.eml")), ids=lambda path: path.stem)
def test_address_and_time_of_a_spamcop_report_are_those_of_mail_abuse(path: Path) -> None:
    wanted = expected()["spamcop"]
    found = read(path.read_bytes())

    assert f"{found.fields['source-ip'][0]}/32" == wanted["ip"]
    assert found.arrived == moment(wanted["time_epoch"])
    assert (found.kind, found.feedback_type) == (Kind.SPAMCOP, FeedbackType.ABUSE)


@pytest.mark.parametrize("path", sorted(MAIL_ABUSE.glob("received-*.eml")), ids=lambda path: path.stem)
def test_the_hops_of_a_reported_mail_are_those_of_mail_abuse(path: Path) -> None:
    wanted = expected()["received"]
    (original,) = read(path.read_bytes()).originals

    hops = [(f"{hop.from_ip}/32", hop.at) for hop in original.received]
    told = [(wanted[f"incident_{n}"]["ip"], moment(wanted[f"incident_{n}"]["time_epoch"])) for n in (1, 2)]
    assert hops == told


@pytest.mark.parametrize("path", files(*XARF, XARF_V3, ending=".json"), ids=lambda path: path.stem)
def test_every_valid_xarf_sample_is_read_as_xarf(path: Path) -> None:
    for found in (read(path.read_bytes()), read_source(path.read_bytes())):
        assert found.kind is Kind.XARF
        assert found.is_complaint or found.reason


@pytest.mark.parametrize("path", files(*INVALID, ending=".json"), ids=lambda path: path.stem)
def test_an_invalid_xarf_sample_is_still_read_as_far_as_it_can_be(path: Path) -> None:
    """Other than a validator, a desk acts on what a careless reporter sends; without its version it is no XARF."""
    found = read(path.read_bytes())
    assert found.kind in (Kind.XARF, Kind.UNREADABLE)
    assert not [defect for defect in found.defects if "failed" in defect]


@pytest.mark.parametrize("path", sorted(SISIMAI.glob("arf-*.eml")), ids=lambda path: path.stem)
def test_the_feedback_type_is_the_one_that_sisimai_says(path: Path) -> None:
    number = int(path.stem.removeprefix("arf-"))
    wanted = {12: "opt-out", 26: "opt-out", 18: "auth-failure", 19: "auth-failure", 20: "auth-failure"}

    assert read(path.read_bytes()).feedback_type == wanted.get(number, "abuse")


def test_address_and_recipient_of_an_old_junk_mail_report_are_sisimais() -> None:
    found = read(existing(SISIMAI / "arf-22.eml").read_bytes())

    assert found.fields["source-ip"][0] in (found.subject or "")
    assert found.derived["original-rcpt-to"] == "X-HmXmrOriginalRecipient"


def test_an_outlook_file_is_read_as_msg_extractor_reads_it_but_for_its_date() -> None:
    """Its date is when the file was made, in local time called GMT: the message was never sent, so it has none."""
    (answer,) = (MSG_EXTRACTOR / "expected").glob("*.message.txt")
    told = answer.read_text(encoding="utf-8", errors="replace")
    (original,) = read((MSG_EXTRACTOR / "strangeDate.msg").read_bytes()).originals

    assert f"Subject: {original.subject}\n" in told
    assert all(recipient in told for recipient in original.recipients)
    body = original.raw.partition(b"\r\n\r\n")[2].decode()
    # Links stand in angle brackets behind their words in one of the two.
    assert words(body)[:40] == words(told.partition("-----------------")[2])[:40]
    assert original.date is None


def words(text: str) -> list[str]:
    return re.findall(r"\w+", text)


def existing(path: Path) -> Path:
    if not path.exists():
        pytest.skip("this part of the corpus is not on this machine")
    return path
