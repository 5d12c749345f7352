"""What staff do to a sender: actions, and how they end. Each is a POST; which permission it asks for is in `may`."""

from __future__ import annotations

from uuid import UUID

from flask import flash, g, redirect, request, url_for
from werkzeug.wrappers import Response

from app.enforcement import service as enforcement
from app.enforcement.domain import ActionFact, ActionKind, Ending, Queued, Waiting, scope_of
from app.enforcement.service import Decision, Preview
from app.errors import Forbidden
from app.staff.domain import Permission
from app.staff.guards import current_actor, permissions, permitted
from app.triage import service
from app.triage.action_forms import ActionForm, EndForm
from app.triage.forms import ReasonForm
from app.triage.may import TO_DO, TO_END
from app.triage.queue import Row
from app.triage.views.front import desk
from app.triage.views.telling import tell


def action_form(preview: Preview | None, *, filled: bool = False) -> ActionForm:
    """The form for an action on a sender that has this to be hit. filled: with what was sent."""
    form = ActionForm(prefix="act") if filled else ActionForm(formdata=None, prefix="act")
    scopes = ["sender"]
    if preview:
        scopes += [f"stream:{each}" for each in preview.streams]
        scopes += [f"login:{each}" for each in preview.logins]
        scopes += [f"domain:{each}" for each in preview.domains]
    mine = permissions()
    return form.offer([kind for kind, needed in TO_DO.items() if needed in mine], scopes, enforcement.clauses(g.work))


def demand(permission: Permission) -> None:
    """Raises Forbidden where the signed-in person lacks the permission."""
    if permission not in permissions():
        raise Forbidden("Your role does not allow this.")


def wanted(form: ActionForm) -> Decision:
    """What the form asks for. Raises Forbidden where the signed-in person may not do it."""
    kind = ActionKind(form.kind.data)
    demand(TO_DO[kind])
    ends = kind not in (ActionKind.NOTE, ActionKind.TERMINATE)
    return Decision(
        kind=kind,
        reason=form.reason.data or "",
        scope=scope_of(form.scope.data or "sender"),
        facts=form.facts.data or "",
        grounds=tuple(form.grounds.data or ()),
        per_hour=form.per_hour.data if kind is ActionKind.THROTTLE else None,
        until=form.until(g.work.now) if ends else None,
    )


@desk.post("/actions/<uuid:action>/undo")
@permitted(Permission.ACT)
def undo(action: UUID) -> Response:
    """What was just done is taken back."""
    fact = enforcement.action(g.work, action)
    demand(TO_END[fact.kind])
    service.undo(g.work, current_actor(), action)
    tell(f"Undone: {described(fact)}. It is as it was before.")
    return _back(fact)


@desk.post("/actions/<uuid:action>/end")
@permitted(Permission.ACT)
def lift(action: UUID) -> Response:
    """An action ends; what the others say stands."""
    fact = enforcement.action(g.work, action)
    demand(TO_END[fact.kind])
    form = EndForm(prefix=f"end-{action}")
    if not form.validate_on_submit():
        flash("Say why it ends: that is kept on the record.", "error")
        return _back(fact)
    service.lift(g.work, current_actor(), action, form.reason.data, Queued(form.queued.data))
    tell(f"Ended: {described(fact)}.")
    return _back(fact)


@desk.post("/actions/<uuid:action>/confirmation")
@permitted(Permission.ACT)
def confirm(action: UUID) -> Response:
    """A second person agrees, or a person agrees with what a rule did."""
    fact = enforcement.action(g.work, action)
    demand(TO_DO[fact.kind])
    service.confirm(g.work, current_actor(), action)
    tell(f"Agreed: {described(fact)}.")
    return _back(fact)


@desk.post("/actions/<uuid:action>/refusal")
@permitted(Permission.ACT)
def decline(action: UUID) -> Response:
    """A person does not agree: it does not happen, or is taken back."""
    fact = enforcement.action(g.work, action)
    demand(TO_END[fact.kind])
    form = ReasonForm(prefix=f"refuse-{action}")
    if not form.validate_on_submit():
        flash("Say why you do not agree: that is kept on the record.", "error")
        return _back(fact)
    service.decline(g.work, current_actor(), action, form.reason.data)
    tell(f"Not agreed: {described(fact)}.")
    return _back(fact)


def described(fact: ActionFact) -> str:
    """An action in a few words."""
    what = {
        ActionKind.NOTE: "a note",
        ActionKind.WARN: "a warning",
        ActionKind.THROTTLE: f"a throttle to {fact.per_hour} recipients an hour",
        ActionKind.HOLD: "mail held back",
        ActionKind.SUSPEND: "a suspension",
        ActionKind.TERMINATE: "the account closed",
    }[fact.kind]
    return f"{what} ({fact.scope})" if fact.scope.value else what


def in_force(sender: str) -> list[dict[str, object]]:
    """What is in force for a sender or waits, with what the reader may do about it."""
    mine, now = permissions(), g.work.now
    return [
        {
            "fact": fact,
            "words": described(fact),
            "clauses": enforcement.told_clauses(g.work, fact.grounds),
            "undo": TO_END[fact.kind] in mine
            and now < enforcement.undoable_until(g.work, fact.since or fact.asked_at),
            "end": EndForm(formdata=None, prefix=f"end-{fact.id}") if TO_END[fact.kind] in mine else None,
            "agree": fact.waiting is not None and TO_DO[fact.kind] in mine and _may_agree(fact),
            "refuse": ReasonForm(formdata=None, prefix=f"refuse-{fact.id}") if fact.waiting else None,
        }
        for fact in enforcement.in_force(g.work, sender)
    ]


def _may_agree(fact: ActionFact) -> bool:
    return fact.waiting is Waiting.CONFIRM or fact.by != current_actor().name


def _back(fact: ActionFact) -> Response:
    """Where the person came from: the case of the action, or its sender's page."""
    if fact.case_number is not None and f"/cases/{fact.case_number}" in (request.referrer or ""):
        return redirect(url_for("triage.case", number=fact.case_number), 303)
    return redirect(url_for("triage.sender", sender=fact.sender), 303)


ENDINGS = {
    Ending.LIFTED: "lifted",
    Ending.UNDONE: "undone",
    Ending.EXPIRED: "over, its time was up",
    Ending.DECLINED: "not agreed",
    Ending.DONE: "done",
}


def words_of_case(row: Row) -> str:
    """What the sender may be told of a case as fact: the machine's findings, nothing about who reported."""
    many = "A report" if row.reports == 1 else f"{row.reports:,} reports"
    return f"{many} about mail that is {row.verdict} to be yours, since {row.opened_at:%d %b %Y}."
