"""What the desk's pages and commands show of cases: the queue, one case with its reports, a sender's figures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from app.attribution import service as attribution
from app.attribution.domain import Verdict
from app.audit.domain import Actor
from app.enforcement.domain import case_reference
from app.errors import NotFound
from app.intake import service as intake
from app.intake.domain import Category, Door, ReportState
from app.mail.domain import FeedbackType, Kind
from app.triage.queue import Counts, Filter, Place, Row
from app.triage.service.reporter import reporters_of
from app.triage.store import pages as store
from app.uow import Work
from app.values import dataclass

PAGE = 50
REPORTS = 20
"""How many reports of a case are shown."""


@dataclass(frozen=True, slots=True)
class Page:
    """A page of the queue. subjects: case → subject of its sample report, where that is known. newer, older: the
    place to go on from, None at the end."""

    rows: tuple[Row, ...]
    subjects: Mapping[UUID, str]
    newer: Place | None
    older: Place | None


@dataclass(frozen=True, slots=True)
class Brief:
    """A report in a list. subject, reporter: hostile text, None where not known (any more)."""

    id: UUID
    receipt: str
    door: Door
    state: ReportState
    reason: str
    kind: Kind | None
    feedback_type: FeedbackType | None
    category: Category | None
    arrived_at: datetime
    size: int
    subject: str | None
    reporter: str | None
    verdict: Verdict | None
    sender: str | None


def queue(
    work: Work, wanted: Filter, *, before: Place | None = None, after: Place | None = None, limit: int = PAGE
) -> Page:
    """Cases, the most urgent first, of those the newest first; below `before`, or the nearest above `after`."""
    mentioning = _mentioning(work, wanted)
    found = store.page(work.session, wanted, mentioning=mentioning, before=before, after=after, limit=limit + 1)
    more = len(found) > limit
    rows = tuple(found[1:] if after and more else found[:limit])
    newer = bool(rows) and (more if after else before is not None)
    older = bool(rows) and (after is not None or more)
    return Page(rows, subjects(work, rows), rows[0].place if newer else None, rows[-1].place if older else None)


def changed(work: Work, wanted: Filter, since: datetime) -> int:
    """How many of the cases that are wanted came or changed after `since`."""
    return store.changed(work.session, wanted, _mentioning(work, wanted), since)


def _mentioning(work: Work, wanted: Filter) -> list[UUID]:
    """The reports that the searched text is about, where it has an address in it."""
    return work.vault.mentioning(wanted.text) if "@" in wanted.text else []


def subjects(work: Work, rows: Sequence[Row]) -> dict[UUID, str]:
    """Case → the subject of its sample report, where that can still be read."""
    reports = intake.found(work, [row.sample for row in rows if row.sample])
    said = intake.summaries(work, list(reports.values()))
    known = {row.id: subject_in(said.get(row.sample, {})) for row in rows if row.sample}
    return {case: subject for case, subject in known.items() if subject}


def subject_in(summary: Mapping[str, object]) -> str | None:
    """The subject of the reported message, else of the report itself."""
    original = summary.get("original")
    of_original = original.get("subject") if isinstance(original, dict) else None
    subject = of_original or summary.get("subject")
    return str(subject) if subject else None


def counts(work: Work, actor: Actor) -> Counts:
    """How many open cases each saved view of the actor shows."""
    return store.counts(work.session, actor.staff_id)


def case(work: Work, number: int) -> Row:
    """The case. Raises NotFound."""
    found = store.one(work.session, number)
    if found is None:
        raise NotFound(f"There is no case {case_reference(number)}.")
    return found


def cases_of_report(work: Work, report: UUID) -> list[Row]:
    """The cases a report is in, newest first."""
    return cases_of_reports(work, [report]).get(report, [])


def cases_of_reports(work: Work, reports: Sequence[UUID]) -> dict[UUID, list[Row]]:
    """Report → the cases it is in, newest first; reports that are in none are left out."""
    return store.of_reports(work.session, reports)


def reports(work: Work, row: Row, limit: int = REPORTS) -> list[Brief]:
    """The newest reports of a case, newest first."""
    return briefs(work, store.reports(work.session, row.id, limit))


def report(work: Work, report: UUID) -> Brief:
    """One report. Raises NotFound."""
    return briefs(work, [intake.find(work, report).id])[0]


def arrivals(
    work: Work,
    state: ReportState | None = None,
    *,
    enrolment: bool = False,
    before: tuple[datetime, UUID] | None = None,
    limit: int = PAGE,
) -> list[Brief]:
    """Reports, newest first, of one state where given; before: arrival and id of the last one seen.

    enrolment: only mails about joining a feedback loop, which a person has to follow.
    """
    found = intake.page(work, state=state, enrolment=enrolment, before=before, limit=limit)
    return briefs(work, [each.id for each in found])


def briefs(work: Work, wanted: Sequence[UUID]) -> list[Brief]:
    """Those of the reports that there are, in this order, with what a list shows of them."""
    found = intake.found(work, wanted)
    there = [found[report] for report in wanted if report in found]
    said, reporters = intake.summaries(work, there), reporters_of(work, list(found))
    verdicts = attribution.headlines(work, list(found))
    return [
        Brief(
            id=each.id,
            receipt=each.receipt,
            door=each.door,
            state=each.state,
            reason=each.reason,
            kind=each.kind,
            feedback_type=each.feedback_type,
            category=each.category,
            arrived_at=each.arrived_at,
            size=each.size,
            subject=subject_in(said[each.id]),
            reporter=reporters.get(each.id),
            verdict=verdicts[each.id].verdict if each.id in verdicts else None,
            sender=verdicts[each.id].sender if each.id in verdicts else None,
        )
        for each in there
    ]


def open_by_sender(work: Work, senders: Sequence[str]) -> dict[str, int]:
    """Sender → how many open cases it has, where it has any."""
    return store.open_by_sender(work.session, senders)
