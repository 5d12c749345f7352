"""A Flask application with one unit of work a request.

`g.work` is open from before the first guard until the request ends. It is committed before the answer leaves,
and only where the view succeeded (below 400): whoever reads 'received' can rely on it. Any error rolls it back.
"""

from __future__ import annotations

from flask import Flask, Response, g, request

from app.bootstrap import Desk

YEAR = 365 * 86400


class Site(Flask):
    """A site over the wired product."""

    def __init__(self, desk: Desk, templates: str) -> None:
        super().__init__("app.web", template_folder=templates, static_folder="static")
        self.product = desk
        self.before_request(self._open)
        self.teardown_appcontext(_close)

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


def _close(_: BaseException | None) -> None:
    work = g.pop("work", None)
    if work is not None:
        work.session.close()
