"""The desk's pages about feedback loops: which we know, and how their reports are recognised."""

from __future__ import annotations

from dataclasses import replace

from flask import Blueprint, flash, g, redirect, render_template, url_for
from werkzeug.wrappers import Response

from app.attribution import loops_service as service
from app.attribution.forms import LoopForm, form_of
from app.attribution.loops import Loop
from app.errors import Rejected
from app.staff.domain import Permission
from app.staff.guards import current_actor, permitted

desk = Blueprint("attribution", __name__)


@desk.get("/loops")
@permitted(Permission.READ_LOOPS)
def loops() -> str:
    """The loops by name, and the form for a new one."""
    return _list(LoopForm(formdata=None))


@desk.post("/loops")
@permitted(Permission.MANAGE_LOOPS)
def add_loop() -> Response | tuple[str, int]:
    """A new loop is known."""
    form = LoopForm()
    if form.validate_on_submit() and any(each.loop.id == form.id.data for each in service.kept(g.work)):
        form.id.errors = [*form.id.errors, "There is a loop with this id."]
    if form.errors or not form.is_submitted() or not _put(form, form.loop()):
        return _list(form), 422
    return redirect(url_for("attribution.loops"), 303)


@desk.get("/loops/<id_>")
@permitted(Permission.READ_LOOPS)
def loop(id_: str) -> str:
    """One loop, to be changed by who may."""
    found = service.find(g.work, id_)
    return _one(found, form_of(found))


@desk.post("/loops/<id_>")
@permitted(Permission.MANAGE_LOOPS)
def change_loop(id_: str) -> Response | tuple[str, int]:
    """The loop is as written now; its id stays."""
    found = service.find(g.work, id_)
    form = LoopForm()
    form.id.data = found.id
    if not form.validate_on_submit() or not _put(form, replace(form.loop(), id=found.id)):
        return _one(found, form), 422
    return redirect(url_for("attribution.loops"), 303)


def _put(form: LoopForm, loop: Loop) -> bool:
    try:
        kept = service.put(g.work, current_actor(), loop)
    except Rejected as fault:
        form.form_errors.append(str(fault))
        return False
    flash(f"{kept.name} is kept. It counts from the next report on.", "success")
    return True


def _list(form: LoopForm) -> str:
    return render_template("attribution/loops.html", kept=service.kept(g.work), form=form)


def _one(loop: Loop, form: LoopForm) -> str:
    return render_template("attribution/loop.html", loop=loop, form=form)
