"""Nothing acknowledged is lost and nothing is there twice: two thousand reports by IMAP and LMTP, while every process
of ours is killed again and again and all of Redis is flushed."""

from __future__ import annotations

import random
import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace

import pytest
import sqlalchemy as sa
from sqlmodel import col, select

from app.attribution.models import Complaint
from app.bootstrap import Desk
from app.infra.queue import RedisQueue, redis_for
from app.intake.domain import ReportState
from app.intake.models import Report
from app.intake.service import LEASE, raw_of
from tests.services.dovecot import Dovecot
from tests.services.postfix import Postfix
from tests.services.programs import free_port, wait_until
from tests.workers.conftest import Processes
from tests.workers.mail import arf
from tests.workers.valkey import PrivateValkey

pytestmark = pytest.mark.services

REPORTS = 2_000
BY_BOTH = 100
"""Reports that come by both doors, and still are one report each."""

BY_IMAP = range(REPORTS // 2 + BY_BOTH)
BY_LMTP = range(REPORTS // 2, REPORTS)

KILLS = 24
KILL_SECONDS = (0.0, 0.6)
WORST_SECONDS = 3.0
END_SECONDS = LEASE.total_seconds() + 60
NAMES = ("mailbox", "lmtp", "schedule", "worker")


@dataclass
class Installation:
    """A mailbox, an MTA, a queue, and our four processes over them."""

    desk: Desk
    dovecot: Dovecot
    postfix: Postfix
    processes: Processes
    options: dict[str, str]

    def start(self, name: str) -> None:
        self.processes.start(name, **self.options)

    def live_through(self, kills: int, chance: random.Random) -> None:
        """Hands the reports over in as many parts as there are kills, and kills while a part flows."""
        for kill, (by_imap, by_lmtp) in enumerate(zip(_parts(BY_IMAP, kills), _parts(BY_LMTP, kills), strict=True)):
            senders = [
                threading.Thread(target=send_by_imap, args=(self.dovecot, by_imap)),
                threading.Thread(target=send_by_lmtp, args=(self.postfix, by_lmtp)),
            ]
            for sender in senders:
                sender.start()
            name = NAMES[kill % len(NAMES)]
            self._await_a_bad_moment(name, chance)
            self.processes.kill(name)
            if kill == kills // 2:
                self.desk.redis.flushall()
            self.start(name)
            if name == "worker":
                self._kill_with_its_hands_full()
            for sender in senders:
                sender.join()

    def _await_a_bad_moment(self, name: str, chance: random.Random) -> None:
        """Any moment of a process at work, or one between a commit and its answer.

        One that is killed before it works is no test, and lets all mail of the time wait: on a machine that takes
        ten seconds to start a process that is all there is.
        """
        self.processes.wait_until_up(name)
        before = stored(self.desk)
        if chance.random() < 0.5:
            time.sleep(chance.uniform(*KILL_SECONDS))  # waits for nothing: a random moment is the test
        else:
            wait_while(lambda: stored(self.desk) == before)

    def _kill_with_its_hands_full(self) -> None:
        """Kills the worker that has just started on what waited for it, and cannot finish."""
        with self.desk.engine.begin() as connection:
            connection.execute(sa.text("lock table complaint in exclusive mode"))
            self.processes.wait_until_up("worker")
            wait_while(lambda: not held(self.desk), WORST_SECONDS)
            self.processes.kill("worker")
        self.start("worker")


def wait_while(condition: Callable[[], bool], seconds: float = WORST_SECONDS) -> None:
    ends = time.monotonic() + seconds
    while condition() and time.monotonic() < ends:
        time.sleep(0.001)


def _parts(numbers: range, parts: int) -> list[range]:
    size = -(-len(numbers) // parts)
    return [numbers[at * size : (at + 1) * size] for at in range(parts)]


@pytest.fixture
def installation(desk: Desk) -> Iterator[Installation]:
    with ExitStack() as stack:
        valkey = stack.enter_context(PrivateValkey())
        connection = redis_for(valkey.url)
        stack.callback(connection.close)
        door = free_port()
        dovecot = stack.enter_context(Dovecot())
        postfix = stack.enter_context(Postfix(door))
        own = replace(desk, redis=connection, queue=RedisQueue(connection))
        processes = Processes(replace(desk.settings, redis_url=valkey.url))
        stack.callback(processes.end)
        options = {"lmtp": f"127.0.0.1:{door}", "imap_url": dovecot.url()}
        found = Installation(own, dovecot, postfix, processes, options)
        stack.callback(tell, found)
        yield found


def tell(found: Installation) -> None:
    """Prints how it ended for each, and where the reports are that are not stored: shown after a failure."""
    for name, process in found.processes.running.items():
        print(f"{name}: exit code {process.poll()}\n{found.processes.log(name).read_text()}")
    missing = sorted(set(range(REPORTS)) - set(numbers(found.desk)))
    waiting = {name: found.dovecot.count(name) for name in ("INBOX", "Processed", "Processed-Refused")}
    print(f"missing: {missing}\nmailbox: {waiting}\nqueue: {found.postfix.queue()}")
    log = found.postfix.log()
    for number in missing:
        name = re.search(rf"(\w+): message-id=<report-{number}@", log)
        print(number, *(line for line in log.splitlines() if name and name[1] in line), sep="\n")


def test_two_thousand_reports_survive_every_kill_exactly_once(installation: Installation) -> None:
    for name in NAMES:
        installation.start(name)
    installation.live_through(KILLS, random.Random(2026))
    desk = installation.desk
    ends: dict[str, Callable[[], bool]] = {
        "all are stored": lambda: stored(desk) >= REPORTS,
        "the mailbox is empty": lambda: installation.dovecot.count() == 0,
        "the MTA's queue is empty": lambda: not installation.postfix.queue(),
        "all are judged": lambda: unjudged(desk) == 0,
    }
    for what, happened in ends.items():
        wait_until(happened, what, seconds=END_SECONDS)
    assert sorted(numbers(desk)) == list(range(REPORTS))
    assert fates(desk) == {ReportState.ACCEPTED: REPORTS}
    assert complaints(desk) == REPORTS
    assert taken_again(desk) > 0, "no worker was killed while it held a report"
    assert installation.dovecot.count("Processed") == len(BY_IMAP)


def send_by_imap(dovecot: Dovecot, some: range) -> None:
    dovecot.put(arf(number) for number in some)


def send_by_lmtp(postfix: Postfix, some: range) -> None:
    with postfix.connection() as smtp:
        for number in some:
            smtp.sendmail("feedback@example.net", ["abuse@relay.test"], arf(number))


def stored(desk: Desk) -> int:
    return _count(desk, select(sa.func.count()).select_from(Report))


def unjudged(desk: Desk) -> int:
    return _count(desk, select(sa.func.count()).where(col(Report.due_at).is_not(None)))


def held(desk: Desk) -> int:
    """How many reports a worker has taken and not finished."""
    with desk.work() as work:
        taken = select(sa.func.count()).where(col(Report.due_at) > work.now, col(Report.attempts) > 0)
        return int(work.session.execute(taken).scalar_one())


def taken_again(desk: Desk) -> int:
    return _count(desk, select(sa.func.count()).where(col(Report.attempts) > 1))


def complaints(desk: Desk) -> int:
    return _count(desk, select(sa.func.count()).select_from(Complaint))


def _count(desk: Desk, question: sa.Select[tuple[int]]) -> int:
    with desk.work() as work:
        return int(work.session.execute(question).scalar_one())


def fates(desk: Desk) -> dict[ReportState, int]:
    with desk.work() as work:
        rows = work.session.execute(select(Report.state, sa.func.count()).group_by(col(Report.state))).all()
        return {row[0]: row[1] for row in rows}


def numbers(desk: Desk) -> list[int]:
    """The number of each stored report, out of its raw message."""
    with desk.work() as work:
        raws = [raw_of(work, report) or b"" for report in work.session.exec(select(Report.id))]
    return [int(re.search(rb"Message-ID: <report-(\d+)@", raw)[1]) for raw in raws]  # type: ignore[index]
