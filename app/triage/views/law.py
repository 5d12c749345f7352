"""The worksheet of the law on the case page: what staff say to a line, and where the recipient lives."""

from __future__ import annotations

from uuid import UUID

from flask import g, redirect, url_for
from flask.blueprints import BlueprintSetupState
from werkzeug.wrappers import Response

from app.compliance.domain import Finding, Opinion
from app.compliance.jurisdiction import CHOICES
from app.staff.domain import Permission
from app.staff.guards import current_actor, permitted
from app.triage import service
from app.triage.law_forms import CountryForm, OpinionForm
from app.triage.service import law
from app.triage.showing import line_start, marked_source
from app.triage.views.cases import page
from app.triage.views.front import desk
from app.triage.views.telling import tell

FINDING_TONES = {Finding.MET: "good", Finding.BREACHED: "bad", Finding.UNKNOWN: "none"}


@desk.record_once
def tell_law(state: BlueprintSetupState) -> None:
    """Gives the templates what the worksheet needs."""
    state.app.jinja_env.globals.update(
        finding_tones=FINDING_TONES, country_names=CHOICES, line_start=line_start, marked_source=marked_source
    )


@desk.post("/cases/<int:number>/reports/<uuid:report>/law/<int:position>/<rule>")
@permitted(Permission.JUDGE_LAW)
def judge_law(number: int, report: UUID, position: int, rule: str) -> Response | tuple[str, int]:
    """Whether the machine is right about a line."""
    form = OpinionForm(prefix="law")
    if not form.validate_on_submit():
        return page(service.case(g.work, number), faulty=form, judged=(position, rule)), 422
    opinion = Opinion(form.opinion.data)
    title = law.judge(g.work, current_actor(), number, report, position, rule, opinion, form.note.data or "")
    tell(f"You {opinion} with the machine about “{title}”.")
    return _to(number, report)


@desk.post("/cases/<int:number>/reports/<uuid:report>/law/<int:position>/country")
@permitted(Permission.JUDGE_LAW)
def correct_country(number: int, report: UUID, position: int) -> Response:
    """Where the recipient lives."""
    form = CountryForm(prefix="country")
    country = form.country.data if form.validate_on_submit() else "?"
    law.correct(g.work, current_actor(), number, report, position, country)
    tell("The worksheet counts with the recipient's country." if country else "The recipient's country is guessed.")
    return _to(number, report)


def _to(number: int, report: UUID) -> Response:
    return redirect(url_for("triage.case", number=number, report=report, _anchor="law"), 303)
