"""The desk's pages in a real browser, on a desktop and on a phone: nothing for axe, nothing sideways, no script."""

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


def test_every_page_of_the_desk_is_fit_for_everybody(
    scene: Scene, page: Page, desk_url: str, enter: Callable[..., None]
) -> None:
    enter(page)
    cases = [f"/cases/{row.number}" for row in (scene.phish, scene.clicks, scene.foreign, scene.bare)]
    lists = ("/queue", "/queue?q=nothing", "/queue?kind=phishing", "/reports", "/quarantine", "/senders", "/audit")
    for path in (*lists, "/loops", "/loops/yahoo", "/automatic-rules", "/senders/parcel", *cases):
        page.goto(desk_url + path)
        for folded in page.locator("details").all():
            folded.evaluate("element => element.open = true")
        check(page)
        assert page.get_by_role("heading", level=1).inner_text() in page.title()


def test_a_case_is_claimed_judged_and_resolved(
    scene: Scene, page: Page, desk_url: str, enter: Callable[..., None]
) -> None:
    enter(page, Role.SENIOR)
    page.get_by_role("link", name=f"C{scene.phish.number}").click()
    page.get_by_role("button", name="Claim this case").click()
    expect(page.get_by_text("This case is yours.")).to_be_visible()
    page.get_by_text("Suspend the sender", exact=True).click()
    page.get_by_role("textbox", name="Reason").first.fill("Phishing for card numbers.")
    page.get_by_role("button", name="Suspend Parcel Pilot").click()
    expect(page.get_by_role("status")).to_contain_text("The sender Parcel Pilot is suspended")
    check(page)
    page.get_by_text("Resolve", exact=True).click()
    page.get_by_label("Outcome").select_option("sender suspended")
    page.get_by_role("textbox", name="Reason").first.fill("Account stopped.")
    page.get_by_role("button", name="Resolve the case").click()
    expect(page.get_by_role("status")).to_contain_text("is resolved: sender suspended")
    check(page)


def test_what_is_missing_is_said_above_and_the_form_stays_open(
    scene: Scene, page: Page, desk_url: str, enter: Callable[..., None]
) -> None:
    enter(page, Role.AGENT)
    page.goto(f"{desk_url}/cases/{scene.phish.number}")
    page.get_by_text("Resolve", exact=True).click()
    page.locator("[name=resolve-outcome], [name=resolve-reason]").evaluate_all(
        "all => all.forEach(e => e.required = false)"
    )
    page.get_by_role("button", name="Resolve the case").click()
    expect(page.get_by_role("alert")).to_contain_text("Choose an outcome.")
    expect(page.get_by_label("Outcome")).to_be_visible()
    check(page)


def test_the_desk_works_without_script_and_in_the_dark(
    chromium: Browser, scene: Scene, desk_url: str, enter: Callable[..., None]
) -> None:
    context = chromium.new_context(java_script_enabled=False, color_scheme="dark")
    page = context.new_page()
    enter(page, Role.AGENT)
    page.get_by_role("link", name=f"C{scene.phish.number}").click()
    page.get_by_role("button", name="Claim this case").click()
    expect(page.get_by_text("This case is yours.")).to_be_visible()
    context.close()


def test_dark_pages_have_contrast_too(
    chromium: Browser, scene: Scene, desk_url: str, enter: Callable[..., None]
) -> None:
    context = chromium.new_context(color_scheme="dark")
    page = context.new_page()
    enter(page)
    for path in ("/queue", f"/cases/{scene.phish.number}", f"/cases/{scene.foreign.number}", "/audit"):
        page.goto(desk_url + path)
        check(page)
    context.close()
