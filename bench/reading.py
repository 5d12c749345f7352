"""What four programs read out of the same feedback reports, and what it costs them.

    ./.venv/bin/python bench/reading.py [--reports 400] [--rounds 7] [--by-manner]

app.mail.read against parsedmarc, mail-parser and Sisimai; the script installs what is missing (bench/readers) and
says what it could not. The reports are built from known values after the manner of each loop (bench/reports), new
ones for every round, so that nothing is read twice. Each program runs in one warm process of its own, in turns; the
first round is not timed.

Fields right: a field is asked only where the report says it. What a program cannot say by its design is not offered
(-), and kept apart from wrong. Time: CPU, so other work on the machine counts for none; the figures hold for this
machine and this day, the ratios are what to look at. Where ../shared/corpus is at hand, real reports are counted
apart, against the answers stated beside them. Exit code 1 when a target is missed.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

# Not the script's own folder: names there may hide those of libraries.
sys.path.pop(0)
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.readers.install import Reader, readers
from bench.reports import reports
from bench.reports.real import real_reports
from bench.reports.truth import FIELDS, Answer, Report, Score

FASTER_THAN_PARSEDMARC = 20

Round = dict[int, float]
"""CPU seconds of each report that was read, by its place in the batch."""


class Running:
    """One warm driver process with its score; to be used in a `with`, which ends it."""

    def __init__(self, reader: Reader) -> None:
        self.reader = reader
        self.rounds: list[Round] = []
        self.real_rounds: list[Round] = []
        self.score, self.real = Score(reader.offers), Score(reader.offers)
        self._process = subprocess.Popen(
            reader.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=os.environ | reader.environment
        )

    def answers(self, batch: Sequence[Report]) -> tuple[list[float], list[Answer]]:
        """CPU seconds and answer of each report. Raises RuntimeError when the driver gave up."""
        assert self._process.stdin and self._process.stdout
        frames = [len(each.raw).to_bytes(4, "big") + each.raw for each in batch]
        self._process.stdin.write(len(batch).to_bytes(4, "big") + b"".join(frames))
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"{self.reader.title} gave no answer")
        said = json.loads(line)
        return said["cpu"], said["answers"]

    def judged(self, batch: Sequence[Report], score: Score) -> Round:
        """Adds the answers to the score and gives the CPU seconds of each report that was read, by its place."""
        spent, answers = self.answers(batch)
        for report, answer in zip(batch, answers, strict=True):
            score.add(report, answer)
        return {place: each for place, each in enumerate(spent) if answers[place]}

    def __enter__(self) -> Running:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate()


def main() -> int:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--reports", type=int, default=400)
    asked.add_argument("--rounds", type=int, default=7)
    asked.add_argument("--by-manner", action="store_true", help="where each program goes wrong, loop by loop")
    given = asked.parse_args()
    with ExitStack() as stack:
        sides = [stack.enter_context(Running(each)) for each in readers()]
        size = _measure(sides, given.reports, given.rounds)
        real = real_reports()
        for _ in range(given.rounds if real else 0):
            for side in sides:
                side.real_rounds.append(side.judged(real, side.real))
    print(
        f"{given.reports * (given.rounds + 1)} reports, {size:,.0f} bytes each on average; fields right of asked, %"
    )
    _tell_fields(sides, [side.score for side in sides])
    if real:
        print(f"\n{len(real)} real reports of ../shared/corpus, against the answers stated there, %")
        _tell_fields(sides, [side.real for side in sides])
    if given.by_manner:
        _tell_manners(sides)
    return _tell_time(sides)


def _measure(sides: list[Running], many: int, rounds: int) -> float:
    """Runs all rounds; gives the mean size of a report."""
    sizes = []
    for number in range(rounds + 1):
        batch = reports(many, number)
        sizes.append(statistics.mean(len(each.raw) for each in batch))
        for side in sides:
            spent = side.judged(batch, side.score)
            if number:
                side.rounds.append(spent)
    return statistics.mean(sizes)


def _tell_fields(sides: list[Running], scores: list[Score]) -> None:
    print(" " * 40 + "".join(f"{side.reader.title:>20}" for side in sides))
    for name, words in FIELDS.items():
        if name in scores[0].asked:
            cells = [_share(score, [name]) for score in scores]
            print(f"{words:30} {scores[0].asked[name]:8} " + "".join(f"{cell:>20}" for cell in cells))
    cells = [_share(score, list(score.asked)) for score in scores]
    print(f"{'of what is offered':30} {'':8} " + "".join(f"{cell:>20}" for cell in cells))


def _share(score: Score, names: list[str]) -> str:
    asked = sum(score.asked.get(name, 0) for name in names)
    return f"{100 * sum(score.right.get(name, 0) for name in names) / asked:.1f}" if asked else "-"


def _tell_manners(sides: list[Running]) -> None:
    print("\nwrong or missing, how often")
    for side in sides:
        for score in (side.score, side.real):
            for (manner, name), many in sorted(score.missed.items()):
                print(f"{side.reader.title:22} {manner:24} {FIELDS[name]:32} {many}")


def _tell_time(sides: list[Running]) -> int:
    ours = sides[0]
    print(
        "\nCPU, µs a report, median of rounds (least to most); only reports that the program reads, ours on the same"
    )
    missed = _wrong(sides)
    for side in sides:
        theirs, mine = _means(side, side), _means(ours, side)
        ratio = statistics.median(one / other for one, other in zip(theirs, mine, strict=True))
        print(
            f"{side.reader.title:22} {statistics.median(theirs):8.0f} ({min(theirs):.0f} to {max(theirs):.0f})"
            f"   abusedesk {statistics.median(mine):4.0f}   ratio {ratio:5.1f}"
        )
        if side.reader.name == "parsedmarc" and ratio < FASTER_THAN_PARSEDMARC:
            missed.append(f"less than {FASTER_THAN_PARSEDMARC} times as fast as parsedmarc")
    print(f"Python {platform.python_version()}, {platform.machine()}")
    for each in missed:
        print(f"target missed: {each}")
    return 1 if missed else 0


def _means(side: Running, common: Running) -> list[float]:
    """Round by round, µs a report of those that both read."""
    return [
        statistics.mean(mine[place] for place in mine.keys() & theirs.keys()) * 1e6
        for mine, theirs in zip(side.rounds, common.rounds, strict=True)
    ]


def _wrong(sides: list[Running]) -> list[str]:
    """The fields of which a peer gets more right than we do."""
    ours = sides[0].score.right
    return [
        f"{side.reader.name} gets more right of {words}"
        for side in sides[1:]
        for name, words in FIELDS.items()
        if side.score.right.get(name, 0) > ours.get(name, 0)
    ]


if __name__ == "__main__":
    raise SystemExit(main())
