"""The rules by which the machine acts: what they say, what they did; a lead tries others and puts them in force."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import timedelta

from flask import flash, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.enforcement import service as enforcement
from app.enforcement.automatic import Rule, read_rules, written
from app.enforcement.rule_words import conditions, deed
from app.enforcement.service import ruling
from app.errors import Rejected, Unavailable
from app.staff.domain import Permission
from app.staff.guards import current_actor, permitted
from app.triage.backtest import Tally
from app.triage.forms import RulesForm
from app.triage.service.backtesting import backtest
from app.triage.views.front import desk

DAYS = 30
"""How far back what rules did is told, and how far back rules are tried from here."""

EXAMPLE = {
    "id": "new-account-phishing",
    "when": {"kinds": ["phishing"], "verdict": "likely", "account_younger_than_days": 14},
    "then": {"action": "hold", "hours": 24, "grounds": ["phishing"]},
    "reason": "Phishing from an account of less than two weeks.",
}
"""What the form holds where there are no rules: how one is written."""


@desk.get("/automatic-rules")
@permitted(Permission.READ_CASES)
def rules() -> str:
    """The rules in force, and the form for others where they may be put in force."""
    listed = [written(each) for each in ruling.rules(g.work)] or [EXAMPLE]
    said = json.dumps({"rules": listed}, indent=2, ensure_ascii=False)
    return _page(RulesForm(formdata=None, data={"rules": said}))


@desk.post("/automatic-rules")
@permitted(Permission.MANAGE_RULES)
def load_rules() -> Response | tuple[str, int] | str:
    """The rules that were sent are in force, in the place of all others; or they were tried and nothing changed."""
    form = RulesForm()
    wanted = _wanted(form) if form.validate_on_submit() else None
    if wanted is None:
        return _page(form), 422
    if "try" in request.form:
        tried = backtest(g.work, wanted, g.work.now - timedelta(days=DAYS))
        # From here on the page may read as ever: the back-test has made its transaction one for reading.
        g.work.session.rollback()
        return _page(form, tried)
    before = ruling.load_rules(g.work, current_actor(), wanted)
    flash(f"Rules in force: {len(wanted)}, in the place of {before}. They apply from the next report on.", "success")
    return redirect(url_for("triage.rules"), 303)


@desk.post("/automatic-rules/clear")
@permitted(Permission.MANAGE_RULES)
def clear_rules() -> Response:
    """Nothing happens by itself any more."""
    before = ruling.clear_rules(g.work, current_actor())
    flash(f"No rules any more; {before} ended. What they did stands until it ends or is undone.", "success")
    return redirect(url_for("triage.rules"), 303)


def _wanted(form: RulesForm) -> tuple[Rule, ...] | None:
    """The rules in the form, None where they cannot be in force; then it says why."""
    try:
        wanted = read_rules(form.rules.data or "")
        ruling.check_rules(g.work, wanted)
    except (Rejected, Unavailable) as fault:
        form.rules.errors = [*form.rules.errors, str(fault)]
        return None
    return wanted


def _page(form: RulesForm, tried: Sequence[Tally] | None = None) -> str:
    return render_template(
        "triage/rules.html",
        form=form,
        loaded=ruling.loaded_rules(g.work),
        deeds=ruling.deeds(g.work, g.work.now - timedelta(days=DAYS)),
        clauses={each.id: each.title for each in enforcement.clauses(g.work)},
        tried=tried,
        days=DAYS,
        conditions=conditions,
        deed=deed,
    )
