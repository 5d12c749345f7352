"""Staff: who may sign in, with what, and the record of it."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import uuid4

from app.audit.domain import SYSTEM, Actor
from app.audit.service import record
from app.errors import Conflict, Forbidden, NotFound
from app.staff import store
from app.staff.credentials import Credentials, new_password, new_token, token_hash
from app.staff.domain import Permission, Role, permitted, sign_in_address
from app.staff.models import Staff, WelcomeLink
from app.uow import Work
from app.values import dataclass

WELCOME = timedelta(days=7)
"""How long the first link is good for."""


@dataclass(frozen=True, slots=True)
class Added:
    """A new staff member with what is told once and never again."""

    email: str
    role: Role
    password: str
    totp_secret: str
    totp_uri: str


@dataclass(frozen=True, slots=True)
class Member:
    """A staff member as a list shows it. second_factor: whether it is set up."""

    id: int
    email: str
    roles: tuple[str, ...]
    active: bool
    second_factor: bool
    created_at: datetime


def add(work: Work, credentials: Credentials, actor: Actor, email: str, role: Role) -> Added:
    """A staff member who can sign in at once, with a made password and a second factor already set up.

    An address that was removed before comes back with new credentials. Raises Rejected for a malformed
    address, Conflict where an active staff member has it.
    """
    address = sign_in_address(email)
    password, factor = new_password(), credentials.second_factor(address)
    staff = _row_for(work, address)
    staff.password = credentials.hashed(password)
    staff.tf_primary_method, staff.tf_totp_secret, staff.totp_counter = "authenticator", factor.sealed, None
    staff.roles = [store.role_row(work.session, role)]
    work.session.add(staff)
    work.session.flush()
    record(work, actor, "staff.added", subject(staff), {"email": address, "role": role})
    return Added(address, role, password, factor.secret, factor.uri)


def _row_for(work: Work, address: str) -> Staff:
    staff = store.by_email(work.session, address)
    if staff is None:
        return Staff(email=address, created_at=work.now)
    if staff.active:
        raise Conflict("There is a staff member with this address already.")
    staff.active, staff.mf_recovery_codes, staff.fs_uniquifier = True, None, uuid4().hex
    return staff


def members(work: Work) -> list[Member]:
    """All staff by address, those who left too."""
    return [_member(staff) for staff in store.everybody(work.session)]


def _member(staff: Staff) -> Member:
    roles = tuple(sorted(role.name for role in staff.roles))
    return Member(staff.id or 0, staff.email, roles, staff.active, has_second_factor(staff), staff.created_at)


def remove(work: Work, actor: Actor, email: str) -> None:
    """Ends a staff member's access and every session at once; the row stays, for the record names it.

    Raises NotFound where no active staff member has the address.
    """
    staff = store.by_email(work.session, sign_in_address(email))
    if staff is None or not staff.active:
        raise NotFound("There is no active staff member with this address.")
    staff.active = False
    staff.tf_primary_method = staff.tf_totp_secret = staff.mf_recovery_codes = staff.password = None
    end_sessions(staff)
    record(work, actor, "staff.removed", subject(staff))


def actor_for(work: Work, email: str, permission: Permission) -> Actor:
    """The staff member as the one who acts, for a command that names who decided.

    Raises NotFound where no active staff member has the address, Forbidden where they may not do this.
    """
    staff = store.by_email(work.session, sign_in_address(email))
    if staff is None or not staff.active:
        raise NotFound("There is no active staff member with this address.")
    if permission not in permitted(frozenset(Role(role.name) for role in staff.roles)):
        raise Forbidden(f"This staff member may not do this: it needs the permission {permission}.")
    return actor_of(staff)


def end_sessions(staff: Staff) -> None:
    """Makes every cookie given to this staff member so far worthless."""
    staff.fs_uniquifier = uuid4().hex


def has_second_factor(staff: Staff) -> bool:
    """Whether a second factor is set up: without one nothing of the desk opens."""
    return bool(staff.tf_primary_method and staff.tf_totp_secret)


def welcome(work: Work) -> str | None:
    """The token of a one-time link for the first staff member; earlier ones end. None where there is staff."""
    if store.anybody(work.session):
        return None
    for link in store.unused_links(work.session):
        link.expires_at = work.now
    token = new_token()
    work.session.add(WelcomeLink(token_hash=token_hash(token), expires_at=work.now + WELCOME))
    return token


def welcomed(work: Work, token: str) -> WelcomeLink:
    """The link of a token, held. Raises NotFound where it is unknown, used, expired or there is staff by now."""
    link = store.lock_link(work.session, token_hash(token))
    if link is None or link.used_at or link.expires_at <= work.now or store.anybody(work.session):
        raise NotFound("This link does not exist or is no longer valid.")
    return link


def enrol(work: Work, credentials: Credentials, token: str, email: str, password: str) -> Staff:
    """The first staff member, a lead, with a password of their own; the second factor is still to be set up.

    Raises NotFound as `welcomed`, Rejected for a malformed address or a short password.
    """
    link = welcomed(work, token)
    address = sign_in_address(email)
    staff = Staff(email=address, created_at=work.now, password=credentials.hashed(password))
    staff.roles = [store.role_row(work.session, Role.LEAD)]
    link.used_at = work.now
    work.session.add(staff)
    work.session.flush()
    record(work, actor_of(staff), "staff.enrolled", subject(staff), {"email": address, "role": Role.LEAD})
    return staff


def told(work: Work, staff: Staff | None, action: str, how: str = "") -> None:
    """Records what a staff member did at the door (`signed-in`, `password-changed`, …)."""
    by = actor_of(staff) if staff is not None else SYSTEM
    record(work, by, f"staff.{action}", subject(staff), {"how": how} if how else None)


def failed(work: Work, staff: Staff | None, how: str) -> None:
    """Records a wrong password or code; who tried is not known, so the product itself says it."""
    record(work, SYSTEM, "staff.sign-in-failed", subject(staff), {"how": how})


def actor_of(staff: Staff) -> Actor:
    """The staff member as the one who acts."""
    return Actor(staff.email, staff.id)


def subject(staff: Staff | None) -> str:
    """The staff member as what is acted upon."""
    return f"staff:{staff.id}" if staff is not None else "staff:unknown"


def lock(work: Work, member: Staff) -> None:
    """Reads a member's row again and holds it until the unit of work ends: codes are used one after another."""
    store.lock_staff(work.session, member)
