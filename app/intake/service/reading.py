"""Finds reports and what is known of them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from app.errors import NotFound
from app.intake import store as rows
from app.intake.domain import Claimed, ReportState
from app.intake.models import Report
from app.intake.service.opening import opened, unsealed, unsealed_raw
from app.uow import Work
from app.values import dataclass


@dataclass(frozen=True, slots=True)
class ReportStatus:
    """What a reporter may know by the receipt alone."""

    report: UUID
    receipt: str
    arrived_at: datetime
    state: ReportState
    judged_at: datetime | None


def find(work: Work, report: UUID) -> Report:
    """The report. Raises NotFound."""
    found = work.session.get(Report, report)
    if found is None:
        raise NotFound("There is no such report.")
    return found


def found(work: Work, reports: Sequence[UUID]) -> dict[UUID, Report]:
    """Those of the reports that there are."""
    return rows.by_id(work.session, reports)


def page(
    work: Work,
    *,
    state: ReportState | None = None,
    enrolment: bool = False,
    before: tuple[datetime, UUID] | None = None,
    limit: int = 50,
) -> Sequence[Report]:
    """Reports, newest first, of one state where given; before: arrival and id of the last one seen.

    enrolment: only mails about joining a feedback loop.
    """
    return rows.page(work.session, state=state, enrolment=enrolment, before=before, limit=limit)


def by_reference(work: Work, reference: str) -> Report:
    """The report with this id or receipt. Raises NotFound."""
    found = rows.by_receipt(work.session, reference.strip().upper())
    if found is not None:
        return found
    try:
        return find(work, UUID(reference))
    except ValueError:
        raise NotFound("There is no report with this id or receipt.") from None


def raw_of(work: Work, report: UUID) -> bytes | None:
    """The raw message of a report, None once it is gone."""
    raws = rows.raw_of(work.session, [report])
    return unsealed_raw(work, raws.get(report), work.vault.open(raw.id for raw in raws.values()))


def contents(work: Work, reports: Sequence[Report]) -> dict[UUID, Claimed]:
    """Reports with what is sealed of them opened (raw message, reporter, words), for a page or a command."""
    return {each.id: each for each in opened(work, [rows.sealed_of(report) for report in reports])}


def reporters(work: Work, reports: Sequence[Report]) -> dict[UUID, str]:
    """Report → the address its reporter gave in the form, where one was given and is not forgotten."""
    keys = work.vault.open(report.id for report in reports if report.reporter)
    given = {each.id: each.reporter for each in reports if each.id in keys}
    return {report: unsealed(work, keys[report], f"report.reporter:{report}", of) for report, of in given.items()}


def summaries(work: Work, reports: Sequence[Report]) -> dict[UUID, Mapping[str, object]]:
    """What stays readable of each report after its raw message is gone; empty once forgotten."""
    keys = work.vault.open(report.id for report in reports)
    places = {report.id: f"report.summary:{report.id}" for report in reports}
    return {
        report.id: json.loads(unsealed(work, keys.get(report.id), places[report.id], report.summary) or "{}")
        for report in reports
    }


def status(work: Work, receipt: str) -> ReportStatus:
    """What the holder of a receipt may know. Raises NotFound."""
    report = rows.by_receipt(work.session, receipt.strip().upper())
    if report is None:
        raise NotFound("There is no report with this code.")
    return ReportStatus(report.id, report.receipt, report.arrived_at, report.state, report.judged_at)
