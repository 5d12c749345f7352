"""Hands mail to the operator's mail server by SMTP (RFC 5321), a connection for each: the Mailer of `app.ports`.

    smtp://[login:password@]host[:25]     encrypted by STARTTLS where the server offers it
    smtps://[login:password@]host[:465]   encrypted from the first byte

Who the server is, is verified wherever a password is sent, and with smtps always; a password goes over nothing that
is not encrypted. On the loopback both is waived: nobody stands in between. What the server says beside its codes is
not repeated: it likes to name the recipient.
"""

from __future__ import annotations

import ipaddress
import re
import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from email.message import EmailMessage
from urllib.parse import unquote, urlsplit

from app.errors import Rejected, Unavailable
from app.settings import Settings

TIMEOUT_SECONDS = 15.0
"""How long one answer of the server may take until we are let in."""

TAKING_SECONDS = 100.0
"""How long one answer may take then: who looks through a mail before taking it needs his time, and hearing too early
that it was not taken would send it twice."""

PORTS = {"smtp": smtplib.SMTP_PORT, "smtps": smtplib.SMTP_SSL_PORT}
OURS = frozenset({421, 454, 530, 534, 535, 538})
"""Answers (RFC 4954 §6, RFC 3207 §4) that say something of the server or of our sign-in, never of the mail."""

_BREAKS = re.compile(r"[\r\n\0]")
_UNFOLDED = re.compile(r"\r(?!\n)|\n(?![ \t])|\0")
_ENHANCED = re.compile(rb"[245]\.\d{1,3}\.\d{1,3}(?!\S)")
_SILENT = "The mail server does not answer."


class SmtpMailer:
    """The Mailer behind an smtp or smtps URL.

    timeout, taking: seconds for one answer, until we are let in and from then on.
    """

    def __init__(self, url: str, timeout: float = TIMEOUT_SECONDS, taking: float = TAKING_SECONDS) -> None:
        """Raises Rejected for a URL that no mail can be handed to."""
        try:
            self._place = urlsplit(url)
            self._port = self._place.port or PORTS[self._place.scheme]
        except (ValueError, KeyError):
            raise Rejected("ABUSEDESK_SMTP_URL is no address of a mail server.") from None
        if not self._place.hostname:
            raise Rejected("ABUSEDESK_SMTP_URL is no address of a mail server.")
        self._host, self._timeout, self._taking = self._place.hostname, timeout, taking
        self._near = _loopback(self._host)

    def send(self, message: EmailMessage, sender: str, recipient: str) -> None:
        """Hands one message over; sender may be empty (RFC 5321 §4.5.5).

        Returns once the server has taken it. Raises Unavailable where the server is away, refuses us or puts the
        mail off (4xx); Rejected where it refuses the mail or its recipient (5xx), and for a line break in what is one
        line.
        """
        _refuse_breaks(message, sender, recipient)
        with self._session() as session, _translated():
            session.send_message(message, sender, [recipient])

    @contextmanager
    def _session(self) -> Iterator[smtplib.SMTP]:
        with _translated():
            session = self._opened()
        try:
            _wait(session, self._taking)
            yield session
        finally:
            # The mail was taken, or refused, before: how the two part changes nothing of that.
            with suppress(OSError, smtplib.SMTPException):
                _wait(session, self._timeout)
                session.quit()
            session.close()

    def _opened(self) -> smtplib.SMTP:
        session = self._connected()
        try:
            # Named by our address (RFC 5321 §4.1.4): asking DNS for our name may take longer than all the rest.
            here = session.sock.getsockname()[0] if session.sock else "127.0.0.1"
            session.local_hostname = f"[IPv6:{here}]" if ":" in here else f"[{here}]"
            self._greet(session)
        except BaseException:
            session.close()
            raise
        return session

    def _connected(self) -> smtplib.SMTP:
        host, port, timeout = self._host, self._port, self._timeout
        if self._place.scheme == "smtps":
            context = self._context(verified=True)
            return smtplib.SMTP_SSL(host, port, "localhost", timeout=timeout, context=context)
        return smtplib.SMTP(host, port, "localhost", timeout)

    def _greet(self, session: smtplib.SMTP) -> None:
        session.ehlo_or_helo_if_needed()
        encrypted = self._place.scheme == "smtps"
        if not encrypted and session.has_extn("starttls"):
            session.starttls(context=self._context(verified=self._place.username is not None))
            session.ehlo_or_helo_if_needed()
            encrypted = True
        if self._place.username is None:
            return
        if not encrypted and not self._near:
            raise Unavailable("The mail server offers no encryption, so it is not told the password.")
        try:
            session.login(unquote(self._place.username), unquote(self._place.password or ""))
        except smtplib.SMTPNotSupportedError:
            raise Unavailable("The mail server offers no sign-in.") from None

    def _context(self, *, verified: bool) -> ssl.SSLContext:
        context = ssl.create_default_context()
        if self._near or not verified:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        return context


def _wait(session: smtplib.SMTP, seconds: float) -> None:
    if session.sock is not None:
        session.sock.settimeout(seconds)


def _loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _refuse_breaks(message: EmailMessage, sender: str, recipient: str) -> None:
    # As they stand, not as the policy would clean them: `items` shows no break that the mail goes out with.
    fields = [(name, str(value)) for name, value in message.raw_items()]
    fit = not any(_BREAKS.search(each) for each in (sender, recipient, *(name for name, _ in fields)))
    if not fit or any(_UNFOLDED.search(value) for _, value in fields):
        raise Rejected("A mail's addresses and header fields have no line breaks.")
    if not recipient:
        raise Rejected("A mail needs a recipient.")


@contextmanager
def _translated() -> Iterator[None]:
    """What smtplib raises as what the port promises."""
    try:
        yield
    except smtplib.SMTPRecipientsRefused as fault:
        raise _refusal(*next(iter(fault.recipients.values()))) from None
    except smtplib.SMTPDataError as fault:
        raise _refusal(fault.smtp_code, fault.smtp_error) from None
    except smtplib.SMTPSenderRefused as fault:
        # Our own address stands there: once that is mended the mail may go.
        raise Unavailable(f"The mail server does not take mail from our address{_code(fault)}.") from None
    except smtplib.SMTPAuthenticationError as fault:
        raise Unavailable(f"The mail server refuses our login{_code(fault)}.") from None
    except smtplib.SMTPNotSupportedError:
        raise Rejected("The mail server cannot take an address like this.") from None
    except smtplib.SMTPResponseException as fault:
        raise Unavailable(f"The mail server turns us away{_code(fault)}.") from None
    except ssl.SSLError:
        raise Unavailable("The mail server's encryption cannot be trusted.") from None
    except (OSError, smtplib.SMTPException, UnicodeError) as fault:
        raise Unavailable(_SILENT) from fault


def _refusal(code: int, said: bytes | str) -> Unavailable | Rejected:
    text = said if isinstance(said, bytes) else said.encode("ascii", "replace")
    enhanced = _ENHANCED.match(text.lstrip())
    shown = f"({code}{' ' + enhanced[0].decode() if enhanced else ''})"
    if 500 <= code < 600 and code not in OURS:
        return Rejected(f"The mail server refuses it {shown}.")
    return Unavailable(f"The mail server puts it off {shown}.")


def _code(fault: smtplib.SMTPResponseException) -> str:
    return f" ({fault.smtp_code})"


def mailer_from(settings: Settings) -> SmtpMailer | None:
    """The mailer that the settings name, None where they name none. Raises Rejected for an unfit address."""
    return SmtpMailer(settings.smtp_url) if settings.smtp_url else None
