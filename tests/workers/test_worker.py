"""The worker process with a real Valkey, through all that can happen to its queue."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import psutil
import pytest
import redis
import sqlalchemy as sa
from rq import Queue
from sqlmodel import col, select

from app.bootstrap import Desk
from app.infra.queue import RedisQueue, redis_for
from app.intake.domain import Arrival, Door, ReportState
from app.intake.models import Report
from app.intake.service import store_many
from app.jobs import QUEUE, WORK_OFF
from tests.services.programs import wait_until
from tests.workers.conftest import Processes
from tests.workers.mail import arf
from tests.workers.valkey import PrivateValkey
from workers.worker import DeskWorker, work


@pytest.fixture
def valkey() -> Iterator[PrivateValkey]:
    with PrivateValkey() as running:
        yield running


@pytest.fixture
def own(desk: Desk, valkey: PrivateValkey) -> Iterator[Desk]:
    """The desk over a Valkey of this test's own."""
    connection = redis_for(valkey.url)
    queue = RedisQueue(connection)
    work = replace(desk.work, queue=queue)
    yield replace(
        desk, settings=replace(desk.settings, redis_url=valkey.url), redis=connection, queue=queue, work=work
    )
    connection.close()


@pytest.fixture
def workers(own: Desk) -> Iterator[Processes]:
    found = Processes(own.settings)
    yield found
    found.end()


@pytest.fixture
def file(own: Desk) -> Callable[[int], None]:
    """Stores so many fresh reports."""
    numbers = iter(range(1_000_000))

    def store(count: int) -> None:
        with own.work() as work:
            store_many(work, [Arrival(arf(next(numbers)), Door.COMMAND) for _ in range(count)])

    return store


def judged(desk: Desk) -> int:
    with desk.work() as work:
        wanted = select(sa.func.count()).where(col(Report.state) != ReportState.RECEIVED)
        return work.session.exec(wanted).one()


def test_a_stored_report_is_judged(own: Desk, workers: Processes, file: Callable[[int], None]) -> None:
    workers.start("worker")
    file(3)
    wait_until(lambda: judged(own) == 3, "all are judged")


def test_what_was_asked_for_before_the_worker_ran_is_done(
    own: Desk, workers: Processes, file: Callable[[int], None]
) -> None:
    file(3)
    workers.start("worker")
    wait_until(lambda: judged(own) == 3, "all are judged")


def test_a_worker_goes_on_after_its_queue_was_emptied(
    own: Desk, workers: Processes, file: Callable[[int], None]
) -> None:
    workers.start("worker")
    file(1)
    wait_until(lambda: judged(own) == 1, "the first is judged")
    own.redis.flushall()
    file(1)
    wait_until(lambda: judged(own) == 2, "the second is judged")


def test_a_worker_goes_on_after_its_queue_was_away(
    own: Desk, workers: Processes, file: Callable[[int], None], valkey: PrivateValkey
) -> None:
    process = workers.start("worker")
    file(1)
    wait_until(lambda: judged(own) == 1, "the first is judged")
    valkey.stop()
    file(1)  # stored all the same
    valkey.start()
    own.queue.enqueue(WORK_OFF.name)
    wait_until(lambda: judged(own) == 2, "the second is judged", seconds=60)
    assert process.poll() is None


def test_a_worker_waits_for_a_queue_that_is_not_there_yet(
    own: Desk, workers: Processes, file: Callable[[int], None], valkey: PrivateValkey
) -> None:
    file(1)
    valkey.stop()
    workers.start("worker")
    wait_until(lambda: "worker.queue_away" in workers.log("worker").read_text(), "it says that there is none")
    valkey.start()
    wait_until(lambda: judged(own) == 1, "it is judged", seconds=60)


def test_what_the_queue_lost_is_found_by_the_sweep(
    own: Desk, workers: Processes, file: Callable[[int], None]
) -> None:
    file(3)
    own.redis.flushall()
    workers.start("worker")
    workers.start("schedule")
    wait_until(lambda: judged(own) == 3, "all are judged")


def test_a_pickled_job_is_never_unpickled(
    own: Desk, workers: Processes, file: Callable[[int], None], tmp_path: Path
) -> None:
    Queue(QUEUE, connection=own.redis).enqueue(os.mkdir, str(tmp_path / "made"))
    workers.start("worker")
    file(1)
    wait_until(lambda: judged(own) == 1, "the worker goes on")
    assert not (tmp_path / "made").exists()


def test_a_worker_told_to_stop_ends_well(own: Desk, workers: Processes, file: Callable[[int], None]) -> None:
    process = workers.start("worker")
    file(1)
    wait_until(lambda: judged(own) == 1, "it is judged")
    process.send_signal(signal.SIGTERM)
    assert process.wait(20) == 0


def test_a_worker_told_to_stop_while_its_queue_is_away_ends_well(
    own: Desk, workers: Processes, file: Callable[[int], None], valkey: PrivateValkey
) -> None:
    process = workers.start("worker")
    file(1)
    wait_until(lambda: judged(own) == 1, "it is judged")
    valkey.stop()
    process.send_signal(signal.SIGTERM)
    assert process.wait(20) == 0
    valkey.start()


def test_a_worker_told_to_stop_between_two_tries_at_its_queue_ends_well(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    apart = multiprocessing.get_context("fork")
    tried = apart.Event()

    def lose_the_queue(worker: DeskWorker, **_options: object) -> None:
        worker._install_signal_handlers()
        tried.set()
        raise redis.ConnectionError

    monkeypatch.setattr(DeskWorker, "work", lose_the_queue)
    process = apart.Process(target=work, args=(desk,))
    process.start()
    assert tried.wait(20)
    process.terminate()
    process.join(20)
    assert process.exitcode == 0


def test_a_worker_starts_no_process_that_outlives_it(
    own: Desk, workers: Processes, file: Callable[[int], None]
) -> None:
    process = workers.start("worker")
    file(1)
    wait_until(lambda: judged(own) == 1, "it is judged")
    wait_until(lambda: not psutil.Process(process.pid).children(), "its runs have ended")
