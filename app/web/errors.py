"""Failures as pages. The one place that turns the tree of `app.errors` into HTTP for people.

The pages stand on a layout that needs neither the database nor a signed-in person: both may be what failed.
What went wrong is logged by its kind only; a message of ours is shown, one of anybody else never.
"""

from __future__ import annotations

import structlog
from flask import Flask, Response, g, make_response, render_template, request
from flask_limiter import RateLimitExceeded
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException, InternalServerError

from app.errors import AbuseDeskError, Conflict, Forbidden, NotFound, Rejected, Throttled, TooLarge, Unavailable
from app.infra.logs import cause
from app.uow import AWAY, REFUSED
from app.values import dataclass

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Page:
    """What an error page says: the heading and what to do."""

    title: str
    advice: str


PAGES = {
    400: Page("This could not be used", "Go back, change what is said here and send it again."),
    401: Page("You are signed out", "Sign in and do it again. Nothing was changed."),
    403: Page("You may not do this", "If you need to, ask a lead to give you a role that may."),
    404: Page("There is no such page", "Check the address. A code or link may be mistyped or no longer valid."),
    405: Page("This cannot be done here", "Go back and use the buttons on the page."),
    409: Page("This has changed meanwhile", "Load the page again to see how it stands now."),
    413: Page("This is too large", "Send a smaller file, or only the headers and the beginning of the text."),
    429: Page("Too many requests", "Wait a moment, then try again. Nothing was lost."),
    500: Page("Something went wrong on our side", "It was noted. Try again; if it stays, tell us what you did."),
    503: Page("This is not available right now", "Try again in a minute. What you had sent before is safe."),
}
CODES: dict[type[AbuseDeskError], int] = {
    TooLarge: 413,
    Rejected: 400,
    NotFound: 404,
    Forbidden: 403,
    Conflict: 409,
    Throttled: 429,
    Unavailable: 503,
}
EXPIRED = "This page was open too long, or cookies are switched off. Load it again and send once more."


def translate_failures(site: Flask) -> None:
    """Makes `site` answer every failure with a page."""
    site.register_error_handler(AbuseDeskError, _ours)
    site.register_error_handler(RateLimitExceeded, _limited)
    site.register_error_handler(CSRFError, _expired)
    site.register_error_handler(HTTPException, _http)
    for away in (*AWAY, REFUSED):
        site.register_error_handler(away, _database)


def page(code: int, text: str = "", retry_after: int | None = None) -> Response:
    """The error page for an HTTP code; `text` says more precisely what happened."""
    shown = PAGES.get(code, PAGES[500 if code >= 500 else 400])
    answer = make_response(render_template("errors/error.html", page=shown, text=text, code=code), code)
    answer.headers["Cache-Control"] = "no-store"
    if retry_after is not None:
        answer.headers["Retry-After"] = str(max(1, retry_after))
    return answer


def _ours(failure: AbuseDeskError) -> Response:
    code = next(code for kind, code in CODES.items() if isinstance(failure, kind))
    return page(code, str(failure), getattr(failure, "retry_after", None))


def _limited(failure: RateLimitExceeded) -> Response:
    return page(429, retry_after=failure.limit.limit.get_expiry() if failure.limit else 60)


def _expired(failure: CSRFError) -> Response:
    return page(400, EXPIRED)


def _http(failure: HTTPException) -> Response:
    if failure.response is not None:
        return make_response(failure.response)
    original = getattr(failure, "original_exception", None)
    if isinstance(failure, InternalServerError) and original is not None:
        return _broken(original)
    answer = page(failure.code or 500)
    for name, value in failure.get_headers():
        if name in {"Allow", "Retry-After"}:
            answer.headers[name] = value
    return answer


def _database(failure: Exception) -> Response:
    if isinstance(failure, AWAY):
        log.warning("database.away", endpoint=request.endpoint)
        return page(503, retry_after=30)
    return _broken(failure)


def _broken(fault: BaseException) -> Response:
    # The message and the SQL's values may hold an address or a subject: the place is enough to find it.
    log.error("request.failed", endpoint=request.endpoint, **cause(fault))
    g.pop("_login_user", None)
    number = g.get("request_id")
    return page(500, f"If you tell us, say this number: {number}." if number else "")
