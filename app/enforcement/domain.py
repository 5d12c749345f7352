"""What is done to senders (pure)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

BELL = "enforcement"
"""Rings after each change of enforcement state."""

REASON_CHARS = 4_000
"""How long a reason may be."""


@dataclass(frozen=True, slots=True)
class SuspendedLogin:
    """A login that may not submit mail, and the case that says why (None: no case)."""

    login: str
    sender: str
    case_number: int | None


@dataclass(frozen=True, slots=True)
class SuspensionFact:
    """One suspension. lifted_at: None while it holds. reason, lift_reason: None where forgotten or not given."""

    id: UUID
    sender: str
    case_number: int | None
    by: str
    since: datetime
    reason: str | None
    lifted_at: datetime | None = None
    lifted_by: str | None = None
    lift_reason: str | None = None


def case_reference(number: int) -> str:
    """How a case is called wherever people read it: `C1001`."""
    return f"C{number}"


def refusal(case_number: int | None) -> str:
    """What the mail server tells the client of a suspended sender, one line of printable ASCII."""
    text = "Sending is suspended for this account"
    return text if case_number is None else f"{text}, case {case_reference(case_number)}"
