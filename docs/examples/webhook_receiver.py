"""A receiver for abusedesk's enforcement orders, complete and runnable: the standard library is all it needs.

    ABUSEDESK_HOOK_KEY=… python3 webhook_receiver.py 127.0.0.1:8090

It takes an order only with a signature by the shared key that is at most five minutes old, and never an order older
than the newest it took for that sender. What is to be done with each sender's mail it keeps in memory: put your
platform in the place of `Platform`. docs/connectors.md describes what is posted.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import sys
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

BODY_BYTES = 1024 * 1024
REPLAY_WINDOW = timedelta(minutes=5)
Answer = tuple[int, dict[str, Any]]


class Platform:
    """What your platform does with each sender's mail: here, a dictionary."""

    def __init__(self) -> None:
        self._lines: dict[str, list[dict[str, Any]]] = {}

    def set_lines(self, sender: str, lines: list[dict[str, Any]]) -> None:
        """Makes these lines all that is done with the sender's mail; none: let it through."""
        if lines:
            self._lines[sender] = lines
        else:
            self._lines.pop(sender, None)

    def lines(self, sender: str) -> list[dict[str, Any]]:
        """What is really done with the sender's mail: ask the platform, not your notes."""
        return self._lines.get(sender, [])

    def stopped(self, sender: str, login: str) -> bool:
        """Whether mail of this login is to be refused."""
        stops = [each for each in self.lines(sender) if each["kind"] in ("suspend", "terminate")]
        return any(each["scope"] == "sender" or login in each["logins"] for each in stops)


class Receiver:
    """Judges what is posted. told: called once for each new order, for what must not happen twice, like a ticket."""

    def __init__(
        self,
        key: str,
        platform: Platform | None = None,
        told: Callable[[str, str], object] = lambda sender, key: None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.platform = platform or Platform()
        self._key, self._told, self._now = key.encode(), told, now
        self._newest: dict[str, datetime] = {}
        self._last_key: dict[str, str] = {}
        self._one_at_a_time = threading.Lock()

    def answer(self, headers: Message, body: bytes) -> Answer:
        """Status and JSON for a request. Nothing of the body is read before its signature is known to be good."""
        signed_at = self._signed_at(headers, body)
        if signed_at is None:
            return 401, {"said": "no valid signature"}
        if abs(self._now() - signed_at) > REPLAY_WINDOW:
            return 401, {"said": "signed too long ago, or the clocks differ"}
        try:
            order = json.loads(body)
            do, sender, key, lines = order["do"], order["sender"], order["key"], order["lines"]
        except (ValueError, KeyError, TypeError, RecursionError):
            return 400, {"said": "this is no order"}
        with self._one_at_a_time:
            if do == "apply":
                return self._apply(signed_at, sender, key, lines)
            if do == "observe":
                return 200, {"in_force": self.platform.lines(sender) == lines}
        return 400, {"said": "neither apply nor observe"}

    def _signed_at(self, headers: Message, body: bytes) -> datetime | None:
        stamp, given = headers.get("Abusedesk-Timestamp", ""), headers.get("Abusedesk-Signature", "")
        good = hmac.new(self._key, stamp.encode() + b"." + body, hashlib.sha256).hexdigest()
        # Several signatures may stand there one day, `v1=… v2=…`; compare_digest takes the same time for each guess.
        if not any(hmac.compare_digest(each.encode(), b"v1=" + good.encode()) for each in given.split()):
            return None
        return datetime.fromisoformat(stamp)

    def _apply(self, signed_at: datetime, sender: str, key: str, lines: list[dict[str, Any]]) -> Answer:
        if signed_at < self._newest.get(sender, signed_at):
            return 409, {"said": "a newer order was taken already"}
        # Always, also for a key seen before: the state may have been lost since, and setting it twice does no harm.
        self.platform.set_lines(sender, lines)
        self._newest[sender] = signed_at
        # The last key alone counts: lifting a second suspension has the key that lifting the first one had.
        if self._last_key.get(sender) != key:
            self._last_key[sender] = key
            self._told(sender, key)
        return 200, {"ok": True}


def serve(receiver: Receiver, host: str, port: int) -> ThreadingHTTPServer:
    """A server for the receiver, not started yet; port 0 takes any that is free."""

    class Handler(BaseHTTPRequestHandler):
        timeout = 10  # seconds a client may be silent

        def do_POST(self) -> None:
            length = self.headers.get("Content-Length", "")
            if not length.isascii() or not length.isdigit() or int(length) > BODY_BYTES:
                self._say(413, {"said": "too much, or of unknown length"})
                return
            self._say(*receiver.answer(self.headers, self.rfile.read(int(length))))

        def _say(self, status: int, said: dict[str, Any]) -> None:
            body = json.dumps(said).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Keeps quiet."""

    server = ThreadingHTTPServer((host, port), Handler)
    server.daemon_threads = True
    return server


def main() -> None:
    key = os.environ.get("ABUSEDESK_HOOK_KEY", "")
    if not key or len(sys.argv) != 2:
        sys.exit("usage: ABUSEDESK_HOOK_KEY=… python3 webhook_receiver.py host:port")
    host, _, port = sys.argv[1].rpartition(":")
    receiver = Receiver(key, told=lambda sender, order: sys.stderr.write(f"{sender}: order {order}\n"))
    with serve(receiver, host, int(port)) as server:
        sys.stderr.write(f"listening on {host}:{server.server_port}\n")
        server.serve_forever()


if __name__ == "__main__":
    main()
