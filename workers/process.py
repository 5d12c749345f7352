"""What every process of ours does around its work: settings, log, the wired product, an exit code for a failure."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from app.bootstrap import Desk, opened, wire
from app.errors import AbuseDeskError, Unavailable
from app.infra.logs import for_a_process
from app.settings import Settings

FAILED = 1
UNAVAILABLE = 75  # EX_TEMPFAIL of sysexits(3), as `abusedesk` itself ends


def run(serve: Callable[[Desk], None]) -> int:
    """Does `serve` over the settings of the environment; the exit code. A failure of ours is a sentence on stderr."""
    try:
        settings = Settings.from_environment()
        for_a_process(settings.log)
        with wired(settings) as desk:
            serve(desk)
    except AbuseDeskError as fault:
        sys.stderr.write(f"abusedesk: {fault}\n")
        return UNAVAILABLE if isinstance(fault, Unavailable) else FAILED
    return 0


@contextmanager
def wired(settings: Settings) -> Iterator[Desk]:
    """The wired product for one process; with its embedded servers running where the settings name no others.

    Servers of one's own are neither waited for nor migrated: `abusedesk migrate` does that once a release.
    """
    if settings.database_url is None or settings.redis_url is None:
        with opened(settings) as desk:
            yield desk
        return
    desk = wire(settings)
    try:
        yield desk
    finally:
        desk.close()
