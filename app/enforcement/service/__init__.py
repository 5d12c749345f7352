"""Enforcement: acts on senders, tells what bites, brings it to the mail servers and sees that it holds there.

`decision` what may be asked for · `acting` what is done and how it ends · `reading` what was done · `standing` what
bites now · `orders` that, as a mail server is told it · `proving` brings it there and keeps the score · `proofs`
shows it · `preview` what it would hit · `alarms` what must wake a person · `self_testing` whether a suspension
bites · `suppressing` who gets no more mail, `suppressed` shows it · `later` mail in spite of it · `forgetting` the
words
"""

from app.enforcement.service.acting import (
    act,
    confirm,
    decline,
    done_before,
    expire,
    lift,
    reinstate,
    undo,
    undoable_until,
)
from app.enforcement.service.alarms import AlarmFact, alarms
from app.enforcement.service.decision import Decision
from app.enforcement.service.forgetting import among, forget, worded_before
from app.enforcement.service.preview import Preview, preview
from app.enforcement.service.proofs import Queued, Try, attempts, leaking, note_queue, proofs, queued, watch
from app.enforcement.service.proving import Due, Result, Turn, due, place, settle
from app.enforcement.service.reading import (
    action,
    active_suspension,
    clauses,
    history,
    in_force,
    of_case,
    suspensions,
    told_clauses,
    waiting,
    waiting_in_no_case,
)
from app.enforcement.service.self_testing import last_self_test, note_self_test, tidy
from app.enforcement.service.standing import (
    Login,
    Standing,
    SuspendedLogin,
    standing,
    stopped_logins,
    suspended_logins,
    version,
)
from app.enforcement.service.suppressed import is_suppressed, suppressed_count
from app.enforcement.service.suppressing import suppress

__all__ = [
    "AlarmFact",
    "Decision",
    "Due",
    "Login",
    "Preview",
    "Queued",
    "Result",
    "Standing",
    "SuspendedLogin",
    "Try",
    "Turn",
    "act",
    "action",
    "active_suspension",
    "alarms",
    "among",
    "attempts",
    "clauses",
    "confirm",
    "decline",
    "done_before",
    "due",
    "expire",
    "forget",
    "history",
    "in_force",
    "is_suppressed",
    "last_self_test",
    "leaking",
    "lift",
    "note_queue",
    "note_self_test",
    "of_case",
    "place",
    "preview",
    "proofs",
    "queued",
    "reinstate",
    "settle",
    "standing",
    "stopped_logins",
    "suppress",
    "suppressed_count",
    "suspended_logins",
    "suspensions",
    "tidy",
    "told_clauses",
    "undo",
    "undoable_until",
    "version",
    "waiting",
    "waiting_in_no_case",
    "watch",
    "worded_before",
]
