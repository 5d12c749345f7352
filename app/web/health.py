"""Whether this process runs (`/healthz`) and whether it can take work (`/readyz`), for machines."""

from __future__ import annotations

import sqlalchemy as sa
from flask import Blueprint, Response, current_app, g
from redis import RedisError
from sqlalchemy.exc import SQLAlchemyError

from app.web.site import Site

health = Blueprint("health", __name__)


@health.get("/healthz")
def alive() -> Response:
    """200 while the process answers at all."""
    return _plain("ok\n", 200)


@health.get("/readyz")
def ready() -> Response:
    """200 where the database answers, else 503. The queue is told but does not decide: it is a wake-up only."""
    database, queue = _database_answers(), _queue_answers()
    words = {True: "ok", False: "away"}
    return _plain(f"database {words[database]}\nqueue {words[queue]}\n", 200 if database else 503)


def _plain(text: str, code: int) -> Response:
    return Response(text, code, {"Cache-Control": "no-store"}, mimetype="text/plain")


def _database_answers() -> bool:
    try:
        g.work.session.execute(sa.text("select 1"))
    except SQLAlchemyError:
        return False
    return True


def _queue_answers() -> bool:
    site = current_app._get_current_object()  # type: ignore[attr-defined]
    assert isinstance(site, Site)
    try:
        return bool(site.product.redis.ping())
    except RedisError:
        return False
