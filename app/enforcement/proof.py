"""How far a decision reached the mail servers: asked, applied, proven, or still leaking (pure).

    asked     it is to be so; the mail server was not told yet, or did not answer
    applied   the mail server took it
    proven    it was seen to be so: a probe was refused, the platform says so
    leaking   it took it, or should have, and mail still leaves

A stop that is not proven within LEAK_AFTER counts as leaking, whatever the reason: nobody may take it for done.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from enum import StrEnum

from app.enforcement.domain import STOPPING, Measure
from app.values import dataclass

LEAK_AFTER = timedelta(seconds=20)
"""How long a stop may take until it is proven; the desk sees red a few seconds later."""

UNATTENDED_AFTER = timedelta(seconds=60)
"""How long what is due at a mail server may wait until it counts as unattended: its enforcer does not run."""

UNATTENDED = "Nobody looks after this mail server now: is the enforcer running?"

LOOK_AGAIN = timedelta(minutes=5)
"""How often what is proven is looked at again: platforms forget."""

RETRY = (1, 1, 2, 3, 5, 8, 15, 30, 60)
"""Seconds between tries, the last for ever."""


class Stage(StrEnum):
    """Worst first."""

    LEAKING = "leaking"
    ASKED = "asked"
    APPLIED = "applied"
    PROVEN = "proven"


@dataclass(frozen=True, slots=True)
class Proof:
    """How far one sender's state reached one mail server; see `models.Application`."""

    connector: str
    node: str
    sender: str
    stage: Stage
    stops: bool
    asked_at: datetime
    applied_at: datetime | None
    proven_at: datetime | None
    said: str


def worst(proofs: Iterable[Proof]) -> Stage | None:
    """The stage that a person must see; None where no mail server was told of anything."""
    stages = {each.stage for each in proofs}
    return next((stage for stage in Stage if stage in stages), None)


def digest(measures: Sequence[Measure], names: Iterable[str]) -> str:
    """Another text for each state that a mail server is to have: 16 hexadecimal digits."""
    parts = sorted(f"{m.kind}|{m.scope}|{m.per_hour}|{m.case_number}|{m.until}|{m.action}" for m in measures)
    whole = "\n".join([*parts, "", *sorted(names)])
    return hashlib.blake2s(whole.encode(), digest_size=8).hexdigest()


def stops(measures: Iterable[Measure]) -> bool:
    """Whether any of them refuses mail: then 'not proven' is 'still leaking'."""
    return any(each.kind in STOPPING for each in measures)


def retry_after(tries: int) -> timedelta:
    """How long to wait after the try of this number (from 1)."""
    return timedelta(seconds=RETRY[min(tries, len(RETRY)) - 1])


def stage_after(*, applied: bool, seen: bool | None, is_stop: bool, asked_at: datetime, now: datetime) -> Stage:
    """What is to be said after a try. seen: whether it was seen to be in force; None: that cannot be seen there."""
    if applied and seen:
        return Stage.PROVEN
    if is_stop and now - asked_at >= LEAK_AFTER:
        return Stage.LEAKING
    return Stage.APPLIED if applied else Stage.ASKED
