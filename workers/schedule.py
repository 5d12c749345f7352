"""What happens by the clock: `python -m workers.schedule`, `cron` in the Procfile.

every 2 s       reports that wait are asked to be worked off: what was asked for before may be lost with Redis
every 2 s       rq jobs whose retry is due go back into the queue
every 15 s      notices to senders that are due are asked to be sent: put off before, or lost with Redis
03:00 UTC       retention; also when the first scheduler starts, for a day that was missed
every 60 s      the send log is held against suppressions, where lines came in and the import's own asking was lost
every hour      the same anyway: suppressions may be newer than the lines
every 6 h       the DKIM keys that we follow are asked for (`ABUSEDESK_KEYS_HOURS`); also when it starts

Any number may run: the one that holds an advisory lock of PostgreSQL leads, the others look every 2 s whether it
still does. So the leader is one even while Redis is away, and a killed one is replaced as soon as its connection
is gone. (Behind PgBouncer this process needs a session of its own, not a transaction's.)

Not rq's own cron: two of them enqueue everything twice, its jobs are pickled whatever the serializer, and it lives
in the Redis whose loss this is here to mend.
"""

from __future__ import annotations

import signal
import threading
from datetime import datetime, timedelta

import redis
import structlog
from rq import Queue
from rq.scheduler import RQScheduler

from app.bootstrap import Desk
from app.enforcement import service as enforcement
from app.errors import Unavailable
from app.infra.leader import Lead
from app.intake.service import waiting
from app.jobs import NOTIFY, OPT_OUTS, QUEUE, RETAIN, WATCH_KEYS, WORK_OFF
from app.notices import service as notices
from app.notices.service import anything_due
from app.senders.span_service import has_spans
from workers import process

log = structlog.get_logger(__name__)

SWEEP_SECONDS = 2.0
NOTICES_SECONDS = 15
RETAIN_HOUR = 3
AWAY_SAID_SECONDS = 60.0
OPT_OUTS_SECONDS, OPT_OUTS_ANYWAY_SECONDS = 60, 3600


def retention_due(asked: datetime | None, now: datetime) -> bool:
    """Whether the last RETAIN_HOUR (UTC) came after the retention was last asked for; None: never, so it is."""
    latest = now.replace(hour=RETAIN_HOUR, minute=0, second=0, microsecond=0)
    if latest > now:
        latest -= timedelta(days=1)
    return asked is None or asked < latest


def keys_due(asked: datetime | None, now: datetime, hours: int) -> bool:
    """Whether keys were last asked for `hours` ago or earlier; None: never, so it is."""
    return asked is None or now - asked >= timedelta(hours=hours)


def opt_outs_due(asked: datetime | None, now: datetime, *, lines: bool) -> bool:
    """Whether opt-outs are to be looked at: None: never were they, so they are. lines: whether lines came in."""
    every = OPT_OUTS_SECONDS if lines else OPT_OUTS_ANYWAY_SECONDS
    return asked is None or now - asked >= timedelta(seconds=every)


class Schedule:
    """One round after the other over one desk."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._lead = Lead(desk.engine)
        self._queue = Queue(QUEUE, connection=desk.redis, serializer="json")
        # One name for whoever leads: a new leader need not wait until the lock of a killed one is over.
        self._retries = RQScheduler(
            [self._queue], connection=desk.redis, serializer="json", name=QUEUE, logging_level="WARNING"
        )
        self._retained: datetime | None = None
        self._keys_asked: datetime | None = None
        self._opt_outs_asked: datetime | None = None
        self._notices_looked: datetime | None = None
        self._away_since: datetime | None = None
        self._away_said: datetime | None = None

    def round(self) -> bool:
        """Does what is due, where this process leads; whether it does. Raises Unavailable, RedisError."""
        if not self._lead.held():
            return False
        self.sweep()
        self._hand_over_retries()
        now = self._desk.clock.now()
        if retention_due(self._retained, now):
            self._desk.queue.enqueue(RETAIN.name)
            self._retained = now
        if keys_due(self._keys_asked, now, self._desk.settings.keys_hours):
            self._desk.queue.enqueue(WATCH_KEYS.name)
            self._keys_asked = now
        if opt_outs_due(self._opt_outs_asked, now, lines=self._lines_came_in()):
            self._desk.queue.enqueue(OPT_OUTS.name)
            self._opt_outs_asked = now
        if self._notices_looked is None or now - self._notices_looked >= timedelta(seconds=NOTICES_SECONDS):
            self._notices_looked = now
            self.sweep_notices()
            self._watch_enforcer()
        return True

    def _watch_enforcer(self) -> None:
        """Whether somebody looks after the mail servers: the enforcer cannot tell of its own silence."""
        with self._desk.work() as work:
            enforcement.watch(work)
        notices.tell_alarms(self._desk.work, self._desk.mailer, self._desk.poster)

    def _lines_came_in(self) -> bool:
        with self._desk.work() as work:
            return has_spans(work)

    def sweep(self) -> int:
        """Asks for waiting reports to be worked off; how many wait. Raises Unavailable, RedisError."""
        with self._desk.work() as work:
            found = waiting(work)
        if found:
            if not self._queue.count:
                # Asked for, yet not in the queue: Redis lost it, or a worker died with it in its hands.
                self._desk.queue.taken(WORK_OFF.name)
            self._desk.queue.enqueue(WORK_OFF.name)
        return found

    def sweep_notices(self) -> bool:
        """Asks for notices to be sent, where any is due. Raises Unavailable, RedisError."""
        with self._desk.work() as work:
            due = anything_due(work)
        if due:
            if not self._queue.count:
                self._desk.queue.taken(NOTIFY.name)
            self._desk.queue.enqueue(NOTIFY.name)
        return due

    def _hand_over_retries(self) -> None:
        if self._retries.acquire_locks():
            self._retries.enqueue_scheduled_jobs()

    def run(self, stop: threading.Event) -> None:
        """Rounds until `stop` is set; whatever is away is said once and then every minute."""
        while not stop.is_set():
            try:
                self.round()
                self._back()
            except (Unavailable, redis.RedisError) as fault:
                self._away(fault)
            stop.wait(SWEEP_SECONDS)
        self.leave()

    def leave(self) -> None:
        """Lets another lead."""
        self._lead.leave()

    def _away(self, fault: Exception) -> None:
        now = self._desk.clock.now()
        self._away_since = self._away_since or now
        if self._away_said is None or (now - self._away_said).total_seconds() >= AWAY_SAID_SECONDS:
            self._away_said = now
            seconds = int((now - self._away_since).total_seconds())
            log.warning("schedule.away", fault=type(fault).__name__, seconds=seconds)

    def _back(self) -> None:
        if self._away_since is not None:
            log.info("schedule.back", seconds=int((self._desk.clock.now() - self._away_since).total_seconds()))
        self._away_since = self._away_said = None


def serve(desk: Desk) -> None:
    """Rounds until SIGTERM or SIGINT."""
    stop = threading.Event()
    for each in (signal.SIGTERM, signal.SIGINT):
        signal.signal(each, lambda _signal, _frame: stop.set())
    Schedule(desk).run(stop)


def main() -> int:
    """Keeps the clock until it is told to stop; the exit code."""
    return process.run(serve)


if __name__ == "__main__":
    raise SystemExit(main())
