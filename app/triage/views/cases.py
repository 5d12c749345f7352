"""One case: what is claimed, whose mail it was and why, the message, and what staff do about it.

Reading is one page; every act is a POST of its own with a permission of its own. An act that the case's state
forbids raises, so that the request's unit of work is rolled back.
"""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from flask import abort, flash, g, redirect, render_template, request, url_for
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response

from app.attribution import service as attribution
from app.attribution.domain import Clue, Strength
from app.enforcement import service as enforcement
from app.enforcement.domain import Queued, case_reference
from app.enforcement.proof import Stage, worst
from app.enforcement.service import Preview
from app.senders import service as senders
from app.senders.domain import SenderFact
from app.staff.domain import Permission
from app.staff.guards import current_actor, permissions, permitted
from app.triage import service
from app.triage.action_forms import ActionForm, EndForm
from app.triage.domain import CaseStatus, Outcome
from app.triage.forms import NoteForm, ReasonForm, ResolveForm, by_name
from app.triage.law_forms import OpinionForm
from app.triage.queue import Row
from app.triage.service import law
from app.triage.service.letter import Letter
from app.triage.service.reading import Brief
from app.triage.views.actions import action_form, in_force, wanted, words_of_case
from app.triage.views.front import cleaner, desk
from app.triage.views.telling import named, tell, tell_acted, tell_claimed

WEIGHTIEST_FIRST = (Strength.CONTRADICTS, Strength.PROVES, Strength.STRONG, Strength.WEAK)


@desk.get("/cases/<int:number>")
@permitted(Permission.READ_CASES)
def case(number: int) -> str:
    """The case, in the order a judge reads."""
    return page(service.case(g.work, number))


def page(
    row: Row,
    *,
    faulty: FlaskForm | None = None,
    unmasked: str | None = None,
    judged: tuple[int, str] | None = None,
) -> str:
    """The case's page. faulty: a form to show again. judged: position and rule of the line that it is about."""
    reports = service.reports(g.work, row)
    opened = opened_report(_shown(row, [each.id for each in reports]))
    sender = senders.found(g.work, [row.sender_id]).get(row.sender_id) if row.sender_id else None
    hits = enforcement.preview(g.work, sender.id) if sender and row.status is CaseStatus.OPEN else None
    return render_template(
        "triage/case.html",
        case=row,
        subject=service.subjects(g.work, [row]).get(row.id),
        reports=reports,
        timeline=service.timeline(g.work, row.id),
        sender=sender,
        others=service.open_by_sender(g.work, [sender.id]).get(sender.id, 0) if sender else 0,
        suspension=enforcement.active_suspension(g.work, sender.id) if sender else None,
        **_enforcement(sender),
        preview=hits,
        forms=_forms(faulty) | _action_form(row, hits, faulty),
        unmasked=unmasked,
        mine=row.assignee_id == current_actor().staff_id,
        sheets=_sheets(opened),
        judged=judged,
        **opened,
    )


def _enforcement(sender: SenderFact | None) -> dict[str, object]:
    """What is in force for the case's sender, and how far it reached the mail servers."""
    if sender is None:
        return {"in_force_now": [], "proofs": (), "attempts": (), "leaking": False}
    proofs = enforcement.proofs(g.work, [sender.id]).get(sender.id, ())
    return {
        "in_force_now": in_force(sender.id),
        "proofs": proofs,
        "leaking": worst(proofs) is Stage.LEAKING,
        "attempts": enforcement.attempts(g.work, sender.id, 20),
    }


def _action_form(row: Row, hits: Preview | None, faulty: FlaskForm | None) -> dict[str, FlaskForm]:
    if hits is None or isinstance(faulty, ActionForm) or Permission.ACT not in permissions():
        return {}
    form = action_form(hits)
    form.facts.data = words_of_case(row)
    return {"act": form}


def _sheets(opened: Mapping[str, object]) -> list[law.Sheet]:
    """The worksheets of the report that is shown, where the role may read its message."""
    shown, letter = opened["report"], opened["letter"]
    return law.worksheets(g.work, shown.id, letter) if isinstance(letter, Letter) and isinstance(shown, Brief) else []


def _forms(faulty: FlaskForm | None) -> dict[str, FlaskForm]:
    fresh = {
        "note": NoteForm(formdata=None, prefix="note"),
        "suspend": ReasonForm(formdata=None, prefix="suspend"),
        "reinstate": EndForm(formdata=None, prefix="reinstate"),
        "unmask": ReasonForm(formdata=None, prefix="unmask"),
        "resolve": ResolveForm(formdata=None, prefix="resolve"),
        "law": OpinionForm(formdata=None, prefix="law"),
    }
    return fresh | by_name(faulty)


def _shown(row: Row, reports: list[UUID]) -> UUID | None:
    """The report that the address asks for, else the case's newest."""
    try:
        asked = UUID(str((request.view_args or {}).get("report") or request.args.get("report", "")))
    except ValueError:
        return reports[0] if reports else None
    if row.number not in [each.number for each in service.cases_of_report(g.work, asked)]:
        abort(404)
    return asked


def opened_report(report: UUID | None) -> dict[str, object]:
    """What a page shows of one report: itself, its message where the role may read it, and whose mail it was."""
    if report is None:
        return {"report": None, "letter": None, "clean": str, "explained": []}
    letter = service.letter(g.work, report)
    return {
        "report": service.report(g.work, report),
        "letter": letter if Permission.READ_RAW in permissions() else None,
        "clean": cleaner(letter),
        "explained": [(each, _sorted(each.clues)) for each in attribution.explained(g.work, report)],
    }


def _sorted(clues: tuple[Clue, ...]) -> list[Clue]:
    return sorted(clues, key=lambda clue: WEIGHTIEST_FIRST.index(clue.strength))


@desk.post("/cases/<int:number>/claim")
@permitted(Permission.CLAIM)
def claim(number: int) -> Response:
    """The case becomes mine."""
    service.claim(g.work, current_actor(), number)
    tell_claimed(number)
    return _to(number)


@desk.post("/cases/next")
@permitted(Permission.CLAIM)
def claim_next() -> Response:
    """The most urgent free case becomes mine."""
    number = service.claim_next(g.work, current_actor())
    if number is None:
        flash("Nothing waits: no open case is free.", "info")
        return redirect(url_for("triage.queue"), 303)
    tell_claimed(number)
    return _to(number)


@desk.post("/cases/<int:number>/release")
@permitted(Permission.CLAIM)
def release(number: int) -> Response:
    """The case goes back to the queue."""
    service.release(g.work, current_actor(), number)
    return _done(number, f"Case {case_reference(number)} is free for others again.")


@desk.post("/cases/<int:number>/notes")
@permitted(Permission.NOTE)
def note(number: int) -> Response | tuple[str, int]:
    """A note for colleagues."""
    form = NoteForm(prefix="note")
    if not form.validate_on_submit():
        return again(number, form)
    service.note(g.work, current_actor(), number, form.text.data)
    return _done(number, f"Your note is in the timeline of case {case_reference(number)}.")


@desk.post("/cases/<int:number>/suspension")
@permitted(Permission.SUSPEND)
def suspend(number: int) -> Response | tuple[str, int]:
    """The case's sender may not send any more."""
    form = ReasonForm(prefix="suspend")
    if not form.validate_on_submit():
        return again(number, form)
    done = service.suspend(g.work, current_actor(), number, form.reason.data)
    tell_acted(named(service.case(g.work, number)), done)
    return _to(number)


@desk.post("/cases/<int:number>/suspension/lift")
@permitted(Permission.REINSTATE)
def reinstate(number: int) -> Response | tuple[str, int]:
    """The case's sender may send again."""
    form = EndForm(prefix="reinstate")
    if not form.validate_on_submit():
        return again(number, form)
    service.reinstate(g.work, current_actor(), number, form.reason.data, Queued(form.queued.data))
    sender = named(service.case(g.work, number))
    return _done(number, f"The sender {sender} of case {case_reference(number)} may send again.")


@desk.post("/cases/<int:number>/actions")
@permitted(Permission.ACT)
def act(number: int) -> Response | tuple[str, int]:
    """Something is done to the case's sender."""
    row = service.case(g.work, number)
    form = action_form(enforcement.preview(g.work, row.sender_id) if row.sender_id else None, filled=True)
    if not form.validate_on_submit():
        return again(number, form)
    done = service.act(g.work, current_actor(), number, wanted(form), override=bool(form.override.data))
    tell_acted(named(service.case(g.work, number)), done)
    return redirect(url_for("triage.case", number=number), 303)


@desk.post("/cases/<int:number>/resolution")
@permitted(Permission.RESOLVE)
def resolve(number: int) -> Response | tuple[str, int]:
    """The case is decided."""
    form = ResolveForm(prefix="resolve")
    if not form.validate_on_submit():
        return again(number, form)
    outcome = Outcome(form.outcome.data)
    service.resolve(g.work, current_actor(), number, outcome, form.reason.data)
    told = "Its reporters see the outcome on their status page."
    return _done(number, f"Case {case_reference(number)} is resolved: {outcome}. {told}")


@desk.post("/cases/<int:number>/reports/<uuid:report>/reporter")
@permitted(Permission.UNMASK)
def unmask(number: int, report: UUID) -> str | tuple[str, int]:
    """The reporter's address, shown on this answer only: it goes into no cookie and no address."""
    form = ReasonForm(prefix="unmask")
    if not form.validate_on_submit():
        return again(number, form)
    address = service.unmask(g.work, current_actor(), number, report, form.reason.data)
    return page(service.case(g.work, number), unmasked=address)


def again(number: int, form: FlaskForm) -> tuple[str, int]:
    """The case's page with a form that lacks something."""
    return page(service.case(g.work, number), faulty=form), 422


def _done(number: int, text: str) -> Response:
    tell(text)
    return _to(number)


def _to(number: int) -> Response:
    return redirect(url_for("triage.case", number=number), 303)
