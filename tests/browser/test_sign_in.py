"""The door of the desk in a real browser."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from app.bootstrap import Desk
from app.staff import service
from tests.browser.checks import check
from tests.factories.sites import code, hire

pytestmark = pytest.mark.browser


def test_staff_sign_in_look_around_and_sign_out(desk: Desk, page: Page, desk_url: str) -> None:
    person = hire(desk)
    page.goto(f"{desk_url}/account")
    check(page)
    page.get_by_label("E-mail address").fill(person.email)
    page.get_by_label("Password").fill(person.password)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Enter your code")
    check(page)
    page.get_by_label("Six-digit code").fill(code(person))
    page.get_by_role("button", name="Continue").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("Your account")
    for path in ("/account", "/staff", "/account/password", "/mf-recovery-codes", "/tf-setup", "/verify"):
        page.goto(desk_url + path)
        check(page)
    page.goto(f"{desk_url}/mf-recovery-codes")
    page.get_by_role("button", name="Make new recovery codes").click()
    expect(page.locator("ul.code li")).to_have_count(10)
    check(page)
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")


def test_the_first_one_is_led_to_the_second_factor(desk: Desk, page: Page, desk_url: str) -> None:
    with desk.work() as work:
        token = service.welcome(work)
    page.goto(f"{desk_url}/welcome/{token}")
    check(page)
    page.get_by_label("Your e-mail address").fill("first@desk.example")
    page.get_by_label("Choose a password").fill("four words in a row")
    page.get_by_label("The password again").fill("four words in a row")
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Set up your second factor")
    check(page)
    page.get_by_role("button", name="Show the code to scan").click()

    expect(page.get_by_role("img")).to_be_visible()
    check(page)


def test_a_wrong_password_says_so_above_the_form(desk: Desk, page: Page, desk_url: str) -> None:
    page.goto(f"{desk_url}/login")
    page.get_by_label("E-mail address").fill("nobody@desk.example")
    page.get_by_label("Password").fill("nonsense")
    page.get_by_role("button", name="Sign in").click()

    expect(page.get_by_role("alert")).to_contain_text("This address and password do not fit together.")
    check(page)
