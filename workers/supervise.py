"""Runs the processes of `abusedesk up`: starts them, restarts whichever ends, stops all, leaves nothing behind.

Each child is a session of its own, so that its whole family can be signalled. On SIGINT, SIGTERM or SIGHUP
all get SIGTERM, and SIGKILL after ten seconds (at once on a second signal). Where the supervisor itself is
killed, the kernel sends them SIGTERM (PR_SET_PDEATHSIG). Grandchildren that left their family are adopted
(PR_SET_CHILD_SUBREAPER) and ended with the rest; those two are Linux only.
Not honcho: there, one process that ends stops all the others.
"""

from __future__ import annotations

import ctypes
import os
import selectors
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import field
from pathlib import Path
from typing import BinaryIO

from app.infra.parting import die_with_parent
from app.values import dataclass
from workers.lines import Lines

PR_SET_CHILD_SUBREAPER = 36
STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
NAME = "up"


@dataclass(frozen=True)
class Program:
    """A process to keep running; `env` is added to the supervisor's own environment."""

    name: str
    argv: Sequence[str]
    env: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Patience:
    """Times in seconds: the first pause before a restart, doubled up to `longest`; a program that ran for
    `settled` starts anew with the first; `stop` is how long a program may take to end."""

    first: float = 1.0
    longest: float = 30.0
    settled: float = 60.0
    stop: float = 10.0

    def pause(self, failures: int) -> float:
        """The pause after so many failures in a row (1 is the first)."""
        return min(self.first * 2.0 ** min(failures - 1, 30), self.longest)


@dataclass
class _Child:
    program: Program
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    again: float = 0.0
    failures: int = 0


class Supervisor:
    """Keeps `programs` running until a signal; `run` once only."""

    def __init__(self, programs: Sequence[Program], out: BinaryIO, patience: Patience | None = None) -> None:
        self._children = [_Child(program) for program in programs]
        self._patience = patience or Patience()
        self._lines = Lines(out, [NAME, *(program.name for program in programs)])
        self._selector = selectors.DefaultSelector()
        self._sessions: set[int] = set()
        self._signals = 0

    def run(self, greet: Callable[[], None] = lambda: None) -> int:
        """Returns 0 after a signal, when every process is gone.

        greet: called once, when signals are heeded and before any program starts: what it says of Ctrl-C is true.
        """
        _adopt_orphans()
        with self._listening():
            greet()
            while not self._signals:
                self._start_due()
                self._wait()
            self._say("stopping")
            self._stop()
        return 0

    def _start_due(self) -> None:
        now = time.monotonic()
        for child in self._children:
            if child.process is None and child.again <= now:
                self._start(child, now)

    def _start(self, child: _Child, now: float) -> None:
        child.started = now
        try:
            child.process = subprocess.Popen(
                child.program.argv,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                bufsize=0,
                env=os.environ | child.program.env,
                start_new_session=True,
                preexec_fn=die_with_parent(signal.SIGTERM),
            )
        except OSError as fault:
            self._plan(child, now, f"cannot start ({fault.strerror})")
            return
        self._sessions.add(child.process.pid)
        if child.process.stdout is not None:
            os.set_blocking(child.process.stdout.fileno(), False)
            self._selector.register(child.process.stdout, selectors.EVENT_READ, child)

    def _wait(self, until: float | None = None) -> None:
        """Handles what happens next: output, an end, a signal; at most until the next start is due."""
        due = [child.again for child in self._children if child.process is None] if until is None else [until]
        seconds = max(min(due) - time.monotonic(), 0.0) if due else None
        for key, _ in self._selector.select(seconds):
            if isinstance(key.data, _Child):
                self._read(key.data)
            else:
                self._take_signals(key.data)
        self._reap()

    def _read(self, child: _Child) -> None:
        source = child.process.stdout if child.process else None
        if source is None or source.closed:
            return
        piece = source.read(65_536)
        if piece:
            self._lines.feed(child.program.name, piece)
        elif piece == b"":
            self._selector.unregister(source)
            source.close()

    def _take_signals(self, source: socket.socket) -> None:
        self._signals += sum(number in STOPPING for number in source.recv(4096))

    def _reap(self) -> None:
        # Adopted orphans end here too; so not Popen.wait, which knows only its own.
        with suppress(ChildProcessError):
            while (found := os.waitpid(-1, os.WNOHANG))[0]:
                for child in self._children:
                    if child.process is not None and child.process.pid == found[0]:
                        self._ended(child, os.waitstatus_to_exitcode(found[1]))

    def _ended(self, child: _Child, code: int) -> None:
        process = child.process
        if process is None:
            return
        process.returncode = code
        _signal_family(process.pid, signal.SIGKILL)  # what it left: it would hold ports and jobs
        self._read(child)
        self._lines.end(child.program.name)
        if process.stdout is not None and not process.stdout.closed:
            self._selector.unregister(process.stdout)
            process.stdout.close()
        child.process = None
        if not self._signals:
            self._plan(child, time.monotonic(), f"ended with {_code(code)}")

    def _plan(self, child: _Child, now: float, what: str) -> None:
        child.failures = 1 if now - child.started >= self._patience.settled else child.failures + 1
        pause = self._patience.pause(child.failures)
        child.again = now + pause
        self._say(f"{child.program.name} {what}; starting it again in {pause:g} s")

    def _stop(self) -> None:
        asked, deadline = self._signals, time.monotonic() + self._patience.stop
        self._signal_all(signal.SIGTERM)
        while self._running() and self._signals == asked and time.monotonic() < deadline:
            self._wait(deadline)
        for child in self._running():
            self._say(f"{child.program.name} did not stop; killing it")
        self._signal_all(signal.SIGKILL)
        while self._running():
            self._wait(time.monotonic() + 1)
        _end_orphans(self._sessions)

    def _running(self) -> list[_Child]:
        return [child for child in self._children if child.process is not None]

    def _signal_all(self, number: signal.Signals) -> None:
        for child in self._running():
            if child.process is not None:
                _signal_family(child.process.pid, number)

    @contextmanager
    def _listening(self) -> Iterator[None]:
        """Signals and ends of children wake `_wait` through a socket; the old handlers come back after."""
        near, far = socket.socketpair()
        near.setblocking(False)
        far.setblocking(False)
        numbers = (*STOPPING, signal.SIGCHLD)
        with near, far, self._selector:
            self._selector.register(near, selectors.EVENT_READ, near)
            old_wakeup = signal.set_wakeup_fd(far.fileno(), warn_on_full_buffer=False)
            old = {number: signal.signal(number, lambda *_: None) for number in numbers}
            try:
                yield
            finally:
                for number, handler in old.items():
                    signal.signal(number, handler)
                signal.set_wakeup_fd(old_wakeup)

    def _say(self, text: str) -> None:
        self._lines.say(NAME, text.encode())


def _code(code: int) -> str:
    return signal.Signals(-code).name if code < 0 else str(code)


def _signal_family(pid: int, number: signal.Signals) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, number)


def _adopt_orphans() -> None:
    if sys.platform.startswith("linux"):
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def _end_orphans(sessions: set[int]) -> None:
    """Kills and reaps what the programs of `sessions` left behind.

    Others' orphans stay: as pid 1 of a container we have adopted the servers' keepers too.
    """
    while orphans := [pid for pid in _own_children() if _session(pid) in sessions]:
        for pid in orphans:
            with suppress(ProcessLookupError, ChildProcessError):
                os.kill(pid, signal.SIGKILL)
                os.waitpid(pid, 0)


def _own_children() -> list[int]:
    listed = Path(f"/proc/self/task/{os.getpid()}/children")
    return [int(pid) for pid in listed.read_text().split()] if listed.exists() else []


def _session(pid: int) -> int:
    try:
        return os.getsid(pid)
    except ProcessLookupError:
        return 0
