"""Acting on a sender in a real browser: throttled, proven, leaking, held, ended, by two people; at both widths."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from app.bootstrap import Desk
from app.staff.domain import Role
from tests.browser.checks import check
from tests.browser.staffed import desk, enter, scene
from tests.enforcement.servers import MadeUp
from tests.triage.scene import Scene
from workers.caretaker import Caretaker

__all__ = ["desk", "enter", "scene"]

pytestmark = pytest.mark.browser


@pytest.fixture
def server() -> MadeUp:
    return MadeUp("postfix", "mx1")


def act(page: Page, kind: str, **given: str) -> None:
    page.get_by_text("Warn, throttle, hold, or part of it").click()
    form = page.locator("form[action$='/actions']")
    form.get_by_label("Action").select_option(kind)
    for label, value in given.items():
        form.get_by_label(label.replace("_", " ")).fill(value)
    form.get_by_label("Reason, for the record").fill("Many complaints about one mailing.")
    form.get_by_role("button", name="Do it").click()


def test_a_sender_is_throttled_seen_to_be_and_let_go(
    scene: Scene, desk: Desk, page: Page, desk_url: str, enter: Callable[..., None], server: MadeUp
) -> None:
    enter(page, Role.SENIOR)
    page.goto(f"{desk_url}/cases/{scene.phish.number}")
    page.get_by_text("What an action would hit").click()
    expect(page.get_by_text("Logins").first).to_be_visible()
    act(page, "throttle", Recipients_an_hour="200")
    expect(page.get_by_role("status")).to_contain_text("Done: throttle Parcel Pilot")
    expect(page.get_by_text("A throttle to 200 recipients an hour")).to_be_visible()
    Caretaker(desk, server).step()
    page.reload()
    expect(page.locator(".proofs")).to_contain_text("proven")
    check(page)
    page.get_by_role("button", name="Undo").last.click()
    expect(page.get_by_role("status")).to_contain_text("Undone: a throttle")
    expect(page.locator(".in-force")).to_have_count(0)
    check(page)


def test_a_stop_that_leaks_is_red_on_case_and_queue(
    scene: Scene, desk: Desk, page: Page, desk_url: str, enter: Callable[..., None], server: MadeUp
) -> None:
    enter(page, Role.SENIOR)
    page.goto(f"{desk_url}/cases/{scene.phish.number}")
    page.get_by_text("Suspend the sender", exact=True).click()
    page.locator("form[action$='/suspension']").get_by_label("Reason").fill("Phishing.")
    page.get_by_role("button", name="Suspend Parcel Pilot").click()
    expect(page.get_by_role("status")).to_contain_text("The sender Parcel Pilot is suspended")
    Caretaker(desk, server).step()
    page.reload()
    expect(page.locator(".proofs")).to_contain_text("proven stopped")
    server.done.clear()
    server.lies = True
    with desk.engine.begin() as connection:
        connection.exec_driver_sql("update application set next_at = now() - interval '1 second'")
    Caretaker(desk, server).step()
    page.reload()
    expect(page.locator(".proofs")).to_contain_text("still leaking")
    expect(page.locator(".case-head")).to_contain_text("still leaking")
    check(page)
    page.goto(f"{desk_url}/queue")
    expect(page.get_by_role("alert")).to_contain_text("should be stopped")
    expect(page.locator("tbody")).to_contain_text("still leaking")
    check(page)
    page.goto(f"{desk_url}/senders/parcel")
    page.get_by_text("Act without a case").click()
    check(page)


def test_an_account_is_closed_by_two_people(
    scene: Scene, page: Page, desk_url: str, enter: Callable[..., None]
) -> None:
    enter(page, Role.LEAD)
    page.goto(f"{desk_url}/cases/{scene.phish.number}")
    act(page, "terminate")
    expect(page.get_by_role("status")).to_contain_text("A second person must agree")
    expect(page.get_by_text("waits for a second person")).to_be_visible()
    expect(page.get_by_role("button", name="Agree")).to_have_count(0)
    check(page)
