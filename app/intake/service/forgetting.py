"""Destroys reports' personal parts for good: rows emptied, keys destroyed, look-ups gone with them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from app.intake import store as rows
from app.uow import Work


def raw_before(work: Work, moment: datetime, limit: int) -> list[UUID]:
    """Up to `limit` reports that arrived before `moment` and still have their raw message."""
    return rows.with_raw_older_than(work.session, moment, limit)


def personal_before(work: Work, moment: datetime, limit: int) -> list[UUID]:
    """Up to `limit` reports that arrived before `moment` and are not forgotten."""
    return rows.unforgotten_older_than(work.session, moment, limit)


def of_owners(work: Work, owners: Sequence[UUID]) -> list[UUID]:
    """The reports among these owners of sealing keys, and those whose raw messages are among them."""
    return rows.existing(work.session, owners)


def with_raw(work: Work, reports: Sequence[UUID]) -> int:
    """How many of these reports still have their raw message."""
    return rows.count_raw(work.session, reports)


def unread(work: Work) -> int:
    """How many reports nobody has read yet: which addresses they mention is not known."""
    return rows.unread(work.session)


def forget_raw(work: Work, reports: Sequence[UUID]) -> int:
    """Destroys the raw messages of reports, for good; how many there were."""
    return work.vault.destroy(rows.delete_raw(work.session, reports))


def forget(work: Work, reports: Sequence[UUID]) -> int:
    """Destroys everything personal of reports, for good; what is counted stays. How many there were.

    Where they were in a mailbox is forgotten too.
    """
    forget_raw(work, reports)
    work.vault.destroy(reports)
    rows.delete_seen(work.session, reports)
    return rows.forget(work.session, reports, work.now)
