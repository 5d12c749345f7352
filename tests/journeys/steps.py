"""What people do in more than one journey."""

from __future__ import annotations

from playwright.sync_api import Page

from app.staff.service import Added
from tests.factories.sites import code


def sign_in(page: Page, desk: str, person: Added) -> None:
    """Signs in at the desk with both factors."""
    page.goto(desk)
    page.fill("[name=email]", person.email)
    page.fill("[name=password]", person.password)
    page.get_by_role("button", name="Sign in").click()
    page.fill("[name=code]", code(person, 0))
    page.get_by_role("button", name="Continue").click()
    page.wait_for_url("**/queue")
