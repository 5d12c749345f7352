"""The supervisor with real processes: restarts, an orderly stop, and nothing left behind by any end."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from io import BytesIO
from typing import IO

import psutil
import pytest

from workers.lines import Lines
from workers.supervise import Patience

SUPERVISOR = """
import sys
from workers.supervise import Patience, Program, Supervisor
programs = [Program(f"p{n}", [sys.executable, "-c", code]) for n, code in enumerate(sys.argv[1:])]
sys.exit(Supervisor(programs, sys.stdout.buffer, Patience(first=0.05, longest=0.2, stop=1.0)).run())
"""
SLEEPS = "import time; print('here', flush=True); time.sleep(600)"
FAILS = "import sys; sys.exit('no luck')"
STUBBORN = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); " + SLEEPS
FAMILY = """
import os, time
if not os.fork():
    os.setpgid(0, 0)
    time.sleep(600)
print('here', flush=True)
time.sleep(600)
"""

Start = Callable[..., "Running"]


class Running:
    """A supervisor in a process of its own, and what it has said."""

    def __init__(self, codes: tuple[str, ...], supervisor: str) -> None:
        argv = [sys.executable, "-c", supervisor, *codes]
        self.process = subprocess.Popen(argv, stdout=subprocess.PIPE, text=True)
        self.seen: list[psutil.Process] = []

    @property
    def out(self) -> IO[str]:
        assert self.process.stdout is not None
        return self.process.stdout

    def wait_for(self, text: str) -> str:
        for line in self.out:
            self.remember()
            if text in line:
                return line
        raise AssertionError(f"it ended without saying {text!r}")

    def remember(self) -> None:
        self.seen += psutil.Process(self.process.pid).children(recursive=True)

    def end(self, number: signal.Signals) -> int:
        self.remember()
        self.process.send_signal(number)
        self.process.communicate(timeout=20)
        return self.process.returncode

    def left(self) -> list[int]:
        return [each.pid for each in self.seen if _runs(each)]


def test_lines_carry_the_name_of_who_said_them(start: Start) -> None:
    assert start(SLEEPS).wait_for("here") == "p0 | here\n"


def test_one_that_fails_is_started_again_with_longer_pauses(start: Start) -> None:
    supervisor = start(FAILS, SLEEPS)
    said = [supervisor.wait_for("p0 ended") for _ in range(4)]
    assert [line.rsplit(" in ", 1)[1] for line in said] == ["0.05 s\n", "0.1 s\n", "0.2 s\n", "0.2 s\n"]


def test_one_that_cannot_start_does_not_stop_the_others(start: Start) -> None:
    code = SUPERVISOR.replace("programs =", "programs = [Program('gone', ['/nowhere'])] +")
    supervisor = start(SLEEPS, code=code)
    supervisor.wait_for("gone cannot start")
    supervisor.wait_for("here")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_stops_everything(start: Start, number: signal.Signals) -> None:
    supervisor = start(SLEEPS, SLEEPS)
    supervisor.wait_for("p0 | here")
    assert supervisor.end(number) == 0
    assert supervisor.seen
    assert not supervisor.left()


def test_signals_are_heeded_before_it_says_how_to_stop_it(start: Start) -> None:
    hasty = "run(lambda: signal.raise_signal(signal.SIGINT))"
    supervisor = start(SLEEPS, code="import signal" + SUPERVISOR.replace("run()", hasty))
    supervisor.wait_for("stopping")
    assert supervisor.process.wait(20) == 0


def test_one_that_ignores_the_signal_is_killed(start: Start) -> None:
    supervisor = start(STUBBORN)
    supervisor.wait_for("here")
    assert supervisor.end(signal.SIGTERM) == 0
    assert not supervisor.left()


def test_a_second_signal_does_not_wait(start: Start) -> None:
    supervisor = start(STUBBORN, code=SUPERVISOR.replace("stop=1.0", "stop=60.0"))
    supervisor.wait_for("here")
    supervisor.process.send_signal(signal.SIGTERM)
    supervisor.wait_for("stopping")
    before = time.monotonic()
    assert supervisor.end(signal.SIGTERM) == 0
    assert time.monotonic() - before < 30


def test_grandchildren_that_left_their_family_end_too(start: Start) -> None:
    supervisor = start(FAMILY)
    supervisor.wait_for("here")
    supervisor.remember()
    assert len({each.pid for each in supervisor.seen}) == 2
    assert supervisor.end(signal.SIGTERM) == 0
    assert not supervisor.left()


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="PR_SET_PDEATHSIG is Linux only")
def test_a_killed_supervisor_leaves_nothing(start: Start) -> None:
    supervisor = start(SLEEPS, SLEEPS)
    supervisor.wait_for("here")
    supervisor.wait_for("here")
    assert supervisor.end(signal.SIGKILL) == -signal.SIGKILL
    deadline = time.monotonic() + 10
    while supervisor.left():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_a_pause_doubles_up_to_the_longest() -> None:
    assert [Patience().pause(failures) for failures in range(1, 8)] == [1, 2, 4, 8, 16, 30, 30]


def test_pieces_become_whole_lines_and_escape_sequences_harmless() -> None:
    out = BytesIO()
    lines = Lines(out, ["a", "worker"])
    lines.feed("a", b"one\r\ntw")
    lines.feed("a", b"o\nrest \x1b[2J")
    lines.end("a")
    assert out.getvalue() == b"a      | one\na      | two\na      | rest ?[2J\n"


def test_a_line_without_an_end_is_not_kept_for_ever() -> None:
    out = BytesIO()
    Lines(out, ["a"]).feed("a", b"x" * 20_000)
    assert len(out.getvalue()) > 20_000


@pytest.fixture
def start() -> Iterator[Start]:
    started: list[Running] = []

    def starter(*codes: str, code: str = SUPERVISOR) -> Running:
        started.append(Running(codes, code))
        return started[-1]

    yield starter
    for running in started:
        if running.process.poll() is None:
            running.end(signal.SIGTERM)
        running.out.close()


def _runs(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
