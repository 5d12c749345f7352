"""Everything on one machine: servers, migration, the way in for the first administrator, then all processes.

    python -m workers.up

With servers of one's own (ABUSEDESK_DATABASE_URL, ABUSEDESK_REDIS_URL) it starts the processes alone. On
several hosts each kind of process is started by itself instead: see Procfile.
"""

from __future__ import annotations

import fcntl
import os
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from app.errors import AbuseDeskError, Conflict, Unavailable
from app.infra.embedded import servers
from app.settings import PREFIX, Settings
from workers.supervise import Program, Supervisor

ALWAYS = ("worker", "lmtp", "policy", "enforcer", "schedule")


def programs(settings: Settings, env: Mapping[str, str]) -> list[Program]:
    """The processes of this installation, in the order of their start; each gets `env` besides our own."""
    sites = [Program(site, [sys.executable, "-P", "-m", "workers.web", site], env) for site in ("public", "desk")]
    names = [*ALWAYS, *(["mailbox"] if settings.imap_url else [])]
    return sites + [Program(name, [sys.executable, "-P", "-m", f"workers.{name}"], env) for name in names]


def environment(settings: Settings) -> dict[str, str]:
    """What the processes must know of `settings` beyond the environment they get anyway."""
    found = {"DATA": str(settings.data), "DATABASE_URL": settings.database_url, "REDIS_URL": settings.redis_url}
    if settings.log == "auto" and sys.stdout.isatty():
        found["LOG"] = "text"  # they write to a pipe of ours
    return {PREFIX + name: value for name, value in found.items() if value}


def up(settings: Settings) -> int:
    """Runs all until a signal, then 0.

    Raises Conflict where this data folder is up already or an address is taken, Unavailable where a server or the
    migration fails.
    """
    with _only_here(settings):
        demand_free(settings)
        with servers(settings) as running:
            env = environment(running)
            _command(env, "migrate")
            _command(env, "staff", "welcome")
            hello = f"Public site {settings.public_site}   Desk {settings.desk_site}   Ctrl-C stops everything."
            return Supervisor(programs(running, env), sys.stdout.buffer).run(lambda: _say(hello))


def demand_free(settings: Settings) -> None:
    """Raises Conflict where an address cannot be listened on: its process would fail again and again."""
    for name in ("public", "desk", "lmtp", "policy"):
        address = getattr(settings, name)
        family = socket.AF_INET6 if ":" in address.host else socket.AF_INET
        try:
            socket.create_server(address, family=family).close()
        except OSError as fault:
            raise Conflict(
                f"{address} is taken or not of this machine: end what listens there, or set {PREFIX}{name.upper()}."
            ) from fault


def _command(env: Mapping[str, str], *words: str) -> None:
    done = subprocess.run([sys.executable, "-P", "-m", "app.cli", *words], env=os.environ | env)
    if done.returncode:
        raise Unavailable(f"Nothing was started, as `abusedesk {' '.join(words)}` failed.")


@contextmanager
def _only_here(settings: Settings) -> Iterator[None]:
    """Holds DATA/run/up.lock; the kernel frees it however we end."""
    folder = settings.data / "run"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (folder / "up.lock").open("ab") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as fault:
            raise Conflict(f"abusedesk is up already with the data folder {settings.data}.") from fault
        yield


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def main() -> int:
    """`up` with the settings of the environment; the exit code."""
    try:
        return up(Settings.from_environment())
    except AbuseDeskError as fault:
        sys.stderr.write(f"abusedesk: {fault}\n")
        return 75 if isinstance(fault, Unavailable) else 1
    except KeyboardInterrupt:  # before the supervisor took over
        return 130


if __name__ == "__main__":
    raise SystemExit(main())
