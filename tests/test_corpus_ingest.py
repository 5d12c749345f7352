"""Every real message of the corpus ends as a report with a reason, or in the quarantine with a sentence.

The corpus is not part of the repository; without it these tests are skipped.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pytest
from sqlmodel import select

from app.bootstrap import Desk
from app.intake import service as intake
from app.intake.domain import Arrival, Door, ReportState, Stored
from app.intake.models import Report
from app.pipeline import work_off

CORPUS = Path(__file__).parents[2] / "shared" / "corpus"

pytestmark = pytest.mark.skipif(not CORPUS.is_dir(), reason="the corpus is not here")


def messages() -> list[bytes]:
    return [path.read_bytes() for path in sorted(CORPUS.rglob("*")) if path.is_file() and path.stat().st_size]


def ingest(desk: Desk, raws: Sequence[bytes]) -> list[Stored]:
    stored = []
    for at in range(0, len(raws), 100):
        with desk.work() as work:
            stored += intake.store_many(work, [Arrival(raw, Door.COMMAND) for raw in raws[at : at + 100]])
    while work_off(desk, 100):
        pass
    return stored


def test_every_message_ends_with_a_sentence_and_a_second_ingest_adds_nothing(desk: Desk) -> None:
    raws = messages()

    first = ingest(desk, raws)
    again = ingest(desk, raws)

    with desk.work() as work:
        reports = work.session.exec(select(Report)).all()
        assert intake.waiting(work) == 0
    assert {report.id for report in reports} == {stored.report for stored in first}
    assert all(stored.duplicate for stored in again)
    assert Counter(report.state for report in reports)[ReportState.RECEIVED] == 0
    assert all(report.reason.endswith(".") and report.due_at is None for report in reports)


def test_no_message_fails_by_a_fault_of_ours(desk: Desk) -> None:
    ingest(desk, messages())

    with desk.work() as work:
        quarantined = work.session.exec(select(Report).where(Report.state == ReportState.QUARANTINED)).all()
    assert not [report.reason for report in quarantined if "could not" in report.reason or "failed" in report.reason]
