"""Intake: stores what arrives, hands it to the workers and takes their findings back.

`storing` is for the doors · `working` for the workers · `reading` for everybody who looks · `opening` unseals ·
`forgetting` destroys for good.
"""

from app.intake.service.forgetting import (
    forget,
    forget_raw,
    of_owners,
    personal_before,
    raw_before,
    unread,
    with_raw,
)
from app.intake.service.reading import (
    ReportStatus,
    by_reference,
    contents,
    find,
    found,
    page,
    raw_of,
    reporters,
    status,
    summaries,
)
from app.intake.service.storing import refuse_unfit, seen_before, store, store_many
from app.intake.service.working import LEASE, MOST_ATTEMPTS, claim, finish, reread, waiting

__all__ = [
    "LEASE",
    "MOST_ATTEMPTS",
    "ReportStatus",
    "by_reference",
    "claim",
    "contents",
    "find",
    "finish",
    "forget",
    "forget_raw",
    "found",
    "of_owners",
    "page",
    "personal_before",
    "raw_before",
    "raw_of",
    "refuse_unfit",
    "reporters",
    "reread",
    "seen_before",
    "status",
    "store",
    "store_many",
    "summaries",
    "unread",
    "waiting",
    "with_raw",
]
