"""`python -m workers.enforcer`: brings decisions to the mail servers, sees that they hold there, and says so.

One thread for each mail server that the settings name, one that keeps the clock (expiries, the standing self-test),
and one that tells alarms. A decision wakes them by the bell over Redis; without it they look every second.

Any number may run, on any machine: for each mail server the one that holds its advisory lock works. Postfix is served
by the process on its own machine.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable

import redis
import structlog

from app.bootstrap import Desk
from app.enforcement.domain import BELL
from app.errors import Unavailable
from app.infra.leader import Lead, lock_for
from app.infra.queue import channel
from app.notices import service as notices
from app.ports import Connector
from workers import process
from workers.caretaker import Caretaker
from workers.self_test import SelfTest, Ticking

log = structlog.get_logger(__name__)

LOOK_SECONDS = 1.0
BELL_SECONDS = 1.0


class Round:
    """Does `step` again and again in a thread of its own, woken by the bell, while it leads under `name`."""

    def __init__(self, desk: Desk, name: str, step: Callable[[], None], stop: threading.Event) -> None:
        self._lead = Lead(desk.engine, lock_for(name))
        self._name, self._step, self._stop = name, step, stop
        self._away = False
        self.woken = threading.Event()
        self.thread = threading.Thread(target=self._run, name=name)

    def _run(self) -> None:
        while not self._stop.is_set():
            self.woken.clear()
            self._once()
            self.woken.wait(LOOK_SECONDS)
        self._lead.leave()

    def _once(self) -> None:
        try:
            if self._lead.held():
                self._step()
        except Unavailable as fault:
            self._say_away(fault)
            return
        except Exception as fault:  # noqa: BLE001 - one bad answer must not end the watch over a mail server
            log.error("enforcer.fault", at=self._name, error=type(fault).__name__)
            return
        self._away = False

    def _say_away(self, fault: Unavailable) -> None:
        if not self._away:
            log.warning("enforcer.away", at=self._name, error=str(fault))
            self._away = True


def serve(desk: Desk, stop: threading.Event) -> None:
    """Works until `stop` is set."""
    tests = SelfTest(desk, desk.connectors, stop)
    rounds = [Round(desk, f"enforce {each.name} {each.node}", _care(desk, each), stop) for each in desk.connectors]
    rounds.append(Round(desk, "enforce clock", Ticking(desk, tests).tick, stop))
    # A thread of its own: neither may the self-test keep an alarm waiting, nor a mail server that is slow the clock.
    rounds.append(Round(desk, "tell alarms", _tell(desk), stop))
    for each in rounds:
        each.thread.start()
    log.info("enforcer.ready", connectors=len(desk.connectors))
    while not stop.is_set():
        try:
            _hear(desk, rounds, stop)
        except (redis.RedisError, OSError):
            stop.wait(BELL_SECONDS)
    for each in rounds:
        each.woken.set()
        each.thread.join()


def _care(desk: Desk, connector: Connector) -> Callable[[], None]:
    return Caretaker(desk, connector).step


def _tell(desk: Desk) -> Callable[[], None]:
    def step() -> None:
        notices.tell_alarms(desk.work, desk.mailer, desk.poster)

    return step


def _hear(desk: Desk, rounds: list[Round], stop: threading.Event) -> None:
    """Wakes everybody when the bell rings, until `stop` is set. Raises RedisError where Redis goes away."""
    with desk.redis.pubsub(ignore_subscribe_messages=True) as bell:  # type: ignore[no-untyped-call]
        bell.subscribe(channel(BELL))
        while not stop.is_set():
            if bell.get_message(timeout=LOOK_SECONDS):
                for each in rounds:
                    each.woken.set()


def _until_told(desk: Desk) -> None:
    stop = threading.Event()
    for each in (signal.SIGTERM, signal.SIGINT):
        signal.signal(each, lambda _signal, _frame: stop.set())
    serve(desk, stop)
    log.info("enforcer.ended")


def main() -> int:
    """Works until SIGTERM or SIGINT; the exit code."""
    return process.run(_until_told)


if __name__ == "__main__":
    raise SystemExit(main())
