"""The public site in a real browser: from the question to the status page."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.checks import check

pytestmark = pytest.mark.browser

PATHS = ("/", "/report?category=spam", "/status", "/privacy", "/rules", "/how-to-report", "/status/X", "/nope")


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_page_is_accessible_and_fits(page: Page, public_url: str, path: str, scheme: str) -> None:
    page.emulate_media(color_scheme=scheme)
    page.goto(public_url + path)

    check(page)


def test_a_report_is_filed_and_followed(page: Page, public_url: str) -> None:
    page.goto(public_url)
    page.get_by_role("link", name="Phishing, fraud or malware").click()
    expect(page.get_by_label("A message that wants my password or data (phishing)")).to_be_checked()
    page.get_by_label("Or paste its source here").fill("From: a@shop.example\nSubject: x\n\nhello")
    page.get_by_label("No", exact=True).check()
    check(page)
    page.get_by_role("button", name="Send report").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("Thank you, your report is here")
    check(page)
    receipt = page.locator("#receipt").inner_text()
    page.get_by_role("link", name="Follow a report").first.click()
    page.get_by_label("Your receipt").fill(receipt.lower())
    page.get_by_role("button", name="Show the report").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("How your report stands")
    check(page)


def test_a_file_is_uploaded(page: Page, public_url: str) -> None:
    page.goto(f"{public_url}/report?category=spam")
    page.get_by_label("Upload the message").set_input_files(
        {"name": "mail.eml", "mimeType": "message/rfc822", "buffer": b"From: a@b.example\n\nx"}
    )
    page.get_by_role("button", name="Send report").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("Thank you, your report is here")


def test_faults_are_told_in_a_summary_that_has_the_focus(page: Page, public_url: str) -> None:
    page.goto(f"{public_url}/report")
    page.get_by_role("button", name="Send report").click()

    summary = page.get_by_role("alert")
    expect(summary).to_be_focused()
    check(page)
    summary.get_by_role("link", name="Upload the message").click()
    expect(page.get_by_label("Or paste its source here")).to_be_focused()


def test_the_form_works_without_script(chromium: Browser, public_url: str) -> None:
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{public_url}/report?category=spam")
    page.get_by_label("What should we know?").fill("They write every day.")
    page.get_by_role("button", name="Send report").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("Thank you, your report is here")
    expect(page.get_by_role("button", name="Copy")).to_have_count(0)
    context.close()


def test_the_colours_chosen_stay_chosen(page: Page, public_url: str) -> None:
    page.goto(public_url)
    page.get_by_role("button", name="Dark colours").click()
    page.goto(f"{public_url}/rules")

    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    check(page)


def test_the_keyboard_reaches_the_content_first(page: Page, public_url: str) -> None:
    page.goto(public_url)
    page.keyboard.press("Tab")

    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    expect(page.get_by_role("link", name="Skip to the content")).to_be_in_viewport()


FULL = "Received: from a by b\nDKIM-Signature: v=1\nFROM: a@shop.example\nMessage-Id: <1@shop.example>\n\nhello"


@pytest.mark.parametrize(
    ("pasted", "told"),
    [
        (FULL, "The full headers are here."),
        (FULL.replace("DKIM-Signature", "X-Other"), "The headers are here. Only a DKIM-Signature is not among them"),
        ("From: a@shop.example\nSubject: x\n\nhello", "What lacks: Received and Message-ID."),
        ("> From: a@shop.example\n> Message-ID: <1@x>\n", "What lacks: Received."),
        ("They write every day. Received: yes", "No headers are here."),
        ("   ", ""),
    ],
    ids=["full", "unsigned", "part", "quoted", "words", "nothing"],
)
def test_what_is_pasted_is_looked_at_on_the_page(page: Page, public_url: str, pasted: str, told: str) -> None:
    page.goto(f"{public_url}/report?category=spam")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "/static/" not in request.url else None)
    page.get_by_label("Or paste its source here").fill(pasted)

    expect(page.get_by_role("status")).to_contain_text(told)
    check(page)
    assert asked == []


def test_what_the_server_gives_back_is_looked_at_too(page: Page, public_url: str) -> None:
    page.goto(f"{public_url}/report")
    page.get_by_label("Or paste its source here").fill(FULL)
    page.get_by_role("button", name="Send report").click()

    expect(page.get_by_role("alert")).to_be_visible()
    expect(page.get_by_role("status")).to_have_text("The full headers are here.")
