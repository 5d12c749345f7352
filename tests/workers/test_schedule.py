"""What happens by the clock, and that it happens once."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import redis
import sqlalchemy as sa
from rq import Queue

from app.bootstrap import Desk
from app.errors import Unavailable
from app.infra.leader import LEADER_LOCK, Lead
from app.infra.queue import RedisQueue, redis_for
from app.intake.domain import Arrival, Door
from app.intake.service import store
from app.jobs import OPT_OUTS, QUEUE, RETAIN, WATCH_KEYS, WORK_OFF
from tests.services.programs import wait_until
from tests.workers.mail import arf
from tests.workers.valkey import PrivateValkey
from workers.schedule import Schedule, keys_due, opt_outs_due, retention_due

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def asked(desk: Desk) -> list[str]:
    """The functions that wait in the queue."""
    return [job.func_name for job in Queue(QUEUE, connection=desk.redis, serializer="json").jobs]


def leave_report(desk: Desk) -> None:
    with desk.work() as work:
        store(work, Arrival(arf(1), Door.COMMAND))


@pytest.mark.parametrize(
    ("asked_at", "due"),
    [
        (None, True),
        (NOON.replace(hour=3), False),
        (NOON.replace(hour=2, minute=59), True),
        (NOON - timedelta(days=1), True),
        (NOON, False),
    ],
)
def test_retention_is_due_once_a_day_from_three_o_clock(asked_at: datetime | None, due: bool) -> None:
    assert retention_due(asked_at, NOON) is due


def test_before_three_o_clock_yesterdays_is_enough() -> None:
    assert not retention_due(NOON.replace(day=21, hour=3), NOON.replace(hour=2))


def test_what_waits_is_asked_for_again_after_the_queue_was_emptied(desk: Desk) -> None:
    leave_report(desk)
    desk.redis.flushall()
    assert Schedule(desk).sweep() == 1
    assert asked(desk) == [WORK_OFF.function]


def test_what_a_killed_worker_had_in_its_hands_is_asked_for_again(desk: Desk) -> None:
    leave_report(desk)
    Queue(QUEUE, connection=desk.redis, serializer="json").empty()  # the mark that it was asked for stays
    Schedule(desk).sweep()
    assert asked(desk) == [WORK_OFF.function]


def test_asking_again_and_again_is_asking_once(desk: Desk) -> None:
    leave_report(desk)
    schedule = Schedule(desk)
    for _ in range(5):
        schedule.sweep()
    assert asked(desk) == [WORK_OFF.function]


def test_nothing_is_asked_for_where_nothing_waits(desk: Desk) -> None:
    assert Schedule(desk).sweep() == 0
    assert asked(desk) == []


def test_what_is_due_is_asked_for_once_by_a_scheduler_that_runs_on(desk: Desk) -> None:
    schedule = Schedule(desk)
    assert schedule.round()
    assert schedule.round()
    assert asked(desk) == [RETAIN.function, WATCH_KEYS.function, OPT_OUTS.function]
    schedule.leave()


@pytest.mark.parametrize(
    ("asked_at", "due"),
    [(None, True), (NOON - timedelta(hours=6), True), (NOON - timedelta(hours=5, minutes=59), False)],
)
def test_keys_are_due_when_their_hours_are_over(asked_at: datetime | None, due: bool) -> None:
    assert keys_due(asked_at, NOON, 6) is due


@pytest.mark.parametrize(
    ("asked_at", "lines", "due"),
    [
        (None, False, True),
        (NOON - timedelta(seconds=60), True, True),
        (NOON - timedelta(seconds=59), True, False),
        (NOON - timedelta(seconds=60), False, False),
        (NOON - timedelta(hours=1), False, True),
    ],
)
def test_opt_outs_are_looked_at_soon_after_lines_came_in_and_every_hour(
    asked_at: datetime | None, lines: bool, due: bool
) -> None:
    assert opt_outs_due(asked_at, NOON, lines=lines) is due


def test_a_retry_that_is_due_goes_back_into_the_queue(desk: Desk) -> None:
    queue = Queue(QUEUE, connection=desk.redis, serializer="json")
    queue.enqueue_at(datetime.now(UTC) - timedelta(seconds=1), WORK_OFF.function)
    schedule = Schedule(desk)
    schedule.round()
    assert WORK_OFF.function in asked(desk)
    schedule.leave()


def test_a_lead_is_given_up_before_the_line_is_cut(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = Lead(desk.engine), Lead(desk.engine)
    seen: list[bool] = []
    monkeypatch.setattr(sa.Connection, "invalidate", lambda _: seen.append(second.held()))
    assert first.held()
    first.leave()
    monkeypatch.undo()
    second.leave()

    assert seen == [True]  # PostgreSQL may see late that a line is cut


def test_of_two_schedulers_one_leads_and_the_other_follows_it(desk: Desk) -> None:
    first, second = Lead(desk.engine), Lead(desk.engine)
    assert (first.held(), second.held(), first.held()) == (True, False, True)
    first.leave()
    assert second.held()
    second.leave()


def test_a_leader_that_is_cut_off_from_the_database_leads_no_more(desk: Desk) -> None:
    first, second = Lead(desk.engine), Lead(desk.engine)
    assert first.held()
    with desk.engine.connect() as connection:
        cut = "select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory' and objid = :lock"
        connection.execute(sa.text(cut), {"lock": LEADER_LOCK})
    wait_until(second.held, "the second leads")
    with pytest.raises(Unavailable):
        first.held()
    assert not first.held()
    second.leave()
    first.leave()


def test_it_goes_on_after_the_queue_was_away(desk: Desk) -> None:
    with PrivateValkey() as valkey:
        connection = redis_for(valkey.url)
        own = replace(desk, redis=connection, queue=RedisQueue(connection))
        leave_report(own)
        valkey.stop()
        with pytest.raises(redis.RedisError):
            Schedule(own).sweep()
        valkey.start()
        with running(own):
            wait_until(lambda: WORK_OFF.function in asked(own), "it is asked for", seconds=20)
        connection.close()


def test_it_goes_on_after_the_database_was_away(
    desk: Desk, outage: Callable[[], AbstractContextManager[None]], capsys: pytest.CaptureFixture[str]
) -> None:
    with running(desk):
        wait_until(lambda: RETAIN.function in asked(desk), "it leads")
        with outage():
            wait_until(lambda: "schedule.away" in "".join(capsys.readouterr()), "it says so")
        leave_report(desk)
        desk.redis.flushall()
        wait_until(lambda: WORK_OFF.function in asked(desk), "it is asked for", seconds=20)


class running:  # noqa: N801  reads as a sentence
    """The schedule of a desk in a thread of its own."""

    def __init__(self, desk: Desk) -> None:
        self._stop = threading.Event()
        self._thread = threading.Thread(target=Schedule(desk).run, args=(self._stop,))

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join(30)
        assert not self._thread.is_alive()
