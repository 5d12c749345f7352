"""Mail is handed to a real SMTP server, encrypted where it offers that, and its refusals are told apart."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from urllib.parse import quote

import pytest

from app.errors import Rejected, Unavailable
from app.infra import mailer
from app.infra.mailer import SmtpMailer
from tests.services.programs import certificate, free_port
from tests.services.sink import LOGIN, PASSWORD, Sink

pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS:UserWarning")

FROM, TO = "abuse@provider.test", "karl@people.example"
SIGN_IN = f"{LOGIN.decode()}:{quote(PASSWORD.decode())}"


@pytest.fixture
def sink() -> Iterator[Sink]:
    with Sink() as running:
        yield running


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return certificate(tmp_path_factory.mktemp("keys"))


def mail(text: str = "Grüße\n.\nEnd\n") -> EmailMessage:
    message = EmailMessage(policy=SMTP)
    message["From"], message["To"], message["Subject"] = FROM, TO, "Hello"
    message.set_content(text)
    return message


def test_a_mail_arrives_as_it_was_written(sink: Sink) -> None:
    SmtpMailer(sink.url).send(mail(), FROM, TO)

    [taken] = sink.mails
    assert (taken.sender, taken.recipients, taken.message["Subject"]) == (FROM, (TO,), "Hello")
    assert taken.text == "Grüße\n.\nEnd\n"


def test_a_mail_may_have_no_way_back(sink: Sink) -> None:
    SmtpMailer(sink.url).send(mail(), "", TO)

    assert sink.mails[0].sender == "<>"


def test_where_encryption_is_offered_it_is_taken(keys: tuple[Path, Path]) -> None:
    with Sink(certificate=keys) as sink:
        SmtpMailer(sink.url).send(mail(), FROM, TO)

        assert sink.mails[0].encrypted


def test_a_server_that_is_encrypted_from_the_first_byte(keys: tuple[Path, Path]) -> None:
    with Sink(certificate=keys, smtps=True, login=True) as sink:
        SmtpMailer(f"smtps://{SIGN_IN}@127.0.0.1:{sink.port}").send(mail(), FROM, TO)

        assert sink.mails[0].login == LOGIN.decode()


def test_a_login_is_told(keys: tuple[Path, Path]) -> None:
    with Sink(certificate=keys, login=True) as sink:
        SmtpMailer(f"smtp://{SIGN_IN}@127.0.0.1:{sink.port}").send(mail(), FROM, TO)

        assert (sink.mails[0].encrypted, sink.mails[0].login) == (True, LOGIN.decode())


def test_a_wrong_password_may_be_mended_and_is_not_repeated() -> None:
    with Sink(login=True) as sink, pytest.raises(Unavailable) as refused:
        SmtpMailer(f"smtp://desk:hunter2@127.0.0.1:{sink.port}").send(mail(), FROM, TO)

    assert "login" in str(refused.value) and "hunter2" not in str(refused.value)


@pytest.fixture
def far(monkeypatch: pytest.MonkeyPatch) -> None:
    """The loopback counts as any other place."""
    monkeypatch.setattr(mailer, "_loopback", lambda _host: False)


@pytest.mark.usefixtures("far")
def test_a_password_goes_over_nothing_that_is_not_encrypted() -> None:
    with Sink(login=True) as sink, pytest.raises(Unavailable, match="no encryption"):
        SmtpMailer(f"smtp://{SIGN_IN}@127.0.0.1:{sink.port}").send(mail(), FROM, TO)


@pytest.mark.usefixtures("far")
@pytest.mark.parametrize(("scheme", "sign_in"), [("smtp", f"{SIGN_IN}@"), ("smtps", "")])
def test_a_certificate_that_nobody_vouches_for_is_not_trusted(
    keys: tuple[Path, Path], scheme: str, sign_in: str
) -> None:
    with Sink(certificate=keys, smtps=scheme == "smtps") as sink:
        with pytest.raises(Unavailable, match="cannot be trusted"):
            SmtpMailer(f"{scheme}://{sign_in}127.0.0.1:{sink.port}").send(mail(), FROM, TO)

        assert sink.mails == []


@pytest.mark.usefixtures("far")
def test_without_a_password_any_encryption_is_better_than_none(keys: tuple[Path, Path]) -> None:
    with Sink(certificate=keys) as sink:
        SmtpMailer(sink.url).send(mail(), FROM, TO)

        assert sink.mails[0].encrypted


@pytest.mark.parametrize(
    ("command", "answer", "raised", "told"),
    [
        ("RCPT", f"550 5.1.1 <{TO}> is not here", Rejected, "The mail server refuses it (550 5.1.1)."),
        ("RCPT", f"450 4.2.0 <{TO}> comes too often", Unavailable, "The mail server puts it off (450 4.2.0)."),
        ("RCPT", "530 5.7.0 Authentication required", Unavailable, "The mail server puts it off (530 5.7.0)."),
        ("DATA", "554 No", Rejected, "The mail server refuses it (554)."),
        ("DATA", "452 4.3.1 Full", Unavailable, "The mail server puts it off (452 4.3.1)."),
        ("MAIL", f"550 {FROM} may not", Unavailable, "The mail server does not take mail from our address (550)."),
    ],
)
def test_what_may_work_later_is_told_from_what_will_not(
    sink: Sink, command: str, answer: str, raised: type[Exception], told: str
) -> None:
    sink.answers[command] = answer

    with pytest.raises(raised) as fault:
        SmtpMailer(sink.url).send(mail(), FROM, TO)

    assert str(fault.value) == told


def test_a_server_that_is_not_there_may_come_back() -> None:
    with pytest.raises(Unavailable, match="does not answer"):
        SmtpMailer(f"smtp://127.0.0.1:{free_port()}").send(mail(), FROM, TO)


def test_a_server_that_says_nothing_is_not_waited_for() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent, pytest.raises(Unavailable, match="does not answer"):
        SmtpMailer(f"smtp://127.0.0.1:{silent.getsockname()[1]}", timeout=0.2).send(mail(), FROM, TO)


def test_a_server_that_turns_us_away() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def refuse() -> None:
            connection, _ = server.accept()
            with connection:
                connection.sendall(b"554 no service\r\n")

        thread = threading.Thread(target=refuse)
        thread.start()
        with pytest.raises(Unavailable, match=r"turns us away \(554\)"):
            SmtpMailer(f"smtp://127.0.0.1:{server.getsockname()[1]}").send(mail(), FROM, TO)
        thread.join()


@pytest.mark.parametrize(
    ("sender", "recipient"),
    [
        (f"{FROM}>\r\nRCPT TO:<x@y.example", TO),
        (FROM, f"{TO}\nDATA"),
        (FROM, f"{TO}\0"),
        (FROM, ""),
    ],
)
def test_no_address_can_say_a_command_of_its_own(sink: Sink, sender: str, recipient: str) -> None:
    with pytest.raises(Rejected):
        SmtpMailer(sink.url).send(mail(), sender, recipient)

    assert sink.mails == []


def test_a_header_field_with_a_line_break_is_refused(sink: Sink) -> None:
    message = EmailMessage()
    message._headers.append(("Subject", "Hello\r\nBcc: eve@evil.example"))  # type: ignore[attr-defined]

    with pytest.raises(Rejected, match="line breaks"):
        SmtpMailer(sink.url).send(message, FROM, TO)


@pytest.mark.parametrize("able", [True, False])
def test_an_address_that_is_not_ascii_goes_where_the_server_takes_it(able: bool) -> None:
    with Sink(utf8=able) as sink:
        if able:
            SmtpMailer(sink.url).send(mail(), FROM, "jörg@people.example")
            assert sink.mails[0].recipients == ("jörg@people.example",)
        else:
            with pytest.raises(Rejected, match="an address like this"):
                SmtpMailer(sink.url).send(mail(), FROM, "jörg@people.example")


@pytest.mark.parametrize("url", ["smtp://", "smtp://:25", "smtp://host:port", "imap://host"])
def test_an_address_that_no_mail_can_be_handed_to_is_refused_at_once(url: str) -> None:
    with pytest.raises(Rejected, match="ABUSEDESK_SMTP_URL"):
        SmtpMailer(url)
