"""Reports a second for the whole way: from stored bytes to the committed verdict, case and counters.

    ./.venv/bin/python bench/pipeline.py [--reports 2000] [--rounds 3]

Two forms work the same made-up feedback reports (about 12 KB, a third of them redacted, each signed by the feedback
loop that sent it) on the same embedded PostgreSQL and Valkey, in turns within one run:

    ours    batches: set-based writes, sealing, all clues, cases and counters (app.pipeline)
    naive   one rq job and one ORM commit a report: the email package with policy.default, dkimpy, a query an
            identity; sealed, with counter and case, but only the clue that decides (see bench/naive.py)

Storing, which the doors do, is not measured in either. Both must come to the same verdict and sender for every
report, and to the same counters, cases and suppressions. 'A core' is CPU time, the worker's, PostgreSQL's and
Valkey's together: the figure does not profit from a second core.
"""

from __future__ import annotations

import argparse
import gc
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol
from uuid import UUID

import psutil
import sqlalchemy as sa
import structlog

# A script's folder comes first on the path; there bench/dkim.py would hide the library of its name.
if (HERE := str(Path(__file__).resolve().parent)) in sys.path:
    sys.path.remove(HERE)
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from app.attribution import loops_service as loops
from app.attribution.loops import Loop
from app.attribution.service import headlines
from app.audit.domain import OPERATOR
from app.bootstrap import Desk, wire
from app.infra.database import migrate
from app.infra.embedded import servers
from app.mail.dkim.signing import new_key, signed
from app.pipeline import work_off
from app.senders.roster import read_roster
from app.senders.service import import_roster
from app.settings import Settings
from bench.naive import Naive, stored
from workers.stage.cast import NETWORK, RELAY, Customer, customers, write_roster, write_zone
from workers.stage.letters import clicked, delivered

LOOP = "loop.mailbox.test"
FILLER = "\r\n".join(f"line {number}: " + "something to read about what is new today " * 2 for number in range(95))


@dataclass(frozen=True)
class Round:
    """One form's run: wall and CPU seconds (worker, PostgreSQL, Valkey), verdict and sender of each report, sums."""

    wall: float
    worker: float
    database: float
    queue: float
    answers: list[tuple[str, str]]
    sums: list[tuple[object, ...]]


class Form(Protocol):
    """One way to work reports off."""

    name: str
    stored: list[UUID]

    def store(self, desk: Desk, reports: list[bytes]) -> None:
        """What a door does before it says yes; not measured."""

    def work(self, desk: Desk) -> None:
        """What is measured."""


class Data:
    """Where this run's servers keep their data: tells our PostgreSQL from others on the machine."""

    folder: Path


def corpus(cast: list[Customer], many: int, private: bytes) -> list[bytes]:
    """Feedback reports of 300 signed mails, each with a head of its own and signed by the loop; every third redacted.

    private: the loop's key.
    """
    mails = [_mail(cast[number % len(cast)], number) for number in range(min(many, 300))]
    return [signed(_report(*mails[number % len(mails)], number), LOOP, "d1", private) for number in range(many)]


def _mail(customer: Customer, number: int) -> tuple[Customer, bytes]:
    return customer, delivered(customer, f"reader{number}@{LOOP}", f"{customer.topic} {number}", FILLER)


def _report(customer: Customer, mail: bytes, number: int) -> bytes:
    reported = mail.replace(b"reader", b"redacted-", 3) if number % 3 == 0 else mail
    return clicked(reported, customer, LOOP)


class Ours:
    """The product's own way."""

    name = "ours"
    stored: list[UUID]

    def store(self, desk: Desk, reports: list[bytes]) -> None:
        self.stored = stored(desk, reports)

    def work(self, desk: Desk) -> None:
        while work_off(desk, desk.settings.batch):
            pass


def measured(desk: Desk, form: Form, reports: list[bytes]) -> Round:
    _empty(desk)
    form.store(desk, reports)
    before = time.perf_counter(), time.process_time(), _cpu_of("postgres"), _cpu_of("valkey-server")
    form.work(desk)
    after = time.perf_counter(), time.process_time(), _cpu_of("postgres"), _cpu_of("valkey-server")
    spent = [late - early for early, late in zip(before, after, strict=True)]
    return Round(*spent, _answers(desk, form.stored), _sums(desk))


def _answers(desk: Desk, stored: list[UUID]) -> list[tuple[str, str]]:
    with desk.work() as work:
        told = headlines(work, stored)
    return [(told[each].verdict, told[each].sender or "") for each in stored]


def _sums(desk: Desk) -> list[tuple[object, ...]]:
    """What is counted against each sender, the reports in its case, and who gets no more of its mail; how many
    reports have what was found sealed, and can be found by an address."""
    asked = """select sender_id, provider, sum(complaints), (select report_count from "case" c where c.group_key =
        'clicks:' || n.sender_id), (select count(*) from case_report join "case" c on c.id = case_id where
        c.group_key = 'clicks:' || n.sender_id), (select count(*) from suppression s where s.sender_id = n.sender_id)
        from complaint_count n group by 1, 2 order by 1, 2"""
    sealed = """select count(clues), count(summary), count(address_keys) from complaint join report r on
        r.id = report_id join sealing_key on owner = r.id"""
    with desk.engine.connect() as connection:
        return [tuple(row) for each in (asked, sealed) for row in connection.execute(sa.text(each))]


def _empty(desk: Desk) -> None:
    desk.redis.flushdb()
    with desk.engine.begin() as connection:
        connection.execute(sa.text('truncate report, "case", complaint_count, suppression, sealing_key cascade'))


def _cpu_of(name: str) -> float:
    """CPU seconds of every process of this name below our embedded servers, ended children included."""
    mine = [each for each in psutil.process_iter(["name"]) if each.info["name"] == name]
    return sum(sum(each.cpu_times()[:4]) for each in mine if _is_ours(each))


def _is_ours(process: psutil.Process) -> bool:
    try:
        return any(str(Data.folder) in word for parent in (process, *process.parents()) for word in parent.cmdline())
    except psutil.Error:
        return False


@contextmanager
def product() -> Iterator[tuple[Desk, list[Customer], bytes]]:
    """The wired product on embedded servers of its own, with the demo's customers and a feedback loop known to it,
    and that loop's key."""
    with tempfile.TemporaryDirectory(prefix="abusedesk-bench-") as place:
        folder = Path(place)
        Data.folder = folder
        cast = customers()
        write_zone(folder / "zone.tsv", cast)
        private, record = new_key()
        with (folder / "zone.tsv").open("a") as zone:
            zone.write(f"d1._domainkey.{LOOP}\t{record}\n")
        write_roster(folder / "senders.json", cast)
        given = Settings.from_environment({"ABUSEDESK_OUR_HOSTS": RELAY, "ABUSEDESK_OUR_NETWORKS": NETWORK})
        with servers(replace(given, data=folder / "var", dns_zone=folder / "zone.tsv")) as settings:
            migrate(settings)
            desk = wire(settings)
            with desk.work() as work:
                import_roster(work, OPERATOR, read_roster((folder / "senders.json").read_text()))
                loops.put(work, OPERATOR, Loop("bench", "Bench", (LOOP,), (LOOP,)))
            gc.collect()
            gc.freeze()  # as workers.worker does
            yield desk, cast, private
            desk.close()


def main() -> int:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--reports", type=int, default=2000)
    asked.add_argument("--rounds", type=int, default=3)
    given = asked.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    with product() as (desk, cast, private):
        reports = corpus(cast, given.reports, private)
        few = reports[: max(200, given.reports // 5)]
        print(f"{len(reports)} reports, {sum(map(len, reports)) // len(reports):,} bytes each on average")
        _compare(desk, few)
        print("form    reports/s (wall)   reports/s a core   CPU worker   CPU PostgreSQL   Valkey")
        forms: tuple[tuple[Form, list[bytes]], ...] = ((Ours(), reports), (Naive(), few))
        rates: dict[str, list[float]] = {form.name: [] for form, _ in forms}
        for _ in range(given.rounds):
            rounds = {form.name: measured(desk, form, some) for form, some in forms}
            for name, each in rounds.items():
                rates[name].append(_tell(name, each))
    middle = {name: statistics.median(each) for name, each in rates.items()}
    ratio = middle["ours"] / middle["naive"]
    print(f"median a core: ours {middle['ours']:.0f}/s, naive {middle['naive']:.0f}/s, ratio {ratio:.1f}")
    return 0


def _tell(name: str, each: Round) -> float:
    many = len(each.answers)
    core = many / (each.worker + each.database + each.queue)
    parts = f"{each.worker:13.2f} s {each.database:12.2f} s {each.queue:8.2f} s"
    print(f"{name:6} {many / each.wall:13.0f} {core:18.0f} {parts}")
    return core


def _compare(desk: Desk, reports: list[bytes]) -> None:
    """Both forms on the same reports must answer the same, report by report and in sum."""
    left, right = (measured(desk, form, reports) for form in (Ours(), Naive()))
    differing = [number for number, answer in enumerate(right.answers) if left.answers[number] != answer]
    if differing or left.sums != right.sums or not left.sums:
        raise SystemExit(
            f"The forms disagree on {len(differing)} reports, or on their counters, cases and suppressions."
        )


if __name__ == "__main__":
    raise SystemExit(main())
