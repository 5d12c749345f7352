"""A real Postfix does what the policy service says: refuses, keeps back and stamps, puts off."""

from __future__ import annotations

import re
import smtplib
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from email import message_from_bytes
from typing import Any

import pytest
from aiosmtpd.controller import Controller

from app.audit.domain import Actor
from app.bootstrap import Desk, wire
from app.enforcement import service
from app.enforcement.domain import ActionKind, scope_of
from app.enforcement.postfix_config import main_cf
from app.enforcement.service import Decision
from app.enforcement.suppression import Cause, Wish
from app.senders import tokens
from app.settings import Address
from tests.factories.customers import customers
from tests.services.programs import free_port, wait_until
from tests.services.submission import Submission
from tests.workers.test_policy import serving

ANNA = Actor("anna@desk.test", 1)
LOGIN = "mailer@acme.test"
MAIL = b"From: news@acme.test\r\nSubject: news\r\n\r\nhi\r\n"


class Sink:
    """Where mail leaves to."""

    def __init__(self) -> None:
        self.took: list[bytes] = []

    async def handle_DATA(self, _server: object, _session: object, envelope: Any) -> str:
        self.took.append(envelope.content)
        return "250 OK"


@dataclass
class Lab:
    desk: Desk
    submission: Submission
    sink: Sink

    def act(self, kind: ActionKind, per_hour: int | None = None) -> None:
        with self.desk.work() as work:
            service.act(work, ANNA, "acme", Decision(kind, "spam", per_hour=per_hour, case_number=1001))

    def queued(self) -> list[str]:
        return [each["queue_name"] for each in self.submission.server.queue()]


ORDERS = ({"at_data": False}, {"at_data": True}, {"both": True})
"""What we print, asked at RCPT or at DATA; and as it was once printed: at both, without a class for held mail."""


ERRORS = "smtpd_soft_error_limit = 1000\nsmtpd_hard_error_limit = 1000\n"
"""So many refusals in one session are taken: on a slow machine a limit may begin anywhere in a mail."""


def lab(
    stack: ExitStack,
    desk: Desk,
    *,
    at_data: bool = False,
    both: bool = False,
    change: Callable[[str], str] = lambda lines: lines,
) -> Lab:
    """A submission server without tables, and the service it asks. change: of the lines in main.cf."""
    customers(desk, acme=[("login", LOGIN)])
    wired = wire(replace(desk.settings, policy=Address("127.0.0.1", 0), stamp="feedback-id"))
    stack.callback(wired.close)
    port = stack.enter_context(serving(wired)).port
    sink = Sink()
    controller = Controller(sink, hostname="127.0.0.1", port=free_port())
    controller.start()
    stack.callback(controller.stop)
    ask = f"check_policy_service {{ inet:127.0.0.1:{port}, timeout=2s, try_limit=1, default_action=DUNNO }}"
    older = f"smtpd_data_restrictions = {ask}\nsmtpd_recipient_restrictions = {ask}, permit_sasl_authenticated\n"
    more = older if both else main_cf(Address("127.0.0.1", port), None, at_data=at_data)
    submission = stack.enter_context(Submission(controller.port, {LOGIN: "s3cret"}, more=change(more)))
    return Lab(wired, submission, sink)


@pytest.fixture(params=ORDERS, ids=["rcpt", "data", "both"])
def asked(desk: Desk, request: pytest.FixtureRequest) -> Iterator[Lab]:
    """Asked in each way."""
    with ExitStack() as stack:
        yield lab(stack, desk, **request.param)


@pytest.fixture
def at_rcpt(desk: Desk) -> Iterator[Lab]:
    with ExitStack() as stack:
        yield lab(stack, desk, change=lambda lines: f"{lines}\n{ERRORS}")


@pytest.fixture
def at_data(desk: Desk) -> Iterator[Lab]:
    with ExitStack() as stack:
        yield lab(stack, desk, at_data=True)


def refused_in(connection: smtplib.SMTP, *recipients: str) -> tuple[int, str]:
    """Reply code and text; (250, "") where it is taken."""
    try:
        connection.sendmail("news@acme.test", recipients, MAIL)
    except smtplib.SMTPDataError as fault:
        connection.rset()
        return fault.smtp_code, str(fault.smtp_error)
    except smtplib.SMTPRecipientsRefused as fault:
        ((code, text),) = fault.recipients.values()
        return code, str(text)
    return 250, ""


def tokens_of(lab: Lab, mail: bytes) -> list[bool]:
    """For each Feedback-ID whether it holds a token of ours that is true."""
    fields = message_from_bytes(mail).get_all("Feedback-ID", [])
    return [[each.valid for each in tokens.find(lab.desk.secrets.token, [field])] == [True] for field in fields]


@pytest.mark.parametrize("to", [("karl@mailbox.test",), ("a@mailbox.test", "b@mailbox.test", "c@mailbox.test")])
def test_mail_leaves_with_one_token_and_a_suspension_refuses_the_next_on_the_same_connection(
    asked: Lab, to: tuple[str, ...]
) -> None:
    with asked.submission.signed_in(LOGIN) as connection:
        assert refused_in(connection, *to)[0] == 250
        wait_until(lambda: asked.sink.took, "the mail leaves")
        asked.act(ActionKind.SUSPEND)
        wait_until(lambda: refused_in(connection, "karl@mailbox.test")[0] == 554, "the next mail is refused")
        code, text = refused_in(connection, "karl@mailbox.test")

    assert code == 554
    assert re.search(r"5.7.1 <.+>: \w+ \w+ rejected: Sending is suspended for this account, case C1001", text)
    assert tokens_of(asked, asked.sink.took[0]) == [True]


@pytest.mark.parametrize("to", [("a@mailbox.test",), ("a@mailbox.test", "b@mailbox.test")])
def test_held_mail_is_kept_back_with_its_token_mail_after_mail(asked: Lab, to: tuple[str, ...]) -> None:
    asked.act(ActionKind.HOLD)
    with asked.submission.signed_in(LOGIN) as connection:
        wait_until(lambda: refused_in(connection, *to) and "hold" in asked.queued(), "mail is kept back")
        wait_until(lambda: set(asked.queued()) == {"hold"}, "mail from before has left")
        before = len(asked.sink.took)
        for _ in range(3):
            assert refused_in(connection, *to) == (250, "")

    assert asked.queued() == ["hold"] * 4
    assert len(asked.sink.took) == before
    subprocess.run(["postsuper", "-c", str(asked.submission.server.conf), "-H", "ALL"], check=True)
    wait_until(lambda: len(asked.sink.took) == before + 4, "what was kept back leaves")
    assert [tokens_of(asked, each) for each in asked.sink.took[before:]] == [[True]] * 4


def test_the_recipient_that_wants_no_more_mail_is_refused_and_the_others_get_it_with_its_token(at_rcpt: Lab) -> None:
    with at_rcpt.desk.work() as work:
        service.suppress(work, [Wish("acme", "karl@mailbox.test", Cause.OPT_OUT, None, work.now)])
    with at_rcpt.submission.signed_in(LOGIN) as connection:
        wait_until(lambda: refused_in(connection, "karl@mailbox.test")[0] == 554, "the recipient is refused")
        before = len(at_rcpt.sink.took)
        told = connection.sendmail("news@acme.test", ["karl@mailbox.test", "a@mailbox.test", "b@mailbox.test"], MAIL)
        wait_until(lambda: len(at_rcpt.sink.took) > before, "the mail leaves")

    assert [*told] == ["karl@mailbox.test"]
    assert tokens_of(at_rcpt, at_rcpt.sink.took[before]) == [True]


def test_a_mail_keeps_its_token_where_a_later_check_refuses_the_recipient_it_came_with(desk: Desk) -> None:
    with ExitStack() as stack:
        own = "check_recipient_access inline:{ no@mailbox.test=REJECT }, permit_sasl_authenticated"
        there = lab(stack, desk, change=lambda lines: lines.replace("permit_sasl_authenticated,", f"{own},"))
        with there.submission.signed_in(LOGIN) as connection:
            told = connection.sendmail("news@acme.test", ["no@mailbox.test", "a@mailbox.test"], MAIL)
            wait_until(lambda: there.sink.took, "the mail leaves")

    assert [*told] == ["no@mailbox.test"]
    assert tokens_of(there, there.sink.took[0]) == [True]


def test_asked_at_data_the_one_recipient_that_wants_no_more_mail_is_refused(at_data: Lab) -> None:
    with at_data.desk.work() as work:
        service.suppress(work, [Wish("acme", "karl@mailbox.test", Cause.OPT_OUT, None, work.now)])
    with at_data.submission.signed_in(LOGIN) as connection:
        wait_until(lambda: refused_in(connection, "karl@mailbox.test")[0] == 554, "the recipient is refused")
        assert "wants no more mail from this sender" in refused_in(connection, "karl@mailbox.test")[1]
        assert refused_in(connection, "anna@mailbox.test")[0] == 250


def test_a_throttled_sender_is_put_off_with_the_limit(asked: Lab) -> None:
    asked.act(ActionKind.THROTTLE, per_hour=36)
    with asked.submission.signed_in(LOGIN) as connection:
        wait_until(lambda: refused_in(connection, "a@mailbox.test")[0] == 450, "put off")
        code, text = refused_in(connection, "a@mailbox.test")

    assert code == 450
    assert "This account is at its limit of 36 recipients an hour, case C1001" in text


def test_of_a_mail_with_more_recipients_than_the_limit_allows_the_first_get_it(at_rcpt: Lab) -> None:
    at_rcpt.act(ActionKind.THROTTLE, per_hour=1200)
    to = [f"r{number}@mailbox.test" for number in range(105)]
    with at_rcpt.submission.signed_in(LOGIN) as connection:
        wait_until(lambda: connection.sendmail("news@acme.test", to, MAIL), "some are put off")

    wait_until(lambda: at_rcpt.sink.took, "the mail leaves to the others")
    assert tokens_of(at_rcpt, at_rcpt.sink.took[-1]) == [True]


def said_to(connection: smtplib.SMTP, sender: str, recipient: str) -> int:
    """The last reply code of a mail that is handed in with these paths as they stand."""
    connection.rset()
    code, _ = connection.docmd("MAIL", f"FROM:{sender}")
    for step in (lambda: connection.docmd("RCPT", f"TO:{recipient}"), lambda: connection.data(MAIL)):
        code = step()[0] if code == 250 else code
    return code


def test_no_other_spelling_of_a_recipient_gets_round_its_suppression(at_rcpt: Lab) -> None:
    with at_rcpt.desk.work() as work:
        service.suppress(work, [Wish("acme", "karl@mailbox.test", Cause.OPT_OUT, None, work.now)])
    spellings = ("mailbox.test!karl", "karl%mailbox.test", "karl%mailbox.test@[127.0.0.1]", "karl@mailbox.test.")
    with at_rcpt.submission.signed_in(LOGIN) as connection:
        wait_until(lambda: said_to(connection, "<news@acme.test>", "<karl@mailbox.test>") == 554, "it is refused")
        codes = {each: said_to(connection, "<news@acme.test>", f"<{each}>") for each in spellings}
        codes["quoted"] = said_to(connection, "<news@acme.test>", '<"karl@mailbox.test"@[127.0.0.1]>')
        other = said_to(connection, "<news@acme.test>", "<karl%other.test@[127.0.0.1]>")

    assert set(codes.values()) == {554}, codes
    assert other == 250


def test_no_other_spelling_of_a_sender_gets_round_a_suspended_domain(at_rcpt: Lab) -> None:
    customers(at_rcpt.desk, acme=[("login", LOGIN), ("domain", "acme.test")])
    with at_rcpt.desk.work() as work:
        service.act(work, ANNA, "acme", Decision(ActionKind.SUSPEND, "spam", scope_of("domain:acme.test")))
    with at_rcpt.submission.signed_in(LOGIN) as connection:
        wait_until(lambda: said_to(connection, "<news@acme.test>", "<a@mailbox.test>") == 554, "it is refused")
        codes = [said_to(connection, each, "<a@mailbox.test>") for each in ("<acme.test!news>", "<news%acme.test>")]
        other = said_to(connection, "<news@other.test>", "<a@mailbox.test>")

    assert (codes, other) == ([554, 554], 250)
