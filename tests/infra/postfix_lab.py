"""A submission server as an operator would have it: Postfix, SASL, OpenDKIM, our tables, a policy service, a sink."""

from __future__ import annotations

import shutil
import socketserver
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import message_from_bytes
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from aiosmtpd.controller import Controller

from app.enforcement.postfix_config import main_cf
from app.infra.connectors import postfix
from app.ports import Connector, Order, OrderLine
from app.settings import Settings
from app.settings.readers import Address
from tests.services.opendkim import OpenDkim
from tests.services.programs import free_port, wait_until
from tests.services.submission import Submission

PROBE = "probe@probe.test"
LOGINS = [f"mailer@c{number}.test" for number in range(30)]
SOME = "karl@mailbox.test"


class Sink:
    """Where mail leaves to. away: whether it takes none for now."""

    def __init__(self) -> None:
        self.away = False
        self.took: list[bytes] = []

    async def handle_MAIL(self, _server: object, _session: object, envelope: Any, address: str, options: Any) -> str:
        if self.away:
            return "451 4.3.2 Not now"
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_DATA(self, _server: object, _session: object, envelope: Any) -> str:
        self.took.append(envelope.content)
        return "250 OK"

    def of(self, login: str) -> dict[str, bytes]:
        """Subject → mail that left, of what this login sent by `Lab.send`."""
        mails = [(message_from_bytes(each), each) for each in self.took]
        return {str(mail["Subject"]): raw for mail, raw in mails if mail["From"] == f"<{login}>"}


class PolicyDouble:
    """A policy service that answers by `says`: a function from the attributes to an action; "" hangs up."""

    def __init__(self) -> None:
        self.says: Callable[[dict[str, str]], str] = lambda _attributes: "DUNNO"

    def __enter__(self) -> Self:
        double = self

        class Talk(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                attributes: dict[str, str] = {}
                for line in self.rfile:
                    name, _, value = line.decode().rstrip("\n").partition("=")
                    if name:
                        attributes[name] = value
                        continue
                    action = double.says(attributes)
                    if not action:
                        return
                    self.wfile.write(f"action={action}\n\n".encode())
                    attributes = {}

        self._server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Talk, bind_and_activate=True)
        self._server.daemon_threads = True
        self._server.block_on_close = False
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    @property
    def address(self) -> Address:
        host, port = self._server.server_address[:2]
        return Address(str(host), int(port))


@dataclass
class Lab:
    """All of it. Each test takes logins of its own, for the servers are those of the whole module."""

    submission: Submission
    sink: Sink
    policy: PolicyDouble
    settings: Settings
    records: dict[str, str]
    unused: list[str] = field(default_factory=lambda: list(LOGINS))

    @property
    def maps(self) -> Path:
        """Where our tables are."""
        assert self.settings.postfix_maps is not None
        return self.settings.postfix_maps

    def login(self) -> str:
        """A login that no test had."""
        return self.unused.pop()

    def connector(self) -> Connector:
        """A connector as a process would have it that was just started."""
        [found] = postfix.from_settings(self.settings)
        return found

    def send(self, login: str, subject: str, recipient: str = SOME) -> None:
        head = f"From: <{login}>\r\nMessage-ID: <{subject}@x.test>\r\nFeedback-ID: a:b:c\r\nSubject: {subject}\r\n"
        self.submission.send(login, f"{head}\r\nhi\r\n".encode(), recipient)

    def queued(self, login: str) -> dict[str, str]:
        """Queue id → queue, of mail that this login's envelope sender is on."""
        domain = login.partition("@")[2]
        return {
            each["queue_id"]: "hold" if each["queue_name"] == "hold" else "waiting"
            for each in self.submission.server.queue()
            if each["sender"].endswith(f"@{domain}")
        }

    def keep_waiting(self, login: str, *subjects: str) -> list[str]:
        """Mail of this login that is in the queue, for the sink is away; the queue ids."""
        self.sink.away = True
        for subject in subjects:
            self.send(login, subject)
        wait_until(lambda: len(self.queued(login)) == len(subjects), "it waits in the queue")
        return sorted(self.queued(login))

    def come_back(self) -> None:
        """The sink takes mail again, and what waits is tried."""
        self.sink.away = False
        self.submission.server.flush()


def line(kind: str, *logins: str, scope: str = "sender", value: str = "", **more: Any) -> OrderLine:
    """An order's line, in force since the year began."""
    usual = {"text": "Sending is suspended for this account, case C7", "since": datetime(2026, 1, 1, tzinfo=UTC)}
    return OrderLine(kind, scope, value, logins, None, **(usual | more))


def order(login: str, *lines: OrderLine, **more: Any) -> Order:
    """The order for the sender that has this login."""
    domain = login.partition("@")[2]
    return Order(domain, str(len(lines)), (login,), (domain,), lines, **more)


@contextmanager
def running() -> Iterator[Lab]:
    """The lab, everything on 127.0.0.1 and in folders of its own."""
    sink, folder = Sink(), Path(tempfile.mkdtemp(prefix="maps-"))
    folder.chmod(0o755)
    controller = Controller(sink, hostname="127.0.0.1", port=free_port())
    controller.start()
    try:
        with PolicyDouble() as policy, OpenDkim(*(each.partition("@")[2] for each in LOGINS)) as signer:
            more = main_cf(policy.address, folder)
            users = dict.fromkeys([*LOGINS, PROBE], "s3cret/@ %+")
            tables = [folder / "suspended", folder / "frozen"]
            with Submission(
                controller.port, users, more=more, tables=tables, encrypted=True, milter=signer.milter
            ) as submission:
                settings = Settings(
                    data=folder / "var",
                    policy=policy.address,
                    postfix_maps=folder,
                    postfix_config=submission.server.conf,
                    probe_url=f"smtp://probe%40probe.test:s3cret%2F%40%20%25+@127.0.0.1:{submission.server.smtp}",
                )
                yield Lab(submission, sink, policy, settings, signer.records)
    finally:
        controller.stop()
        shutil.rmtree(folder, ignore_errors=True)
