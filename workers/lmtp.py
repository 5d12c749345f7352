"""The LMTP door (RFC 2033): `python -m workers.lmtp`, for an MTA on the same machine or network.

A message is answered 250 only after it is committed; 451 4.3.0 while the storage is away, so that the MTA keeps
it; 552 5.3.4 over limits.MESSAGE_BYTES; 550 5.1.1 for a recipient that ABUSEDESK_LMTP_RECIPIENTS does not name.
Deliveries that come at the same time are committed together. A message for several recipients is one report.

aiosmtpd is fine behind one's own MTA, not as a public MX. What it lacks for LMTP is in `workers/lmtp_session.py`.
"""

from __future__ import annotations

import asyncio
import re
import signal
import socket
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import structlog

from app.bootstrap import Desk
from app.intake.domain import Arrival, Door
from app.mail import limits
from app.settings import Address
from workers import process
from workers.gathering import Gathering
from workers.lmtp_session import NULL_PATH, LmtpSession
from workers.storing import Answer, Unstored, Why, store_apart

log = structlog.get_logger(__name__)

FINISH_SECONDS = 20.0
"""How long deliveries under way may take to be answered once we are told to stop."""

STORED = "250 2.0.0 stored"
AWAY = "451 4.3.0 the report cannot be stored now, try again later"
_RETURN_PATH = re.compile(rb"Return-Path[ \t]*:", re.IGNORECASE)
NULL_SENDER = b"Return-Path: <>\r\n"
UNKNOWN = "550 5.1.1 no reports are taken for this address"


class Reception:
    """What the door answers: aiosmtpd's handler."""

    def __init__(self, gathering: Gathering[Arrival, Answer], recipients: tuple[str, ...]) -> None:
        self._gathering = gathering
        self._recipients = recipients

    async def handle_RCPT(  # noqa: N802  aiosmtpd finds hooks by name
        self, _server: Any, _session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        if not taken_for(address, self._recipients):
            return UNKNOWN
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return "250 2.1.5 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        answer = await self._gathering.give(
            Arrival(delivered(envelope.mail_from, envelope.original_content), Door.LMTP)
        )
        return reply(answer)

    async def handle_exception(self, error: Exception) -> str:
        log.error("lmtp.broken", fault=type(error).__name__)
        return AWAY


def delivered(sender: str, content: bytes) -> bytes:
    """The message, with the envelope's sender above it where that is empty, as the last host of its way writes it
    (RFC 5321 §4.4): a bounce is told by it. Every other message stays as it came, also one that would get too large.
    """
    if sender != NULL_PATH or _RETURN_PATH.match(content) or len(content) + len(NULL_SENDER) > limits.MESSAGE_BYTES:
        return content
    return NULL_SENDER + content


def taken_for(address: str, recipients: tuple[str, ...]) -> bool:
    """Whether mail for `address` is taken. recipients: addresses or @domains in lower case; none: all are."""
    lowered = address.lower()
    return not recipients or lowered in recipients or "@" + lowered.rpartition("@")[2] in recipients


def reply(answer: Answer) -> str:
    """The SMTP reply to a message (RFC 5321 §4.2, RFC 3463)."""
    if not isinstance(answer, Unstored):
        return STORED
    if answer.why is Why.REFUSED:
        return f"554 5.6.0 {answer.reason}"
    return AWAY


class LmtpDoor:
    """The listening door over a wired product, in one event loop."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="store")
        self._gathering = Gathering(self._store, weight=lambda arrival: len(arrival.raw))
        self._sessions: set[LmtpSession] = set()
        self._server: asyncio.Server | None = None

    async def open(self) -> Address:
        """Listens; the address it really has (port 0 in the settings: any free one)."""
        wanted = self._desk.settings.lmtp
        self._server = await asyncio.get_running_loop().create_server(self._session, wanted.host, wanted.port)
        host, port = self._server.sockets[0].getsockname()[:2]
        log.info("lmtp.open", host=host, port=port)
        return Address(host, port)

    async def close(self) -> None:
        """Takes no more, answers what is under way (at most FINISH_SECONDS), hangs up."""
        if self._server is not None:
            self._server.close()
        ending = [asyncio.ensure_future(each.end()) for each in list(self._sessions)]
        if ending:
            await asyncio.wait(ending, timeout=FINISH_SECONDS)
        await self._gathering.close()
        self._pool.shutdown()
        log.info("lmtp.closed")

    def _session(self) -> LmtpSession:
        handler = Reception(self._gathering, self._desk.settings.lmtp_recipients)
        session = LmtpSession(handler, self._sessions, hostname=socket.gethostname())
        self._sessions.add(session)
        return session

    async def _store(self, arrivals: list[Arrival]) -> list[Answer]:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._pool, store_apart, self._desk.work, arrivals)


async def serve(desk: Desk) -> None:
    """Takes mail until SIGTERM or SIGINT."""
    told = asyncio.Event()
    for each in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(each, told.set)
    door = LmtpDoor(desk)
    await door.open()
    await told.wait()
    await door.close()


def main() -> int:
    """Runs the door until it is told to stop; the exit code."""
    return process.run(lambda desk: asyncio.run(serve(desk)))


if __name__ == "__main__":
    raise SystemExit(main())
