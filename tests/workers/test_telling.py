"""Senders and people are told by the processes that run: after the commit, after a lost queue, after a kill."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from rq import Queue

from app.bootstrap import Desk
from app.enforcement.service.alarms import raise_
from app.jobs import NOTIFY, QUEUE
from app.notices import service
from tests.notices.acts import CONTACT, act, sender, states
from tests.notices.conftest import FROM
from tests.services.programs import wait_until
from tests.services.sink import Sink
from tests.workers.conftest import Processes
from workers.schedule import Schedule


@pytest.fixture
def sink() -> Iterator[Sink]:
    with Sink() as running:
        yield running


def start(processes: Processes, name: str, sink: Sink) -> None:
    processes.start(name, smtp_url=sink.url, mail_from=FROM, alarm_to="anna@desk.test")


def asked(desk: Desk) -> list[str]:
    return [str(job.func_name) for job in Queue(QUEUE, connection=desk.redis, serializer="json").jobs]


def test_a_decision_is_told_by_the_worker(desk: Desk, processes: Processes, sink: Sink) -> None:
    sender(desk)
    start(processes, "worker", sink)
    action = act(desk)

    wait_until(lambda: states(desk, action) == ["sent"], "the notice is sent")
    assert [mail.recipients for mail in sink.mails] == [(CONTACT,)]
    log = processes.log("worker")
    wait_until(lambda: "notices.sent" in log.read_text(), "the log says so")
    assert CONTACT not in log.read_text()


def test_a_worker_killed_before_it_noted_that_it_had_sent_sends_the_same_mail_again(
    desk: Desk, processes: Processes, sink: Sink
) -> None:
    sender(desk)

    def kill(_mail: object) -> None:
        sink.on_data = lambda _mail: None
        processes.kill("worker")

    sink.on_data = kill
    start(processes, "worker", sink)
    action = act(desk)
    wait_until(lambda: processes.running["worker"].poll() is not None, "the worker is killed")
    assert states(desk, action) == ["waiting"]

    with desk.engine.begin() as connection:
        connection.execute(sa.text("update notice set next_at = now() - interval '1 second'"))  # its lease is over
    start(processes, "worker", sink)
    start(processes, "schedule", sink)

    wait_until(lambda: states(desk, action) == ["sent"], "the notice is sent")
    assert len({mail.message["Message-ID"] for mail in sink.mails}) == 1
    assert len(sink.mails) == 2


def test_what_was_asked_for_and_lost_with_redis_is_asked_for_again(desk: Desk) -> None:
    sender(desk)
    act(desk)
    assert asked(desk) == [NOTIFY.function]
    desk.redis.flushdb()
    schedule = Schedule(desk)
    assert schedule.sweep_notices() and asked(desk) == [NOTIFY.function]

    Queue(QUEUE, connection=desk.redis, serializer="json").empty()  # the mark that it was asked for stays
    schedule.sweep_notices()
    assert asked(desk) == [NOTIFY.function]


def test_where_nothing_is_to_be_told_nothing_is_asked_for(desk: Desk) -> None:
    sender(desk)
    act(desk)
    service.notify(desk.work, None)
    desk.redis.flushdb()

    assert not Schedule(desk).sweep_notices() and asked(desk) == []


def test_an_alarm_reaches_people_by_the_enforcer(desk: Desk, processes: Processes, sink: Sink) -> None:
    sender(desk)
    start(processes, "enforcer", sink)
    with desk.work() as work:
        raise_(work, "leak acme", "Mail of acme still leaves.", sender="acme")

    wait_until(lambda: len(sink.mails) == 1, "the alarm is mailed")
    assert sink.mails[0].message["Subject"] == "Alarm: Mail of acme still leaves."
