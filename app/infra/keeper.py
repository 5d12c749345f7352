"""Keeps one embedded server running for as long as anybody uses it, then stops it: a process of its own.

    python -m app.infra.keeper postgres|valkey DATA [--not-durable]

Whoever uses the server holds DATA/run/NAME.users shared (flock); the kernel lets go of it when that process
ends, by whatever end. The keeper waits until it gets the same file for itself alone: then nobody is left. So
a `kill -9` of every user leaves no server behind, and one of the keeper takes the server with it
(PR_SET_PDEATHSIG). A server that dies under its users is started again, later and later up to 5 s.

It returns to its starter (fork) as soon as it holds DATA/run/NAME.keeper; whether it still does tells
everybody whether the server is kept.
"""

from __future__ import annotations

import fcntl
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from io import FileIO
from pathlib import Path
from types import FrameType
from typing import Protocol

from app.errors import AbuseDeskError
from app.infra.parting import die_with_parent
from app.infra.places import Place
from app.infra.postgres import Postgres
from app.infra.unprivileged import Runner
from app.infra.valkey import Valkey

LOOK_SECONDS = 0.1
FIRST_TRIES = 5
STOP_SECONDS = 60.0


class Server(Protocol):
    """An embedded server: where it is, how to start it, whether it answers."""

    @property
    def place(self) -> Place: ...
    @property
    def durable(self) -> bool: ...
    @property
    def stop_signal(self) -> signal.Signals: ...
    @property
    def url(self) -> str: ...
    def answers(self) -> bool: ...
    def prepare(self) -> None: ...
    def command(self) -> list[str]: ...
    def user(self) -> Runner: ...


KINDS: dict[str, Callable[[Place, bool], Server]] = {"postgres": Postgres, "valkey": Valkey}


def keep(server: Server, users: FileIO) -> int:
    """Runs `server` until nobody holds `users`; the exit code: 0 stopped, 1 it would not start.

    On return `users` is held alone where the code is 0: whoever comes next waits until all is stopped.
    Raises Unavailable where the server's files cannot be prepared.
    """
    failed, ran = 0, False
    while not alone(users):
        ran = _run_once(server, users) or ran
        failed += 1
        if not ran and failed >= FIRST_TRIES:
            return 1
        if not alone(users):
            time.sleep(min(0.1 * 2**failed, 5.0))
    return 0


def alone(lock: FileIO) -> bool:
    """Whether `lock` is ours alone now; it stays so."""
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _run_once(server: Server, users: FileIO) -> bool:
    """Runs the server until it ends or nobody uses it; whether it ever answered."""
    ran = False
    server.prepare()
    process = _start(server)
    try:
        while process.poll() is None and not alone(users):
            ran = ran or server.answers()
            time.sleep(LOOK_SECONDS)
    finally:
        _stop(process, server.stop_signal)
    return ran


def _start(server: Server) -> subprocess.Popen[bytes]:
    who = server.user()
    return subprocess.Popen(
        server.command(),
        stdin=subprocess.DEVNULL,
        user=who.uid,
        group=who.gid,
        extra_groups=None if who.uid is None else (),
        env=os.environ | {"LC_ALL": "C"},
        preexec_fn=die_with_parent(server.stop_signal),
    )


def _stop(process: subprocess.Popen[bytes], how: signal.Signals) -> None:
    process.send_signal(how)
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _leave_starter(log: Path) -> None:
    """Goes on as a process of its own session, writing to `log`; the one that was started ends with 0."""
    if os.fork():
        os._exit(0)
    os.setsid()
    os.chdir("/")  # a keeper must not hold somebody's folder
    os.umask(0o077)
    with log.open("ab", buffering=0) as file:
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)


def _only_one(mine: FileIO) -> bool:
    """Whether `mine` became ours; tried for a second, as others look at it for an instant now and then."""
    for _ in range(20):
        if alone(mine):
            return True
        time.sleep(0.05)
    return False


def _end(_signal: int, _frame: FrameType | None) -> None:
    raise SystemExit(0)  # _run_once stops the server on the way out


def _keep_apart(server: Server, users: FileIO) -> int:
    signal.signal(signal.SIGTERM, _end)
    try:
        return keep(server, users)
    except AbuseDeskError as fault:
        sys.stderr.write(f"{fault}\n")
        return 1


def main(argv: list[str]) -> int:
    """Keeps the server named in `argv`; 0 too where another keeper does already."""
    kind, data, *options = argv
    server = KINDS[kind](Place(Path(data), kind), "--not-durable" not in options)
    place = server.place
    with place.lock("users").open("ab", 0) as users, place.lock("keeper").open("ab", 0) as mine:
        if not _only_one(mine):
            return 0
        _leave_starter(place.log)
        code = _keep_apart(server, users)
        mine.close()  # before `users`: whoever waits there must not find a keeper that has finished
    return code


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
