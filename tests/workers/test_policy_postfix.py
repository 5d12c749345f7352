"""A real Postfix does what the policy service says: refuses, keeps back and stamps, puts off."""

from __future__ import annotations

import smtplib
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from email import message_from_bytes
from typing import Any

import pytest
from aiosmtpd.controller import Controller

from app.audit.domain import Actor
from app.bootstrap import Desk, wire
from app.enforcement import service
from app.enforcement.domain import ActionKind
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


def lab(stack: ExitStack, desk: Desk, *, at_data: bool) -> Lab:
    """A submission server with the lines that we print, without tables, and the service it asks."""
    customers(desk, acme=[("login", LOGIN)])
    wired = wire(replace(desk.settings, policy=Address("127.0.0.1", 0), stamp="feedback-id"))
    stack.callback(wired.close)
    port = stack.enter_context(serving(wired)).port
    sink = Sink()
    controller = Controller(sink, hostname="127.0.0.1", port=free_port())
    controller.start()
    stack.callback(controller.stop)
    more = main_cf(Address("127.0.0.1", port), None, at_data=at_data)
    submission = stack.enter_context(Submission(controller.port, {LOGIN: "s3cret"}, more=more))
    return Lab(wired, submission, sink)


@pytest.fixture
def at_both(desk: Desk) -> Iterator[Lab]:
    """Asked at RCPT and at DATA."""
    with ExitStack() as stack:
        yield lab(stack, desk, at_data=False)


@pytest.fixture
def at_data(desk: Desk) -> Iterator[Lab]:
    """Asked at DATA only."""
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


def test_mail_leaves_with_its_token_and_a_suspension_refuses_the_next_on_the_same_connection(at_data: Lab) -> None:
    with at_data.submission.signed_in(LOGIN) as connection:
        assert refused_in(connection, "karl@mailbox.test")[0] == 250
        wait_until(lambda: at_data.sink.took, "the mail leaves")
        at_data.act(ActionKind.SUSPEND)
        wait_until(lambda: refused_in(connection, "karl@mailbox.test")[0] == 554, "the next mail is refused")
        code, text = refused_in(connection, "karl@mailbox.test")

    assert code == 554
    assert "5.7.1 <DATA>: Data command rejected: Sending is suspended for this account, case C1001" in text
    fields = message_from_bytes(at_data.sink.took[0]).get_all("Feedback-ID", [])
    assert [each.valid for each in tokens.find(at_data.desk.secrets.token, fields)] == [True]


def test_held_mail_of_several_recipients_is_kept_back_with_its_token_mail_after_mail(at_both: Lab) -> None:
    to = ("a@mailbox.test", "b@mailbox.test")
    at_both.act(ActionKind.HOLD)
    with at_both.submission.signed_in(LOGIN) as connection:
        wait_until(lambda: refused_in(connection, *to) and "hold" in at_both.queued(), "mail is kept back")
        wait_until(lambda: set(at_both.queued()) == {"hold"}, "mail from before has left")
        before = len(at_both.sink.took)
        for _ in range(3):
            assert refused_in(connection, *to) == (250, "")

    assert at_both.queued() == ["hold"] * 4
    assert len(at_both.sink.took) == before
    subprocess.run(["postsuper", "-c", str(at_both.submission.server.conf), "-H", "ALL"], check=True)
    wait_until(lambda: len(at_both.sink.took) == before + 4, "what was kept back leaves")
    for each in at_both.sink.took:
        (field,) = message_from_bytes(each).get_all("Feedback-ID", [])
        assert [token.valid for token in tokens.find(at_both.desk.secrets.token, [field])] == [True]


def test_asked_at_data_only_the_one_recipient_that_wants_no_more_mail_is_refused(at_data: Lab) -> None:
    with at_data.desk.work() as work:
        service.suppress(work, [Wish("acme", "karl@mailbox.test", Cause.OPT_OUT, None, work.now)])
    with at_data.submission.signed_in(LOGIN) as connection:
        wait_until(lambda: refused_in(connection, "karl@mailbox.test")[0] == 554, "the recipient is refused")
        assert "wants no more mail from this sender" in refused_in(connection, "karl@mailbox.test")[1]
        assert refused_in(connection, "anna@mailbox.test")[0] == 250


def test_asked_at_data_only_held_mail_is_kept_back(at_data: Lab) -> None:
    at_data.act(ActionKind.HOLD)
    with at_data.submission.signed_in(LOGIN) as connection:
        wait_until(lambda: refused_in(connection, "a@mailbox.test") and "hold" in at_data.queued(), "held")


def test_a_throttled_sender_is_put_off_with_the_limit(at_data: Lab) -> None:
    at_data.act(ActionKind.THROTTLE, per_hour=36)
    with at_data.submission.signed_in(LOGIN) as connection:
        wait_until(lambda: refused_in(connection, "a@mailbox.test")[0] == 450, "put off")
        code, text = refused_in(connection, "a@mailbox.test", "b@mailbox.test")

    assert code == 450
    assert "This account is at its limit of 36 recipients an hour, case C1001" in text
