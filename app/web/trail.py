"""A line of the log for each request, and the request's id in every line that is written while it is served.

Told are endpoint, status and time: an address may hold a receipt or a search, so no path is. The id is ours, never
the client's, and is told in `X-Request-ID`.
"""

from __future__ import annotations

import secrets
import time

import structlog
from flask import Flask, Response, g, request
from structlog.contextvars import bind_contextvars, clear_contextvars

QUIET = frozenset({"static", "health.alive", "health.ready", "triage.news"})
"""Endpoints that machines ask all day: no line of their own."""

log = structlog.get_logger(__name__)


def keep_trail(site: Flask) -> None:
    """Makes `site` tell each request."""
    site.before_request(_begin)
    site.after_request(_tell)
    site.teardown_request(lambda _: clear_contextvars())


def _begin() -> None:
    g.request_id, g.begun = secrets.token_hex(8), time.perf_counter()
    clear_contextvars()  # a thread serves many requests
    bind_contextvars(request=g.request_id)


def _tell(answer: Response) -> Response:
    answer.headers["X-Request-ID"] = g.request_id
    if request.endpoint not in QUIET:
        spent = round((time.perf_counter() - g.begun) * 1000)
        log.info("request", endpoint=request.endpoint, status=answer.status_code, ms=spent)
    return answer
