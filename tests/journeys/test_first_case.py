"""A complaint goes the whole way: mailbox and form, proof, sign-in, decision, refusal at the mail server, record.

Every part is the real one: Dovecot, PostgreSQL, Valkey, the processes that `abusedesk up` runs, and Chromium.
"""

from __future__ import annotations

import socket
import time
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, Page, expect

from app.attribution import service as attribution
from app.attribution.domain import Verdict
from app.audit import service as audit
from app.bootstrap import Desk
from app.intake import service as intake
from app.intake.domain import Door
from app.staff.domain import Role
from app.staff.service import Added
from tests.factories.sites import hire
from tests.journeys.steps import sign_in
from tests.services.dovecot import Dovecot
from tests.services.processes import Processes
from tests.services.programs import answers, free_port, wait_until
from workers.stage.cast import Customer
from workers.stage.letters import clicked, delivered

pytestmark = [pytest.mark.services, pytest.mark.browser]

ASKED = (
    "request=smtpd_access_policy\nprotocol_state=DATA\nprotocol_name=ESMTP\nsasl_method=PLAIN\nsasl_username={}\n\n"
)


@dataclass(frozen=True)
class Product:
    """The running product: where its sites and its policy service are."""

    public: str
    desk: str
    policy: int


@pytest.fixture
def product(processes: Processes, dovecot: Dovecot) -> Product:
    """All processes, as `abusedesk up` would have them; up when every door answers."""
    public, desk, policy = free_port(), free_port(), free_port()
    processes.start("web public", public=f"127.0.0.1:{public}", form_rate="100/minute")
    processes.start("web desk", desk=f"127.0.0.1:{desk}")
    processes.start("worker")
    processes.start("schedule")
    processes.start("mailbox", imap_url=dovecot.url())
    processes.start("policy", policy=f"127.0.0.1:{policy}")
    for port in (public, desk, policy):
        wait_until(lambda port=port: answers(port), "a door answers")
    return Product(f"http://127.0.0.1:{public}", f"http://127.0.0.1:{desk}", policy)


@pytest.fixture
def senior(desk: Desk) -> Added:
    return hire(desk, "sue@desk.test", Role.SENIOR)


@pytest.fixture
def page(chromium: Browser) -> Page:
    return chromium.new_context(viewport={"width": 1280, "height": 900}).new_page()


def test_from_complaint_to_refusal(
    desk: Desk, acme: Customer, dovecot: Dovecot, product: Product, senior: Added, page: Page
) -> None:
    dovecot.put([clicked(delivered(acme, "ann@loop.test", "Pay the fee", "Now"), acme, "loop.test", "fraud")])
    receipt = _file_a_report(page, product, delivered(acme, "bob@home.test", "Last seats", "Hurry"))
    wait_until(lambda: _proven(desk) == {Door.FORM: "acme", Door.MAILBOX: "acme"}, "both are proven to be acme's")

    sign_in(page, product.desk, senior)
    page.get_by_role("link", name="Last seats").or_(
        page.locator("tr", has_text="Last seats").locator("a")
    ).first.click()
    expect(page.get_by_text("proven").first).to_be_visible()
    number = int(page.url.rpartition("/")[2].lstrip("C"))
    assert _answer(product.policy, "mailer@acme.test") == "DUNNO"
    _suspend(page, "Sends to people who asked it to stop.")

    # Alone on a machine well under a second; other tests run beside this one.
    assert _wait_for_refusal(product.policy, "mailer@acme.test") < 2.0
    assert _answer(product.policy, "MAILER@acme.test") == f"REJECT 5.7.1 {_words(product.policy)}"
    assert f"C{number}" in _words(product.policy)
    assert _answer(product.policy, "mailer@bravo.test") == "DUNNO"

    _resolve(page, "Suspended; they may come back with proof of permission.")
    _record_tells_who_when_why(desk, number, senior)
    page.goto(f"{product.public}/status/{receipt}")
    expect(page.get_by_text("Decided").first).to_be_visible()


def _file_a_report(page: Page, product: Product, source: bytes) -> str:
    page.goto(f"{product.public}/report?category=unsubscribe-ignored")
    page.fill("[name=source]", source.decode())
    page.fill("[name=text]", "I unsubscribed twice.")
    page.fill("[name=reporter]", "bob@home.test")
    page.get_by_role("button", name="Send report").click()
    page.wait_for_url("**/report/thanks/*")
    return page.url.rpartition("/")[2]


def _proven(desk: Desk) -> dict[Door, str]:
    """The doors of reports that are proven, and whose mail they are about."""
    with desk.work() as work:
        doors = {report.id: report.door for report in intake.page(work, limit=10)}
        told = attribution.headlines(work, list(doors))
    return {doors[id_]: each.sender or "" for id_, each in told.items() if each.verdict is Verdict.PROVEN}


def _suspend(page: Page, reason: str) -> None:
    page.get_by_text("Suspend the sender").click()
    form = page.locator("form[action$='/suspension']")
    form.locator("textarea").fill(reason)
    form.get_by_role("button").click()
    expect(page.get_by_text("suspended").first).to_be_visible()


def _resolve(page: Page, reason: str) -> None:
    page.locator("summary", has_text="Resolve").click()
    form = page.locator("form[action$='/resolution']")
    form.locator("select").select_option("sender suspended")
    form.locator("textarea").fill(reason)
    form.get_by_role("button").click()
    expect(page.get_by_text("resolved").first).to_be_visible()


def _answer(port: int, login: str) -> str:
    """What the policy service would have Postfix do with a mail of this login."""
    with socket.create_connection(("127.0.0.1", port), timeout=5) as postfix:
        postfix.sendall(ASKED.format(login).encode())
        return postfix.makefile().readline().removeprefix("action=").strip()


def _words(port: int) -> str:
    return _answer(port, "mailer@acme.test").removeprefix("REJECT 5.7.1 ")


def _wait_for_refusal(port: int, login: str) -> float:
    """Seconds until the login is refused."""
    start = time.monotonic()
    wait_until(lambda: _answer(port, login).startswith("REJECT 5.7.1"), "the login is refused")
    return time.monotonic() - start


def _record_tells_who_when_why(desk: Desk, number: int, person: Added) -> None:
    with desk.work() as work:
        entries = audit.read(work, limit=50)
        assert audit.verify(work) is None
    by_action = {entry.action: entry for entry in entries}
    suspended, resolved = by_action["sender.suspend"], by_action["case.resolve"]
    assert suspended.actor == resolved.actor == person.email
    assert suspended.subject == "sender:acme" and resolved.subject == f"case:{number}"
    assert "asked it to stop" in str(suspended.detail) and "proof of permission" in str(resolved.detail)
    assert suspended.at <= resolved.at
