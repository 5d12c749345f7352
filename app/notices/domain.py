"""Notices to senders: which there are, whether one can be sent, when it is tried again (pure).

waiting    to be handed to the mail server, now or after a while
sent       the mail server took it
failed     the mail server refused it for good, or at MOST_TRIES
not-sent   there was nobody to send it to, or no way to: looked at again for LOOK_AGAIN_FOR
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from app.mail.fields.address import ascii_domain, bare_address
from app.values import dataclass

RETRY = (15, 60, 300, 900, 3600)
"""Seconds between tries, the last until MOST_TRIES."""

MOST_TRIES = 125
"""Five days: as long as a mail server would try (RFC 5321 §4.5.4.1)."""

LEASE = timedelta(minutes=10)
"""For how long a notice belongs to the process that sends it: longer than a mail server may take with one."""

LOOK_AGAIN = timedelta(hours=1)
LOOK_AGAIN_FOR = timedelta(days=7)

LOCAL_BYTES, ADDRESS_BYTES = 64, 254  # RFC 5321 §4.5.3.1.1, and its erratum 1690

PROBE = "The probe account gets no notices."
NO_SERVER = "No mail server is set to send it by (ABUSEDESK_SMTP_URL)."
NO_FROM = "No address is set for it to come from (ABUSEDESK_MAIL_FROM)."
NO_CONTACT = "The sender has no contact that mail can go to."
FORGOTTEN = "The contact it was to go to was forgotten."
TOO_LATE = "It was given up after five days."

_LOCAL = re.compile(r"[\w!#$%&'*+/=?^`{|}~-]+(?:\.[\w!#$%&'*+/=?^`{|}~-]+)*")  # RFC 5322 §3.2.3, RFC 6532 §3.2
_DOMAIN = re.compile(r"[\w-]{1,63}(?:\.[\w-]{1,63})*", re.ASCII)


class Event(StrEnum):
    """What of an action a notice tells."""

    BEGUN = "begun"
    ENDED = "ended"


class State(StrEnum):
    """How far a notice got."""

    WAITING = "waiting"
    SENT = "sent"
    FAILED = "failed"
    NOT_SENT = "not-sent"


@dataclass(frozen=True, slots=True)
class NoticeFact:
    """One notice. said: why it was not sent, or not yet, a sentence without any address; empty where there is nothing
    to say. tries: how often it was handed over, or tried to be."""

    id: UUID
    action: UUID
    event: Event
    state: State
    said: str
    tries: int
    made_at: datetime
    sent_at: datetime | None


@dataclass(frozen=True, slots=True)
class Way:
    """How a notice can go out. address: whereto, None where it cannot; then why. again: whether that may change."""

    address: str | None
    why: str = ""
    again: bool = True


def way_to(contact: str | None, *, is_probe: bool, server: bool, mail_from: str | None) -> Way:
    """How to reach the sender with this contact. server: whether there is a mail server to hand mail to."""
    if is_probe:
        return Way(None, PROBE, again=False)
    if not server:
        return Way(None, NO_SERVER)
    if mailable(mail_from) is None:
        return Way(None, NO_FROM)
    address = mailable(contact)
    return Way(address, "" if address else NO_CONTACT)


def mailable(text: str | None) -> str | None:
    """The first address in `text` as SMTP takes it, its domain in ASCII (RFC 5890); None where there is none."""
    local, _, domain = (bare_address(text) or "").rpartition("@")
    host = ascii_domain(domain)
    address = f"{local}@{host}"
    fits = len(local.encode()) <= LOCAL_BYTES and len(address.encode()) <= ADDRESS_BYTES
    return address if fits and _LOCAL.fullmatch(local) and _DOMAIN.fullmatch(host) else None


def retry_after(tries: int) -> timedelta:
    """How long to wait after the try of this number (from 1)."""
    return timedelta(seconds=RETRY[min(tries, len(RETRY)) - 1])


def look_again_at(made_at: datetime, now: datetime) -> datetime | None:
    """When to see again whether a notice that could not be sent can be; None: no more."""
    later = now + LOOK_AGAIN
    return later if later <= made_at + LOOK_AGAIN_FOR else None
