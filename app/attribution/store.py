"""The attribution's queries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col, select

from app.attribution.models import Complaint, ObservedKey
from app.infra.database import among, inserting, upsert


def observed(session: Session, names: Sequence[str]) -> Sequence[ObservedKey]:
    """Key records seen under these names, the last seen first."""
    wanted = (
        select(ObservedKey).where(among(col(ObservedKey.name), names)).order_by(col(ObservedKey.last_seen).desc())
    )
    return session.exec(wanted).all()


def observe(session: Session, rows: Sequence[Mapping[str, Any]]) -> None:
    """Notes key records that DNS gave: a new one, or that a known one was seen again.

    In the order of their keys, so that two workers never wait for each other.
    """
    if not rows:
        return
    statement = upsert(ObservedKey)
    session.connection().execute(
        statement.on_conflict_do_update(
            index_elements=["name", "digest"],
            set_={
                "last_seen": sa.func.greatest(statement.table.c.last_seen, statement.excluded.last_seen),
                "gone_at": None,
            },
        ),
        sorted(rows, key=lambda row: (row["name"], row["digest"])),
    )


def put_complaints(session: Session, rows: Sequence[Mapping[str, Any]]) -> set[tuple[UUID, int]]:
    """Writes complaints, replacing those of an earlier reading; which (report, position) are new."""
    if not rows:
        return set()
    places = {(row["report_id"], row["position"]) for row in rows}
    earlier = select(Complaint.report_id, Complaint.position)
    known = session.exec(earlier.where(among(col(Complaint.report_id), {report for report, _ in places}))).all()
    statement = inserting(Complaint, rows)
    kept = ("id", "report_id", "position")
    session.connection().execute(
        statement.on_conflict_do_update(
            index_elements=["report_id", "position"],
            set_={name: statement.excluded[name] for name in rows[0] if name not in kept},
        )
    )
    return places - set(known)


def complaints_of(session: Session, reports: Sequence[UUID]) -> Sequence[Complaint]:
    """The complaints of these reports, in their order."""
    wanted = select(Complaint).where(among(col(Complaint.report_id), reports))
    return session.exec(wanted.order_by(col(Complaint.report_id), col(Complaint.position))).all()


def clicked_reports(session: Session, sender: str, since: datetime, limit: int) -> list[UUID]:
    """The newest reports of feedback loops that count against the sender, oldest of them first."""
    wanted = (
        select(Complaint.report_id)
        .where(Complaint.sender_id == sender, Complaint.counts, Complaint.judged_at >= since)
        .where(col(Complaint.feedback_type).is_not(None))
        .order_by(col(Complaint.judged_at).desc(), col(Complaint.id))
        .limit(limit)
    )
    return list(reversed(session.exec(wanted).all()))


def forget(session: Session, reports: Sequence[UUID]) -> int:
    """Empties clues and look-ups of these reports' complaints; how many there were."""
    done = session.connection().execute(
        sa.update(Complaint).where(among(col(Complaint.report_id), reports)).values(clues=None, message_key=None)
    )
    session.expire_all()
    return done.rowcount
