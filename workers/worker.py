"""Runs jobs: `python -m workers.worker`. rq, JSON only, a fork for each run.

A fork, so that a message that takes its process down takes no worker with it. A work-off run is many batches, so
the price of the fork does not matter. rq's own defaults would leave the job of a killed worker for ten minutes;
a worker that shows itself every few seconds is missed after one and a half.

Retries are due at a time, and handed to the queue by `workers.schedule`: rq's with_scheduler would fork a process
that survives a kill -9 of its worker and goes on for ever.
"""

from __future__ import annotations

import gc
import os
import signal
import threading
from contextlib import suppress
from typing import Any

import redis
import structlog
from rq import Worker
from rq.exceptions import StopRequested

from app.bootstrap import Desk
from app.infra.logs import cause
from app.jobs import QUEUE
from workers import jobs, process

log = structlog.get_logger(__name__)

WORKER_SECONDS = 30
MAINTENANCE_SECONDS = 15
AGAIN_SECONDS = 2.0


class DeskWorker(Worker):
    """An rq worker whose runs work on one wired desk, and end after their batch when it is told to stop.

    stop: set when it was told so.
    """

    max_connection_wait_time = 5.0
    log_result_lifespan = False

    def __init__(self, desk: Desk, stop: threading.Event) -> None:
        super().__init__(
            [QUEUE],
            connection=desk.redis,
            serializer="json",
            worker_ttl=WORKER_SECONDS,
            maintenance_interval=MAINTENANCE_SECONDS,
            log_job_description=False,
        )
        self._desk = desk
        self._stop = stop

    def _install_signal_handlers(self) -> None:
        super()._install_signal_handlers()  # type: ignore[no-untyped-call]
        self._stop_requested = self._stop.is_set()  # told before there was anybody to tell

    def request_stop(self, signum: int, frame: Any) -> None:
        self._stop.set()
        super().request_stop(signum, frame)  # type: ignore[no-untyped-call]

    def handle_warm_shutdown_request(self) -> None:
        if self.horse_pid:
            with suppress(ProcessLookupError):
                os.kill(self.horse_pid, signal.SIGTERM)

    def main_work_horse(self, job: Any, queue: Any) -> None:
        # The connections of the worker are its own: two processes on one connection garble each other.
        self._desk.engine.dispose(close=False)
        structlog.contextvars.bind_contextvars(job=job.id)
        super().main_work_horse(job, queue)

    def handle_exception(self, job: Any, *exc_info: Any) -> None:
        # rq's own would log the exception's words, which may hold what is in a mail. It has no more to do:
        # retries are handled elsewhere, and no exception handlers are installed.
        log.error("job.failed", function=job.func_name, **cause(exc_info[1]))

    def handle_job_failure(
        self, job: Any, queue: Any, started_job_registry: Any = None, exc_string: str = "", execution: Any = None
    ) -> None:
        # rq keeps the traceback in Redis for days, and an exception's words may hold what is in a mail.
        kind = exc_string.strip().rpartition("\n")[2].partition(":")[0]
        super().handle_job_failure(job, queue, started_job_registry, kind, execution)

    def setup_work_horse_signals(self) -> None:
        super().setup_work_horse_signals()  # type: ignore[no-untyped-call]
        signal.signal(signal.SIGTERM, lambda _signal, _frame: jobs.stopping.set())


def work(desk: Desk) -> None:
    """Takes jobs until SIGTERM or SIGINT; connects anew whenever Redis was away, was flushed or failed otherwise."""
    jobs.serving.set(desk)
    gc.collect()
    gc.freeze()  # what is imported stays: no collection need look at it, in the forks neither
    stop = threading.Event()
    for each in (signal.SIGTERM, signal.SIGINT):
        signal.signal(each, lambda _signal, _frame: stop.set())
    with suppress(StopRequested):  # rq's answer to a signal outlives the worker that it was for
        _take_jobs(desk, stop)


def _take_jobs(desk: Desk, stop: threading.Event) -> None:
    while not stop.is_set():
        try:
            DeskWorker(desk, stop).work(logging_level="WARNING")
        except redis.RedisError as fault:
            log.warning("worker.queue_away", fault=type(fault).__name__)
        stop.wait(AGAIN_SECONDS)


def main() -> int:
    """Runs jobs until it is told to stop; the exit code."""
    return process.run(work)


if __name__ == "__main__":
    raise SystemExit(main())
