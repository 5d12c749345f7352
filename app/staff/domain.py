"""Roles and what each may do (pure)."""

from __future__ import annotations

import re
import unicodedata
from enum import StrEnum

from app.errors import Rejected


class Role(StrEnum):
    AGENT = "agent"
    SENIOR = "senior"
    LEAD = "lead"
    AUDITOR = "auditor"
    DPO = "dpo"


class Permission(StrEnum):
    """One per thing that can be done; a route asks for a permission, never for a role."""

    READ_CASES = "read-cases"
    READ_RAW = "read-raw"
    CLAIM = "claim"
    NOTE = "note"
    JUDGE_LAW = "judge-law"
    RESOLVE = "resolve"
    REREAD = "reread"
    ACT = "act"
    WARN = "warn"
    THROTTLE = "throttle"
    HOLD = "hold"
    SUSPEND = "suspend"
    REINSTATE = "reinstate"
    TERMINATE = "terminate"
    UNMASK = "unmask"
    MANAGE_SUPPRESSIONS = "manage-suppressions"
    READ_SENDERS = "read-senders"
    READ_AUDIT = "read-audit"
    READ_LOOPS = "read-loops"
    MANAGE_LOOPS = "manage-loops"
    MANAGE_STAFF = "manage-staff"
    MANAGE_RULES = "manage-rules"
    FORGET = "forget"


_READ = frozenset({Permission.READ_CASES, Permission.READ_RAW, Permission.READ_SENDERS, Permission.READ_LOOPS})
_AGENT = _READ | {Permission.CLAIM, Permission.NOTE, Permission.JUDGE_LAW, Permission.RESOLVE, Permission.REREAD}
_AGENT |= {Permission.ACT, Permission.WARN, Permission.THROTTLE}
_SENIOR = _AGENT | {Permission.HOLD, Permission.SUSPEND, Permission.REINSTATE, Permission.UNMASK}

_SENIOR |= {Permission.MANAGE_SUPPRESSIONS}  # the sender's side never has it
_LEAD = _SENIOR | {Permission.TERMINATE, Permission.MANAGE_LOOPS, Permission.MANAGE_STAFF, Permission.MANAGE_RULES}

PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.AGENT: _AGENT,
    Role.SENIOR: _SENIOR,
    Role.LEAD: _LEAD | {Permission.READ_AUDIT},
    Role.AUDITOR: _READ | {Permission.READ_AUDIT},
    Role.DPO: frozenset({Permission.READ_CASES, Permission.READ_AUDIT, Permission.FORGET}),
}


def permitted(roles: frozenset[Role]) -> frozenset[Permission]:
    """Everything that someone with these roles may do."""
    return frozenset().union(*(PERMISSIONS[role] for role in roles))


_ADDRESS = re.compile(r"[^\s@<>\"(),:;\[\]\\]{1,64}@[^\s@<>\"(),:;\[\]\\]{1,255}")


def sign_in_address(text: str) -> str:
    """The address as it is kept and compared: trimmed, lower case. Raises Rejected where it is none.

    Whether it can be delivered to does not matter: nothing is sent to it.
    """
    address = unicodedata.normalize("NFKC", text).strip().lower()
    if not _ADDRESS.fullmatch(address):
        raise Rejected("This is not an e-mail address.")
    return address
