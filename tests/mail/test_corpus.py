"""The golden corpus: each `NNN.eml` is read as `NNN.json` says. A key that the JSON leaves out is not judged."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from app.mail.domain import Hop, Original, Reading
from app.mail.fields.authres import smtp_login
from app.mail.read import read

CORPUS = Path(__file__).parents[1] / "corpus"
PAIRS = sorted(CORPUS.glob("*.json"))


@pytest.mark.parametrize("expected_file", PAIRS, ids=lambda path: path.stem)
def test_a_message_is_read_as_its_golden_answer_says(expected_file: Path) -> None:
    expected = json.loads(expected_file.read_text())
    about = expected.pop("about")
    told = _told(read(expected_file.with_suffix(".eml").read_bytes()), expected)

    assert told == expected, about


def test_every_message_has_an_answer_and_every_answer_a_message() -> None:
    assert {path.stem for path in CORPUS.glob("*.eml")} == {path.stem for path in PAIRS}
    assert len(PAIRS) > 50


def _told(found: Reading, expected: dict[str, Any]) -> dict[str, Any]:
    """The reading in the words of the golden file, cut down to what the file judges."""
    whole = {
        "kind": found.kind.value,
        "feedback_type": found.feedback_type and found.feedback_type.value,
        "is_complaint": found.is_complaint,
        "fields": {name: list(values) for name, values in found.fields.items()},
        "derived": dict(found.derived),
        "originals": [_original(*pair) for pair in _paired(found.originals, expected.get("originals", []))],
        "reporter": found.reporter,
        "subject": found.subject,
        "text": found.text,
        "arrived": found.arrived and found.arrived.isoformat(),
        "defects": list(found.defects),
        "reason": found.reason,
        "login": smtp_login(found.fields.get("authentication-results", ())),
        "starts": found.originals[0].raw.splitlines()[0].decode() if found.originals else None,
    }
    return {key: whole[key] for key in expected}


def _paired(originals: tuple[Original, ...], wanted: list[dict[str, Any]]) -> list[tuple[Original, dict[str, Any]]]:
    return [(original, wanted[i] if i < len(wanted) else {}) for i, original in enumerate(originals)]


def _original(original: Original, wanted: dict[str, Any]) -> dict[str, Any]:
    whole: dict[str, Any] = {
        "message_id": original.message_id,
        "from": original.from_,
        "return_path": original.return_path,
        "subject": original.subject,
        "date": original.date and original.date.isoformat(),
        "headers_only": original.headers_only,
        "verifiable": original.verifiable,
        "recipients": list(original.recipients),
    }
    told = {key: value for key, value in whole.items() if key in wanted}
    if "hops" in wanted:
        hops = original.received
        told["hops"] = [_hop(hop, wanted["hops"][i] if i < len(wanted["hops"]) else {}) for i, hop in enumerate(hops)]
    return told


def _hop(hop: Hop, wanted: dict[str, Any]) -> dict[str, Any]:
    whole = {
        "from_host": hop.from_host,
        "from_ip": hop.from_ip,
        "by_host": hop.by_host,
        "protocol": hop.protocol,
        "queue_id": hop.queue_id,
        "for": hop.for_address,
        "at": hop.at and hop.at.isoformat(),
    }
    return {key: value for key, value in whole.items() if key in wanted} if wanted else whole
