"""`python -m workers.policy`: tells Postfix what to do with the mail of each sender (SMTPD_POLICY_README).

Answers come from memory. The memory follows the database: at once when the bell rings over Redis, and twice a
second by looking, so a decision is live within a second also where Redis is flushed or away. Where the database
is away the last that was known stands. Before anything is known nothing listens: then Postfix's own
`default_action` says what happens, not we.

    check_policy_service { inet:127.0.0.1:8025, timeout=2s, try_limit=1, default_action=DUNNO }

It stands first in `smtpd_recipient_restrictions`: after a `permit_sasl_authenticated` it would never be asked.

`policy_lookout` knows · `policy_talk` answers · `policy_throttle` counts
"""

from __future__ import annotations

import asyncio
import gc
import signal
from collections.abc import Callable, Set

import structlog
import uvloop

from app.bootstrap import Desk
from app.enforcement.snapshot import Judge
from app.enforcement.stamp import Stamp
from app.infra.buckets import SharedBuckets
from app.infra.sealing import look_up
from app.senders.sent_service import RECIPIENT
from app.settings import Address
from workers import process
from workers.policy_lookout import Lookout
from workers.policy_talk import Answers, Line, end_idle
from workers.policy_throttle import Throttle

log = structlog.get_logger(__name__)

BACKLOG = 1024
"""A busy Postfix opens many connections at once when we start anew."""


async def serve(desk: Desk, stop: asyncio.Event, listening: Callable[[Address], None]) -> None:
    """Answers on `settings.policy` until `stop` is set.

    listening: called once with the address where it listens, which it does from the first look that succeeded.
    """
    lookout = Lookout(desk)
    throttle = Throttle(SharedBuckets(desk.settings.redis_url or ""))
    answers = Answers(desk.clock, lookout, judge_of(desk), stamp_of(desk), throttle)
    async with asyncio.TaskGroup() as tasks:
        watching = [tasks.create_task(each) for each in (lookout.look(), lookout.follow(), lookout.hear())]
        answering = tasks.create_task(_answer(desk.settings.policy, lookout, answers, listening))
        await stop.wait()
        await _end({answering, *watching})
    await throttle.close()


def judge_of(desk: Desk) -> Judge:
    """What decides, with this installation's key and probe account."""
    return Judge(look_up(desk.secrets.look_up, RECIPIENT), desk.settings.probe_login)


def stamp_of(desk: Desk) -> Stamp:
    """What writes trace tokens, as the settings want it."""
    return Stamp(desk.settings.stamp, desk.secrets.token, desk.settings.organisation)


async def _end(tasks: Set[asyncio.Task[None]]) -> None:
    while tasks:
        for task in tasks:
            task.cancel()
        # More than once: redis-py can swallow a cancellation that comes while it connects anew.
        _, tasks = await asyncio.wait(tasks, timeout=0.2)


async def _answer(at: Address, lookout: Lookout, answers: Answers, listening: Callable[[Address], None]) -> None:
    await lookout.known.wait()
    # What is known by now stays: the garbage collector need not go through all of it while Postfix waits.
    gc.freeze()
    lines: set[Line] = set()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Line(answers, lines), at.host, at.port, backlog=BACKLOG)
    listening(Address(*server.sockets[0].getsockname()[:2]))
    try:
        await end_idle(lines)
    finally:
        server.close()
        for line in tuple(lines):
            line.close()
        await server.wait_closed()


async def _until_told(desk: Desk) -> None:
    stop = asyncio.Event()
    for each in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(each, stop.set)
    await serve(desk, stop, lambda at: log.info("policy.listening", at=str(at)))
    log.info("policy.ended")


def main() -> int:
    """Answers until SIGTERM or SIGINT; the exit code."""
    return process.run(lambda desk: uvloop.run(_until_told(desk)))


if __name__ == "__main__":
    raise SystemExit(main())
