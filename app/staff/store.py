"""The staff's queries."""

from __future__ import annotations

from collections.abc import Sequence

from sqlmodel import Session, col, func, select

from app.staff.domain import Role
from app.staff.models import RoleRow, Staff, WelcomeLink


def by_email(session: Session, email: str) -> Staff | None:
    """The staff member with this sign-in address (as `domain.sign_in_address` writes it)."""
    return session.exec(select(Staff).where(Staff.email == email)).first()


def everybody(session: Session) -> Sequence[Staff]:
    """All staff by address, those who left too."""
    return session.exec(select(Staff).order_by(col(Staff.email))).all()


def anybody(session: Session) -> bool:
    """Whether there is any staff member, active or not."""
    return session.exec(select(func.count()).select_from(Staff)).one() > 0


def role_row(session: Session, role: Role) -> RoleRow:
    """The row of a role, made when it is first needed."""
    found = session.exec(select(RoleRow).where(RoleRow.name == role.value)).first()
    if found is None:
        found = RoleRow(name=role.value)
        session.add(found)
        session.flush()
    return found


def lock_staff(session: Session, staff: Staff) -> None:
    """Reads the row again and holds it until the transaction ends: codes are used one after another."""
    session.refresh(staff, with_for_update=True)


def lock_link(session: Session, token_hash: bytes) -> WelcomeLink | None:
    """The welcome link with this hash, held until the transaction ends."""
    wanted = select(WelcomeLink).where(WelcomeLink.token_hash == token_hash)
    return session.exec(wanted.with_for_update()).first()


def unused_links(session: Session) -> Sequence[WelcomeLink]:
    """The welcome links nobody has used."""
    return session.exec(select(WelcomeLink).where(col(WelcomeLink.used_at).is_(None))).all()
