"""The LMTP door, spoken to directly and by a real Postfix."""

from __future__ import annotations

import signal
import smtplib
import socket
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import replace

import pytest

from app.bootstrap import Desk
from app.mail import limits
from app.settings import Address
from app.uow import UnitOfWork
from tests.services.postfix import Postfix
from tests.services.programs import answers, free_port, wait_until
from tests.workers.conftest import Processes, door_of
from tests.workers.mail import arf
from workers.lmtp import taken_for

Raws = Callable[[], list[bytes]]
Outage = Callable[[], AbstractContextManager[None]]


class Client(smtplib.LMTP):
    """LMTP as the RFC has it: smtplib itself reads one reply after the data."""

    def __init__(self, door: Address) -> None:
        super().__init__(door.host, door.port)
        self.ehlo("mx.relay.test")

    def give(self, message: bytes, *recipients: str, sender: str = "<reporter@example.net>") -> list[str]:
        """The replies to the recipients, then those to the message."""
        said = [self.docmd("MAIL", f"FROM:{sender}")]
        said = [self.docmd("RCPT", f"TO:<{each}>") for each in recipients or ("abuse@relay.test",)]
        taken = sum(1 for code, _ in said if code == 250)
        if taken:
            assert self.docmd("DATA")[0] == 354
            self.send(smtplib._quote_periods(message) + b".\r\n")  # type: ignore[attr-defined]
            said += [self.getreply() for _ in range(taken)]
        return [f"{code} {text.decode()}" for code, text in said]


@pytest.fixture
def client(door: Address) -> Iterator[Client]:
    with Client(door) as found:
        yield found


def test_a_message_is_answered_when_it_is_stored_byte_for_byte(client: Client, raws: Raws) -> None:
    odd = b"Subject: \xff odd\r\n\r\n.\r\n..dots\r\nbare\nline\rends " + b"x" * 70_000 + b"\r\nlast\r\n"
    assert client.give(odd) == ["250 2.1.5 OK", "250 2.0.0 stored"]
    assert raws() == [odd]


def test_several_recipients_are_answered_one_by_one_and_are_one_report(client: Client, raws: Raws) -> None:
    assert client.give(arf(1), "abuse@relay.test", "fbl@relay.test")[2:] == ["250 2.0.0 stored"] * 2
    assert raws() == [arf(1)]


def test_one_connection_may_bring_many_messages(client: Client, raws: Raws) -> None:
    for number in range(3):
        assert client.give(arf(number))[-1] == "250 2.0.0 stored"
    assert len(raws()) == 3


@pytest.mark.parametrize(
    "sender", ["<>", "<a..b@x>", "<@hop.test:odd;name@x_y>", '<"a>b"@x> SIZE=1000 BODY=8BITMIME']
)
def test_any_sender_may_report(client: Client, raws: Raws, sender: str) -> None:
    assert client.give(arf(1), sender=sender)[-1] == "250 2.0.0 stored"


@pytest.mark.parametrize("head", [b"", b"return-path : <x@y.test>\r\n"])
def test_an_empty_sender_is_told_above_the_message(client: Client, raws: Raws, head: bytes) -> None:
    client.give(head + arf(1), sender="<>")
    assert raws() == [(head or b"Return-Path: <>\r\n") + arf(1)]


def test_a_message_delivered_again_is_the_same_report(client: Client, raws: Raws) -> None:
    client.give(arf(1))
    assert client.give(arf(1))[-1] == "250 2.0.0 stored"
    assert raws() == [arf(1)]


def test_a_message_over_the_limit_is_refused_for_each_recipient_and_the_next_is_taken(
    client: Client, raws: Raws
) -> None:
    large = b"Subject: large\r\n\r\n" + b"x" * 998 + b"\r\n"
    large += b"x\r\n" * (limits.MESSAGE_BYTES // 3)
    said = client.give(large, "abuse@relay.test", "fbl@relay.test")
    assert said[2:] == ["552 5.3.4 the message is larger than we take"] * 2
    assert client.give(arf(1))[-1] == "250 2.0.0 stored"
    assert raws() == [arf(1)]


def test_a_message_announced_as_too_large_is_refused_before_it_is_sent(client: Client) -> None:
    code, text = client.docmd("MAIL", f"FROM:<a@b.test> SIZE={limits.MESSAGE_BYTES + 1}")
    assert (code, text) == (552, b"5.3.4 the message is larger than we take")


def test_a_message_without_content_is_refused_and_those_with_it_are_taken(door: Address, raws: Raws) -> None:
    def give(message: bytes) -> str:
        with Client(door) as client:
            return client.give(message)[-1]

    with ThreadPoolExecutor(8) as pool:
        said = list(pool.map(give, [arf(1), arf(2), b"\r\n", arf(3), b" \r\n", arf(4)]))
    assert [line[:3] for line in said] == ["250", "250", "554", "250", "554", "250"]
    assert raws() == [arf(number) for number in range(1, 5)]


def test_deliveries_at_the_same_time_share_their_commits(desk: Desk, raws: Raws) -> None:
    counting = Counting(desk.work)
    with door_of(replace(desk, work=counting)) as door:  # type: ignore[arg-type]

        def give(number: int) -> str:
            with Client(door) as client:
                return client.give(arf(number))[-1]

        with ThreadPoolExecutor(16) as pool:
            assert set(pool.map(give, range(64))) == {"250 2.0.0 stored"}
    assert len(raws()) == 64
    assert counting.opened < 48


class Counting:
    """A unit of work that counts how often it was opened."""

    def __init__(self, work: UnitOfWork) -> None:
        self._work = work
        self.opened = 0

    def __call__(self) -> object:
        self.opened += 1
        return self._work()


def test_while_the_database_is_away_the_message_is_left_with_the_client(
    client: Client, raws: Raws, outage: Outage
) -> None:
    with outage():
        said = client.give(arf(1), "abuse@relay.test", "fbl@relay.test")
        assert [line[:9] for line in said[2:]] == ["451 4.3.0"] * 2
    assert client.give(arf(1))[-1] == "250 2.0.0 stored"
    assert raws() == [arf(1)]


def test_a_recipient_that_is_not_ours_is_refused_and_the_others_are_not(desk: Desk, raws: Raws) -> None:
    choosy = replace(desk, settings=replace(desk.settings, lmtp_recipients=("abuse@relay.test",)))
    with door_of(choosy) as door, Client(door) as client:
        said = client.give(arf(1), "ceo@relay.test", "ABUSE@relay.test")
        assert [line[:9] for line in said] == ["550 5.1.1", "250 2.1.5", "250 2.0.0"]
        assert client.give(arf(2), "ceo@relay.test") == ["550 5.1.1 no reports are taken for this address"]
    assert raws() == [arf(1)]


@pytest.mark.parametrize(
    ("recipients", "taken"),
    [
        ((), True),
        (("abuse@relay.test",), True),
        (("@relay.test",), True),
        (("@test",), False),
        (("x@relay.test",), False),
    ],
)
def test_recipients_are_addresses_or_whole_domains(recipients: tuple[str, ...], taken: bool) -> None:
    assert taken_for("Abuse@Relay.test", recipients) is taken


def test_nothing_that_a_client_says_is_logged(
    client: Client, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG", "mail.log")
    client.give(arf(1), "abuse@relay.test", sender="<secret@example.net>")
    client.docmd("VRFY", "secret@example.net")
    assert "secret" not in caplog.text + "".join(capsys.readouterr())


def test_a_process_told_to_stop_answers_what_is_under_way_first(desk: Desk, processes: Processes, raws: Raws) -> None:
    port = free_port()
    process = processes.start("lmtp", lmtp=f"127.0.0.1:{port}")
    wait_until(lambda: answers(port), "the door is open")
    with Client(Address("127.0.0.1", port)) as client:
        client.docmd("MAIL", "FROM:<a@b.test>")
        client.docmd("RCPT", "TO:<abuse@relay.test>")
        client.docmd("DATA")
        process.send_signal(signal.SIGTERM)
        wait_until(lambda: not answers(port), "the door takes no more")
        client.send(arf(1) + b".\r\n")
        assert client.getreply() == (250, b"2.0.0 stored")
        assert client.getreply()[0] == 421
        client.close()
    assert process.wait(10) == 0
    assert raws() == [arf(1)]


def test_an_idle_connection_does_not_keep_a_process_from_stopping(processes: Processes) -> None:
    port = free_port()
    process = processes.start("lmtp", lmtp=f"127.0.0.1:{port}")
    wait_until(lambda: answers(port), "the door is open")
    with socket.create_connection(("127.0.0.1", port)) as line:
        assert line.recv(100).startswith(b"220")
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0


@pytest.mark.services
def test_postfix_hands_over_what_it_was_given(door: Address, raws: Raws) -> None:
    with Postfix(door.port) as postfix:
        postfix.send(arf(1), "abuse@relay.test", "fbl@relay.test")
        wait_until(lambda: raws() and not postfix.queue(), "the queue is empty")
    [raw] = raws()
    assert raw.endswith(arf(1))


@pytest.mark.services
def test_postfix_keeps_what_comes_while_the_database_is_away_and_drains_then(
    door: Address, raws: Raws, outage: Outage
) -> None:
    with Postfix(door.port) as postfix:
        with outage():
            with postfix.connection() as smtp:
                for number in range(20):
                    smtp.sendmail("", ["abuse@relay.test"], arf(number))
            wait_until(lambda: all_delayed(postfix, "451 4.3.0", 20), "all wait with our words")
        postfix.flush()
        wait_until(lambda: len(raws()) == 20, "all are stored")
        wait_until(lambda: not postfix.queue(), "the queue is empty")


@pytest.mark.services
def test_postfix_is_told_about_each_recipient(desk: Desk, raws: Raws) -> None:
    choosy = replace(desk, settings=replace(desk.settings, lmtp_recipients=("abuse@relay.test",)))
    with door_of(choosy) as door, Postfix(door.port) as postfix:
        postfix.send(arf(1), "abuse@relay.test", "ceo@relay.test")
        wait_until(lambda: raws() and not postfix.queue(), "the queue is empty")
        log = postfix.log()
    assert "status=sent (250 2.0.0 stored)" in log
    assert "550 5.1.1" in log


@pytest.mark.services
def test_postfix_bounces_what_is_too_large_at_once(door: Address, raws: Raws) -> None:
    with Postfix(door.port) as postfix:
        postfix.send(b"Subject: large\r\n\r\n" + b"x" * 70 * 160_000 + b"\r\n", "abuse@relay.test")
        postfix.send(arf(1), "abuse@relay.test")
        wait_until(lambda: raws() and not postfix.queue(), "the queue is empty")
        assert "status=bounced" in postfix.log()


def all_delayed(postfix: Postfix, reason: str, messages: int) -> bool:
    waiting = [each["recipients"][0].get("delay_reason", "") for each in postfix.queue()]
    return sum(reason in each for each in waiting) == messages
