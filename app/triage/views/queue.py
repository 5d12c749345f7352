"""The queue: what waits for a decision, the most urgent first."""

from __future__ import annotations

from urllib.parse import urlencode

from flask import g, render_template, request

from app.attribution.domain import Verdict
from app.audit.domain import Actor
from app.enforcement import service as enforcement
from app.staff.domain import Permission
from app.staff.guards import current_actor, permitted
from app.triage import service
from app.triage.domain import CaseKind, CaseStatus
from app.triage.queue import TEXT_CHARS, Counts, Filter, Place
from app.triage.views.front import address, chosen, desk, moment
from app.values import dataclass


@dataclass(frozen=True, slots=True)
class View:
    """A saved view: its name, where it is, how many cases it has (None: not counted), whether it is shown now."""

    name: str
    href: str
    count: int | None
    here: bool


@desk.get("/queue")
@permitted(Permission.READ_CASES)
def queue() -> str:
    """The cases that fit the filters in the address."""
    actor = current_actor()
    wanted = _filter(actor)
    page = service.queue(g.work, wanted, before=_place("before"), after=_place("after"))
    return render_template(
        "triage/queue.html",
        page=page,
        wanted=wanted,
        views=_views(service.counts(g.work, actor)),
        chips=_chips(),
        newer=address(after=_written(page.newer)) if page.newer else None,
        older=address(before=_written(page.older)) if page.older else None,
        kinds=list(CaseKind),
        verdicts=list(Verdict),
        statuses=list(CaseStatus),
        news=_news(),
        alarms=enforcement.alarms(g.work),
        leaking=enforcement.leaking(g.work),
        waits=enforcement.waiting_in_no_case(g.work),
    )


@desk.get("/queue/news")
@permitted(Permission.READ_CASES)
def news() -> dict[str, int]:
    """How many cases that fit the filters came or changed after the time `since`, for the page that shows them."""
    since = moment(request.args.get("since", ""))
    return {"changed": service.changed(g.work, _filter(current_actor()), since) if since else 0}


def _news() -> str:
    """Where this page asks what is new: its own filters and the time it was made."""
    asked = {name: value for name, value in request.args.items() if name not in ("before", "after")}
    return f"/queue/news?{urlencode(asked | {'since': g.work.now.isoformat()})}"


def _filter(actor: Actor) -> Filter:
    text = request.args.get("q", "").replace("\0", "").strip()[:TEXT_CHARS]
    assignee = request.args.get("assignee")
    return Filter(
        status=_status(text),
        kind=chosen(CaseKind, "kind"),
        verdict=chosen(Verdict, "verdict"),
        sender=request.args.get("sender", "").replace("\0", "") or None,
        assignee=actor.staff_id if assignee == "me" else None,
        unassigned=assignee == "none",
        severe="severe" in request.args,
        to_confirm="confirm" in request.args,
        text=text,
    )


def _status(text: str) -> CaseStatus | None:
    """Open cases, unless asked for others; a search looks in all, and so does what is to be confirmed."""
    asked = chosen(CaseStatus, "status")
    everywhere = text or "confirm" in request.args or request.args.get("status") == "all"
    if asked is None and not everywhere:
        return CaseStatus.OPEN
    return asked


def _place(name: str) -> Place | None:
    priority, _, number = request.args.get(name, "").partition("-")
    if not (priority.isascii() and priority.isdigit() and number.isascii() and number.isdigit()):
        return None
    return Place(int(priority[:3]), int(number[:18]))


def _written(place: Place) -> str:
    return f"{place.priority}-{place.number}"


def _views(counts: Counts) -> list[View]:
    asked = {name: value for name, value in request.args.items() if name not in ("before", "after") and value}
    return [
        _view("Open", "", counts.open, asked),
        _view("Mine", "assignee=me", counts.mine, asked),
        _view("Unclaimed", "assignee=none", counts.unclaimed, asked),
        _view("Severe", "severe=1", counts.severe, asked),
        _view("To confirm", "confirm=1", counts.to_confirm, asked),
        _view("Resolved", "status=resolved", None, asked),
        _view("All", "status=all", None, asked),
    ]


def _view(name: str, query: str, count: int | None, asked: dict[str, str]) -> View:
    own = dict([query.split("=")]) if query else {}
    return View(name, f"/queue?{query}" if query else "/queue", count, asked == own)


def _chips() -> list[tuple[str, str]]:
    """What narrows the list now, each with the address of the list without it."""
    narrowing = ("q", "status", "kind", "verdict", "sender", "assignee", "severe", "confirm")
    return [(_chip(name), address(**{name: None})) for name in narrowing if request.args.get(name)]


def _chip(name: str) -> str:
    value = request.args[name]
    if name in ("severe", "confirm"):
        return "severe kinds" if name == "severe" else "to confirm"
    return f"{'search' if name == 'q' else name}: {value}"
