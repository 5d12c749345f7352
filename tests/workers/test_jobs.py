"""What a work-off run does, without a worker around it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from rq import Queue

from app.attribution import keys_service
from app.bootstrap import Desk
from app.infra.leader import KEYS_LOCK, Lead
from app.intake.domain import Arrival, Door
from app.intake.service import store_many, waiting
from app.jobs import JOBS, QUEUE
from app.mail.domain import KeyAnswer, KeyState
from tests.factories.customers import customers
from tests.workers.mail import arf
from workers import jobs

NAME = "s1._domainkey.acme.test"


@pytest.fixture
def small(desk: Desk) -> Iterator[Desk]:
    """The desk with batches of two, served by the jobs of this process, with five reports that wait."""
    served = replace(desk, settings=replace(desk.settings, batch=2))
    with desk.work() as work:
        store_many(work, [Arrival(arf(number), Door.COMMAND) for number in range(5)])
    token = jobs.serving.set(served)
    yield served
    jobs.serving.reset(token)
    jobs.stopping.clear()


def left(desk: Desk) -> int:
    with desk.work() as work:
        return waiting(work)


def asked(desk: Desk) -> int:
    return int(Queue(QUEUE, connection=desk.redis, serializer="json").count)


def test_every_job_that_is_named_exists() -> None:
    for job in JOBS.values():
        module, _, function = job.function.rpartition(".")
        assert module == jobs.__name__
        assert callable(getattr(jobs, function))


def test_a_run_goes_on_until_nothing_waits(small: Desk) -> None:
    jobs.work_off()
    assert left(small) == 0


def test_a_full_batch_asks_for_another_worker(small: Desk) -> None:
    small.redis.flushdb()
    jobs.work_off()
    assert asked(small) == 1


def test_a_run_that_is_to_stop_ends_after_its_batch_and_asks_for_another(small: Desk) -> None:
    small.redis.flushdb()
    jobs.stopping.set()
    jobs.work_off()
    assert (left(small), asked(small)) == (3, 1)


def test_a_run_ends_by_itself_well_before_it_would_be_stopped(small: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "WORKING_SECONDS", -1.0)
    jobs.work_off()
    assert left(small) == 3


def test_the_queue_being_away_stops_no_work(small: Desk, without_queue: Callable[[Desk], Desk]) -> None:
    jobs.serving.set(without_queue(small))
    jobs.work_off()
    assert left(small) == 0


def test_keys_are_watched_by_one_process_at_a_time(small: Desk) -> None:
    customers(small, acme=[("dkim", "acme.test")])
    with small.work() as work:
        keys_service.note(work, {NAME: KeyAnswer(KeyState.FOUND, b"v=DKIM1; p=b2xk")})
    other = Lead(small.engine, KEYS_LOCK)
    assert other.held()
    jobs.watch_keys()
    assert [each.state for each in keys_service.every(small.work)] == ["there"]
    other.leave()
    jobs.watch_keys()
    assert [each.state for each in keys_service.every(small.work)] == ["gone"]
