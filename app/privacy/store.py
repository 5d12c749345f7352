"""The privacy's one query."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import uuid4

from app.privacy.models import Forgetting
from app.uow import Work


def remember(work: Work, by: str, cause: str, counts: Mapping[str, int]) -> None:
    """Adds the record of a forgetting."""
    work.session.add(Forgetting(id=uuid4(), at=work.now, by=by, cause=cause, counts=dict(counts)))
    work.session.flush()
