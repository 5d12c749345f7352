"""A mail server on the loopback that takes mail and keeps it: aiosmtpd, told what to answer.

with Sink() as sink:
    ...                      # smtp://127.0.0.1:{sink.port}
    [mail] = sink.mails
"""

from __future__ import annotations

import ssl
from collections.abc import Callable
from dataclasses import dataclass
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

from tests.services.programs import free_port

LOGIN, PASSWORD = b"desk", b"s3cret word"


@dataclass(frozen=True)
class Taken:
    """One mail that came. message: as a mail program reads it."""

    sender: str
    recipients: tuple[str, ...]
    raw: bytes
    encrypted: bool
    login: str | None

    @property
    def message(self) -> EmailMessage:
        found = message_from_bytes(self.raw, policy=SMTP)
        assert isinstance(found, EmailMessage)
        return found

    @property
    def text(self) -> str:
        """The body with one kind of line ends."""
        return str(self.message.get_content()).replace("\r\n", "\n")

    @property
    def words(self) -> str:
        """The body's words, wherever its lines are folded."""
        return " ".join(self.text.split())


class Sink:
    """answers: SMTP command → what to say in place of yes. on_data: called with each mail before it is answered for.

    certificate: (certificate, key) files, for STARTTLS or, with `smtps`, from the first byte. login: whether it asks
    for LOGIN and PASSWORD. utf8: whether it takes addresses that are not ASCII.
    """

    def __init__(
        self,
        *,
        port: int | None = None,
        certificate: tuple[Path, Path] | None = None,
        smtps: bool = False,
        login: bool = False,
        utf8: bool = False,
    ) -> None:
        self.mails: list[Taken] = []
        self.answers: dict[str, str] = {}
        self.on_data: Callable[[Taken], None] = lambda _mail: None
        self.port = port or free_port()
        self._controller = Controller(
            self,
            hostname="127.0.0.1",
            port=self.port,
            server_hostname="sink.test",
            enable_SMTPUTF8=utf8,
            ssl_context=_context(certificate) if certificate and smtps else None,
            tls_context=_context(certificate) if certificate and not smtps else None,
            auth_required=login,
            auth_require_tls=False,
            authenticator=self._knows if login else None,
        )

    def __enter__(self) -> Self:
        self._controller.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._controller.stop()

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    async def handle_MAIL(self, _server: Any, _session: Any, envelope: Any, address: str, options: list[str]) -> str:
        if "MAIL" in self.answers:
            return self.answers["MAIL"]
        envelope.mail_from, envelope.mail_options = address, options
        return "250 OK"

    async def handle_RCPT(self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any) -> str:
        answer = self.answers.get("RCPT") or self.answers.get(address)
        if answer is None:
            envelope.rcpt_tos.append(address)
        return answer or "250 OK"

    async def handle_DATA(self, _server: Any, session: Any, envelope: Any) -> str:
        taken = Taken(
            envelope.mail_from or "",
            tuple(envelope.rcpt_tos),
            bytes(envelope.content),
            session.ssl is not None,
            session.auth_data.login.decode() if session.auth_data else None,
        )
        if "DATA" in self.answers:
            return self.answers["DATA"]
        self.mails.append(taken)
        self.on_data(taken)
        return "250 OK"

    @staticmethod
    def _knows(_server: Any, _session: Any, _envelope: Any, _mechanism: str, data: Any) -> AuthResult:
        right = data.login == LOGIN and data.password == PASSWORD
        return AuthResult(success=right, handled=right, auth_data=data)


def _context(certificate: tuple[Path, Path]) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(*certificate)
    return context
