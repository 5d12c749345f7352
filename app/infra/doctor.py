"""What an operator asks first when something is wrong: does everything outside this process answer, and agree?

One finding a thing looked at, each a sentence; what is wrong comes with what to do. Nothing is changed, and no
password is repeated.
"""

from __future__ import annotations

import stat
from collections.abc import Callable
from datetime import UTC, datetime
from urllib.parse import SplitResult, unquote, urlsplit

import redis
import sqlalchemy as sa
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from imapclient import IMAPClient
from imapclient.exceptions import IMAPClientError

from app.errors import AbuseDeskError, Unavailable
from app.infra.database import MIGRATIONS, engine_for
from app.infra.embedded import servers
from app.infra.queue import redis_for
from app.infra.resolver import resolver_from
from app.infra.secrets import secrets_of
from app.mail.domain import KeyState
from app.settings import Settings
from app.values import dataclass

CLOCK_SECONDS = 5.0
MAILBOX_SECONDS = 10.0
ASKED_NAME = "selector._domainkey.example.com"


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at: its name, whether it is well, and a sentence on it."""

    name: str
    ok: bool
    said: str


def examine(settings: Settings) -> list[Finding]:
    """All findings, in the order: database, clock, redis, mailbox, dns, secrets. Never raises.

    Where a server does not start, one finding `servers` says so in place of those that need it.
    """
    outside = (mailbox, dns, secrets)
    try:
        with servers(settings) as running:
            return [check(running) for check in (database, clock, queue, *outside)]
    except AbuseDeskError as fault:
        return [Finding("servers", False, str(fault)), *(check(settings) for check in outside)]


def database(settings: Settings) -> Finding:
    """Whether the database answers and is at this version's revision."""
    return _asked(settings, "database", _revision)


def clock(settings: Settings) -> Finding:
    """Whether the database's clock and ours agree within five seconds."""
    return _asked(settings, "clock", _difference)


def queue(settings: Settings) -> Finding:
    """Whether Redis or Valkey answers."""
    try:
        with redis_for(settings.redis_url or "") as connection:
            connection.ping()
    except (redis.RedisError, ValueError) as fault:
        return Finding("redis", False, f"Redis does not answer: {_first_line(fault)}.")
    return Finding("redis", True, "Redis answers.")


def mailbox(settings: Settings) -> Finding:
    """Whether the report mailbox lets us in and has its folder."""
    if not settings.imap_url:
        return Finding("mailbox", True, "No mailbox is read (ABUSEDESK_IMAP_URL is empty).")
    place = urlsplit(settings.imap_url)
    try:
        return _mailbox(place)
    except (OSError, ValueError, IMAPClientError) as fault:
        return Finding("mailbox", False, f"The mailbox at {place.hostname} is not usable: {_first_line(fault)}.")


def dns(settings: Settings) -> Finding:
    """Whether DNS answers at all, or the zone file that replaces it can be read."""
    what = f"The zone file {settings.dns_zone}" if settings.dns_zone else "DNS"
    answer = resolver_from(settings).look_up([ASKED_NAME])[ASKED_NAME]
    if answer.state is KeyState.DNS_FAILED:
        advice = "signatures cannot be judged; see ABUSEDESK_DNS_SERVERS and ABUSEDESK_DNS_ZONE"
        return Finding("dns", False, f"{what} does not answer: {advice}.")
    return Finding("dns", True, f"{what} answers.")


def secrets(settings: Settings) -> Finding:
    """Whether the secrets are there, readable, and ours alone."""
    path = settings.secrets_file
    if not path.exists():
        return Finding("secrets", False, f"{path} is missing: restore it, or start once to have one made.")
    mode = stat.S_IMODE(path.stat().st_mode)
    if mode & 0o077:
        return Finding("secrets", False, f"{path} can be read by others (mode {mode:04o}): chmod 600 it.")
    try:
        secrets_of(settings)
    except Unavailable as fault:
        return Finding("secrets", False, str(fault))
    return Finding("secrets", True, "The secrets are there, and ours alone.")


def _asked(settings: Settings, name: str, ask: Callable[[sa.Connection], Finding]) -> Finding:
    engine = engine_for(settings)
    try:
        with engine.connect() as connection:
            return ask(connection)
    except sa.exc.SQLAlchemyError as fault:
        return Finding(name, False, f"The database does not answer: {_first_line(getattr(fault, 'orig', fault))}.")
    finally:
        engine.dispose()


def _revision(connection: sa.Connection) -> Finding:
    wanted = set(ScriptDirectory(str(MIGRATIONS)).get_heads())
    found = set(MigrationContext.configure(connection).get_current_heads())
    if found != wanted:
        return Finding("database", False, "The database is not at this version: run `abusedesk migrate`.")
    return Finding("database", True, f"The database answers and is at revision {', '.join(sorted(found))}.")


def _difference(connection: sa.Connection) -> Finding:
    before = datetime.now(UTC)
    theirs = connection.execute(sa.text("select clock_timestamp()")).scalar_one()
    ours = before + (datetime.now(UTC) - before) / 2
    seconds = abs((theirs - ours).total_seconds())
    if seconds > CLOCK_SECONDS:
        advice = "set both by NTP; signatures and deadlines are judged by them"
        return Finding("clock", False, f"The database's clock and ours differ by {seconds:.0f} s: {advice}.")
    return Finding("clock", True, f"The clocks agree ({seconds:.1f} s apart).")


def _mailbox(place: SplitResult) -> Finding:
    encrypted = place.scheme == "imaps"
    folder = unquote(place.path.lstrip("/")) or "INBOX"
    with IMAPClient(
        place.hostname, port=place.port or (993 if encrypted else 143), ssl=encrypted, timeout=MAILBOX_SECONDS
    ) as client:
        client.login(unquote(place.username or ""), unquote(place.password or ""))
        client.select_folder(folder, readonly=True)
    return Finding("mailbox", True, f"The mailbox at {place.hostname} lets us in to {folder}.")


def _first_line(fault: object) -> str:
    text = str(fault).strip().splitlines()
    return text[0].rstrip(".") if text else type(fault).__name__
