"""The tree of failures. `web/errors.py` and `workers/` are the only places that translate it.

AbuseDeskError
├─ Rejected            input at fault, its text may be shown      400 · job: fail, no retry
│  └─ TooLarge         over a limit of `app/mail/limits.py`       413
├─ NotFound            404
├─ Forbidden           403
├─ Conflict            409
├─ Throttled           429, with `retry_after` in seconds
└─ Unavailable         DNS, platform or store: temporary          503 · job: retry with back-off
"""

from __future__ import annotations


class AbuseDeskError(Exception):
    """Anything that this product refuses or cannot do; the message is one sentence for the person asking."""


class Rejected(AbuseDeskError):
    """The input is at fault; trying it again unchanged will fail again."""


class TooLarge(Rejected):
    """The input is over a limit."""


class NotFound(AbuseDeskError):
    """There is no such thing, or the asker may not know of it."""


class Forbidden(AbuseDeskError):
    """The actor lacks the permission."""


class Conflict(AbuseDeskError):
    """The thing is not in a state that allows this."""


class Throttled(AbuseDeskError):
    """Too often; `retry_after` is in seconds."""

    def __init__(self, text: str, retry_after: int) -> None:
        super().__init__(text)
        self.retry_after = retry_after


class Unavailable(AbuseDeskError):
    """Something outside does not answer now; trying later may work."""
