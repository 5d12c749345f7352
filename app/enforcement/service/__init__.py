"""Enforcement: acts on senders, tells what bites, brings it to the mail servers and sees that it holds there.

`decision` what may be asked for · `acting` what is done and how it ends · `reading` what was done · `standing` what
bites now · `orders` that, as a mail server is told it · `proving` brings it there and keeps the score · `alarms` what
must wake a person · `forgetting` the words
"""

from app.enforcement.service.acting import act, confirm, decline, expire, lift, reinstate, undo, undoable_until
from app.enforcement.service.alarms import AlarmFact, alarms
from app.enforcement.service.decision import Decision
from app.enforcement.service.forgetting import among, forget, worded_before
from app.enforcement.service.proving import Due, Result, Turn, due, leaking, note_queue, place, proofs, settle
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
    "AlarmFact",
    "Decision",
    "Due",
    "Login",
    "Result",
    "Standing",
    "SuspendedLogin",
    "Turn",
    "act",
    "action",
    "active_suspension",
    "alarms",
    "among",
    "clauses",
    "confirm",
    "decline",
    "due",
    "expire",
    "forget",
    "history",
    "in_force",
    "leaking",
    "lift",
    "note_queue",
    "of_case",
    "place",
    "proofs",
    "reinstate",
    "settle",
    "standing",
    "stopped_logins",
    "suspended_logins",
    "undo",
    "undoable_until",
    "version",
    "waiting",
    "worded_before",
]
