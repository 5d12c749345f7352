"""Forgets the words of actions; that they were, and by whom, stays."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from app.enforcement import store
from app.uow import Work


def worded_before(work: Work, moment: datetime, limit: int) -> list[UUID]:
    """Up to `limit` actions whose newest words are older than `moment` and not yet forgotten."""
    return store.worded_before(work.session, moment, limit)


def among(work: Work, owners: Sequence[UUID]) -> list[UUID]:
    """Which of these owners of sealing keys are actions."""
    return store.among(work.session, owners)


def forget(work: Work, actions: Sequence[UUID]) -> int:
    """Destroys the words of actions for good, and the way to look them up; that they were stays. How many."""
    store.empty_words(work.session, actions)
    return work.vault.destroy(actions)
