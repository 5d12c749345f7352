"""The desk's pages about oneself and the staff, and the door for the first one."""

from __future__ import annotations

from flask import Blueprint, current_app, flash, g, redirect, render_template
from werkzeug.wrappers import Response

from app.errors import Rejected
from app.staff import service
from app.staff.credentials import Credentials
from app.staff.domain import Permission, Role
from app.staff.forms import WelcomeForm
from app.staff.guards import current_staff, permitted, signed_in

desk = Blueprint("staff", __name__)

ROLES = {
    Role.AGENT: "Reads and resolves cases",
    Role.SENIOR: "Also suspends, reinstates and unmasks",
    Role.LEAD: "Also manages staff and reads the audit record",
    Role.AUDITOR: "Reads everything, masked; changes nothing",
    Role.DPO: "Data subjects' requests and retention",
}


@desk.get("/")
@signed_in
def home() -> Response:
    """The queue is where a day at the desk starts."""
    return redirect("/queue")


@desk.get("/account")
@signed_in
def account() -> str:
    """One's own access: roles, password, authenticator, recovery codes."""
    staff = current_staff()
    assert staff is not None
    return render_template(
        "staff/account.html", staff=staff, roles=ROLES, codes_left=len(staff.mf_recovery_codes or [])
    )


@desk.get("/staff")
@permitted(Permission.MANAGE_STAFF)
def staff() -> str:
    """Who works here, and who did."""
    return render_template("staff/list.html", members=service.members(g.work), roles=ROLES)


@desk.get("/welcome/<token>")
def welcome(token: str) -> str:
    """The first page of a new installation, for whoever holds the link."""
    service.welcomed(g.work, token)
    return render_template("staff/welcome.html", form=WelcomeForm(), token=token)


@desk.post("/welcome/<token>")
def enrol(token: str) -> Response | str:
    """The first staff member, who goes on to set up the second factor."""
    form = WelcomeForm()
    service.welcomed(g.work, token)
    if not form.validate_on_submit():
        return render_template("staff/welcome.html", form=form, token=token)
    credentials: Credentials = current_app.extensions["abusedesk.credentials"]
    try:
        first = service.enrol(g.work, credentials, token, form.email.data, form.password.data)
    except Rejected as fault:
        form.email.errors = [str(fault)]
        return render_template("staff/welcome.html", form=form, token=token)
    flash("Your account is made. Now set up the second factor.", "success")
    security = current_app.extensions["security"]
    next_step: Response = security.two_factor_plugins.tf_enter(first, False, "password", None)
    return next_step
