"""A desk with a clock of its own and a Postfix whose queue is in memory: what becomes of mail when actions change."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from app.audit.domain import OPERATOR, Actor
from app.bootstrap import Desk
from app.enforcement import service
from app.enforcement.domain import ActionKind, Queued, scope_of
from app.enforcement.service import Decision
from app.infra.connectors.postfix import Postfix
from app.infra.connectors.postfix_queue import MailQueue
from app.infra.connectors.postfix_sight import Sight
from app.infra.connectors.postfix_sweep import Queued as QueuedMail
from app.ports import Observed, Order
from app.senders import service as senders
from app.senders.roster import read_roster
from app.senders.service import import_roster
from app.settings import Address
from tests.triage.arriving import SetClock
from workers.caretaker import Caretaker

ANNA, BEN = Actor("anna@desk.test", 1), Actor("ben@desk.test", 2)
MINUTE, LOGIN = timedelta(minutes=1), "mailer@acme.test"


class Blind(Sight):
    """Sees nothing of what a Postfix does."""

    def __init__(self) -> None:
        super().__init__(None, None, Address("127.0.0.1", 0))

    def observe(self, orders: Sequence[Order]) -> dict[str, Observed]:
        return {each.sender: Observed(None, "") for each in orders}


class Queue(MailQueue):
    """A mail queue in memory. log: what was let go and what was thrown away."""

    def __init__(self) -> None:
        self.log: list[tuple[str, str]] = []
        self._mails: dict[str, QueuedMail] = {}
        self._noted: set[str] = set()

    def put(self, name: str, at: datetime, login: str = LOGIN, *, hold: bool = False) -> None:
        self._mails[name] = QueuedMail(name, int(at.timestamp()), hold, login, "acme.test")

    def mails(self) -> list[QueuedMail]:
        return list(self._mails.values())

    def hold(self, mails: Sequence[QueuedMail]) -> None:
        for each in mails:
            self._mails[each.id] = QueuedMail(each.id, each.arrived, True, each.login, each.domain, noted=True)

    def release(self, ids: Sequence[str]) -> None:
        self._let_go("release", ids)

    def discard(self, ids: Sequence[str]) -> None:
        self._let_go("discard", ids)

    def _let_go(self, how: str, names: Sequence[str]) -> None:
        for name in names:
            del self._mails[name]
            self.log.append((how, name))


class Shop:
    """A desk with a clock and a Postfix with a queue."""

    def __init__(self, desk: Desk, clock: SetClock) -> None:
        self.desk, self.clock, self.queue = desk, clock, Queue()
        self.care = Caretaker(desk, Postfix(None, self.queue, Blind()))

    def act(self, kind: ActionKind, scope: str = "sender", sender: str = "acme", **more: Any) -> UUID:
        with self.desk.work() as work:
            return service.act(work, ANNA, sender, Decision(kind, "x", scope_of(scope), **more))

    def lift(self, action: UUID, queued: Queued = Queued.RELEASE) -> None:
        with self.desk.work() as work:
            service.lift(work, ANNA, action, "fine", queued)

    def undo(self, action: UUID) -> None:
        with self.desk.work() as work:
            service.undo(work, ANNA, action)

    def roster(self, sender: str, *identities: dict[str, str], **more: str) -> None:
        row = {"id": sender, "name": sender, "contact": "a@x.test", "identities": list(identities), **more}
        with self.desk.work() as work:
            assert not import_roster(work, OPERATOR, read_roster(json.dumps({"senders": [row]}))).faults

    def later(self, by: timedelta = MINUTE, rounds: int = 1) -> None:
        """Looks at the mail server now and after each such time."""
        for _ in range(rounds):
            self.care.step()
            self.clock.move(by)

    def status(self, sender: str = "acme") -> str:
        with self.desk.work() as work:
            return senders.find(work, sender).status
