"""Staff, as Flask-Security wants them (its UserMixin), and the links that let the first one in.

No postponed annotations here: SQLModel reads `roles: list[RoleRow]` as it is.
"""

from datetime import datetime
from uuid import UUID, uuid4

from flask_security import AsaList, RoleMixin, UserMixin
from sqlalchemy.ext.mutable import MutableList
from sqlmodel import Column, Field, Relationship, SQLModel


class StaffRole(SQLModel, table=True):
    """Which staff member has which role."""

    __tablename__ = "staff_role"

    staff_id: int = Field(foreign_key="staff.id", primary_key=True)
    role_id: int = Field(foreign_key="role.id", primary_key=True)


class RoleRow(SQLModel, RoleMixin, table=True):
    """A role by its name in `staff.domain.Role`; what it may do is code, not data."""

    __tablename__ = "role"

    id: int | None = Field(default=None, primary_key=True)  # type: ignore[assignment]
    name: str = Field(unique=True)
    description: str | None = None


class Staff(SQLModel, UserMixin, table=True):
    """One staff member. Without a second factor (`tf_primary_method`) nothing opens but its set-up.

    totp_counter: the last time step used, so that a code works once (RFC 6238 §5.2).
    """

    __tablename__ = "staff"

    id: int | None = Field(default=None, primary_key=True)  # type: ignore[assignment]
    email: str = Field(unique=True)
    password: str | None = None
    active: bool = True
    fs_uniquifier: str = Field(default_factory=lambda: uuid4().hex, unique=True)
    created_at: datetime
    tf_primary_method: str | None = None
    tf_totp_secret: str | None = None
    totp_counter: int | None = None
    mf_recovery_codes: list[str] | None = Field(
        default=None, sa_column=Column(MutableList.as_mutable(AsaList()), nullable=True)
    )
    roles: list[RoleRow] = Relationship(  # type: ignore[assignment]
        link_model=StaffRole, sa_relationship_kwargs={"lazy": "selectin"}
    )


class WelcomeLink(SQLModel, table=True):
    """A one-time link by which the first staff member enrols. Only the token's hash is kept."""

    __tablename__ = "welcome_link"

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    token_hash: bytes = Field(unique=True)
    expires_at: datetime
    used_at: datetime | None = None
