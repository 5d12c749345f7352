"""The two WSGI applications, for gunicorn: `app.wsgi:public` and `app.wsgi:desk`.

Each is made when it is first asked for, so that a process holds the one it serves and no other.
"""

from __future__ import annotations

from functools import cache

from app.bootstrap import Desk, wire
from app.infra.logs import for_a_process
from app.settings import Settings
from app.web.application import create_app
from app.web.site import Site
from app.web.surface import Surface


@cache
def _product() -> Desk:
    settings = Settings.from_environment()
    for_a_process(settings.log)
    return wire(settings)


@cache
def _site(surface: Surface) -> Site:
    return create_app(_product(), surface)


def __getattr__(name: str) -> Site:
    try:
        return _site(Surface(name))
    except ValueError:
        raise AttributeError(name) from None
