"""Runs Postfix's own programs: bounded in time, without a shell, and without our secrets in their environment.

What they say on stderr may name logins and addresses; of it only the system's own reason (`Permission denied`) is
passed on.
"""

from __future__ import annotations

import errno
import os
import subprocess
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

from app.errors import Unavailable

SECONDS = 60.0
"""How long a program may take; a big queue is long to list."""
PLACES = "/usr/sbin:/usr/local/sbin:/usr/bin:/bin"
"""Where Postfix's programs are looked for besides PATH."""

_REASONS = frozenset(os.strerror(number) for number in errno.errorcode)


class Failed(Unavailable):
    """A program ended with a failure. complaint: what it said on stderr, for our eyes only. said: its output."""

    def __init__(self, text: str, complaint: str, said: str) -> None:
        super().__init__(text)
        self.complaint, self.said = complaint, said


class Programs:
    """config: Postfix's configuration folder; None: its own default."""

    def __init__(self, config: Path | None) -> None:
        self._config = config

    def run(self, program: str, *arguments: str, told: Sequence[str] | None = None) -> str:
        """What the program printed. told: lines for its standard input, which end up nowhere else.

        Raises Failed where it ends with a failure, Unavailable where it cannot be run or takes too long.
        """
        typed = None if told is None else "".join(f"{line}\n" for line in told).encode()
        try:
            done = subprocess.run(
                self._argv(program, arguments), input=typed, capture_output=True, env=_environment(), timeout=SECONDS
            )
        except subprocess.TimeoutExpired as fault:
            raise Unavailable(f"{program} did not end within {SECONDS:.0f} s.") from fault
        except OSError as fault:
            raise _not_run(program, fault) from fault
        said = done.stdout.decode("utf-8", "replace")
        if done.returncode:
            raise _failed(program, done.returncode, done.stderr.decode("utf-8", "replace"), said)
        return said

    def lines(self, program: str, *arguments: str) -> Iterator[bytes]:
        """What the program prints, line by line as it comes: a queue of a million mails is not held in memory.

        Raises as `run` does.
        """
        try:
            process = subprocess.Popen(
                self._argv(program, arguments), stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=_environment()
            )
        except OSError as fault:
            raise _not_run(program, fault) from fault
        patience = threading.Timer(SECONDS, process.kill)
        patience.start()
        with process:
            try:
                assert process.stdout is not None and process.stderr is not None
                yield from process.stdout
                complaint = process.stderr.read().decode("utf-8", "replace")
            finally:
                patience.cancel()
                process.kill()  # of use only where the reader went away before the end
        if process.returncode:
            raise _failed(program, process.returncode, complaint, "")

    def _argv(self, program: str, arguments: Sequence[str]) -> list[str]:
        return [program, *(["-c", str(self._config)] if self._config else []), *arguments]


def _environment() -> dict[str, str]:
    return {"PATH": f"{os.environ.get('PATH', '')}:{PLACES}", "LC_ALL": "C"}


def _not_run(program: str, fault: OSError) -> Unavailable:
    return Unavailable(f"{program} cannot be run here ({fault.strerror}): is Postfix installed on this machine?")


def _failed(program: str, code: int, complaint: str, said: str) -> Failed:
    reason = next((each for each in map(_reason, complaint.splitlines()) if each), f"exit code {code}")
    return Failed(f"{program} failed: {reason}.", complaint, said)


def _reason(line: str) -> str:
    last = line.rpartition(": ")[2].strip()
    if "superuser" in line:
        return "only root may do this"
    return last if last in _REASONS else ""
