"""The compliance's queries."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col, select

from app.compliance.models import LawJurisdiction, LawOpinion
from app.infra.database import among as one_of


def add(session: Session, row: LawOpinion | LawJurisdiction) -> None:
    session.add(row)
    session.flush()


def opinions(session: Session, report: UUID) -> Sequence[LawOpinion]:
    """Every opinion on a report's messages, oldest first."""
    wanted = select(LawOpinion).where(LawOpinion.report_id == report)
    return session.exec(wanted.order_by(col(LawOpinion.at), col(LawOpinion.id))).all()


def jurisdictions(session: Session, report: UUID) -> Sequence[LawJurisdiction]:
    """Every correction for a report's messages, oldest first."""
    wanted = select(LawJurisdiction).where(LawJurisdiction.report_id == report)
    return session.exec(wanted.order_by(col(LawJurisdiction.at), col(LawJurisdiction.id))).all()


def noted(session: Session, reports: Sequence[UUID]) -> list[UUID]:
    """The opinions on these reports that still have a note."""
    wanted = select(LawOpinion.id).where(
        one_of(col(LawOpinion.report_id), reports), col(LawOpinion.note).is_not(None)
    )
    return list(session.exec(wanted).all())


def among(session: Session, owners: Sequence[UUID]) -> list[UUID]:
    """Which of these owners of sealing keys are opinions."""
    return list(session.exec(select(LawOpinion.id).where(one_of(col(LawOpinion.id), owners))).all())


def empty_notes(session: Session, opinions: Sequence[UUID]) -> None:
    """Empties the notes of these opinions."""
    session.execute(sa.update(LawOpinion).where(one_of(col(LawOpinion.id), opinions)).values(note=None))
