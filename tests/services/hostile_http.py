"""An HTTP server on the loopback that answers with whatever bytes it is given, as slowly as it is told to.

with HostileHttp(b"HTTP/1.1 200 OK\\r\\n\\r\\n{}") as server:
    ask(server.url)
"""

from __future__ import annotations

import contextlib
import socketserver
import threading
from types import TracebackType
from typing import Self


def page(body: bytes, status: str = "200 OK", *headers: str) -> bytes:
    """A whole answer with this body, which ends with the connection."""
    return "\r\n".join([f"HTTP/1.1 {status}", *headers, "", ""]).encode() + body


class HostileHttp:
    """answer: sent to whoever asks, then the connection is closed. drip: seconds before each byte of it. asked: how
    often somebody asked."""

    def __init__(self, answer: bytes = b"", drip: float = 0.0) -> None:
        self.answer, self.drip, self.asked = answer, drip, 0
        self._over = threading.Event()

    def __enter__(self) -> Self:
        owner = self

        class Handler(socketserver.StreamRequestHandler):
            timeout = 5

            def handle(self) -> None:
                owner.asked += 1
                self._read_request()
                with contextlib.suppress(OSError):  # they hung up
                    owner._send(self)

            def _read_request(self) -> None:
                length = 0
                while (line := self.rfile.readline(65_536)).strip():
                    name, _, value = line.partition(b":")
                    length = int(value) if name.lower() == b"content-length" else length
                self.rfile.read(length)

        self._server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def _send(self, to: socketserver.StreamRequestHandler) -> None:
        if not self.drip:
            to.wfile.write(self.answer)
            return
        for byte in self.answer:
            if self._over.wait(self.drip):
                return
            to.wfile.write(bytes([byte]))

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._server.shutdown()
        self._server.server_close()
