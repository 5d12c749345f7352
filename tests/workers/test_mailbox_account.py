"""The mailbox address of the settings."""

from __future__ import annotations

import pytest

from app.errors import Rejected
from workers.mailbox_account import account_from, is_loopback


def test_every_part_is_decoded() -> None:
    account = account_from("imap://abuse%40relay.test:p%2Fw%25@mail.test:1143/Reports%2FNew%20ones")
    assert (account.user, account.password, account.folder) == ("abuse@relay.test", "p/w%", "Reports/New ones")
    assert (account.host, account.port, account.secure) == ("mail.test", 1143, False)


@pytest.mark.parametrize(("url", "port"), [("imap://u:p@h", 143), ("imaps://u:p@h", 993)])
def test_port_and_folder_may_be_left_out(url: str, port: int) -> None:
    account = account_from(url)
    assert (account.port, account.folder) == (port, "INBOX")


def test_certificates_are_verified_unless_the_address_says_insecure() -> None:
    assert account_from("imaps://u:p@h").verify
    assert not account_from("imaps://u:p@h/INBOX?tls=insecure").verify


@pytest.mark.parametrize(
    "url",
    [
        "",
        "pop3://u:hunter2@h",
        "imap://h",
        "imap://u@h",
        "imap://u:hunter2@h:port",
        "imap://u:hunter2@h/I?tls=no",
        "imap://u:hunter2@h/I?ssl=off",
        "imap://u:hunter2@h/I?tls",
    ],
)
def test_an_address_that_cannot_be_read_is_refused_without_its_password(url: str) -> None:
    with pytest.raises(Rejected) as refusal:
        account_from(url)
    assert "hunter2" not in str(refusal.value)


def test_the_password_is_in_no_printed_account_and_no_mailbox_name() -> None:
    account = account_from("imap://abuse:hunter2@mail.test/INBOX")
    assert "hunter2" not in repr(account)
    assert account.mailbox == "abuse@mail.test/INBOX"


@pytest.mark.parametrize(
    ("host", "loopback"), [("127.0.0.1", True), ("::1", True), ("localhost", True), ("10.0.0.1", False), ("h", False)]
)
def test_only_the_loopback_is_spoken_to_in_clear(host: str, loopback: bool) -> None:
    assert is_loopback(host) is loopback
