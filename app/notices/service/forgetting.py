"""Forgets whom notices went to; that they went stays."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from app.notices import store
from app.notices.domain import FORGOTTEN
from app.uow import Work


def addressed_before(work: Work, moment: datetime, limit: int) -> list[UUID]:
    """Up to `limit` notices from before `moment` whose recipient is not yet forgotten."""
    return store.addressed_before(work.session, moment, limit)


def among(work: Work, owners: Sequence[UUID]) -> list[UUID]:
    """Which of these owners of sealing keys are notices."""
    return store.among(work.session, owners)


def forget(work: Work, notices: Sequence[UUID]) -> int:
    """Destroys the recipients of notices for good; one still to be sent will not be. How many."""
    store.empty(work.session, notices, FORGOTTEN)
    return work.vault.destroy(notices)
