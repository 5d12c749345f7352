"""The worksheet of the law in a real browser: read, judged and corrected, on a desktop and on a phone."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Page, expect

from app.staff.domain import Role
from tests.browser.checks import check
from tests.browser.staffed import desk, enter, scene
from tests.triage.scene import Scene

__all__ = ["desk", "enter", "scene"]

pytestmark = pytest.mark.browser


def test_a_line_is_judged_and_a_quote_leads_to_the_source(
    scene: Scene, page: Page, desk_url: str, enter: Callable[..., None]
) -> None:
    enter(page, Role.AGENT)
    page.goto(f"{desk_url}/cases/{scene.phish.number}")
    line = page.locator("#law tr", has_text="Postal address")
    line.get_by_text("Judge").click()
    line.get_by_label("Note").fill("It is no advertisement.")
    line.get_by_role("button", name="Disagree").click()

    expect(page.get_by_role("status")).to_contain_text("You disagree with the machine about “Postal address”.")
    expect(line).to_contain_text("It is no advertisement.")
    check(page)
    quote = page.locator("#law tr", has_text="From is true").get_by_role("link").first
    quote.click()
    expect(page.locator(".source span:target")).to_contain_text("From:")
    expect(page.locator(".source span:target")).to_be_in_viewport()


def test_a_country_is_corrected_without_script(
    chromium: Browser, scene: Scene, desk_url: str, enter: Callable[..., None]
) -> None:
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    enter(page, Role.AGENT)
    page.goto(f"{desk_url}/cases/{scene.phish.number}")
    page.get_by_label("Correct").select_option("Canada")
    page.get_by_role("button", name="Apply").click()

    expect(page.locator("#law")).to_contain_text("The recipient lives in Canada")
    context.close()
