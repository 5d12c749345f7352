"""Tries out at the mail server itself whether a stop bites: the probe account hands in mail in a sender's place.

It goes as far as DATA and never further. A refusal there, or before, in our own words is a stop that was seen; a 354
is a leak, and the connection is dropped at once, so that nothing is ever sent. What the server says else proves
nothing. A mail server that lies is found out by what it answers here, whatever it took before.
"""

from __future__ import annotations

import smtplib
import ssl
import threading
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from enum import StrEnum
from ipaddress import ip_address
from socket import SHUT_RDWR, create_connection
from types import TracebackType
from typing import NamedTuple, Self
from urllib.parse import unquote, urlsplit

from app.errors import Unavailable

SECONDS = 4.0
"""How long the connection and its sign-in may take, and each mail after it."""

IN_A_ROW = 8
"""Refusals on one connection; Postfix answers late from the tenth (smtpd_soft_error_limit)."""

GO_AHEAD = 354


class Kind(StrEnum):
    """What the mail server made of a probe."""

    REFUSED = "refused"
    LET_THROUGH = "let through"
    OTHER = "other"


class Answer(NamedTuple):
    """code: of the reply that decided it."""

    kind: Kind
    code: int


class Probe:
    """The probe account. url: smtp(s)://login:password@host:port, as the setting `probe_url`.

    Raises ValueError where it has no host or login.
    """

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._secure, self._host = parts.scheme == "smtps", parts.hostname or ""
        self._port = parts.port or (465 if self._secure else 587)
        self.login, self._password = unquote(parts.username or "").lower(), unquote(parts.password or "")
        if not self._host or not self.login or not self.login.isprintable() or set(" <>") & set(self.login):
            raise ValueError("a probe needs a host and a login")
        domain = self.login.rpartition("@")[2] if "@" in self.login else self._host
        self._domain, self._address = domain, self.login if "@" in self.login else f"{self.login}@{domain}"

    def answers(self, locals_: Sequence[str], texts: Sequence[str]) -> Iterator[Answer]:
        """The answer to a mail from each of these local parts of the probe account's domain, in their order.

        texts: what we have a stopped sender told; without any, every permanent refusal counts. Raises Unavailable
        where the mail server does not answer in time, or does not let the probe account in.
        """
        left = list(locals_)
        while left:
            with self._connection() as (smtp, patience):
                for each in left[:IN_A_ROW]:
                    patience.start_anew()
                    answer = self._tried(smtp, each, texts)
                    yield answer
                    left.remove(each)
                    if answer.kind is Kind.LET_THROUGH:
                        break
                    smtp.rset()

    def _tried(self, smtp: smtplib.SMTP, local: str, texts: Sequence[str]) -> Answer:
        code, said = smtp.mail(f"{local}@{self._domain}")
        if code == 250:
            code, said = smtp.rcpt(self._address)
        if code in (250, 251):
            code, said = smtp.docmd("DATA")
        if code == GO_AHEAD:
            smtp.close()
            return Answer(Kind.LET_THROUGH, code)
        refused = 500 <= code < 600 and (not texts or _in_our_words(said, texts))
        return Answer(Kind.REFUSED if refused else Kind.OTHER, code)

    @contextmanager
    def _connection(self) -> Iterator[tuple[smtplib.SMTP, _Patience]]:
        try:
            with closing(create_connection((self._host, self._port), SECONDS)) as sock:
                # With a name of its own: smtplib would ask DNS for this machine's, and might wait.
                smtp = smtplib.SMTP(local_hostname=_literal(sock.getsockname()[0]), timeout=SECONDS)
                smtp.sock = sock
                with closing(smtp), _Patience(smtp) as patience:
                    self._sign_in(smtp)
                    yield smtp, patience
        except smtplib.SMTPAuthenticationError as fault:
            raise Unavailable("The mail server does not let the probe account in.") from fault
        except ssl.SSLError as fault:
            raise Unavailable("The mail server's TLS does not work, or its certificate is not valid.") from fault
        except (OSError, smtplib.SMTPException, ValueError) as fault:
            raise Unavailable("The mail server does not answer the probe.") from fault

    def _sign_in(self, smtp: smtplib.SMTP) -> None:
        if self._secure:
            self._encrypt(smtp, verified=not _is_loopback(self._host))
        code, _ = smtp.getreply()
        if code != 220:
            raise smtplib.SMTPException("it does not greet")
        smtp.ehlo()
        if not self._secure and smtp.has_extn("starttls"):
            if smtp.docmd("STARTTLS")[0] != 220:
                raise smtplib.SMTPException("it offers STARTTLS and refuses it")
            # Taken where it is offered, so a certificate proves nothing: who could forge it could hide the offer.
            self._encrypt(smtp, verified=False)
            smtp.ehlo()
        smtp.login(self.login, self._password)

    def _encrypt(self, smtp: smtplib.SMTP, *, verified: bool) -> None:
        context = ssl.create_default_context()
        if not verified:
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        assert smtp.sock is not None
        smtp.sock = context.wrap_socket(smtp.sock, server_hostname=self._host)
        # What came in clear, words or offers, is not to be taken for what comes encrypted.
        smtp.file, smtp.esmtp_features, smtp.ehlo_resp = None, {}, None


class _Patience:
    """Cuts a connection off that takes too long: a drop now and then never runs into a socket's time-out."""

    def __init__(self, smtp: smtplib.SMTP) -> None:
        self._smtp = smtp

    def __enter__(self) -> Self:
        self._begin()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._timer.cancel()

    def start_anew(self) -> None:
        """Gives another SECONDS from now."""
        self._timer.cancel()
        self._begin()

    def _begin(self) -> None:
        self._timer = threading.Timer(SECONDS, self._cut)
        self._timer.daemon = True
        self._timer.start()

    def _cut(self) -> None:
        if self._smtp.sock is not None:
            with suppress(OSError):
                self._smtp.sock.shutdown(SHUT_RDWR)


def _in_our_words(said: bytes, texts: Sequence[str]) -> bool:
    """Whether a line of the answer ends with one of the texts; what stands before is the mail server's own."""
    lines = said.decode("ascii", "replace").splitlines()
    return any(line.rstrip().endswith(text) for line in lines for text in texts if text)


def _is_loopback(host: str) -> bool:
    with suppress(ValueError):
        return ip_address(host).is_loopback
    return host == "localhost"


def _literal(address: str) -> str:
    """An address as HELO has it (RFC 5321 §4.1.3)."""
    return f"[IPv6:{address}]" if ":" in address else f"[{address}]"
