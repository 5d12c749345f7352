"""The jobs that `app.jobs` names, run by `workers.worker`. They carry no data: the database says what is to be done.

A job that raises is tried again by rq after its waits; the sweep of `workers.schedule` finds what even that missed.
"""

from __future__ import annotations

import threading
import time
from contextlib import suppress
from contextvars import ContextVar

import redis
import structlog

from app import pipeline
from app.bootstrap import Desk
from app.infra.leader import KEYS_LOCK, Lead
from app.jobs import NOTIFY, OPT_OUTS, RETAIN, WATCH_KEYS, WORK_OFF

log = structlog.get_logger(__name__)

WORKING_SECONDS = WORK_OFF.timeout / 2
"""How long one run goes on taking batches: well before rq would stop it in the middle of one."""

serving: ContextVar[Desk] = ContextVar("serving")
"""The wired product that the jobs of this process and of its forks work on."""

stopping = threading.Event()
"""Set when this process is to end after the batch in hand."""


def work_off() -> None:
    """Works off what waits, batch by batch, until nothing does, we are stopped or WORKING_SECONDS are over.

    After a full batch another run is asked for, so that other workers help. Raises Unavailable where something
    outside is away: rq tries again.
    """
    desk = serving.get()
    with suppress(redis.RedisError):  # Redis only remembers that we were asked; the sweep asks again
        desk.queue.taken(WORK_OFF.name)
    ends = time.monotonic() + WORKING_SECONDS
    done = 0
    while claimed := pipeline.work_off(desk, desk.settings.batch):
        done += claimed
        over = stopping.is_set() or time.monotonic() > ends
        if over or claimed >= desk.settings.batch:
            desk.queue.enqueue(WORK_OFF.name)
        if over:
            break
    log.info("reports.worked_off", reports=done)


def retain() -> None:
    """Destroys what the retention rules say is due."""
    from app.privacy import service  # only this job needs it

    desk = serving.get()
    with suppress(redis.RedisError):
        desk.queue.taken(RETAIN.name)
    log.info("retention.done", counts=service.retain(desk.work))


def watch_keys() -> None:
    """Asks DNS for the keys that we follow, where no other process does so just now."""
    from app.attribution import keys_service  # only this job needs it

    desk = serving.get()
    with suppress(redis.RedisError):
        desk.queue.taken(WATCH_KEYS.name)
    lead = Lead(desk.engine, KEYS_LOCK)
    try:
        if not lead.held():
            return
        watched = keys_service.watch(desk.work, desk.resolver)
    finally:
        lead.leave()
    log.info("keys.watched", asked=watched.asked, unanswered=watched.unanswered, changed=len(watched.changes))


def opt_outs() -> None:
    """Looks for mail that was sent to people who want no more of it, and opens cases about it."""
    from app.triage.service import unhonoured  # only this job needs it

    desk = serving.get()
    with suppress(redis.RedisError):
        desk.queue.taken(OPT_OUTS.name)
    with desk.work() as work:
        found = unhonoured.look(work)
    log.info("opt_outs.looked", senders=found.senders, grace=found.grace, late=found.late)


def notify() -> None:
    """Tells senders what was done to them, until nothing is due, we are stopped or WORKING_SECONDS are over."""
    from app.notices import service  # only this job needs it

    desk = serving.get()
    with suppress(redis.RedisError):
        desk.queue.taken(NOTIFY.name)
    ends = time.monotonic() + WORKING_SECONDS
    done = service.notify(desk.work, desk.mailer, lambda: stopping.is_set() or time.monotonic() > ends)
    log.info("notices.sent", written=done.written, sent=done.sent, failed=done.failed, put_off=done.put_off)
