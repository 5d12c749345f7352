"""The policy service's side of its connections: questions in, answers out, one after the other.

A Protocol of its own and not a StreamReader: an answer leaves in the turn of the loop in which its question came.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import NamedTuple, Protocol, cast

import structlog

from app.enforcement.delegation import (
    END,
    PASS,
    RCPT,
    REQUEST_BYTES,
    Instances,
    Question,
    held,
    held_by,
    plainly_asked,
    question,
    read_request,
    slowed,
    stamped,
    stopped,
    unwanted,
)
from app.enforcement.snapshot import Judge, Owner, Snapshot, Verdict, What
from app.enforcement.stamp import Stamp
from app.errors import Rejected
from app.ports import Clock
from workers.policy_throttle import Throttle

log = structlog.get_logger(__name__)

IDLE_MINUTES = 60
"""Postfix keeps its connections open, and closes them itself after 300 s without a question."""


class Knows(Protocol):
    """Whoever has the newest snapshot: the lookout."""

    @property
    def snapshot(self) -> Snapshot: ...


class Standing(NamedTuple):
    """What each mail of a login is answered until the minute ends or more is known, unless its recipient wants no
    more mail of one of `owners`; None where it depends on the mail."""

    answer: bytes | None
    owners: tuple[Owner, ...]


class Answers:
    """Answers questions from what the lookout knows."""

    def __init__(
        self,
        clock: Clock,
        lookout: Knows,
        judge: Judge,
        stamp: Stamp,
        throttle: Throttle,
        seconds: Callable[[], float] = time.monotonic,
    ) -> None:
        """seconds: of a clock that does not go back."""
        self._clock = clock
        self._seconds = seconds
        self._lookout = lookout
        self._judge = judge
        self._stamp = stamp
        self._throttle = throttle
        self._held = Instances()
        self._taken = Instances()
        self._stamped = Instances()
        self._standing: dict[bytes, Standing] = {}
        self._stands_for = Snapshot()
        self._stands_until = 0.0

    def to(self, request: bytes) -> bytes | Awaitable[bytes]:
        """The answer; to be awaited only where a throttled sender's bucket is asked. Raises Rejected for junk."""
        plain = plainly_asked(request)
        return (self._stands(*plain) if plain else None) or self._considered(request)

    def _stands(self, state: str, login: bytes, recipient: bytes, instance: bytes) -> bytes | None:
        """The answer where what was found for an earlier mail of this login stands."""
        known = self._lookout.snapshot
        if known is not self._stands_for or self._seconds() >= self._stands_until:
            self._stand_anew(known)
        found = self._standing.get(login)
        if found is None:
            found = self._found(known, login)
        answer, owners = found
        if answer is None:
            return None
        if recipient and owners and self._judge.unwanted(known.pairs, owners, str(recipient, "utf-8", "replace")):
            return unwanted()
        return answer if answer is PASS else self._once(state, str(instance, "utf-8", "replace"), answer)

    def _stand_anew(self, known: Snapshot) -> None:
        """A token tells the minute: what stands, stands until it ends."""
        now = self._clock.now()
        self._stands_for, self._standing = known, {}
        self._stands_until = self._seconds() + 60 - now.second - now.microsecond / 1_000_000

    def _found(self, known: Snapshot, login: bytes) -> Standing:
        """What stands for a login; kept where somebody has it: strangers' logins would fill the memory."""
        name = str(login, "utf-8", "replace").lower()
        owners = self._judge.unbound(known, name)
        if owners is None:
            return Standing(None, ())
        now = self._clock.now()
        found = Standing(self._stamp_of(self._judge.verdict(known, Question(RCPT, name), now), now), owners)
        if owners:
            self._standing[login] = found
        return found

    def _considered(self, request: bytes) -> bytes | Awaitable[bytes]:
        asked = question(read_request(request))
        now = self._clock.now()
        verdict = self._judge.verdict(self._lookout.snapshot, asked, now)
        if verdict.what is What.PASSED:
            return self._passed(asked, verdict, now)
        if verdict.what is What.SLOWED:
            return self._slowed(asked, verdict, now)
        if verdict.what is What.UNWANTED:
            return unwanted()
        assert verdict.measure is not None
        return stopped(verdict.measure) if verdict.what is What.STOPPED else self._kept(asked, verdict, now)

    def _stamp_of(self, verdict: Verdict, now: datetime) -> bytes:
        field = self._stamp.field(verdict.stamp, now) if verdict.stamp else ""
        return stamped(field) if field else PASS

    def _passed(self, asked: Question, verdict: Verdict, now: datetime) -> bytes:
        return self._once(asked.state, asked.instance, self._stamp_of(verdict, now))

    def _once(self, state: str, instance: str, stamp: bytes) -> bytes:
        """The stamp, where a mail has none yet: it is asked about for each of its recipients."""
        if stamp is PASS or instance in self._stamped or (state == RCPT and not instance):
            return PASS
        self._stamped.add(instance)
        return stamp

    def _kept(self, asked: Question, verdict: Verdict, now: datetime) -> bytes:
        """One answer is either HOLD or a stamp: a mail that was held is stamped when it is asked about once more."""
        assert verdict.measure is not None
        if asked.instance in self._held:
            stamp = self._passed(asked, verdict, now)
            return held(verdict.measure) if stamp is PASS else stamp
        self._held.add(asked.instance)
        # Not where no stamp will come: the case, which `held` tells to the operator's log, is better than nothing.
        again = asked.held and asked.instance and self._stamp_of(verdict, now) is not PASS
        return held_by(asked.held) if again else held(verdict.measure)

    async def _slowed(self, asked: Question, verdict: Verdict, now: datetime) -> bytes:
        """Recipients count one by one at RCPT, else all at once."""
        at_rcpt = asked.state == RCPT
        if at_rcpt and not asked.instance:
            return PASS  # about no mail: the connector only looks
        if at_rcpt or asked.instance not in self._taken:
            which = await self._throttle.take([each.bucket for each in verdict.slow], asked.recipients)
            if which is not None:
                return slowed(verdict.slow[which].measure)
            self._taken.add(asked.instance)
        return self._passed(asked, verdict, now)


class Line(asyncio.Protocol):
    """One connection; ended when it says what Postfix would not say. idle: minutes without a question."""

    def __init__(self, answers: Answers, lines: set[Line]) -> None:
        self.idle = 0
        self._answers = answers
        self._lines = lines
        self._heard = bytearray()
        self._waiting: asyncio.Future[bytes] | None = None
        self._full = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._lines.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        self._lines.discard(self)
        if self._waiting is not None:
            self._waiting.cancel()

    def data_received(self, data: bytes) -> None:
        self.idle = 0
        if not self._heard and self._waiting is None and 0 <= data.find(END) == len(data) - len(END) <= REQUEST_BYTES:
            self._one(data)  # as Postfix asks: one question in one piece
            return
        searched = max(0, len(self._heard) - 1)
        self._heard += data
        self._answer(searched)

    def _answer(self, searched: int = 0) -> None:
        """Answers what has been heard whole, until one has to be waited for."""
        while self._waiting is None and 0 <= (end := self._heard.find(END, searched)) <= REQUEST_BYTES:
            request = bytes(self._heard[: end + len(END)])
            del self._heard[: end + len(END)]
            searched = 0
            self._one(request)
        if self._waiting is None and len(self._heard) > REQUEST_BYTES:
            self._junk()

    def _one(self, request: bytes) -> None:
        try:
            answer = self._answers.to(request)
        except Rejected:
            self._junk()
            return
        if isinstance(answer, bytes):
            self._transport.write(answer)
        else:
            self._waiting = asyncio.ensure_future(answer)
            self._waiting.add_done_callback(self._waited)
            self._flow()

    def _waited(self, answer: asyncio.Future[bytes]) -> None:
        self._waiting = None
        if answer.cancelled():
            return
        fault = answer.exception()
        if fault is None:
            self._transport.write(answer.result())
        else:  # Postfix asks again on a new connection, or does its default
            log.error("policy.fault", fault=type(fault).__name__)
            self.close()
        self._answer()
        self._flow()

    def _junk(self) -> None:
        log.warning("policy.junk")
        self.close()

    def _flow(self) -> None:
        """Reads on, unless there is an answer to wait for or to be taken first."""
        if self._waiting is not None or self._full:
            self._transport.pause_reading()
        else:
            self._transport.resume_reading()

    def pause_writing(self) -> None:
        self._full = True
        self._flow()

    def resume_writing(self) -> None:
        self._full = False
        self._flow()

    def close(self) -> None:
        """Ends the connection; Postfix then asks on a new one."""
        self._heard.clear()
        self._transport.close()


async def end_idle(lines: set[Line], every: float = 60.0) -> None:
    """Ends connections without a question for IDLE_MINUTES, for ever. every: seconds that count as a minute."""
    while True:
        await asyncio.sleep(every)
        for line in tuple(lines):
            line.idle += 1
            if line.idle > IDLE_MINUTES:
                line.close()
