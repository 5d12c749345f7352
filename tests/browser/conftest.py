"""Both sites on real sockets and a Chromium in front of them; skipped where there is no Chromium."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page
from werkzeug.serving import make_server
from werkzeug.wsgi import ClosingIterator

from app.bootstrap import Desk
from app.web.application import create_app
from app.web.surface import Surface
from tests.factories.sites import generous
from tests.services.chromium import chromium

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

__all__ = ["chromium"]


@pytest.fixture
def served(desk: Desk) -> Iterator[Callable[[Surface], str]]:
    """The address of a site, served until the test ends."""
    servers = []

    def serve(surface: Surface) -> str:
        server = make_server("127.0.0.1", 0, _at_once(create_app(generous(desk), surface)), threaded=True)
        server.daemon_threads = False  # closing waits for requests under way: they hold connections
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        servers.append((server, thread))
        return f"http://127.0.0.1:{server.server_port}"

    yield serve
    for server, thread in servers:
        server.shutdown()
        thread.join()
        server.server_close()


def _at_once(site: Flask) -> WSGIApplication:
    """The site with each answer made and closed before any of it is sent: werkzeug's server leaves a file open where
    the browser hangs up on its way to the next page."""

    def answer(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        with closing(ClosingIterator(site.wsgi_app(environ, start))) as made:
            return [b"".join(made)]

    return answer


@pytest.fixture
def public_url(served: Callable[[Surface], str]) -> str:
    return served(Surface.PUBLIC)


@pytest.fixture
def desk_url(served: Callable[[Surface], str]) -> str:
    return served(Surface.DESK)


@pytest.fixture(params=[1280, 360], ids=["desktop", "phone"])
def context(chromium: Browser, request: pytest.FixtureRequest) -> Iterator[BrowserContext]:
    context = chromium.new_context(viewport={"width": request.param, "height": 800})
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    """A page that fails the test on a script error or on anything the content policy refuses."""
    page = context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda said: complaints.append(said.text) if "Content Security Policy" in said.text else None)
    yield page
    assert complaints == []
