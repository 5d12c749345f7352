"""What further workers add: reports a second of the whole way by 1 worker and by more, on the same machine.

    ./.venv/bin/python bench/scaling.py [--workers 2] [--reports 2000] [--rounds 3]

The reports are those of bench/pipeline.py, on the same embedded PostgreSQL and Valkey, in turns within one run. Every
worker is a process of its own that takes batches until none waits, as `workers.worker` does; how they were started is
not measured. However many there are, every report must come to the same verdict and sender, and all of them to the
same counters, cases and suppressions.

The figures are of wall time; with as many workers as cores, PostgreSQL and Valkey take their part of the same cores.
"""

from __future__ import annotations

import argparse
import gc
import multiprocessing
import os
import statistics
import sys
from multiprocessing.synchronize import Event, Semaphore
from pathlib import Path
from uuid import UUID

import structlog

# A script's folder comes first on the path; there bench/dkim.py would hide the library of its name.
if (HERE := str(Path(__file__).resolve().parent)) in sys.path:
    sys.path.remove(HERE)
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from app.bootstrap import Desk, wire
from app.pipeline import work_off
from app.settings import Settings
from bench.naive import stored
from bench.pipeline import Round, corpus, measured, product

SPAWN = multiprocessing.get_context("spawn")


class Workers:
    """The product's own way by some workers at once."""

    stored: list[UUID]

    def __init__(self, many: int) -> None:
        self.many = many
        self.name = f"{many} worker" + "s" * (many > 1)

    def store(self, desk: Desk, reports: list[bytes]) -> None:
        ready, go = SPAWN.Semaphore(0), SPAWN.Event()
        self._go = go
        self._all = [SPAWN.Process(target=_work, args=(desk.settings, ready, go)) for _ in range(self.many)]
        for each in self._all:
            each.start()
        for each in self._all:
            while not ready.acquire(timeout=1):
                _running(each)
        self.stored = stored(desk, reports)  # now, or the first to be ready would take some

    def work(self, desk: Desk) -> None:
        self._go.set()
        for each in self._all:
            each.join()
            _running(each)


def _running(process: multiprocessing.process.BaseProcess) -> None:
    if process.exitcode:
        raise SystemExit(f"A worker ended with {process.exitcode}.")


def _work(settings: Settings, ready: Semaphore, go: Event) -> None:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    desk = wire(settings)
    work_off(desk, desk.settings.batch)  # nothing waits yet: connections are open and queries prepared
    gc.collect()
    gc.freeze()
    ready.release()
    go.wait()
    while work_off(desk, desk.settings.batch):
        pass
    desk.close()


def main() -> int:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--workers", type=int, default=2)
    asked.add_argument("--reports", type=int, default=4000)
    asked.add_argument("--rounds", type=int, default=3)
    given = asked.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    with product() as (desk, cast, private):
        reports = corpus(cast, given.reports, private)
        forms = Workers(1), Workers(given.workers)
        print(f"{len(reports)} reports, {os.cpu_count()} cores")
        rounds = [[measured(desk, form, reports) for form in forms] for _ in range(given.rounds)]
        _compare([each for some in rounds for each in some])
    one, more = ([len(reports) / each.wall for each in column] for column in zip(*rounds, strict=True))
    ratio = statistics.median(more) / statistics.median(one)
    for form, rates in zip(forms, (one, more), strict=True):
        print(f"{form.name}: {statistics.median(rates):.0f} reports/s ({min(rates):.0f} to {max(rates):.0f})")
    print(f"{given.workers} workers do {ratio:.2f} times what 1 does")
    return 0


def _compare(rounds: list[Round]) -> None:
    """However many worked and in whatever order: the same answers and the same sums."""
    first = rounds[0]
    if any(each.answers != first.answers or each.sums != first.sums for each in rounds) or not first.sums:
        raise SystemExit("The runs disagree on reports, or on counters, cases and suppressions.")


if __name__ == "__main__":
    raise SystemExit(main())
