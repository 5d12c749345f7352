"""What a probe makes of mail servers that are slow, mute, of other words, or lie."""

from __future__ import annotations

import base64
import socketserver
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

from app.errors import Rejected, Unavailable
from app.infra.connectors import postfix, postfix_probe
from app.infra.connectors.postfix_asking import ask
from app.infra.connectors.postfix_probe import Answer, Kind, Probe
from app.infra.connectors.postfix_sight import Sight
from app.settings import Settings
from app.settings.readers import Address
from tests.infra.postfix_lab import line, order
from tests.services.programs import certificate, demand, free_port

TEXT = "Sending is suspended for this account, case C7"
LEAK = Answer(Kind.LET_THROUGH, 354)
YES = {
    "EHLO": "250-here\r\n250 AUTH PLAIN",
    "AUTH": "235 2.7.0 Yes",
    "MAIL": "250 Ok",
    "RCPT": "250 Ok",
    "DATA": "354 Go on",
    "RSET": "250 Ok",
}


class Talk(socketserver.StreamRequestHandler):
    """Greets, and answers each command by its first word; None: never."""

    said: Mapping[str, str | None] = {}
    heard: list[str]
    dripping = threading.Event()

    def handle(self) -> None:
        word = "GREETING"
        while (answer := self.said.get(word, "220 here" if word == "GREETING" else "500 What?")) is not None:
            self._answer(answer)
            heard = self.rfile.readline().decode().rstrip("\r\n")
            if not heard:
                return
            self.heard.append(heard)
            word = heard[:4].upper()
        self.rfile.read()

    def _answer(self, answer: str) -> None:
        if not answer.startswith("drip"):
            self.wfile.write(f"{answer}\r\n".encode())
            return
        while not self.dripping.wait(0.05):
            self.wfile.write(b"2")


@contextmanager
def scripted(*, within: ssl.SSLContext | None = None, **said: str | None) -> Iterator[tuple[str, list[str]]]:
    """A mail server that says yes to all but what is given; its URL, and what it heard. within: TLS at once."""
    heard: list[str] = []
    dripping = threading.Event()
    kind = type("Scripted", (Talk,), {"said": {**YES, **said}, "heard": heard, "dripping": dripping})
    server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), kind)
    server.daemon_threads, server.block_on_close = True, False
    if within is not None:
        server.socket = within.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield f"{'smtps' if within else 'smtp'}://probe%40probe.test:pw@127.0.0.1:{server.server_address[1]}", heard
    finally:
        dripping.set()
        server.shutdown()
        thread.join()
        server.server_close()


def tried(url: str, *, times: int = 1, texts: tuple[str, ...] = (TEXT,)) -> list[Answer]:
    return list(Probe(url).answers([f"adp.{number}" for number in range(times)], texts))


def test_it_hands_mail_in_as_the_probe_account_and_never_finishes_it() -> None:
    with scripted() as (url, heard):
        assert tried(url) == [LEAK]

    asked = [each for each in heard if not each.startswith(("EHLO", "ehlo", "AUTH"))]
    assert asked == ["mail FROM:<adp.0@probe.test>", "rcpt TO:<probe@probe.test>", "DATA"]
    assert base64.b64encode(b"\0probe@probe.test\0pw").decode() in heard[1]


@pytest.mark.parametrize("command", ["MAIL", "RCPT", "DATA"])
@pytest.mark.parametrize("code", [550, 554])
def test_a_refusal_in_our_words_is_a_stop_wherever_it_comes(command: str, code: int) -> None:
    with scripted(**{command: f"{code}-5.7.1 <{command}>: Command rejected: {TEXT}\r\n{code} see our pages"}) as (
        url,
        _,
    ):
        assert tried(url, times=2) == [Answer(Kind.REFUSED, code)] * 2


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        ("554 5.7.1 Relay access denied", 554),
        (f"554 5.7.1 {TEXT}8", 554),
        (f"451 4.3.5 {TEXT}", 451),
        ("250 what", 250),
    ],
)
def test_another_answer_proves_nothing(answer: str, code: int) -> None:
    with scripted(DATA=answer) as (url, _):
        assert tried(url) == [Answer(Kind.OTHER, code)]


def test_who_is_to_be_let_through_is_refused_by_any_refusal() -> None:
    with scripted(RCPT="550 5.1.1 No") as (url, _):
        assert tried(url, texts=()) == [Answer(Kind.REFUSED, 550)]


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"GREETING": "554 no"}, "The mail server does not answer the probe."),
        ({"GREETING": None}, "The mail server does not answer the probe."),
        ({"GREETING": "drip"}, "The mail server does not answer the probe."),
        ({"DATA": "drip"}, "The mail server does not answer the probe."),
        ({"AUTH": "535 5.7.8 No"}, "The mail server does not let the probe account in."),
        ({"EHLO": "250 no AUTH here"}, "The mail server does not answer the probe."),
        ({"EHLO": "250-x\r\n250 STARTTLS", "STAR": "454 No"}, "The mail server does not answer the probe."),
    ],
)
def test_a_mail_server_that_does_not_talk_to_us_is_said_so_in_time(
    monkeypatch: pytest.MonkeyPatch, said: dict[str, str | None], sentence: str
) -> None:
    monkeypatch.setattr(postfix_probe, "SECONDS", 0.4)
    begun = time.monotonic()
    with scripted(**said) as (url, _), pytest.raises(Unavailable) as caught:
        tried(url)
    assert str(caught.value) == sentence
    assert time.monotonic() - begun < 5


def test_nobody_there_is_a_sentence() -> None:
    with pytest.raises(Unavailable, match="does not answer the probe"):
        tried(f"smtp://a:b@127.0.0.1:{free_port()}")


def test_tls_from_the_start_works_on_the_loopback_with_any_certificate(tmp_path: Path) -> None:
    demand("openssl")
    within = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    within.load_cert_chain(*certificate(tmp_path))
    with scripted(within=within) as (url, heard):
        assert tried(url) == [LEAK]
    assert "DATA" in heard


def test_a_server_that_speaks_no_tls_where_it_should_is_a_sentence() -> None:
    with scripted() as (url, _), pytest.raises(Unavailable, match="TLS does not work"):
        tried(url.replace("smtp://", "smtps://"))


class Liar:
    """Takes every mail, whatever it was told."""

    async def handle_DATA(self, _server: object, _session: object, _envelope: object) -> str:
        raise AssertionError("a probe was finished")


@pytest.fixture
def liar() -> Iterator[str]:
    def let_in(*_given: object) -> AuthResult:
        return AuthResult(success=True)

    controller = Controller(
        Liar(), hostname="127.0.0.1", port=free_port(), authenticator=let_in, auth_require_tls=False
    )
    controller.start()
    yield f"smtp://probe:pw@127.0.0.1:{controller.port}"
    controller.stop()


def test_a_mail_server_that_lies_is_found_leaking(liar: str) -> None:
    stop = order("mailer@acme.test", line("suspend", "mailer@acme.test"), probes=("adp.1", "adp.2"))

    [seen] = Sight(None, Probe(liar), Address("127.0.0.1", free_port())).observe([stop]).values()

    assert (seen.in_force, seen.said) == (
        False,
        "The policy service does not answer. 2 of 2 probes let through at DATA: mail may still leave.",
    )


def test_a_mail_server_that_is_away_is_tried_once_for_all_senders() -> None:
    with scripted(AUTH="535 5.7.8 No") as (url, heard):
        orders = [order(f"m@s{number}.test", line("suspend"), probes=("adp.1",)) for number in range(5)]
        seen = Sight(None, Probe(url), Address("127.0.0.1", free_port())).observe(orders)

    assert {(each.in_force, each.said) for each in seen.values()} == {
        (None, "The mail server does not let the probe account in. Nothing was tried out.")
    }
    assert sum(each.startswith("AUTH") for each in heard) <= 2


@pytest.mark.parametrize(
    ("kind", "in_force", "said"),
    [
        ("throttle", None, "A limit cannot be seen from outside."),
        ("hold", None, "The policy service does not answer."),
        ("suspend", None, "It cannot be seen from outside."),
    ],
)
def test_what_cannot_be_seen_is_said(kind: str, in_force: bool | None, said: str) -> None:
    blind = Sight(None, None, Address("127.0.0.1", free_port()))
    [seen] = blind.observe([order("a@acme.test", line(kind, "a@acme.test"))]).values()
    assert (seen.in_force, seen.said) == (in_force, said)


@pytest.mark.parametrize("url", ["smtp://127.0.0.1:25", "smtp://a%20b:c@127.0.0.1", "smtp://a:b@h:99999"])
def test_a_probe_account_that_cannot_sign_in_is_refused_with_the_setting_named(url: str) -> None:
    with pytest.raises(Rejected, match="ABUSEDESK_PROBE_URL"):
        postfix.from_settings(Settings(probe_url=url))


def test_without_settings_there_is_no_postfix() -> None:
    assert postfix.from_settings(Settings()) == ()


@pytest.mark.parametrize("answer", [b"", b"action=\n\nx", b"x" * 5000, b"HOLD\n\n"])
def test_a_policy_service_that_talks_nonsense_says_nothing(answer: bytes) -> None:
    with answering(lambda: answer) as at:
        assert ask(at, [("a@acme.test", "")]) is None


def test_a_name_with_a_line_break_is_not_asked_for() -> None:
    with answering(lambda: b"action=DUNNO\n\n") as at:
        assert ask(at, [("a\nsasl_username=b", "")]) is None
        assert ask(at, [("a@acme.test", "")]) == ("DUNNO",)


@contextmanager
def answering(answer: Callable[[], bytes]) -> Iterator[Address]:
    class Once(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            while self.rfile.readline().strip():
                pass
            self.wfile.write(answer())

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Once) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield Address("127.0.0.1", int(server.server_address[1]))
        finally:
            server.shutdown()
            thread.join()
