"""Whether this process runs (`/healthz`) and whether it can take work (`/readyz`), for machines."""

from __future__ import annotations

from flask import Blueprint, Response, current_app, g

import app.infra.database as database_of
import app.infra.queue as queue_of
from app.web.site import Site

health = Blueprint("health", __name__)


@health.get("/healthz")
def alive() -> Response:
    """200 while the process answers at all."""
    return _plain("ok\n", 200)


@health.get("/readyz")
def ready() -> Response:
    """200 where the database answers, else 503. The queue is told but does not decide: it is a wake-up only."""
    site = current_app._get_current_object()  # type: ignore[attr-defined]
    assert isinstance(site, Site)
    database, queue = database_of.answers(g.work.session), queue_of.answers(site.product.redis)
    words = {True: "ok", False: "away"}
    return _plain(f"database {words[database]}\nqueue {words[queue]}\n", 200 if database else 503)


def _plain(text: str, code: int) -> Response:
    return Response(text, code, {"Cache-Control": "no-store"}, mimetype="text/plain")
