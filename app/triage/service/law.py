"""The worksheets of a case's report, filled in from its letter, and what staff say to them."""

from __future__ import annotations

from uuid import UUID

from app.audit.domain import Actor
from app.compliance import service as compliance
from app.compliance.domain import Facts, Opinion
from app.compliance.service import Sheet
from app.errors import NotFound
from app.intake.domain import ASKED_TO_UNSUBSCRIBE
from app.mail.domain import Original
from app.mail.fields.dates import read_date
from app.triage.service.letter import Letter, letter
from app.triage.service.reading import cases_of_report
from app.triage.service.reporter import reporter_of
from app.uow import Work

__all__ = ["Sheet", "correct", "judge", "worksheets"]


def worksheets(work: Work, report: UUID, opened: Letter) -> list[Sheet]:
    """The worksheet of each reported message, in their order; none once the message is gone."""
    reporter = reporter_of(work, report)
    given = [(each.original, _facts(opened, each.original, reporter)) for each in opened.messages]
    return compliance.sheets(work, report, given) if given else []


def _facts(opened: Letter, original: Original, reporter: str | None) -> Facts:
    told = (*opened.fields.get("original-rcpt-to", ()), *original.recipients, reporter)
    return Facts(
        recipient=next((each for each in told if each and "@" in each), None),
        opted_out=read_date(opened.answers.get(ASKED_TO_UNSUBSCRIBE)),
        arrived=read_date(next(iter(opened.fields.get("arrival-date", ())), None)),
    )


def judge(
    work: Work, actor: Actor, number: int, report: UUID, position: int, rule: str, opinion: Opinion, note: str
) -> str:
    """Keeps what the actor says to a line; the line's title.

    Raises NotFound where the case has no such report, message or line, or the message is gone; Rejected for an
    unfit note.
    """
    line = _sheet(work, number, report, position).line(rule)
    compliance.judge(work, actor, report, position, line, opinion, note)
    return line.title


def correct(work: Work, actor: Actor, number: int, report: UUID, position: int, country: str) -> None:
    """Keeps where the recipient lives; "" goes back to the guess. Raises NotFound; Rejected for no such country."""
    _sheet(work, number, report, position)
    compliance.correct(work, actor, report, position, country)


def _sheet(work: Work, number: int, report: UUID, position: int) -> Sheet:
    if number not in [each.number for each in cases_of_report(work, report)]:
        raise NotFound("This case has no such report.")
    found = worksheets(work, report, letter(work, report))
    if position >= len(found):
        raise NotFound("This report holds no such message, or not any more.")
    return found[position]
