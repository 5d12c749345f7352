"""What aiosmtpd 1.4 lacks for LMTP (RFC 2033), in one subclass of its session.

- After the data there is a reply for each accepted recipient (§4.2); aiosmtpd sends one for all.
- A line may be as long as the message: a report is taken as it is, aiosmtpd would refuse it at 1,001 bytes.
- Any path between <> is an address: aiosmtpd parses it by `email`, which refuses or crashes on what spam has.
- Replies carry an enhanced status code (RFC 2034) where the MTA tells its sender about them.
- A session can be told to end: at once when idle, after its replies when a message is under way.
- Nothing that clients say is logged: aiosmtpd's own log has addresses in it.
"""

from __future__ import annotations

import asyncio
import logging
import re
from typing import Any

from aiosmtpd.lmtp import LMTP

from app.mail import limits

logging.getLogger("mail.log").disabled = True

TOO_LARGE = "552 5.3.4 the message is larger than we take"
CLOSING = "421 4.3.2 closing, come again"
IDLE_SECONDS = 300.0

_PATH = re.compile(r'\s*<((?:"(?:[^"\\]|\\.)*"|[^<>"])*)>\s*(.*)\Z', re.DOTALL)
NULL_PATH = "<>"  # aiosmtpd takes an empty address for a missing one


class LmtpSession(LMTP):
    """One connection. among: the set of open sessions, which it leaves when the connection ends."""

    line_length_limit = limits.MESSAGE_BYTES + 2

    def __init__(self, handler: Any, among: set[LmtpSession], *, hostname: str) -> None:
        super().__init__(
            handler,
            data_size_limit=limits.MESSAGE_BYTES,
            enable_SMTPUTF8=True,  # otherwise the MTA bounces what needs it
            hostname=hostname,
            ident="abusedesk LMTP",
            timeout=IDLE_SECONDS,
            loop=asyncio.get_running_loop(),
        )
        self._among = among
        self._replies = 1
        self._idle = asyncio.Event()
        self._idle.set()

    def connection_lost(self, error: Exception | None) -> None:
        self._among.discard(self)
        self._idle.set()
        super().connection_lost(error)

    async def end(self) -> None:
        """Hangs up, once the message under way is answered."""
        await self._idle.wait()
        if self.transport is not None:
            await self.push(CLOSING)
        if self.transport is not None:
            self.transport.close()

    def _getaddr(self, arg: str) -> tuple[str | None, str | None]:
        path = _PATH.match(arg)
        return (path[1] or NULL_PATH, path[2]) if path else (None, None)

    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802  aiosmtpd finds commands by name
        self._idle.clear()
        try:
            await super().smtp_DATA(arg)
        finally:
            self._replies = 1
            self._idle.set()

    async def push(self, status: str | bytes) -> None:
        """Sends a reply; after the data one for each recipient, in the order of their RCPT."""
        text = status.decode() if isinstance(status, bytes) else status
        if text.startswith("354") and self.envelope is not None:
            self._replies, replies = len(self.envelope.rcpt_tos), 1
        else:
            replies = self._replies
        line = TOO_LARGE if text.startswith("552") else text
        await super().push("\r\n".join([line] * replies))
