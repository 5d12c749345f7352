"""Who may open what: every view of the desk carries one of these marks, or does not open.

`permitted(Permission.X)` and `signed_in` mark the view (`guard`, and `permission` where there is one), so that a
test can list every route with its guard; `refuse_unmarked` closes whatever has no mark.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from flask import Flask, abort, current_app, flash, g, redirect, request, session, url_for
from flask_login import current_user
from werkzeug.exceptions import Unauthorized
from werkzeug.wrappers import Response

from app.audit.domain import Actor
from app.errors import Forbidden
from app.staff import domain
from app.staff.domain import Permission, Role
from app.staff.models import Staff
from app.staff.service import actor_of, has_second_factor

View = TypeVar("View", bound=Callable[..., Any])

FRESH = 15 * 60
"""Seconds after which a dangerous act asks for the password again."""

OPEN = frozenset(
    {
        "static",
        "health.alive",
        "health.ready",
        "staff.welcome",
        "staff.enrol",
        "security.login",
        "security.logout",
        "security.two_factor_setup",
        "security.two_factor_token_validation",
        "security.mf_recovery",
    }
)
"""The endpoints of the desk that answer without a signed-in person: the door itself."""


def permitted(permission: Permission, *, fresh: bool = False) -> Callable[[View], View]:
    """Opens the view to signed-in, active staff with a second factor whose role has `permission`.

    fresh: also asks for the password again where it was last given over 15 minutes ago.
    """

    def mark(view: View) -> View:
        return _guarded(view, permission, fresh)

    return mark


def signed_in(view: View, *, fresh: bool = False) -> View:
    """Opens the view to any signed-in, active staff member with a second factor."""
    return _guarded(view, None, fresh)


def _guarded(view: View, permission: Permission | None, fresh: bool) -> View:
    @wraps(view)
    def guarded(*arguments: Any, **named: Any) -> Any:
        staff = current_staff()
        if staff is None:
            return _to_sign_in()
        if permission is not None and permission not in permissions():
            raise Forbidden("Your role does not allow this.")
        if fresh and not _is_fresh():
            return _to_verify()
        return current_app.ensure_sync(view)(*arguments, **named)

    guarded.guard = permission.value if permission else "signed-in"  # type: ignore[attr-defined]
    guarded.permission = permission  # type: ignore[attr-defined]
    guarded.fresh = fresh  # type: ignore[attr-defined]
    return guarded  # type: ignore[return-value]


def current_staff() -> Staff | None:
    """The staff member signed in by session, active and with a second factor; None where one of it lacks."""
    staff = current_user._get_current_object() if current_user else None
    if not isinstance(staff, Staff) or not staff.active or not has_second_factor(staff):
        return None
    return staff if g.get("fs_authn_via") == "session" else None


def current_actor() -> Actor:
    """Who acts in this request. Raises Forbidden outside a guarded view."""
    staff = current_staff()
    if staff is None:
        raise Forbidden("Nobody is signed in.")
    return actor_of(staff)


def permissions() -> frozenset[Permission]:
    """What the signed-in staff member may do; nothing where nobody is."""
    staff = current_staff()
    if staff is None:
        return frozenset()
    return domain.permitted(frozenset(Role(role.name) for role in staff.roles))


def may(permission: str) -> bool:
    """Whether the signed-in staff member has the permission of this name, for templates."""
    return Permission(permission) in permissions()


def refuse_unmarked(site: Flask) -> None:
    """Closes every endpoint of `site` that has no guard and is not in `OPEN`."""

    def refuse() -> Response | None:
        if request.endpoint is None or request.endpoint in OPEN:
            return None
        if getattr(site.view_functions.get(request.endpoint), "guard", None) is None:
            abort(404)
        return None

    site.before_request(refuse)


def _to_sign_in() -> Response:
    if request.method != "GET":
        raise Unauthorized
    wanted = request.full_path if request.query_string else request.path
    return redirect(url_for("security.login", next=wanted if wanted != "/" else None))


def _is_fresh() -> bool:
    return 0 <= time.time() - float(session.get("fs_paa", 0)) < FRESH


def _to_verify() -> Response:
    """To the password page, and from there back to the page the act was on: what was posted is not kept."""
    flash("Enter your password again, then repeat what you were about to do.", "info")
    back = request.full_path if request.method == "GET" else _page_before()
    return redirect(url_for("security.verify", next=back), 303)


def _page_before() -> str:
    _, own, path = (request.referrer or "").partition(request.host_url)
    return f"/{path}" if own else "/"
