"""The desk by keyboard, in a real browser: what each key does, and when none does anything."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from app.audit.domain import OPERATOR
from app.staff.domain import Role
from app.triage import service
from app.triage.queue import Filter
from tests.browser.checks import check
from tests.browser.staffed import desk, enter, scene
from tests.triage.scene import Scene
from tests.triage.staffed import case_now

__all__ = ["desk", "enter", "scene"]

pytestmark = pytest.mark.browser

Enter = Callable[..., None]


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def told(page: Page, words: str) -> None:
    """The page says so, and its script is there."""
    expect(page.get_by_role("status")).to_contain_text(words)
    page.wait_for_load_state("load")


def sheet(page: Page) -> Locator:
    return page.get_by_role("dialog", name="Keys")


def test_rows_are_walked_and_opened(scene: Scene, page: Page, enter: Enter) -> None:
    enter(page)
    press(page, "j", "j", "j", "k")
    focused = page.get_by_role("link", name=f"C{scene.clicks.number}")
    expect(focused).to_be_focused()
    marked = page.locator("tr", has=focused).evaluate("row => getComputedStyle(row).boxShadow")
    assert marked != "none"
    check(page)
    press(page, "k", "k", "k")
    expect(page.get_by_role("link", name=f"C{scene.phish.number}")).to_be_focused()
    press(page, "Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text(f"Case C{scene.phish.number}")


def test_a_case_is_claimed_given_back_and_the_next_one_taken(scene: Scene, page: Page, enter: Enter) -> None:
    enter(page, Role.SENIOR)
    press(page, ".")
    expect(page.get_by_role("heading", level=1)).to_have_text(f"Case C{scene.phish.number}")
    told(page, f"Case C{scene.phish.number} is yours.")
    check(page)
    press(page, "u")
    told(page, "is free for others again")
    press(page, "c")
    told(page, f"Case C{scene.phish.number} is yours.")
    press(page, "c")
    expect(page.get_by_text("This case is yours.")).to_be_visible()


def test_a_case_s_forms_open_at_their_first_field(scene: Scene, page: Page, desk_url: str, enter: Enter) -> None:
    enter(page, Role.SENIOR)
    for key, field in (("n", "note-text"), ("a", "suspend-reason"), ("r", "resolve-outcome")):
        page.goto(f"{desk_url}/cases/{scene.phish.number}")
        press(page, key)
        expect(page.locator(f"#{field}")).to_be_focused()
        expect(page.locator(f"#{field}")).to_be_in_viewport()


def test_a_suspension_is_undone_by_one_key(scene: Scene, page: Page, desk_url: str, enter: Enter) -> None:
    enter(page, Role.SENIOR)
    page.goto(f"{desk_url}/cases/{scene.phish.number}")
    press(page, "a")
    page.keyboard.type("Phishing.")
    page.get_by_role("button", name="Suspend Parcel Pilot").click()
    told(page, "The sender Parcel Pilot is suspended")
    check(page)
    press(page, "u")
    expect(page.get_by_role("status")).to_contain_text("Undone: a suspension")
    expect(page.get_by_text("Suspend the sender", exact=True)).to_be_visible()


def test_pages_are_gone_to_by_g_and_a_letter(scene: Scene, page: Page, enter: Enter) -> None:
    enter(page, Role.LEAD)
    for key, title in (("s", "Senders"), ("r", "Reports"), ("u", "Quarantine"), ("a", "Audit"), ("q", "Queue")):
        press(page, "g", key)
        expect(page.get_by_role("heading", level=1)).to_have_text(title)
        page.wait_for_load_state("load")


def test_a_page_that_the_role_may_not_open_has_no_key(scene: Scene, page: Page, enter: Enter) -> None:
    enter(page, Role.AGENT)
    press(page, "g", "a", "?")
    expect(page).to_have_url(re.compile("/queue$"))
    expect(sheet(page)).to_contain_text("Senders")
    expect(sheet(page)).not_to_contain_text("Audit")


def test_nothing_fires_while_typing_or_with_a_modifier(scene: Scene, page: Page, desk_url: str, enter: Enter) -> None:
    enter(page)
    page.goto(f"{desk_url}/cases/{scene.phish.number}")
    press(page, "/")
    expect(page.get_by_role("searchbox")).to_be_focused()
    page.keyboard.type("c?j.gq")
    expect(page.get_by_role("searchbox")).to_have_value("c?j.gq")
    page.locator("h1").click()
    press(page, "Alt+c", "Control+n", "Shift+C")
    expect(sheet(page)).to_be_hidden()
    assert page.get_by_label("Note", exact=True).is_hidden()
    assert case_now(scene.desk, scene.phish).assignee is None


def test_a_key_held_down_acts_once(scene: Scene, page: Page, enter: Enter) -> None:
    enter(page, Role.SENIOR)
    page.keyboard.down(".")
    page.keyboard.down(".")
    expect(page.get_by_role("heading", level=1)).to_have_text(f"Case C{scene.phish.number}")
    page.keyboard.down(".")
    page.keyboard.up(".")
    expect(page.get_by_text("This case is yours.")).to_be_visible()
    with scene.desk.work() as work:
        claimed = [row.number for row in service.queue(work, Filter()).rows if row.assignee]
    assert claimed == [scene.phish.number]


def test_the_sheet_lists_the_keys_and_switches_them_off_for_good(scene: Scene, page: Page, enter: Enter) -> None:
    enter(page, Role.SENIOR)
    press(page, "?")
    expect(sheet(page)).to_be_visible()
    expect(sheet(page)).to_contain_text("Single keys are on.")
    check(page)
    press(page, ".")
    sheet(page).get_by_role("button", name="Switch single keys off").click()
    expect(sheet(page)).to_contain_text("Single keys are off on this device.")
    press(page, "Escape")
    page.reload()
    press(page, "?", ".", "g", "s")
    expect(sheet(page)).to_be_hidden()
    expect(page.get_by_role("heading", level=1)).to_have_text("Queue")
    page.get_by_role("button", name="Keys", exact=True).click()
    sheet(page).get_by_role("button", name="Switch single keys on").click()
    sheet(page).get_by_role("button", name="Close").click()
    press(page, "g", "s")
    expect(page.get_by_role("heading", level=1)).to_have_text("Senders")


def test_what_is_new_is_told_without_anything_moving(scene: Scene, page: Page, enter: Enter) -> None:
    page.clock.install()
    enter(page)
    before = page.locator(".queue").bounding_box()
    with page.expect_response("**/queue/news?*") as answer:
        page.clock.run_for(30_000)
    assert answer.value.json() == {"changed": 0}
    with scene.desk.work() as work:
        service.note(work, OPERATOR, scene.clicks.number, "called")
    page.clock.run_for(30_000)
    news = page.get_by_role("link", name="1 new or changed")
    expect(news).to_be_visible()
    assert page.locator(".queue").bounding_box() == before
    check(page)
    news.click()
    expect(news).to_be_hidden()


def test_without_script_no_key_is_promised(chromium: Browser, scene: Scene, enter: Enter) -> None:
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    enter(page)
    assert page.get_by_role("button", name="Keys").is_hidden()
    page.get_by_role("button", name="Next case").click()
    expect(page.get_by_role("status")).to_contain_text(f"Case C{scene.phish.number} is yours.")
    page.get_by_role("button", name="Undo: give it back").click()
    expect(page.get_by_role("status")).to_contain_text("is free for others again")
    context.close()
