"""The provider's customers: who they are, what ties mail to them, how often they were stopped."""

from __future__ import annotations

from flask import g, redirect, render_template, request, url_for
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response

from app.enforcement import service as enforcement
from app.enforcement.domain import Queued
from app.enforcement.proof import Stage, worst
from app.enforcement.service import Preview
from app.notices import service as notices
from app.senders import service as senders_service
from app.senders.domain import IdentityFact
from app.staff.domain import Permission
from app.staff.guards import current_actor, permitted
from app.triage import service
from app.triage.action_forms import EndForm
from app.triage.forms import by_name
from app.triage.queue import TEXT_CHARS, Filter
from app.triage.showing import line
from app.triage.views.actions import ENDINGS, action_form, described, in_force, wanted
from app.triage.views.front import address, desk
from app.triage.views.telling import tell, tell_acted


@desk.get("/senders")
@permitted(Permission.READ_SENDERS)
def senders() -> str:
    """Senders in the order of their ids."""
    text = request.args.get("q", "").replace("\0", "").strip()[:TEXT_CHARS]
    after = request.args.get("from", "").replace("\0", "")
    found = senders_service.page(g.work, text=text, after=after, limit=service.PAGE + 1)
    shown = found[: service.PAGE]
    return render_template(
        "triage/senders.html",
        senders=shown,
        text=text,
        open_cases=service.open_by_sender(g.work, [each.id for each in shown]),
        more=address(**{"from": shown[-1].id}) if len(found) > service.PAGE else None,
    )


@desk.get("/senders/<path:sender>")
@permitted(Permission.READ_SENDERS)
def sender(sender: str) -> str:
    """One sender: state, identities in time, cases, what was done to it and whether it holds."""
    return _page(sender)


def _page(sender: str, faulty: FlaskForm | None = None) -> str:
    fact = senders_service.find(g.work, sender)
    facts = senders_service.identities(g.work, sender)
    history = enforcement.history(g.work, sender)
    told = notices.of_actions(g.work, [each.id for each in history])
    proofs = enforcement.proofs(g.work, [sender]).get(sender, ())
    hits = enforcement.preview(g.work, sender)
    return render_template(
        "triage/sender.html",
        sender=fact,
        contact=senders_service.contact_of(g.work, sender),
        identities=sorted(facts, key=_order),
        now=g.work.now,
        children=senders_service.children(g.work, sender),
        cases=service.queue(g.work, Filter(status=None, sender=sender), limit=20),
        suspension=enforcement.active_suspension(g.work, sender),
        in_force_now=in_force(sender),
        proofs=proofs,
        leaking=worst(proofs) is Stage.LEAKING,
        attempts=enforcement.attempts(g.work, sender, 20),
        preview=hits,
        history=[(each, described(each), told.get(each.id, ())) for each in history],
        suppressed=enforcement.suppressed_count(g.work, sender),
        endings=ENDINGS,
        forms=_forms(hits, faulty),
    )


def _forms(hits: Preview, faulty: FlaskForm | None) -> dict[str, FlaskForm]:
    fresh = {"act": action_form(hits), "reinstate": EndForm(formdata=None, prefix="reinstate")}
    return fresh | by_name(faulty)


def _order(fact: IdentityFact) -> tuple[str, str, str]:
    return fact.kind, fact.value, fact.selector or ""


@desk.post("/senders/<path:sender>/actions")
@permitted(Permission.ACT)
def act_on(sender: str) -> Response | tuple[str, int]:
    """Something is done to the sender, in no case."""
    form = action_form(enforcement.preview(g.work, sender), filled=True)
    if not form.validate_on_submit():
        return _page(sender, form), 422
    done = service.act_on_sender(g.work, current_actor(), sender, wanted(form))
    tell_acted(_name(sender), done)
    return _to(sender)


@desk.post("/senders/<path:sender>/suspension/lift")
@permitted(Permission.REINSTATE)
def reinstate_sender(sender: str) -> Response | tuple[str, int]:
    """The sender may send again."""
    form = EndForm(prefix="reinstate")
    if not form.validate_on_submit():
        return _page(sender, form), 422
    service.reinstate_sender(g.work, current_actor(), sender, form.reason.data, Queued(form.queued.data))
    tell(f"The sender {_name(sender)} may send again.")
    return _to(sender)


def _name(sender: str) -> str:
    return line(senders_service.find(g.work, sender).name, 80)


def _to(sender: str) -> Response:
    return redirect(url_for("triage.sender", sender=sender), 303)
