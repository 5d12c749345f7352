"""What other readers say of their own samples (`../shared/corpus`): met, or the difference argued.

Stalwart's and rspamd's answers are in test_shared_corpus, crisp's in test_inline_corpus, the DKIM verifiers' in
test_signatures_corpus, msg-extractor's in test_outlook.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from app.mail.domain import FeedbackType, Kind
from app.mail.read import read, read_source

CORPUS = Path(__file__).parents[3] / "shared" / "corpus"
pytestmark = pytest.mark.skipif(not CORPUS.is_dir(), reason="the shared corpus is not here")

MAIL_ABUSE = CORPUS / "gitpan+Mail-Abuse"
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
