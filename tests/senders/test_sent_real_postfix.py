"""A real Postfix's own log: three mails of two logins, taken in, counted and found again.

fixtures/postfix.log was recorded by this test with RECORD_LOG=FILE set.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller

from app.audit.domain import OPERATOR
from app.bootstrap import Desk
from app.ports import SentFact, SentQuestion
from app.senders.sent import Sent, guessed, lines_of
from app.senders.sent_postfix import PostfixReader
from app.senders.sent_service import import_sent, sent_answers, volumes
from tests.factories.customers import customers
from tests.services.programs import free_port, wait_until
from tests.services.submission import Submission

FIXTURE = Path(__file__).parent / "fixtures" / "postfix.log"
RECORD = os.environ.get("RECORD_LOG")
ACME, SHOP = "mailer@acme.test", "post@shop.test"
LATER = "later@mailbox.test"


class Mailbox:
    """Takes everything but what is for LATER."""

    async def handle_RCPT(self, _server: object, _session: object, envelope: Any, address: str, _options: Any) -> str:
        if address == LATER:
            return "450 4.2.0 Later"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: object, _session: object, _envelope: object) -> str:
        return "250 OK"


@pytest.fixture
def written() -> Iterator[Path]:
    """The log of a Postfix that three mails went through, one of them to two people and one who is not there."""
    mailbox = Controller(Mailbox(), hostname="127.0.0.1", port=free_port())
    mailbox.start()
    try:
        with Submission(mailbox.port, {ACME: "s3cret", SHOP: "s3cret"}) as submission:
            submission.send(ACME, _mail("1@acme.test"), "karl@mailbox.test")
            submission.send(
                ACME, _mail("2@acme.test"), "karl@mailbox.test", "Lena@mailbox.example", "later@mailbox.test"
            )
            submission.send(SHOP, _mail("3@shop.test"), "karl@mailbox.test")
            log = submission.log_file
            wait_until(lambda: log.read_text().count("status=sent") == 4, "all is delivered")
            wait_until(lambda: "status=deferred" in log.read_text(), "one is put off")
            if RECORD:
                kept = [line for line in log.read_text().splitlines(True) if str(log.parent) not in line]
                Path(RECORD).write_text("".join(kept))
            yield log
    finally:
        mailbox.stop()


def _mail(message_id: str) -> bytes:
    return f"Message-ID: <{message_id}>\r\nSubject: hello\r\n\r\nhi\r\n".encode()


def read(log: Path, newest: datetime) -> list[Sent]:
    reader = PostfixReader(newest)
    with log.open("rb") as file:
        _, lines = guessed(lines_of(file))
        found = [*reader.read(lines), *reader.end()]
    return [each for each in found if isinstance(each, Sent)]


DELIVERED = [
    (ACME, "1@acme.test", "karl@mailbox.test"),
    (ACME, "2@acme.test", "karl@mailbox.test"),
    (ACME, "2@acme.test", "lena@mailbox.example"),
    (SHOP, "3@shop.test", "karl@mailbox.test"),
]


def joined(found: list[Sent]) -> list[tuple[str, str, str]]:
    return sorted((each.login, each.message_id, each.recipient) for each in found)


def test_the_recorded_log_is_read() -> None:
    assert joined(read(FIXTURE, datetime(2026, 12, 1, tzinfo=UTC))) == DELIVERED


def test_a_real_log_is_taken_in_and_each_mail_is_found_again(desk: Desk, written: Path) -> None:
    customers(desk, acme=[("login", ACME)], shop=[("login", SHOP)])
    found = read(written, desk.clock.now())
    assert joined(found) == DELIVERED

    first, again = (import_sent(desk.work, OPERATOR, found) for _ in range(2))

    assert (first.new, first.unknown, again.new, again.known) == (4, 0, 0, 4)
    with desk.work() as work:
        counted = {each.provider: each.delivered for each in volumes(work, "acme", date.min, date.max)}
        questions = [SentQuestion(None, each.queue_id, each.at, frozenset({each.recipient})) for each in found]
        answers = sent_answers(work, questions)
    assert counted == {"mailbox.test": 2, "mailbox.example": 1}
    assert [_sender(facts) for facts in answers] == [each.login.partition("@")[2].split(".")[0] for each in found]


def _sender(facts: tuple[SentFact, ...]) -> str:
    [fact] = facts
    assert (fact.by_queue_id, fact.to_asked) == (True, True)
    return fact.sender
