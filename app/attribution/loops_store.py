"""The queries over known feedback loops."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlmodel import Session, col, select

from app.attribution.models import FeedbackLoop
from app.infra.database import upsert


def loops(session: Session) -> Sequence[FeedbackLoop]:
    """Every loop, by its name."""
    return session.exec(select(FeedbackLoop).order_by(col(FeedbackLoop.name))).all()


def loop(session: Session, id_: str) -> FeedbackLoop | None:
    """The loop of this id."""
    return session.get(FeedbackLoop, id_)


def put(session: Session, row: Mapping[str, Any]) -> None:
    """Adds a loop, or changes the one that has its id."""
    statement = upsert(FeedbackLoop).values(**row)
    session.connection().execute(
        statement.on_conflict_do_update(
            index_elements=["id"], set_={name: statement.excluded[name] for name in row if name != "id"}
        )
    )
    session.expire_all()
