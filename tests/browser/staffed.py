"""The scene's desk with a browser in front of it: fixtures to import."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from app.bootstrap import Desk
from app.staff.domain import Role
from tests.factories.sites import code, hire
from tests.triage.staffed import desk, scene

__all__ = ["desk", "scene"]


@pytest.fixture
def enter(desk: Desk, desk_url: str) -> Callable[..., None]:
    """Signs somebody in at a page."""

    def enter(page: Page, role: Role = Role.LEAD) -> None:
        person = hire(desk, f"{role}@desk.example", role)
        page.goto(f"{desk_url}/login")
        page.get_by_label("E-mail address").fill(person.email)
        page.get_by_label("Password").fill(person.password)
        page.get_by_role("button", name="Sign in").click()
        page.get_by_label("Six-digit code").fill(code(person))
        page.get_by_role("button", name="Continue").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Queue")
        page.wait_for_load_state("load")  # or the first key comes before the script that hears it

    return enter
