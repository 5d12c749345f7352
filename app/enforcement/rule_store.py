"""The queries about rules, and about what was done to the senders that they may act on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, or_, select

from app.enforcement.domain import Ending
from app.enforcement.models import Action, AutomaticRule
from app.infra.database import among, upsert


def rules(session: Session) -> Sequence[AutomaticRule]:
    """Every rule, by id."""
    return session.exec(select(AutomaticRule).order_by(col(AutomaticRule.id))).all()


def replace_rules(session: Session, rows: Sequence[Mapping[str, Any]]) -> int:
    """Writes these rules in the place of all there were; how many there were."""
    before = session.execute(sa.select(sa.func.count()).select_from(AutomaticRule)).scalar_one()
    session.execute(sa.delete(AutomaticRule).where(col(AutomaticRule.id).not_in([row["id"] for row in rows])))
    for row in rows:
        written = upsert(AutomaticRule).values(row)
        session.execute(written.on_conflict_do_update(index_elements=["id"], set_=dict(row)))
    session.expire_all()
    return int(before)


def deeds(session: Session, since: datetime) -> Sequence[Any]:
    """Of each rule that acted from `since` on: how often, and what became of it."""
    unconfirmed = col(Action.confirmed_by).is_(None)
    taken_back = unconfirmed & col(Action.ending).in_([Ending.UNDONE, Ending.DECLINED, Ending.LIFTED])
    count = sa.func.count()
    wanted = sa.select(
        col(Action.rule),
        count.label("acted"),
        count.filter(unconfirmed & col(Action.ended_at).is_(None)).label("waiting"),
        count.filter(~unconfirmed).label("confirmed"),
        count.filter(taken_back).label("taken_back"),
    )
    wanted = wanted.where(col(Action.rule).is_not(None), col(Action.asked_at) > since)
    return session.execute(wanted.group_by(col(Action.rule))).all()


def hold_senders(session: Session, senders: Sequence[str]) -> None:
    """Holds the senders until the commit, in one order: two who hold some never wait in a circle."""
    table = sa.table("sender", sa.column("id", sa.Text()))
    held = sa.select(table.c.id).where(among(table.c.id, senders)).order_by(table.c.id)
    # Not for update: what was written with a reference to them in this transaction, or in another, need not wait.
    session.execute(held.with_for_update(key_share=True))


def earlier(session: Session, senders: Sequence[str], since: datetime) -> Sequence[Any]:
    """Every action on these senders that holds, or ended after `since`."""
    columns = (
        *(col(Action.sender_id), col(Action.kind), col(Action.scope_kind), col(Action.scope_value)),
        *(col(Action.per_hour), col(Action.rule), col(Action.confirmed_by), col(Action.since)),
        *(col(Action.until), col(Action.ended_at), col(Action.ended_by), col(Action.ending)),
    )
    wanted = sa.select(*columns).where(among(col(Action.sender_id), senders))
    return session.execute(wanted.where(or_(col(Action.ended_at).is_(None), col(Action.ended_at) > since))).all()
