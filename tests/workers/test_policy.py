"""Postfix is told which logins may not send: within a second, whatever of ours is away."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import pytest
import structlog
import uvloop

from app.audit.domain import Actor
from app.bootstrap import Desk, wire
from app.enforcement import service
from app.enforcement.delegation import ATTRIBUTES, REQUEST_BYTES
from app.enforcement.domain import ActionKind
from app.enforcement.service import Decision
from app.settings import Address, Settings
from tests.factories.customers import customers
from tests.services.locked_out import locked_out
from workers.policy import serve

ANNA = Actor("anna@desk.test", 1)
PASS = b"action=DUNNO\n\n"
REFUSED = b"action=REJECT 5.7.1 Sending is suspended for this account, case C1001\n\n"
PATIENCE = 15.0
T = TypeVar("T")


class Postfix:
    """One connection of an smtpd."""

    def __init__(self, at: Address) -> None:
        self.line = socket.create_connection(at, timeout=PATIENCE)

    def ask(self, login: str = "mailer@acme.test") -> bytes:
        self.line.sendall(request(login))
        return self.hear()

    def hear(self) -> bytes:
        """The next answer; what came so far where the connection ends."""
        heard = b""
        while not heard.endswith(b"\n\n"):
            more = self.line.recv(1)
            if not more:
                break
            heard += more
        return heard


Connect = Callable[[Address], Postfix]


@pytest.fixture
def connect() -> Iterator[Connect]:
    """Makes connections that are closed when the test ends."""
    with ExitStack() as stack:

        def connected(at: Address) -> Postfix:
            postfix = Postfix(at)
            stack.enter_context(postfix.line)
            return postfix

        yield connected


def request(login: str) -> bytes:
    lines = ("request=smtpd_access_policy", "protocol_state=DATA", "sender=", f"sasl_username={login}", "size=0")
    return "\n".join(lines).encode() + b"\n\n"


@contextmanager
def serving(desk: Desk) -> Iterator[Address]:
    """The service in a thread, until the end of the block."""
    listening: Future[Address] = Future()
    stopping: Future[Callable[[], object]] = Future()

    async def run() -> None:
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        stopping.set_result(lambda: loop.call_soon_threadsafe(stop.set))
        await serve(desk, stop, listening.set_result)

    thread = threading.Thread(target=lambda: uvloop.run(run()), daemon=True)
    thread.start()
    try:
        yield listening.result(PATIENCE)
    finally:
        stopping.result(PATIENCE)()
        thread.join(PATIENCE)
        assert not thread.is_alive()


@pytest.fixture
def wired(desk: Desk) -> Iterator[Desk]:
    """The desk with two customers, its policy service on a free port."""
    customers(desk, acme=[("login", "mailer@acme.test")], beta=[("login", "mailer@beta.test")])
    wired = wire(replace(desk.settings, policy=Address("127.0.0.1", 0)))
    yield wired
    wired.close()


@pytest.fixture
def without_redis(wired: Desk, tmp_path: Path) -> Iterator[Desk]:
    """The same with a Redis that is not there."""
    deaf = wire(replace(wired.settings, redis_url=f"unix://{tmp_path}/nobody.sock"))
    yield deaf
    deaf.close()


@pytest.fixture
def at(wired: Desk) -> Iterator[Address]:
    with serving(wired) as at:
        yield at


def suspend(desk: Desk, case: int | None = 1001) -> None:
    with desk.work() as work:
        service.act(work, ANNA, "acme", Decision(ActionKind.SUSPEND, "phishing", case_number=case))


def reinstate(desk: Desk) -> None:
    with desk.work() as work:
        service.reinstate(work, ANNA, "acme", case_number=None, reason="mended")


def seconds_until(postfix: Postfix, wanted: bytes) -> float:
    """How long it takes until the login is answered so."""
    start = time.monotonic()
    while postfix.ask() != wanted:
        assert time.monotonic() - start < PATIENCE
    return time.monotonic() - start


def test_a_login_of_a_suspended_sender_is_refused_with_the_case(connect: Connect, wired: Desk) -> None:
    suspend(wired)

    with serving(wired) as at:
        assert connect(at).ask() == REFUSED


def test_without_a_case_none_is_named(connect: Connect, wired: Desk) -> None:
    suspend(wired, case=None)

    with serving(wired) as at:
        assert connect(at).ask() == b"action=REJECT 5.7.1 Sending is suspended for this account\n\n"


def test_a_login_counts_whatever_its_case(connect: Connect, wired: Desk) -> None:
    suspend(wired)

    with serving(wired) as at:
        assert connect(at).ask("Mailer@ACME.test") == REFUSED


@pytest.mark.parametrize("login", ["mailer@beta.test", "nobody", "", "mailer@acme.test.example"])
def test_every_other_login_passes(connect: Connect, wired: Desk, login: str) -> None:
    suspend(wired)

    with serving(wired) as at:
        assert connect(at).ask(login) == PASS


def test_a_suspension_bites_on_an_open_connection_within_a_second(connect: Connect, wired: Desk, at: Address) -> None:
    postfix = connect(at)
    assert postfix.ask() == PASS

    suspend(wired)

    assert seconds_until(postfix, REFUSED) < 1


def test_a_reinstatement_lets_pass_within_a_second(connect: Connect, wired: Desk, at: Address) -> None:
    suspend(wired)
    postfix = connect(at)
    seconds_until(postfix, REFUSED)

    reinstate(wired)

    assert seconds_until(postfix, PASS) < 1


def test_a_suspension_bites_within_a_second_while_redis_is_away(connect: Connect, without_redis: Desk) -> None:
    with serving(without_redis) as at:
        postfix = connect(at)
        assert postfix.ask() == PASS

        suspend(without_redis)

        assert seconds_until(postfix, REFUSED) < 1


def test_losing_redis_loses_no_suspension(connect: Connect, wired: Desk, at: Address) -> None:
    suspend(wired)
    postfix = connect(at)
    seconds_until(postfix, REFUSED)

    wired.redis.flushall()
    wired.redis.client_kill_filter(_type="pubsub")

    assert postfix.ask() == REFUSED


def test_questions_may_come_many_at_once(connect: Connect, wired: Desk) -> None:
    suspend(wired)

    with serving(wired) as at:
        postfix = connect(at)
        postfix.line.sendall((request("mailer@acme.test") + request("mailer@beta.test")) * 200)
        assert [postfix.hear() for _ in range(400)] == [REFUSED, PASS] * 200


def test_who_does_not_listen_gets_its_answers_when_it_does(connect: Connect, at: Address) -> None:
    deaf, other = connect(at), connect(at)
    deaf.line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    many, sent = 40_000, threading.Thread(target=lambda: deaf.line.sendall(request("nobody") * many))
    sent.start()
    assert other.ask("nobody") == PASS

    heard = 0
    while heard < many * len(PASS):
        heard += len(deaf.line.recv(65536))
    sent.join(PATIENCE)
    assert heard == many * len(PASS)


def test_a_question_may_come_in_pieces(connect: Connect, at: Address) -> None:
    postfix = connect(at)
    postfix.line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    for byte in request("mailer@beta.test"):
        postfix.line.sendall(bytes([byte]))

    assert postfix.hear() == PASS


@pytest.mark.parametrize(
    "junk",
    [
        b"GET / HTTP/1.1\nHost: x\n\n",
        b"\n\n",
        b"request=smtpd_access_policy\nno attribute\n\n",
        b"request=something_else\n\n",
        b"request=smtpd_access_policy\n" + b"a=b\n" * ATTRIBUTES + b"\n",
        b"x" * (REQUEST_BYTES + 1),
        b"\xff\xfe\x00",
    ],
)
def test_junk_ends_its_connection_and_no_other(connect: Connect, at: Address, junk: bytes) -> None:
    other, bad = connect(at), connect(at)

    bad.line.sendall(junk)
    bad.line.shutdown(socket.SHUT_WR)

    with suppress(ConnectionResetError):  # what it gets when it is closed with part of the junk unread
        assert bad.hear() == b""
    assert other.ask() == PASS


def test_while_the_database_is_away_the_last_that_was_known_stands(connect: Connect, wired: Desk) -> None:
    suspend(wired)
    with structlog.testing.capture_logs() as said, serving(wired) as at:
        postfix = connect(at)
        with locked_out(wired.settings):
            wait_for(lambda: "policy.database_away" in events(said))
            reading = [postfix.ask() for _ in range(50)]
            connect(at)
        reinstate(wired)
        back = seconds_until(postfix, PASS)

    assert reading == [REFUSED] * 50
    assert events(said).count("policy.database_away") == 1
    assert back < 1


def test_nothing_listens_until_the_suspensions_are_known(connect: Connect, wired: Desk) -> None:
    suspend(wired)
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    late = wire(replace(wired.settings, policy=Address("127.0.0.1", port)))

    with structlog.testing.capture_logs() as said, locked_out(wired.settings) as let_in:

        def let_in_once_refused() -> None:
            wait_for(lambda: events(said))
            with pytest.raises(ConnectionRefusedError):
                socket.create_connection(("127.0.0.1", port))
            let_in()

        letting = threading.Thread(target=let_in_once_refused)
        letting.start()
        with serving(late) as at:
            first = connect(at).ask()
        letting.join()
    late.close()

    assert events(said)[0] == "policy.database_away"
    assert first == REFUSED


def test_no_login_is_logged(connect: Connect, wired: Desk) -> None:
    with structlog.testing.capture_logs() as said, serving(wired) as at:
        suspend(wired)
        seconds_until(connect(at), REFUSED)

    assert "policy.changed" in events(said)
    assert "acme" not in repr(said)


def test_sigterm_ends_the_process_cleanly(connect: Connect, wired: Desk) -> None:
    suspend(wired)
    with socket.create_server(("127.0.0.1", 0)) as probe:
        at = Address("127.0.0.1", probe.getsockname()[1])
    process = subprocess.Popen([sys.executable, "-m", "workers.policy"], env=environment(wired.settings, at))
    try:
        postfix = wait_for(lambda: once_listening(connect, at))
        assert postfix.ask() == REFUSED
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE) == 0
        assert postfix.hear() == b""
    finally:
        process.kill()
        process.wait()


def environment(settings: Settings, at: Address) -> dict[str, str]:
    given = {"DATA": settings.data, "DATABASE_URL": settings.database_url, "REDIS_URL": settings.redis_url}
    ours = {f"ABUSEDESK_{name}": str(value) for name, value in given.items()}
    return os.environ | ours | {"ABUSEDESK_POLICY": str(at)}


def once_listening(connect: Connect, at: Address) -> Postfix | None:
    try:
        return connect(at)
    except ConnectionRefusedError:
        return None


def events(said: list[structlog.typing.EventDict]) -> list[str]:
    return [str(each["event"]) for each in said if str(each["event"]).startswith("policy.")]


def wait_for(ask: Callable[[], T | None]) -> T:
    """What `ask` gives once it gives something true."""
    deadline = time.monotonic() + PATIENCE
    while not (given := ask()):
        assert time.monotonic() < deadline
        threading.Event().wait(0.01)
    return given
