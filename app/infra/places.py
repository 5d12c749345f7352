"""Where the embedded servers live on disk: folders of ours, mode 0700, with socket paths short enough for the kernel.

A unix socket's path may have 107 bytes (`sun_path`, unix(7)), and data folders are often longer. Sockets then
go to a folder under /tmp that is named by a hash of the data folder, so each process finds the same one.
"""

from __future__ import annotations

import hashlib
import os
import stat
from pathlib import Path

from app.errors import Unavailable
from app.values import dataclass

SOCKET_PATH_BYTES = 103  # macOS has 104 with the final zero, Linux 108
LONGEST_SOCKET = "postgres/.s.PGSQL.5432.lock"


@dataclass(frozen=True)
class Place:
    """The folders of one embedded server; `name` is 'postgres' or 'valkey'."""

    data: Path
    name: str

    @property
    def files(self) -> Path:
        """The server's own data."""
        return self.data / self.name

    @property
    def run(self) -> Path:
        """Locks and logs."""
        return self.data / "run"

    @property
    def log(self) -> Path:
        """What the server and its keeper say."""
        return self.run / f"{self.name}.log"

    @property
    def sockets(self) -> Path:
        """The folder of this server's socket."""
        return socket_root(self.data) / self.name

    def lock(self, purpose: str) -> Path:
        """The lock file for `purpose`: users, start or keeper."""
        return self.run / f"{self.name}.{purpose}"

    def make(self) -> None:
        """Makes the folders that lack, mode 0700; changes nothing about those above.

        Raises Unavailable where a folder cannot be made or another user owns the one for sockets.
        """
        try:
            for folder in (self.data, self.run, socket_root(self.data), self.sockets):
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as fault:
            raise Unavailable(f"The data folder {self.data} cannot be used: {fault.strerror}.") from fault
        _demand_ours(socket_root(self.data))


def socket_root(data: Path) -> Path:
    """`data`/run where socket paths fit in it, else a folder under /tmp of this user and this data folder."""
    near = data / "run"
    if len(os.fsencode(near / LONGEST_SOCKET)) <= SOCKET_PATH_BYTES:
        return near
    key = hashlib.sha256(os.fsencode(data)).hexdigest()[:16]
    return Path(f"/tmp/abusedesk-{os.geteuid()}-{key}")  # noqa: S108 - checked by _demand_ours before each use


def _demand_ours(folder: Path) -> None:
    # /tmp is everybody's: a folder that someone else put there first, or a link, must not carry our sockets.
    found = folder.lstat()
    if stat.S_ISDIR(found.st_mode) and found.st_uid == os.geteuid() and not found.st_mode & 0o022:
        return
    raise Unavailable(f"{folder} belongs to someone else; set ABUSEDESK_DATA to a shorter path or remove it.")
