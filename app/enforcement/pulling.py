"""Where somebody who reads suppressions in the order of their changes goes on (pure).

A change becomes visible at its commit, a little after the time it carries. Whoever went on from the very newest
would miss one that was written before it and committed after. So the end of the list leads back to what is settled:
what changed since is given again, and taking it twice is taking it once.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from app.errors import Rejected

SETTLED = timedelta(minutes=2)
"""After this long whatever was written is committed, or never will be, unless its transaction is still open."""

LONGEST = timedelta(hours=1)
"""How long a transaction may be open and what it writes still be seen."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Place(NamedTuple):
    """Behind which change, in the order of their times."""

    changed_at: datetime
    id: UUID

    def __str__(self) -> str:
        return f"{(self.changed_at - _EPOCH) // timedelta(microseconds=1)}.{self.id.hex}"


def place_in(text: str) -> Place:
    """The place that `text` names, as a Place writes itself. Raises Rejected."""
    micros, dot, id_ = text.partition(".")
    try:
        if not dot or not micros.isascii() or not micros.isdigit() or len(id_) != 32:
            raise ValueError
        return Place(_EPOCH + timedelta(microseconds=int(micros)), UUID(hex=id_))
    except (ValueError, OverflowError):
        raise Rejected("This is no place in the list: give the `next` of an earlier answer, or nothing.") from None


def settled(now: datetime, open_since: datetime | None) -> datetime:
    """Up to when whatever was written is committed. open_since: when the oldest open transaction began, None where
    there is none; a little before that it was given its time."""
    usual = now - SETTLED
    return usual if open_since is None else max(min(usual, open_since - SETTLED), now - LONGEST)


def going_on(last: Place | None, asked: Place | None, settled_at: datetime, *, more: bool) -> Place:
    """Where to go on: behind `last`, the last one given; at the end of the list not behind `settled_at`.

    last: None where none was given. asked: where this list began. more: whether there are others behind `last`.
    """
    if more and last is not None:
        return last
    end = Place(settled_at, UUID(int=0))
    known = last or asked
    return min(known, end) if known else end
