"""A web process: gunicorn over one of the two sites.

    python -m workers.web public|desk

Threads, as requests wait for the database; the control socket that gunicorn puts into the home folder is off.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from gunicorn.app.wsgiapp import WSGIApplication  # type: ignore[import-untyped]

from app.errors import Rejected
from app.infra.logs import for_a_process
from app.settings import Settings

PROCESSES = {"public": 2, "desk": 1}
THREADS = 8
GRACE_SECONDS = 8  # less than the supervisor's patience


def argv(site: str, settings: Settings) -> list[str]:
    """gunicorn's arguments for `site`. Raises Rejected for a site that there is not."""
    if site not in PROCESSES:
        raise Rejected(f"There is no site {site!r}: it is public or desk.")
    address = settings.public if site == "public" else settings.desk
    options = {
        "--bind": str(address),
        "--worker-class": "gthread",
        "--workers": str(PROCESSES[site]),
        "--threads": str(THREADS),
        "--graceful-timeout": str(GRACE_SECONDS),
        "--worker-tmp-dir": str(_heartbeats(settings)),
        "--log-level": "warning",
        "--logger-class": "workers.gunicorn_log.GunicornLog",
    }
    given = [part for name, value in options.items() for part in (name, value)]
    return [f"app.wsgi:{site}", "--no-control-socket", *given]


def _heartbeats(settings: Settings) -> Path:
    # A worker touches a file each second: in memory, or a busy disk makes it look dead.
    memory = Path("/dev/shm")  # noqa: S108 - gunicorn makes unlinked files of its own in it
    if memory.is_dir() and os.access(memory, os.W_OK):
        return memory
    folder = settings.data / "run"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def main(arguments: list[str]) -> None:
    """Is the web process until it is stopped."""
    # In this process, not by exec: gunicorn puts the current folder first on the path, and a folder `app` there
    # must not be taken for ours, which is imported already.
    settings = Settings.from_environment()
    for_a_process(settings.log)
    sys.argv = ["gunicorn", *argv(" ".join(arguments), settings)]
    WSGIApplication("%(prog)s [OPTIONS] [APP_MODULE]").run()


if __name__ == "__main__":
    main(sys.argv[1:])
