"""Stores what a door took, many messages in one transaction; one bad message never stops the others."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

import structlog

from app.errors import Rejected, Unavailable
from app.intake.domain import Arrival, Stored
from app.intake.service import store_many
from app.uow import UnitOfWork
from app.values import dataclass

log = structlog.get_logger(__name__)


class Why(StrEnum):
    """refused: the message is at fault, for good. away: the storage is, for now. broken: neither is known."""

    REFUSED = "refused"
    AWAY = "away"
    BROKEN = "broken"


@dataclass(frozen=True, slots=True)
class Unstored:
    """A message that was not stored. reason: a sentence for the sender where it was refused, empty otherwise."""

    why: Why
    reason: str = ""


Answer = Stored | Unstored


def store_apart(work: UnitOfWork, arrivals: Sequence[Arrival]) -> list[Answer]:
    """An answer for each arrival, in their order; what is Stored is committed.

    All go in one transaction. Where it fails for another reason than that the storage is away, it is tried again
    in halves, down to the message that is at fault. Never raises for a fault of the storage or of a message.
    """
    if not arrivals:
        return []
    try:
        with work() as unit:
            stored = store_many(unit, arrivals)
    except Unavailable as fault:
        log.warning("storage.away", messages=len(arrivals), fault=type(fault).__name__)
        return [Unstored(Why.AWAY)] * len(arrivals)
    except Exception as fault:  # noqa: BLE001  whatever it is, it must not take the other messages with it
        return _in_halves(work, arrivals, fault)
    return list(stored)


def _in_halves(work: UnitOfWork, arrivals: Sequence[Arrival], fault: Exception) -> list[Answer]:
    if len(arrivals) == 1:
        return [_unstored(fault)]
    middle = len(arrivals) // 2
    return [*store_apart(work, arrivals[:middle]), *store_apart(work, arrivals[middle:])]


def _unstored(fault: Exception) -> Unstored:
    if isinstance(fault, Rejected):
        return Unstored(Why.REFUSED, str(fault))
    # The type alone: the text of a database error may carry values of the row.
    log.error("storage.broken", fault=type(fault).__name__)
    return Unstored(Why.BROKEN)
