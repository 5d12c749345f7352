"""Hands stored reports to the workers and takes their findings back."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import timedelta
from uuid import UUID

from app.errors import Rejected
from app.intake import store as rows
from app.intake.domain import Claimed, Finding, ReportState
from app.intake.service.opening import addresses_told, opened
from app.intake.service.reading import find
from app.jobs import WORK_OFF
from app.uow import Work

LEASE = timedelta(seconds=30)
"""How long a worker may take for a batch before another may take the reports again."""

BATCH_BYTES = 64 * 1024 * 1024
"""How many bytes of messages a batch has at the most, so that hundreds of large ones do not fill the memory."""

MOST_ATTEMPTS = 5
"""A report that was taken this often and never came back took its workers down: it goes to the quarantine."""


def claim(work: Work, limit: int) -> list[Claimed]:
    """Takes up to `limit` waiting reports of at most BATCH_BYTES to be worked off, for LEASE; empty: nothing waits.

    Reports that came back untouched are taken in ever smaller batches, so that the one that takes its worker
    down is found and the others go on.
    """
    attempts = rows.next_due_attempts(work.session, work.now)
    if attempts is None:
        return []
    due = rows.due(work.session, work.now, attempts, max(1, limit >> (2 * attempts)))
    reports = rows.claim(work.session, within(due, BATCH_BYTES), work.now + LEASE, attempts)
    return opened(work, reports)


def within(sizes: Sequence[tuple[UUID, int]], limit: int) -> list[UUID]:
    """The first reports that have at most `limit` bytes together; the first one whatever it has."""
    kept: list[UUID] = []
    total = 0
    for report, size in sizes:
        total += size
        if kept and total > limit:
            break
        kept.append(report)
    return kept


def finish(work: Work, claimed: Iterable[Claimed], findings: Sequence[Finding]) -> set[UUID]:
    """Writes what was found out; the reports that were still ours to finish.

    A report whose lease ran out and that another worker took meanwhile is left alone: write nothing else for it.
    """
    told = {each.id: each for each in claimed}
    ours = rows.still_claimed(work.session, {report: each.attempts for report, each in told.items()})
    kept = [finding for finding in findings if finding.report in ours]
    keys = work.vault.open(finding.report for finding in kept)
    rows.change_reports(work.session, [_judged(work, finding, keys.get(finding.report)) for finding in kept])
    work.vault.tag({finding.report: _addresses(finding, told[finding.report]) for finding in kept})
    return ours


def _addresses(finding: Finding, claimed: Claimed) -> frozenset[str]:
    return finding.addresses | addresses_told(claimed.reporter, claimed.words)


def _judged(work: Work, finding: Finding, key: bytes | None) -> dict[str, object]:
    summary = json.dumps(dict(finding.summary), ensure_ascii=False).encode()
    return {
        "id": finding.report,
        "state": ReportState.RECEIVED if finding.retry_at else finding.state,
        "reason": finding.reason,
        "kind": finding.kind,
        "feedback_type": finding.feedback_type,
        "is_complaint": finding.is_complaint,
        "judged_at": None if finding.retry_at else work.now,
        "due_at": finding.retry_at,
        "summary": work.vault.seal(key, f"report.summary:{finding.report}", summary) if key else None,
    }


def reread(work: Work, report: UUID) -> None:
    """Sends a report through the reading again. Raises NotFound; Rejected where its message is gone."""
    found = find(work, report)
    if not rows.raw_of(work.session, [report]):
        raise Rejected("The message of this report is gone, it cannot be read again.")
    found.state, found.due_at, found.attempts = ReportState.RECEIVED, work.now, 0
    work.enqueue(WORK_OFF.name)


def waiting(work: Work) -> int:
    """How many reports are due to be worked off."""
    return rows.waiting(work.session, work.now)
