"""How far notices got."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from app.notices import store
from app.notices.domain import NoticeFact
from app.notices.models import Notice
from app.uow import Work


def anything_due(work: Work) -> bool:
    """Whether anything is to be told, sent or looked at again now."""
    return bool(store.untold(work.session, 1)) or store.anything_due(work.session, work.now)


def of_actions(work: Work, actions: Sequence[UUID]) -> dict[UUID, tuple[NoticeFact, ...]]:
    """Action → its notices, that of its beginning first; actions without any are left out."""
    found: dict[UUID, tuple[NoticeFact, ...]] = {}
    for row in store.of_actions(work.session, actions):
        found[row.action_id] = (*found.get(row.action_id, ()), _fact(row))
    return found


def _fact(row: Notice) -> NoticeFact:
    return NoticeFact(row.id, row.action_id, row.event, row.state, row.said, row.tries, row.made_at, row.sent_at)
