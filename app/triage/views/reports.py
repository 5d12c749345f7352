"""Everything that arrived, and the drawer of what could not be read."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from flask import g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.intake.domain import ReportState
from app.mail.domain import Kind
from app.staff.domain import Permission
from app.staff.guards import current_actor, permitted
from app.triage import service
from app.triage.views.cases import opened_report
from app.triage.views.front import address, chosen, desk, moment
from app.triage.views.telling import tell


@desk.get("/reports")
@permitted(Permission.READ_CASES)
def reports() -> str:
    """Reports, newest first."""
    state = chosen(ReportState, "state")
    enrolment = request.args.get("kind") == Kind.ENROLMENT
    found, older = _page(state, enrolment)
    return render_template(
        "triage/reports.html",
        reports=found,
        state=state,
        states=list(ReportState),
        enrolment=enrolment,
        older=older,
        address=address,
    )


@desk.get("/quarantine")
@permitted(Permission.REREAD)
def quarantine() -> str:
    """Reports that could not be read, each with its reason."""
    found, older = _page(ReportState.QUARANTINED)
    return render_template("triage/quarantine.html", reports=found, older=older)


def _page(state: ReportState | None, enrolment: bool = False) -> tuple[list[service.Brief], str | None]:
    """One page of reports and the address of the next, None at the end."""
    found = service.arrivals(g.work, state, enrolment=enrolment, before=_before(), limit=service.PAGE + 1)
    shown = found[: service.PAGE]
    if len(found) <= service.PAGE:
        return shown, None
    return shown, address(before=f"{shown[-1].arrived_at.isoformat()}|{shown[-1].id}")


def _before() -> tuple[datetime, UUID] | None:
    at, _, report = request.args.get("before", "").partition("|")
    arrived = moment(at)
    try:
        return (arrived, UUID(report)) if arrived else None
    except ValueError:
        return None


@desk.get("/reports/<uuid:report>")
@permitted(Permission.READ_CASES)
def report(report: UUID) -> str:
    """One report: how it stands, whose mail it was, what it holds."""
    return render_template(
        "triage/report.html", cases=service.cases_of_report(g.work, report), **opened_report(report)
    )


@desk.post("/reports/<uuid:report>/reread")
@permitted(Permission.REREAD)
def reread(report: UUID) -> Response:
    """The report goes through the reading again."""
    service.reread(g.work, current_actor(), report)
    tell(f"Report {service.report(g.work, report).receipt[:5]}… is being read again.")
    return redirect(url_for("triage.report", report=report), 303)
