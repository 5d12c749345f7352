"""What stands in the desk's left rail: the pages there are, as far as the signed-in person may open them."""

from __future__ import annotations

from typing import NamedTuple

from flask import Flask, request
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

from app.staff import guards
from app.staff.domain import Permission


class Stop(NamedTuple):
    """One entry of the rail; `g` and then its key goes there."""

    label: str
    path: str
    permission: Permission
    key: str


STOPS = (
    Stop("Queue", "/queue", Permission.READ_CASES, "q"),
    Stop("Senders", "/senders", Permission.READ_SENDERS, "s"),
    Stop("Reports", "/reports", Permission.READ_CASES, "r"),
    Stop("Quarantine", "/quarantine", Permission.REREAD, "u"),
    Stop("Loops", "/loops", Permission.READ_LOOPS, "l"),
    Stop("Rules", "/automatic-rules", Permission.READ_CASES, "e"),
    Stop("Insight", "/insight", Permission.READ_CASES, "i"),
    Stop("Rights", "/rights", Permission.FORGET, "h"),
    Stop("Audit", "/audit", Permission.READ_AUDIT, "a"),
    Stop("Staff", "/staff", Permission.MANAGE_STAFF, "t"),
)


def install_rail(site: Flask) -> None:
    """Gives the desk's templates `rail()`, `here(path)`, `may(permission)` and `me()`."""
    stops = tuple(stop for stop in STOPS if _exists(site, stop.path))
    site.jinja_env.globals.update(
        rail=lambda: [stop for stop in stops if stop.permission in guards.permissions()],
        here=_here,
        may=guards.may,
        me=guards.current_staff,
    )


def _exists(site: Flask, path: str) -> bool:
    try:
        site.url_map.bind("desk").match(path, method="GET")
    except RequestRedirect:
        return True
    except HTTPException:
        return False
    return True


def _here(path: str) -> bool:
    return request.path == path or request.path.startswith(f"{path}/")
