"""The mailbox door against a real Dovecot."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import pytest
from imapclient.exceptions import IMAPClientError

from app.bootstrap import Desk
from app.errors import Unavailable
from app.intake.domain import Arrival, Door, Seen
from app.intake.service import store
from app.mail import limits
from tests.services.dovecot import Dovecot
from tests.services.programs import wait_until
from tests.workers.mail import arf
from workers.mailbox import IDLE_SECONDS, Mailbox
from workers.mailbox_account import account_from, connect

pytestmark = pytest.mark.services

Raws = Callable[[], list[bytes]]


def one_pass(desk: Desk, dovecot: Dovecot) -> int:
    account = account_from(dovecot.url())
    with connect(account) as client:
        mailbox = Mailbox(desk, account, threading.Event())
        mailbox.make_folders(client)
        return mailbox.read(client)


@contextmanager
def reading(desk: Desk, url: str) -> Iterator[None]:
    stop = threading.Event()
    thread = threading.Thread(target=Mailbox(desk, account_from(url), stop).run)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(30)
        assert not thread.is_alive()


def test_messages_are_stored_byte_for_byte_and_moved(desk: Desk, dovecot: Dovecot, raws: Raws) -> None:
    odd = b"Subject: \xff odd\r\nX:  two  spaces \r\n\r\n.\r\n..dots\r\nFrom here\r\n\tlast line without end"
    messages = [arf(1), arf(2), odd]
    dovecot.put(messages)
    assert one_pass(desk, dovecot) == 3
    assert raws() == sorted(messages)
    assert (dovecot.count(), dovecot.count("Processed")) == (0, 3)


def test_more_than_one_batch_is_read_in_one_pass(desk: Desk, dovecot: Dovecot, raws: Raws) -> None:
    messages = [arf(number) for number in range(230)]
    dovecot.put(messages)
    one_pass(desk, dovecot)
    assert raws() == sorted(messages)
    assert (dovecot.count(), dovecot.count("Processed")) == (0, 230)


def test_nothing_is_moved_while_the_database_is_away(
    desk: Desk, dovecot: Dovecot, raws: Raws, outage: Callable[[], AbstractContextManager[None]]
) -> None:
    dovecot.put([arf(1)])
    with outage(), pytest.raises(Unavailable):
        one_pass(desk, dovecot)
    assert dovecot.count() == 1
    one_pass(desk, dovecot)
    assert raws() == [arf(1)]


def test_a_message_that_is_known_by_its_uid_is_moved_and_not_stored_again(
    desk: Desk, dovecot: Dovecot, raws: Raws
) -> None:
    dovecot.put([arf(1)])
    account = account_from(dovecot.url())
    with connect(account) as client:
        validity = client.select_folder("INBOX")[b"UIDVALIDITY"]
        [uid] = client.search()
    with desk.work() as work:
        store(work, Arrival(b"what it was", Door.MAILBOX, seen=Seen(account.mailbox, validity, uid)))
    one_pass(desk, dovecot)
    assert raws() == [b"what it was"]
    assert dovecot.count("Processed") == 1


def test_the_same_message_under_another_uidvalidity_is_the_same_report(
    desk: Desk, dovecot: Dovecot, raws: Raws
) -> None:
    dovecot.put([arf(1)])
    one_pass(desk, dovecot)
    dovecot.stop()
    dovecot.forget_uids()
    dovecot.start()
    with dovecot.client() as client:
        client.select_folder("Processed")
        client.move(client.search(), "INBOX")
    assert one_pass(desk, dovecot) == 1
    assert raws() == [arf(1)]


def test_a_message_over_the_limit_is_set_apart_and_stops_nothing(desk: Desk, dovecot: Dovecot, raws: Raws) -> None:
    line = b"x" * 70 + b"\r\n"
    large = b"Subject: large\r\n\r\n" + line * (limits.MESSAGE_BYTES // len(line) + 1)
    dovecot.put([arf(1), large, arf(2)])
    one_pass(desk, dovecot)
    assert raws() == [arf(1), arf(2)]
    assert (dovecot.count(), dovecot.count("Processed"), dovecot.count("Processed-Refused")) == (0, 2, 1)


def test_a_message_without_content_is_set_apart_and_stops_nothing(desk: Desk, dovecot: Dovecot, raws: Raws) -> None:
    dovecot.put([arf(1), b"\r\n \r\n", arf(2)])
    one_pass(desk, dovecot)
    assert raws() == [arf(1), arf(2)]
    assert (dovecot.count(), dovecot.count("Processed-Refused")) == (0, 1)


def test_a_message_that_arrives_later_is_read_without_waiting_for_the_next_poll(
    desk: Desk, dovecot: Dovecot, raws: Raws
) -> None:
    with reading(desk, dovecot.url()):
        for number in range(1, 4):  # at any moment of the reader's round
            dovecot.put([arf(number)])
            wait_until(lambda most=number: len(raws()) == most, "it is stored", seconds=IDLE_SECONDS * 0.9)


def test_a_server_without_idle_move_and_uidplus_is_polled_and_left_tidy(
    desk: Desk, raws: Raws, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workers.mailbox.POLL_SECONDS", 0.1)
    with Dovecot("IMAP4rev1") as plain, reading(desk, plain.url()):
        plain.put([arf(1)])
        wait_until(lambda: raws() == [arf(1)], "the first is stored")
        plain.put([arf(2)])
        wait_until(lambda: raws() == [arf(1), arf(2)], "the second is stored")
        wait_until(lambda: plain.count("Processed") == 2, "both are copied once")
        with plain.client() as client:
            client.select_folder("INBOX")
            wait_until(lambda: not client.search("UNDELETED"), "what was read is marked")


def test_it_reads_on_after_the_server_was_restarted(desk: Desk, dovecot: Dovecot, raws: Raws) -> None:
    dovecot.put([arf(1)])
    with reading(desk, dovecot.url()):
        wait_until(lambda: raws() == [arf(1)], "the first is stored")
        dovecot.stop()
        dovecot.start()
        dovecot.put([arf(2)])
        wait_until(lambda: raws() == [arf(1), arf(2)], "the second is stored")


def test_it_reads_on_after_the_database_was_away(
    desk: Desk, dovecot: Dovecot, raws: Raws, outage: Callable[[], AbstractContextManager[None]]
) -> None:
    with reading(desk, dovecot.url()):
        with outage():
            dovecot.put([arf(1)])
        wait_until(lambda: raws() == [arf(1)], "it is stored")


def test_a_certificate_that_nobody_vouches_for_is_refused(dovecot: Dovecot) -> None:
    with pytest.raises(ssl.SSLCertVerificationError):
        connect(account_from(dovecot.url(secure=True)))


def test_a_certificate_that_the_machine_trusts_is_taken(dovecot: Dovecot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(dovecot.cert))
    with connect(account_from(dovecot.url(secure=True))) as client:
        assert client.folder_exists("INBOX")


def test_a_laboratory_may_ask_for_no_verification(dovecot: Dovecot) -> None:
    with connect(account_from(dovecot.url(secure=True, query="?tls=insecure"))) as client:
        assert client.folder_exists("INBOX")


def test_a_wrong_password_is_an_error_of_the_server(dovecot: Dovecot) -> None:
    url = dovecot.url().replace("s3cret", "wrong")
    with pytest.raises(IMAPClientError):
        connect(account_from(url))
