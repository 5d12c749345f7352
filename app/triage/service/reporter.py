"""What triage knows of the person who reported, and what that person may know of triage."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from app.intake import service as intake
from app.triage.domain import CaseStatus, Outcome
from app.triage.store import cases as store
from app.uow import Work

TOLD = {
    Outcome.SUSPENDED: "We have stopped the sender of this message from sending through us.",
    Outcome.WARNED: "We have dealt with the sender of this message and told them what must change.",
    Outcome.NO_ACTION: "We have looked into this and found nothing that we had to act on.",
    Outcome.NOT_OURS: "We have looked into this: the message was not sent through us, so we cannot stop its sender.",
    Outcome.NOT_ABUSE: "We have looked into this and found that the message does not break our sending rules.",
    Outcome.DUPLICATE: "This was reported before, and we deal with it there.",
}
"""The outcome in words for the reporter: nothing about who the sender is, nothing that staff wrote."""


class Decided(NamedTuple):
    """What the reporter may know: when it was decided and the outcome in words; both None until then."""

    decided_at: datetime | None = None
    outcome: str | None = None


def reporter_view(work: Work, report: UUID) -> Decided:
    """When the newest case of a report was decided and the outcome in words for its reporter.

    Both None while it is not decided, or where the report is in no case.
    """
    case = store.latest_of_report(work.session, report)
    if case is None or case.status is not CaseStatus.RESOLVED or case.outcome is None:
        return Decided()
    return Decided(case.resolved_at, TOLD[case.outcome])


def reporter_of(work: Work, report: UUID) -> str | None:
    """The reporter's address; None where it is not known. Raises NotFound."""
    intake.find(work, report)
    return reporters_of(work, [report]).get(report)


def reporters_of(work: Work, reports: Sequence[UUID]) -> dict[UUID, str]:
    """Report → its reporter's address: as given in the form, else where the mail came from, where either is known."""
    there = list(intake.found(work, reports).values())
    given = intake.reporters(work, there)
    said = intake.summaries(work, there)
    known = {each.id: given.get(each.id) or said[each.id].get("reporter") for each in there}
    return {report: str(address) for report, address in known.items() if address}
