"""The jobs, as data: name, the function that `workers` runs, queue, timeout and retries. No code runs here.

Jobs are enqueued by dotted name with string arguments as JSON, after the commit, carrying ids only.
"""

from __future__ import annotations

from app.values import dataclass

QUEUE = "abusedesk"


@dataclass(frozen=True, slots=True)
class Job:
    """timeout: seconds one run may take. retries: how often a failed run is tried again, waiting `wait` seconds
    in turn. once: while such a job waits to be started, asking for another does nothing."""

    name: str
    function: str
    timeout: int = 300
    retries: int = 3
    wait: tuple[int, ...] = (5, 30, 120)
    once: bool = False


WORK_OFF = Job("work-off", "workers.jobs.work_off", timeout=600, once=True)
RETAIN = Job("retain", "workers.jobs.retain", timeout=3600, once=True)
WATCH_KEYS = Job("watch-keys", "workers.jobs.watch_keys", timeout=3600, once=True)
OPT_OUTS = Job("opt-outs", "workers.jobs.opt_outs", timeout=3600, once=True)
NOTIFY = Job("notify", "workers.jobs.notify", timeout=600, once=True)

JOBS = {job.name: job for job in (WORK_OFF, RETAIN, WATCH_KEYS, OPT_OUTS, NOTIFY)}
