"""Real mails that nobody here wrote, where they are at hand (`../shared/corpus`); skipped where they are not."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from app.mail.domain import Kind, Reading
from app.mail.fields.dates import read_date
from app.mail.read import read, read_source

CORPUS = Path(__file__).parents[3] / "shared" / "corpus"
pytestmark = pytest.mark.skipif(not CORPUS.is_dir(), reason="the shared corpus is not here")

SET_ASIDE = {Kind.BOUNCE, Kind.AUTO_REPLY, Kind.DMARC_AGGREGATE, Kind.TLS_RPT, Kind.UNREADABLE}
PEOPLE = ("not-is-not-bounce-01.eml", "not-is-not-bounce-02.eml")
"""Among the negatives of a bounce reader, but a person's mails."""


def rows(start: str) -> list[dict[str, Any]]:
    manifest = CORPUS / "MANIFEST.json"
    found = json.loads(manifest.read_text()) if manifest.exists() else []
    return [row for row in found if row["kind"].startswith(start)]


def reading(row: dict[str, Any]) -> Reading:
    return read((CORPUS / row["file"]).read_bytes())


def name(row: dict[str, Any]) -> str:
    return str(row["file"]).replace("/", "·")


@pytest.mark.parametrize("row", rows("arf-"), ids=name)
def test_every_feedback_report_is_read_as_one(row: dict[str, Any]) -> None:
    found = reading(row)
    said = row["kind"].removeprefix("arf-")
    if said == "xarf":
        assert found.kind is Kind.XARF
        return
    assert (found.kind, found.feedback_type) == (Kind.ARF, said)
    assert found.is_complaint == (said == "abuse")
    assert {field.lower() for field in row["fields"]} <= set(found.fields)
    if row.get("orig_mid"):
        # The manifest names the first Message-ID; where there are two the last one is the sender's (Cox).
        assert (found.originals[0].first("Message-ID") or "") == row["orig_mid"]


@pytest.mark.parametrize("row", rows("jmrp"), ids=name)
def test_every_junk_mail_report_of_microsoft_is_read_as_one(row: dict[str, Any]) -> None:
    found = reading(row)
    assert (found.kind, found.feedback_type, found.is_complaint) == (Kind.JMRP, "abuse", True)
    assert {"source-ip", "original-rcpt-to", "arrival-date"} <= set(found.derived)


@pytest.mark.parametrize("row", rows("negative"), ids=name)
def test_what_is_no_complaint_is_set_aside(row: dict[str, Any]) -> None:
    found = reading(row)
    if row["file"].endswith(PEOPLE):
        assert found.kind in (Kind.PERSON, Kind.FORWARDED)
        return
    assert found.kind in SET_ASIDE
    assert not found.is_complaint
    assert found.reason


@pytest.mark.parametrize(
    ("start", "kind"), [("spamcop", Kind.SPAMCOP), ("x-arf", Kind.X_ARF), ("forward", Kind.FORWARDED)]
)
def test_the_other_kinds_are_told_apart(start: str, kind: Kind) -> None:
    assert {reading(row).kind for row in rows(start)} <= {kind}


@pytest.mark.parametrize("answer", sorted(CORPUS.glob("stalwartlabs*/arf/*.json")), ids=lambda path: path.stem)
def test_stalwarts_answers_are_met(answer: Path) -> None:
    expected = json.loads(answer.read_text())
    found = read(answer.with_suffix(".eml").read_bytes())
    assert (found.feedback_type or "").replace("-", "") == expected["feedback_type"].lower()
    assert int(found.fields.get("incidents", ("1",))[0]) == expected["incidents"]
    for key, value in expected.items():
        if key in ("feedback_type", "incidents", "version", "source_port", "message", "headers"):
            continue
        assert matches(found, key, value), key


def matches(found: Reading, key: str, value: Any) -> bool:
    told = found.fields.get(key.replace("_", "-"), ())
    if key == "arrival_date":
        told = told or found.fields.get("received-date", ())
        return (read_date(told[0]).timestamp() if told else None) == value  # type: ignore[union-attr]
    if key in ("auth_failure", "delivery_result", "identity_alignment"):
        return value == "Unspecified" or told[0].replace("-", "").lower() == value.lower()
    wanted = value if isinstance(value, list) else [value] if value else []
    return [" ".join(v.split()) for v in wanted] == [" ".join(v.split()) for v in told]


def test_the_values_rspamd_derives_are_derived() -> None:
    folder = CORPUS / "rspamd+rspamd"
    for file, expected in json.loads((folder / "EXPECTED.json").read_text()).items():
        if file == "note":
            continue
        found = read((folder / file).read_bytes())
        for key, text in expected.items():
            value, _, origin = text.partition(" (derived")
            assert found.fields[key.replace("_", "-")] == (value,)
            header = origin.removeprefix(" from ").removesuffix(")").split(" client")[0].replace("topmost ", "")
            assert header in found.derived.get(key.replace("_", "-"), "")


def test_no_file_at_all_raises() -> None:
    for path in CORPUS.rglob("*"):
        if path.is_file():
            for found in (read(path.read_bytes()), read_source(path.read_bytes())):
                assert not [defect for defect in found.defects if " failed (" in defect], path.name
