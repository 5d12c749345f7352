"""A Flask application with one unit of work a request.

`g.work` is open from before the first guard until the request ends. It is committed before the answer leaves,
and only where the view succeeded (below 400): whoever reads 'received' can rely on it. Any error rolls it back.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Flask, Response, g, request
from werkzeug.routing import IntegerConverter, Map

from app.bootstrap import Desk

if TYPE_CHECKING:
    from collections.abc import Iterable
    from wsgiref.types import StartResponse, WSGIEnvironment

YEAR = 365 * 86400
HEARD_BYTES = 64 * 1024 * 1024
"""How much of a request that is too large is read, so that its sender hears the answer."""


class Number(IntegerConverter):
    """A whole number in an address, as large as PostgreSQL's bigint: a larger one is the number of nothing."""

    def __init__(self, map: Map, *arguments: Any, **options: Any) -> None:
        super().__init__(map, *arguments, **{"max": 2**63 - 1} | options)


class Site(Flask):
    """A site over the wired product."""

    def __init__(self, desk: Desk, templates: str) -> None:
        super().__init__("app.web", template_folder=templates, static_folder="static")
        self.product = desk
        self.url_map.converters["int"] = Number
        self.before_request(self._open)
        self.teardown_appcontext(_close)

    def wsgi_app(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """The answer; a request that is too large is read to its end first.

        With bytes unread the connection would be reset (RFC 9112 §9.6), and a browser shows that, not our page.
        """
        answer: Iterable[bytes] = super().wsgi_app(environ, start_response)
        if int(environ.get("CONTENT_LENGTH") or 0) > self.config["MAX_CONTENT_LENGTH"]:
            _hear_out(environ)
        return answer

    def dispatch_request(self) -> Response:
        """The view's answer, its unit of work settled: committed below 400, else rolled back at the end."""
        answer = self.make_response(super().dispatch_request())
        if answer.status_code < 400:
            g.work.session.commit()
            self.product.work.after(g.work)
        return answer

    def get_send_file_max_age(self, filename: str | None) -> int:
        """A year for a static file whose address has its digest; others, as modules that modules import, are asked
        for anew each time, which costs a 304."""
        return YEAR if "v" in request.args else 0

    def _open(self) -> None:
        g.work = self.product.work.open(self.product.work.new_session())


def _hear_out(environ: WSGIEnvironment) -> None:
    left = HEARD_BYTES
    while left > 0 and (piece := environ["wsgi.input"].read(65_536)):
        left -= len(piece)


def _close(_: BaseException | None) -> None:
    work = g.pop("work", None)
    if work is not None:
        work.session.close()
