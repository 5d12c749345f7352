"""Which permission each action on a sender, and each end of one, asks for (pure)."""

from __future__ import annotations

from app.enforcement.domain import ActionKind
from app.staff.domain import Permission

TO_DO = {
    ActionKind.NOTE: Permission.NOTE,
    ActionKind.WARN: Permission.WARN,
    ActionKind.THROTTLE: Permission.THROTTLE,
    ActionKind.HOLD: Permission.HOLD,
    ActionKind.SUSPEND: Permission.SUSPEND,
    ActionKind.TERMINATE: Permission.TERMINATE,
}
TO_END = TO_DO | {ActionKind.SUSPEND: Permission.REINSTATE}
"""Whoever may do a thing may end it; but for a suspension there is a permission of its own."""
