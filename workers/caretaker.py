"""Looks after one mail server: tells it what is wanted, looks whether it does so, writes down what came of it."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence

import structlog

from app.bootstrap import Desk
from app.enforcement import service
from app.enforcement.proof import Stage
from app.enforcement.service import Due, Result, Turn
from app.errors import Unavailable
from app.ports import Applied, Connector, Observed, Order
from app.senders import service as senders
from app.senders.domain import IdentityKind
from app.triage import service as triage
from app.triage.domain import EventKind

log = structlog.get_logger(__name__)

QUEUE_SECONDS = 20.0
"""How often the mail server's queue is looked into."""

WHOLE_SECONDS = 300.0
"""How often a connector that keeps a whole, as a table, is given the whole: what should not be there goes."""

TOLD = {Stage.PROVEN: EventKind.PROVEN, Stage.LEAKING: EventKind.LEAKING}
NOT_YET = Observed(None, "The mail server is slow: it will be looked at later.", later=True)


class Caretaker:
    """One step after the other over one connector."""

    def __init__(self, desk: Desk, connector: Connector) -> None:
        self._desk, self._connector = desk, connector
        self._queue_at, self._whole_at = -QUEUE_SECONDS, -WHOLE_SECONDS

    def step(self) -> None:
        """Does what is due at the mail server. Raises Unavailable where the database is away."""
        whole = time.monotonic() - self._whole_at >= WHOLE_SECONDS
        with self._desk.work() as work:
            due = service.due(work, self._connector.name, self._connector.node, whole=whole)
        if whole:
            self._applied((), due.standing)
            self._whole_at = time.monotonic()
        if due.orders:
            results = self._carried_out(due)
            with self._desk.work() as work:
                turns = service.settle(work, self._connector.name, self._connector.node, results)
                for turn in turns:
                    if turn.case_number is not None:
                        triage.tell_proof(work, turn.case_number, TOLD[turn.stage], turn.said)
            self._say(results, turns)
        if time.monotonic() - self._queue_at >= QUEUE_SECONDS:
            self._queue_at = time.monotonic()
            self._look_into_queue()

    def _carried_out(self, due: Due) -> list[Result]:
        """What came of telling and looking, for those who were told. What was proven is looked at first: was it lost
        meanwhile?"""
        known = [each for each in due.orders if each.sender in due.again]
        before = self._observed(known)
        applied = self._applied(due.orders, due.standing)
        lost = {sender: seen for sender, seen in before.items() if seen.in_force is False}
        told = [each for each in due.orders if each.sender in applied]
        after = before | self._observed([each for each in told if each.sender not in before or each.sender in lost])
        return [
            Result(each, applied[each.sender], after.get(each.sender, NOT_YET), lost.get(each.sender))
            for each in told
        ]

    def _applied(self, orders: Sequence[Order], standing: Sequence[Order]) -> Mapping[str, Applied]:
        try:
            return self._connector.apply(orders, standing)
        except Unavailable as fault:
            return {each.sender: Applied(False, str(fault)) for each in orders}

    def _observed(self, orders: Sequence[Order]) -> dict[str, Observed]:
        if not orders:
            return {}
        try:
            return dict(self._connector.observe(orders))
        except Unavailable as fault:
            return {each.sender: Observed(None, str(fault)) for each in orders}

    def _say(self, results: Sequence[Result], turns: Sequence[Turn]) -> None:
        leaking = sum(1 for each in turns if each.stage is Stage.LEAKING)
        at = service.place(self._connector.name, self._connector.node)
        log.info("enforcer.round", at=at, orders=len(results), turned=len(turns), leaking=leaking)

    def _look_into_queue(self) -> None:
        with self._desk.work() as work:
            logins = {each.value: each.sender for each in senders.identities_now(work, IdentityKind.LOGIN)}
        try:
            found = self._connector.waiting(logins)
        except Unavailable:
            return
        with self._desk.work() as work:
            waiting = {sender: (each.waiting, each.held) for sender, each in found.items()}
            service.note_queue(work, self._connector.name, self._connector.node, waiting)
