"""Suppressions for platforms that pull: JSON on the public site, opened by a bearer token and by nothing else.

    GET  /api/suppressions?sender=&after=&limit=    in the order of their changes, lifted ones too
    POST /api/suppressions/check                    {"sender", "addresses"} → which of them are suppressed

While no token is set there is no such page (404). What goes wrong is told as problem+json (RFC 9457). The limits of
the request line and body come before the token is looked at, so that guessing is slow.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable, Mapping
from functools import wraps
from http import HTTPStatus
from typing import ParamSpec

import structlog
from flask import Blueprint, Response, g, jsonify, request
from flask_limiter import RateLimitExceeded
from werkzeug.exceptions import HTTPException

from app.enforcement.pulling import place_in
from app.enforcement.service import suppressed as service
from app.enforcement.suppression import SuppressionFact
from app.errors import AbuseDeskError, Forbidden, NotFound, Rejected, Throttled, TooLarge, Unavailable
from app.senders import service as senders
from app.uow import AWAY

log = structlog.get_logger(__name__)

MOST_ROWS, USUAL_ROWS = 1_000, 500
MOST_ADDRESSES = 1_000
ADDRESS_CHARS = 320
BODY_BYTES = 1024 * 1024
"""A thousand of the longest addresses, escaped as JSON allows."""

CODES: tuple[tuple[type[AbuseDeskError], HTTPStatus], ...] = (
    (TooLarge, HTTPStatus.REQUEST_ENTITY_TOO_LARGE),
    (Rejected, HTTPStatus.BAD_REQUEST),
    (NotFound, HTTPStatus.NOT_FOUND),
    (Forbidden, HTTPStatus.UNAUTHORIZED),
    (Throttled, HTTPStatus.TOO_MANY_REQUESTS),
    (Unavailable, HTTPStatus.SERVICE_UNAVAILABLE),
)

public = Blueprint("suppressions", __name__, url_prefix="/api/suppressions")

P = ParamSpec("P")


def _by_token(view: Callable[P, Response]) -> Callable[P, Response]:
    @wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> Response:
        token = g.work.settings.suppression_token
        if not token:
            raise NotFound("There is no such page.")
        scheme, _, given = request.headers.get("Authorization", "").partition(" ")
        if not hmac.compare_digest(given.strip().encode(), token.encode()) or scheme.lower() != "bearer":
            raise Forbidden("The bearer token is missing or not the right one.")
        return view(*args, **kwargs)

    return guarded


@public.get("")
@_by_token
def pull() -> Response:
    """Suppressions behind `after`, at most `limit`; `next` is where to go on, now or at the next pull."""
    sender = request.args.get("sender") or None
    after = place_in(request.args["after"]) if request.args.get("after") else None
    limit = _number(request.args.get("limit", ""), USUAL_ROWS, MOST_ROWS)
    if sender is not None:
        senders.find(g.work, sender)
    page = service.suppressions(g.work, sender=sender, after=after, limit=limit, lifted=True)
    log.info("suppressions.pulled", rows=len(page.rows), more=page.more)
    return _answer({"suppressions": [_told(each) for each in page.rows], "next": str(page.next), "more": page.more})


def _number(text: str, usual: int, most: int) -> int:
    if not text:
        return usual
    if not (text.isascii() and text.isdigit() and len(text) < 10 and 1 <= int(text) <= most):
        raise Rejected(f"limit is a whole number from 1 to {most}.")
    return int(text)


def _told(fact: SuppressionFact) -> dict[str, object]:
    return {
        "id": str(fact.id),
        "sender": fact.sender,
        "address": fact.address,
        "cause": fact.cause,
        "since": fact.since.isoformat(),
        "due": fact.due.isoformat(),
        "lifted": fact.lifted_at.isoformat() if fact.lifted_at else None,
    }


@public.post("/check")
@_by_token
def check() -> Response:
    """Which of the addresses the sender may not write to, as they were given."""
    request.max_content_length = BODY_BYTES
    said = request.get_json(force=True, silent=True)
    sender, addresses = (said.get("sender"), said.get("addresses")) if isinstance(said, dict) else (None, None)
    if not isinstance(sender, str) or not isinstance(addresses, list):
        raise Rejected('The body is JSON: {"sender": "…", "addresses": ["…"]}.')
    if len(addresses) > MOST_ADDRESSES:
        raise Rejected(f"There are at most {MOST_ADDRESSES:,} addresses in one question.")
    if not all(isinstance(each, str) and len(each) <= ADDRESS_CHARS for each in addresses):
        raise Rejected(f"Each address is a text of at most {ADDRESS_CHARS} characters.")
    senders.find(g.work, sender)
    refused = service.suppressed(g.work, sender, addresses)
    return _answer({"suppressed": [each for each in dict.fromkeys(addresses) if each in refused]})


def _answer(body: Mapping[str, object]) -> Response:
    answer = jsonify(body)
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _problem(status: HTTPStatus, detail: str) -> Response:
    answer = _answer({"type": "about:blank", "title": status.phrase, "status": int(status), "detail": detail})
    answer.status_code = status
    answer.mimetype = "application/problem+json"
    if status is HTTPStatus.UNAUTHORIZED:
        answer.headers["WWW-Authenticate"] = "Bearer"
    return answer


@public.errorhandler(AbuseDeskError)
def ours(failure: AbuseDeskError) -> Response:
    """A refusal of ours, with its sentence."""
    status = next((code for kind, code in CODES if isinstance(failure, kind)), HTTPStatus.CONFLICT)
    return _problem(status, str(failure))


@public.errorhandler(RateLimitExceeded)
@public.errorhandler(HTTPException)
def http(failure: HTTPException) -> Response:
    """What Flask or the rate limit refuses."""
    status = HTTPStatus(failure.code or 500)
    answer = _problem(status, f"{status.phrase}.")
    for name, value in failure.get_headers():
        if name in {"Allow", "Retry-After"}:
            answer.headers[name] = value
    if status is HTTPStatus.TOO_MANY_REQUESTS:
        answer.headers.setdefault("Retry-After", "60")
    return answer


def away(failure: Exception) -> Response:
    """The database does not answer."""
    log.warning("database.away", endpoint=request.endpoint)
    answer = _problem(HTTPStatus.SERVICE_UNAVAILABLE, "This is not available right now: try again in a minute.")
    answer.headers["Retry-After"] = "30"
    return answer


for _kind in AWAY:
    public.register_error_handler(_kind, away)
