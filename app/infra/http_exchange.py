"""One bounded HTTP exchange with a service of the operator's: what every adapter that asks by HTTP is built on.

Redirects are not followed: what is sent is for that address alone. The answer is bounded in bytes, and the whole
exchange in time: the deadline is looked at before each read, for a drop now and then, in the head or in the body,
would never run into a time-out of the socket. Proxies of the environment are not used. What comes back is hostile.
"""

from __future__ import annotations

import http.client
import io
import json
import socket
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import field
from typing import TypeVar
from urllib.parse import urlsplit

from app.errors import Rejected, Unavailable
from app.values import dataclass

TIMEOUT_SECONDS = 10.0
ROUND_SECONDS = 20.0
"""How long one round of many exchanges goes on: what is new must not wait behind all that a slow service is asked."""
LINE_CHARS = 200

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Answer:
    """status: the last three digits of the status line. body: all of it."""

    status: int
    body: bytes


@dataclass(frozen=True, slots=True)
class Service:
    """A service behind an http or https URL.

    called: how sentences call it, `The send log`. timeout: seconds for a whole exchange. most: bytes of an answer.
    """

    url: str = field(repr=False)  # may have a token in its query
    called: str
    timeout: float = TIMEOUT_SECONDS
    most: int = 64 * 1024
    node: str = field(init=False)
    """host:port, as the URL has it or its scheme implies."""

    def __post_init__(self) -> None:
        """Raises Rejected for a URL that nothing can be sent to."""
        try:
            parts = urlsplit(self.url)
            port = parts.port or (443 if parts.scheme == "https" else 80)
        except ValueError:
            raise Rejected(f"{self.called} has an address that cannot be used.") from None
        if not parts.hostname or not self.url.isascii() or not self.url.isprintable() or " " in self.url:
            raise Rejected(f"{self.called} has an address that cannot be used.")
        host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
        object.__setattr__(self, "node", f"{host}:{port}")

    def ask(self, method: str, body: bytes | None, headers: Mapping[str, str], *, below: str = "") -> Answer:
        """The answer, whatever its status. below: a path that is added to the URL's.

        Raises Unavailable where none came in time, or one that is no HTTP or has too many bytes.
        """
        try:
            return self._exchange(method, body, headers, below)
        except (OSError, http.client.HTTPException, UnicodeError) as fault:
            raise Unavailable(f"{self.called} does not answer.") from fault
        except ValueError as fault:
            raise self.not_understood() from fault

    def not_understood(self) -> Unavailable:
        """What to raise where the answer is not as described."""
        return Unavailable(f"{self.called} answers something that cannot be understood.")

    def read_json(self, body: bytes) -> object:
        """What the body says. Raises Unavailable where it is no JSON."""
        try:
            return json.loads(body)
        except (ValueError, RecursionError) as fault:
            raise self.not_understood() from fault

    def _exchange(self, method: str, body: bytes | None, headers: Mapping[str, str], below: str) -> Answer:
        deadline = time.monotonic() + self.timeout
        parts = urlsplit(self.url)
        path = (parts.path.rstrip("/") + below if below else parts.path) or "/"
        kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        with closing(kind(parts.hostname or "", parts.port, timeout=self.timeout)) as connection:
            connection.connect()
            connection.request(method, path + (f"?{parts.query}" if parts.query else ""), body, dict(headers))
            with closing(_response(connection.sock, method, deadline)) as answer:
                answer.begin()
                return Answer(answer.status, self._body(answer))

    def _body(self, answer: http.client.HTTPResponse) -> bytes:
        found = bytearray()
        while more := answer.read1(65_536):
            found += more
            if len(found) > self.most:
                raise ValueError("too long")
        if answer.length:
            raise http.client.IncompleteRead(bytes(found), answer.length)
        return bytes(found)


class _Hurried(io.RawIOBase):
    """What a socket receives until a deadline (of `time.monotonic`); then reading raises TimeoutError."""

    def __init__(self, sock: socket.socket, deadline: float) -> None:
        super().__init__()
        self._sock, self._deadline = sock, deadline

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # typeshed's WriteableBuffer is no real type
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError("too slow")
        self._sock.settimeout(left)
        return self._sock.recv_into(buffer)


def _response(sock: socket.socket, method: str, deadline: float) -> http.client.HTTPResponse:
    # Not getresponse(): it reads the head with nothing but the socket's own time-out, which each byte starts anew.
    answer = http.client.HTTPResponse(sock, method=method)
    answer.fp.close()
    answer.fp = io.BufferedReader(_Hurried(sock, deadline))
    return answer


def in_time(items: Iterable[Item]) -> Iterator[Item]:
    """The first of `items`, and the others until ROUND_SECONDS are over."""
    ends = time.monotonic() + ROUND_SECONDS
    for number, item in enumerate(items):
        if number and time.monotonic() >= ends:
            return
        yield item


def one_line(text: object, most: int = LINE_CHARS) -> str:
    """`text` as one line of printable characters, at most `most`; empty where it is no text.

    For words of others that people are to read: controls and what changes the direction of writing become blanks,
    and a word with an @ in it is left out, for it may be somebody's address.
    """
    if not isinstance(text, str):
        return ""
    cut = "".join(each if each.isprintable() else " " for each in text[: 4 * most])
    line = " ".join("(address)" if "@" in word else word for word in cut.split())
    return line if len(line) <= most else line[: most - 1] + "…"
