"""Running PostgreSQL for root: it refuses to run as root, and root often owns every folder on the way to it.

First choice is a user namespace (`unshare --user`, util-linux ≥ 2.38): inside, the server sees itself as uid
1000; outside, its files are root's. No permission changes. Where the kernel or the container forbids that,
the server runs as `nobody`, with the few folders that are its own given to that user.
Not su, sudo or useradd: they change the machine, and containers often lack them.
"""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from app.errors import Unavailable
from app.values import dataclass

NAMESPACE = ("unshare", "--user", "--map-user=1000", "--map-group=1000", "--")


@dataclass(frozen=True)
class Runner:
    """How to start a program that must not be root's: a prefix to its argv, and a user (None: ours)."""

    prefix: tuple[str, ...] = ()
    uid: int | None = None
    gid: int | None = None

    def argv(self, argv: Sequence[str]) -> list[str]:
        """`argv` with the prefix."""
        return [*self.prefix, *argv]

    def give(self, folder: Path) -> None:
        """Makes `folder`, one of ours, the runner's own."""
        if self.uid is not None and self.gid is not None:
            os.chown(folder, self.uid, self.gid)

    def let_through(self, folder: Path) -> None:
        """Lets the runner pass, not list, `folder`, one of ours."""
        if self.gid is not None:
            os.chown(folder, -1, self.gid)
            folder.chmod(0o710)

    def reaches(self, path: Path) -> bool:
        """Whether the runner may read `path`, given the folders above it."""
        return self.uid is None or _succeeds(["test", "-r", str(path)], self)

    def demand(self, path: Path) -> None:
        """Raises Unavailable where the runner does not reach `path`."""
        if not self.reaches(path):
            raise Unavailable(
                f"PostgreSQL does not run as root, and the user nobody cannot reach {path}: "
                "start as another user, or set ABUSEDESK_DATA to a folder such as /var/lib/abusedesk."
            )


@cache
def runner() -> Runner:
    """The way to run PostgreSQL here. Raises Unavailable where root has no way to be someone else."""
    if os.geteuid() != 0:
        return Runner()
    if shutil.which(NAMESPACE[0]) and _succeeds([*NAMESPACE, "true"], Runner()):
        return Runner(prefix=NAMESPACE)
    return nobody()


def nobody() -> Runner:
    """The runner that drops to the user `nobody`. Raises Unavailable where there is none."""
    try:
        found = pwd.getpwnam("nobody")
    except KeyError as fault:
        raise Unavailable("PostgreSQL does not run as root: start abusedesk as another user.") from fault
    return Runner(uid=found.pw_uid, gid=found.pw_gid)


def _succeeds(argv: Sequence[str], who: Runner) -> bool:
    groups = None if who.uid is None else ()
    try:
        done = subprocess.run(argv, user=who.uid, group=who.gid, extra_groups=groups, capture_output=True)
    except OSError:
        return False
    return done.returncode == 0
