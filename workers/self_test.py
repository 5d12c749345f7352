"""The clock of enforcement: what is over ends, and once an hour a suspension is tried out on the probe account.

The self-test goes the way of every decision: the probe account is suspended, the mail servers must be seen to refuse
it, it is reinstated, they must be seen to let it through. Whatever of that fails is an alarm.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

import structlog

from app.audit.domain import SYSTEM
from app.bootstrap import Desk
from app.enforcement import service
from app.enforcement.domain import ActionKind
from app.enforcement.proof import Stage
from app.enforcement.service import Decision
from app.errors import AbuseDeskError, Unavailable
from app.ports import Connector
from app.senders import service as senders
from app.senders.domain import IdentityKind
from app.triage import service as triage
from app.uow import Work

log = structlog.get_logger(__name__)

PATIENCE_SECONDS = 30.0
KEEP_ATTEMPTS = timedelta(days=30)
NOT_THE_PROBE = (
    "Nobody was suspended: the login of ABUSEDESK_PROBE_URL is not that of the sender ABUSEDESK_PROBE_SENDER alone."
)
REASON = "Standing self-test: does a suspension bite?"


class Ticking:
    """What is due by the clock, once a second."""

    def __init__(self, desk: Desk, test: SelfTest) -> None:
        self._desk, self._test = desk, test
        self._tidied: datetime | None = None

    def tick(self) -> None:
        """Ends what is over, tidies, tests. Raises Unavailable where the database is away."""
        with self._desk.work() as work:
            service.expire(work, partial(triage.hold, work), partial(triage.tell_ended, work))
            now = work.now
            if self._tidied is None or now - self._tidied > timedelta(hours=1):
                service.tidy(work, now - KEEP_ATTEMPTS)
                self._tidied = now
            last = service.last_self_test(work)
        if self._test.is_due(last, now):
            self._test.run()


class SelfTest:
    """The standing self-test. stop: ends one that is under way, which then counts for nothing."""

    def __init__(self, desk: Desk, connectors: Sequence[Connector], stop: threading.Event) -> None:
        self._desk, self._stop = desk, stop
        self._places = {(each.name, each.node) for each in connectors}

    def is_due(self, last: datetime | None, now: datetime) -> bool:
        """Whether it is time, and there is a probe account and a mail server to try it at."""
        settings = self._desk.settings
        if not (settings.probe_sender and settings.probe_url and self._places):
            return False
        return last is None or now - last >= timedelta(minutes=settings.probe_minutes)

    def run(self) -> bool:
        """Tries a suspension out; whether it bit, and let go again. Raises Unavailable where the database is away."""
        begun = time.monotonic()
        try:
            said = self._tried(self._desk.settings.probe_sender or "")
        except Unavailable:
            raise
        except AbuseDeskError as fault:
            said = str(fault)
        if self._stop.is_set():
            return False
        with self._desk.work() as work:
            service.note_self_test(work, said or "", time.monotonic() - begun)
        log.info("enforcer.self_test", passed=said is None)
        return said is None

    def _tried(self, sender: str) -> str | None:
        """What went wrong, in a sentence; None where nothing did."""
        with self._desk.work() as work:
            if not self._is_probe(work, sender):
                return NOT_THE_PROBE
            for left in service.in_force(work, sender):  # by a process that was killed in the middle of this
                if left.by == SYSTEM.name:
                    service.lift(work, SYSTEM, left.id, REASON)
            over = work.now + timedelta(minutes=10)
            action = service.act(work, SYSTEM, sender, Decision(ActionKind.SUSPEND, REASON, until=over))
        try:
            stopped = self._waited(lambda: self._refused(sender))
        finally:
            self._lift(action)
        if not stopped:
            return "The probe account was suspended, and a mail server was not seen to refuse it."
        if not self._waited(lambda: self._let_through(sender)):
            return "The probe account was reinstated, and a mail server still refuses it."
        return None

    def _is_probe(self, work: Work, sender: str) -> bool:
        """Whether the account is the one that the probe signs in as, and no other has its login: a wrong id in the
        settings must not stop a customer every hour."""
        known = senders.known_identities(work, {IdentityKind.LOGIN: [self._desk.settings.probe_login]})
        return {each.sender for each in known if each.holds(work.now)} == {sender}

    def _lift(self, action: UUID) -> None:
        with self._desk.work() as work:
            service.lift(work, SYSTEM, action, REASON)

    def _refused(self, sender: str) -> bool:
        with self._desk.work() as work:
            proofs = service.proofs(work, [sender]).get(sender, ())
        seen = {(each.connector, each.node) for each in proofs if each.stops and each.stage is Stage.PROVEN}
        return seen >= self._places

    def _let_through(self, sender: str) -> bool:
        with self._desk.work() as work:
            return not service.proofs(work, [sender])

    def _waited(self, asked: Callable[[], bool]) -> bool:
        ends = time.monotonic() + PATIENCE_SECONDS
        while not asked():
            if time.monotonic() > ends or self._stop.wait(0.2):
                return False
        return True
