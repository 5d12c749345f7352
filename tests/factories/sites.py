"""Visitors for both sites: a client that fills in forms as a browser does, and staff who sign in for real."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import pyotp
import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.audit.domain import OPERATOR
from app.bootstrap import Desk
from app.staff import service
from app.staff.cli import credentials_of
from app.staff.domain import Role
from app.staff.service import Added
from app.web.application import create_app
from app.web.site import Site
from app.web.surface import Surface


@dataclass
class Visitor:
    """Somebody in front of a site, with cookies of their own."""

    client: FlaskClient
    address: str = "203.0.113.7"

    def get(self, path: str, **options: object) -> TestResponse:
        return self.client.get(path, environ_base={"REMOTE_ADDR": self.address}, **options)

    def post(self, path: str, /, token_from: str | None = None, **fields: object) -> TestResponse:
        """Loads the form (at `token_from`, else at `path`) and sends it with its hidden fields."""
        hidden = hidden_fields(self.get(token_from or path).text)
        return self.client.post(path, data=hidden | fields, environ_base={"REMOTE_ADDR": self.address})

    def sign_in(self, person: Added, step: int = 0) -> TestResponse:
        """Both factors; `step` 1 takes the authenticator's next code."""
        first = self.post("/login", email=person.email, password=person.password)
        assert first.status_code == 302, faults(first)
        return self.post("/tf-validate", code=code(person, step))


def hidden_fields(page: str) -> dict[str, object]:
    """Name and value of each hidden input of a page."""
    found = re.findall(r'<input[^>]*name="([^"]+)"[^>]*type="hidden"[^>]*value="([^"]*)"', page)
    found += re.findall(r'<input[^>]*type="hidden"[^>]*name="([^"]+)"[^>]*value="([^"]*)"', page)
    return {name: html.unescape(value) for name, value in found}


def faults(page: TestResponse) -> list[str]:
    """What the error summary says."""
    summary = re.search(r'class="errors".*?</ul>', page.text, re.DOTALL)
    lines = re.findall(r"<li>(.*?)</li>", summary.group(0), re.DOTALL) if summary else []
    return [html.unescape(re.sub(r"<[^>]+>", "", line)).strip() for line in lines]


def heading(page: TestResponse) -> str:
    """The page's h1."""
    found = re.search(r"<h1>(.*?)</h1>", page.text, re.DOTALL)
    return html.unescape(found.group(1)).strip() if found else ""


def code(person: Added, step: int = 0) -> str:
    """The code that the person's authenticator shows now, or `step` codes later."""
    totp = pyotp.TOTP(person.totp_secret)
    return totp.generate_otp(totp.timecode(datetime.now(UTC)) + step)


def hire(desk: Desk, email: str = "lead@desk.example", role: Role = Role.LEAD) -> Added:
    """A staff member who can sign in at once."""
    with desk.work() as work:
        return service.add(work, credentials_of(desk), OPERATOR, email, role)


def generous(desk: Desk) -> Desk:
    """The product with rates that no test reaches."""
    return replace(desk, settings=replace(desk.settings, form_rate="10000/minute", sign_in_rate="10000/minute"))


@pytest.fixture
def desk_site(desk: Desk) -> Site:
    return create_app(generous(desk), Surface.DESK)


@pytest.fixture
def public_site(desk: Desk) -> Site:
    return create_app(generous(desk), Surface.PUBLIC)


@pytest.fixture
def colleague(desk_site: Site) -> Visitor:
    """Somebody at the desk's door."""
    return Visitor(desk_site.test_client())


@pytest.fixture
def reporter(public_site: Site) -> Visitor:
    """Somebody on the public site."""
    return Visitor(public_site.test_client())


@pytest.fixture
def lead(desk: Desk, colleague: Visitor) -> Visitor:
    """A lead who is signed in."""
    assert colleague.sign_in(hire(desk)).status_code == 302
    return colleague
