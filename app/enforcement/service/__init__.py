"""Enforcement: acts on senders, tells what bites, brings it to the mail servers and sees that it holds there.

`decision` what may be asked for · `acting` what is done and how it ends · `reading` what was done · `standing` what
bites now · `forgetting` the words
"""

from app.enforcement.service.acting import act, confirm, decline, expire, lift, reinstate, undo, undoable_until
from app.enforcement.service.decision import Decision
from app.enforcement.service.forgetting import among, forget, worded_before
from app.enforcement.service.reading import (
    action,
    active_suspension,
    clauses,
    history,
    in_force,
    of_case,
    waiting,
)
from app.enforcement.service.standing import (
    Login,
    Standing,
    SuspendedLogin,
    standing,
    stopped_logins,
    suspended_logins,
    version,
)

__all__ = [
    "Decision",
    "Login",
    "Standing",
    "SuspendedLogin",
    "act",
    "action",
    "active_suspension",
    "among",
    "clauses",
    "confirm",
    "decline",
    "expire",
    "forget",
    "history",
    "in_force",
    "lift",
    "of_case",
    "reinstate",
    "standing",
    "stopped_logins",
    "suspended_logins",
    "undo",
    "undoable_until",
    "version",
    "waiting",
    "worded_before",
]
