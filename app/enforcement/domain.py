"""What is done to senders (pure)."""

from __future__ import annotations

from dataclasses import dataclass

BELL = "enforcement"
"""Rings after each change of enforcement state."""


@dataclass(frozen=True, slots=True)
class SuspendedLogin:
    """A login that may not submit mail, and the case that says why (None: no case)."""

    login: str
    sender: str
    case_number: int | None
