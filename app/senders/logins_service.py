"""Whose each login is now, for who needs all of them at once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from app.senders import logins_store
from app.uow import Work


def logins_now(work: Work) -> Sequence[tuple[str, UUID, str]]:
    """Every login that somebody has now (lower case), the uid of its sender, and the stream it sends.

    A login that several senders have stands there for each.
    """
    return logins_store.logins(work.session, work.now)


def domains_now(work: Work, uids: Sequence[UUID]) -> Sequence[tuple[str, UUID]]:
    """Every sending domain that these senders have now (lower case), and the uid of its sender."""
    return logins_store.domains(work.session, uids, work.now)


def domain_owners(work: Work, domains: Sequence[str]) -> dict[str, set[str]]:
    """Sending domain → ids of the senders that have it now, of those of these domains (lower case) that have any."""
    found: dict[str, set[str]] = {}
    for domain, sender in logins_store.domain_owners(work.session, domains, work.now) if domains else ():
        found.setdefault(domain, set()).add(sender)
    return found


def suspended_now(work: Work) -> Sequence[tuple[UUID, datetime]]:
    """The uid of each sender whose status is suspended, and since when the sender is known."""
    return logins_store.suspended(work.session)


def fingerprint(work: Work) -> str:
    """Another text after each change of what the three above answer, also where only time went by.

    It costs the database a look at all logins and domains, and who asks next to nothing.
    """
    return logins_store.fingerprint(work.session, work.now)
