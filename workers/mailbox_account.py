"""The report mailbox as the settings name it, and a connection to it (IMAP4rev1, RFC 3501)."""

from __future__ import annotations

import ipaddress
import logging
import ssl
from urllib.parse import parse_qs, unquote, urlsplit

from imapclient import IMAPClient, SocketTimeout

from app.errors import Rejected, Unavailable
from app.values import dataclass

for _name in ("imapclient.imapclient", "imapclient.imaplib"):  # at their lowest level they log messages
    logging.getLogger(_name).disabled = True

CONNECT_SECONDS = 10.0
ANSWER_SECONDS = 60.0


@dataclass(frozen=True, slots=True, repr=False)
class Account:
    """Where the mailbox is. secure: TLS from the first byte. verify: whether the server must prove who it is."""

    host: str
    port: int
    user: str
    password: str
    folder: str
    secure: bool
    verify: bool

    @property
    def mailbox(self) -> str:
        """What the mailbox is called in the database: server, login and folder, never the password."""
        return f"{self.user}@{self.host}/{self.folder}"


def account_from(url: str) -> Account:
    """The account of imap(s)://user:password@host:port/FOLDER, each part percent-encoded; INBOX without a folder.

    imaps is TLS from the start, imap is STARTTLS, but for a loopback host: there it is plain. `?tls=insecure`
    takes any certificate: for a laboratory with self-signed ones. Raises Rejected, not repeating the URL: it has
    the password in it.
    """
    try:
        parts = urlsplit(url)
        port = parts.port or {"imap": 143, "imaps": 993}[parts.scheme]
        told = parse_qs(parts.query, strict_parsing=bool(parts.query))
    except (ValueError, KeyError) as fault:
        raise Rejected("ABUSEDESK_IMAP_URL must be imap(s)://user:password@host:port/FOLDER.") from fault
    if not parts.hostname or not parts.username or parts.password is None or set(told) - {"tls"}:
        raise Rejected("ABUSEDESK_IMAP_URL must name a host, a user and a password, and no option but tls=insecure.")
    if told.get("tls", ["insecure"]) != ["insecure"]:
        raise Rejected("ABUSEDESK_IMAP_URL: tls can only be 'insecure'.")
    return Account(
        host=parts.hostname,
        port=port,
        user=unquote(parts.username),
        password=unquote(parts.password),
        folder=unquote(parts.path.removeprefix("/")) or "INBOX",
        secure=parts.scheme == "imaps",
        verify="tls" not in told,
    )


def is_loopback(host: str) -> bool:
    """Whether nothing between us and `host` can listen."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def connect(account: Account) -> IMAPClient:
    """A signed-in connection.

    Raises Unavailable where the server offers no STARTTLS: the password is not sent in clear; and whatever
    IMAPClient raises where the server does not answer or refuses (OSError, IMAPClientError).
    """
    client = IMAPClient(
        account.host,
        account.port,
        ssl=account.secure,
        ssl_context=_context(account),
        timeout=SocketTimeout(CONNECT_SECONDS, ANSWER_SECONDS),
    )
    try:
        if not account.secure and not is_loopback(account.host):
            _start_tls(client, account)
        client.login(account.user, account.password)
    except BaseException:
        client.shutdown()
        raise
    return client


def _start_tls(client: IMAPClient, account: Account) -> None:
    if not client.has_capability("STARTTLS"):
        raise Unavailable("The mail server offers no STARTTLS: use imaps://.")
    client.starttls(_context(account))


def _context(account: Account) -> ssl.SSLContext:
    context = ssl.create_default_context()
    if not account.verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context
