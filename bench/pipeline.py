"""Reports a second for the whole way: stored, read, verified, attributed, routed, committed.

    ./.venv/bin/python bench/pipeline.py [--reports 2000] [--rounds 3]

Two forms work the same made-up feedback reports (about 12 KB, up to two signatures, a third of them redacted) on
the same embedded PostgreSQL and Valkey, in turns within one run:

    ours    batches: set-based writes, sealing, all clues, cases and counters (app.pipeline)
    naive   one rq job and ORM commits a report: the email package with policy.default, dkimpy, a query an identity,
            nothing sealed, no grouping

Both must come to the same verdict and sender for every report. 'A core' is CPU time, ours and PostgreSQL's
together: the figure does not profit from a second core.
"""

from __future__ import annotations

import argparse
import gc
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import psutil
import sqlalchemy as sa
import structlog
from sqlmodel import SQLModel

sys.path.insert(0, str(Path(__file__).parents[1]))

from naive import naive

from app.attribution.service import headlines
from app.audit.domain import OPERATOR
from app.bootstrap import Desk, wire
from app.infra.database import migrate
from app.infra.embedded import servers
from app.intake import service as intake
from app.intake.domain import Arrival, Door
from app.pipeline import work_off
from app.senders.roster import read_roster
from app.senders.service import import_roster
from app.settings import Settings
from workers.stage.cast import NETWORK, RELAY, Customer, customers, write_roster, write_zone
from workers.stage.letters import clicked, delivered

LOOP = "loop.mailbox.test"
FILLER = "\r\n".join(f"line {number}: " + "something to read about what is new today " * 2 for number in range(95))


@dataclass(frozen=True)
class Round:
    """One form's run: wall and CPU seconds (worker, PostgreSQL), and verdict with sender by report number."""

    wall: float
    worker: float
    database: float
    answers: dict[int, tuple[str, str]]


class Data:
    """Where this run's servers keep their data: tells our PostgreSQL from others on the machine."""

    folder: Path


def corpus(cast: list[Customer], many: int) -> list[bytes]:
    """Feedback reports: of 300 signed mails, each report with a head of its own; every third redacted."""
    mails = [_mail(cast[number % len(cast)], number) for number in range(min(many, 300))]
    return [_report(*mails[number % len(mails)], number) for number in range(many)]


def _mail(customer: Customer, number: int) -> tuple[Customer, bytes]:
    return customer, delivered(customer, f"reader{number}@{LOOP}", f"{customer.topic} {number}", FILLER)


def _report(customer: Customer, mail: bytes, number: int) -> bytes:
    reported = mail.replace(b"reader", b"redacted-", 3) if number % 3 == 0 else mail
    return clicked(reported, customer, LOOP)


def ours(desk: Desk, reports: list[bytes]) -> dict[int, tuple[str, str]]:
    ids = {}
    for at in range(0, len(reports), 100):
        with desk.work() as work:
            stored = intake.store_many(work, [Arrival(raw, Door.LMTP) for raw in reports[at : at + 100]])
        ids.update({each.report: at + offset for offset, each in enumerate(stored)})
    while work_off(desk, desk.settings.batch):
        pass
    with desk.work() as work:
        return {ids[report]: (each.verdict, each.sender or "") for report, each in headlines(work, list(ids)).items()}


def measured(
    desk: Desk, form: Callable[[Desk, list[bytes]], dict[int, tuple[str, str]]], reports: list[bytes]
) -> Round:
    _empty(desk)
    database, worker, wall = _database_cpu(), time.process_time(), time.perf_counter()
    answers = form(desk, reports)
    return Round(time.perf_counter() - wall, time.process_time() - worker, _database_cpu() - database, answers)


def _empty(desk: Desk) -> None:
    desk.redis.flushdb()
    with desk.engine.begin() as connection:
        connection.execute(sa.text('truncate report, "case", complaint_count, sealing_key, bench_naive cascade'))


def _database_cpu() -> float:
    """CPU seconds of every PostgreSQL process below the embedded server, ended children included."""
    mine = [each for each in psutil.process_iter(["name"]) if each.info["name"] == "postgres"]
    return sum(sum(each.cpu_times()[:4]) for each in mine if _is_ours(each))


def _is_ours(process: psutil.Process) -> bool:
    try:
        return any(str(Data.folder) in word for parent in (process, *process.parents()) for word in parent.cmdline())
    except psutil.Error:
        return False


@contextmanager
def product() -> Iterator[tuple[Desk, list[Customer]]]:
    """The wired product on embedded servers of its own, with the demo's customers known to it."""
    with tempfile.TemporaryDirectory(prefix="abusedesk-bench-") as place:
        folder = Path(place)
        Data.folder = folder
        cast = customers()
        write_zone(folder / "zone.tsv", cast)
        write_roster(folder / "senders.json", cast)
        given = Settings.from_environment({"ABUSEDESK_OUR_HOSTS": RELAY, "ABUSEDESK_OUR_NETWORKS": NETWORK})
        with servers(replace(given, data=folder / "var", dns_zone=folder / "zone.tsv")) as settings:
            migrate(settings)
            desk = wire(settings)
            SQLModel.metadata.tables["bench_naive"].create(desk.engine)
            with desk.work() as work:
                import_roster(work, OPERATOR, read_roster((folder / "senders.json").read_text()))
            gc.collect()
            gc.freeze()  # as workers.worker does
            yield desk, cast
            desk.close()


def main() -> int:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--reports", type=int, default=2000)
    asked.add_argument("--rounds", type=int, default=3)
    given = asked.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    with product() as (desk, cast):
        reports = corpus(cast, given.reports)
        few = reports[: max(200, given.reports // 5)]
        print(f"{len(reports)} reports, {sum(map(len, reports)) // len(reports):,} bytes each on average")
        print("form    reports/s (wall)   reports/s a core   CPU worker   CPU PostgreSQL")
        rates: dict[str, list[float]] = {"ours": [], "naive": []}
        for _ in range(given.rounds):
            rounds = {"ours": measured(desk, ours, reports), "naive": measured(desk, naive, few)}
            for name, each in rounds.items():
                rates[name].append(_tell(name, each))
            _compare(rounds["ours"], rounds["naive"])
    middle = {name: statistics.median(each) for name, each in rates.items()}
    ratio = middle["ours"] / middle["naive"]
    print(f"median a core: ours {middle['ours']:.0f}/s, naive {middle['naive']:.0f}/s, ratio {ratio:.1f}")
    return 0


def _tell(name: str, each: Round) -> float:
    many = len(each.answers)
    core = many / (each.worker + each.database)
    print(f"{name:6} {many / each.wall:13.0f} {core:18.0f} {each.worker:13.2f} s {each.database:12.2f} s")
    return core


def _compare(left: Round, right: Round) -> None:
    differing = [number for number in right.answers if left.answers[number] != right.answers[number]]
    if differing:
        raise SystemExit(f"The forms disagree on {len(differing)} reports, first {differing[0]}.")


if __name__ == "__main__":
    raise SystemExit(main())
