"""The DKIM verifiers that bench/dkim.py measures against, installed where they are missing.

libopendkim and Mail::DKIM are Debian packages: apt-get fetches them, as root. mailauth comes by npm into
`.venv.bench/` beside the code, which git ignores and anyone may delete; the C driver is built there too. What cannot
be had is said in a sentence and left out: the others are still measured.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from bench.peers.process import Peer

HERE = Path(__file__).resolve().parent
PLACE = HERE.parents[1] / ".venv.bench"
NEW_NODE = (22, 19)
"""What mailauth 5 and later ask for; an older Node gets the newest of mailauth 4."""


class MissingError(Exception):
    """The peer is not to be had here; the text says why."""


def installed() -> Iterator[Peer]:
    """The peers that run here, in the order of the report; a line on stderr for each that does not."""
    PLACE.mkdir(exist_ok=True)
    for name, find in FOUND_BY.items():
        try:
            yield find()
        except MissingError as why:
            print(f"{name} is left out: {why}", file=sys.stderr)


def libopendkim() -> Peer:
    packages = ("libopendkim-dev", "gcc", "libc6-dev")
    debian("libopendkim-dev or a C compiler", packages, lambda: bool(shutil.which("cc")) and has_header())
    driver = PLACE / "opendkim"
    done("cc", "-O2", "-I/usr/include/opendkim", "-o", str(driver), str(HERE / "opendkim.c"), "-lopendkim")
    return Peer(f"libopendkim {debian_version('libopendkim11')}", (str(driver),))


def mail_dkim() -> Peer:
    debian("libmail-dkim-perl", ("libmail-dkim-perl",), lambda: bool(perl_version()))
    return Peer(f"Mail::DKIM {perl_version()}", ("perl", str(HERE / "maildkim.pl")))


def mailauth() -> Peer:
    if not (shutil.which("node") and shutil.which("npm")):
        debian("node or npm", ("nodejs", "npm"), lambda: bool(shutil.which("node") and shutil.which("npm")))
    version = tuple(map(int, done("node", "--version").strip("v\n").split(".")[:2]))
    wanted = "mailauth@latest" if version >= NEW_NODE else "mailauth@4"
    if version < NEW_NODE:
        print("mailauth 5 and later need Node 22.19, which is not here: mailauth 4 is measured", file=sys.stderr)
    modules = PLACE / "mailauth" / "node_modules"
    if not (modules / "mailauth").is_dir():
        modules.parent.mkdir(exist_ok=True)
        (modules.parent / "package.json").write_text("{}\n", encoding="utf-8")
        done("npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", wanted, cwd=modules.parent)
    environment = {"NODE_PATH": str(modules)}
    ask = 'process.stdout.write(require("mailauth/package.json").version)'
    found = done("node", "-e", ask, environment=environment)
    return Peer(f"mailauth {found}", ("node", str(HERE / "mailauth.js")), environment)


FOUND_BY: dict[str, Callable[[], Peer]] = {
    "libopendkim": libopendkim,
    "Mail::DKIM": mail_dkim,
    "mailauth": mailauth,
}


def debian(name: str, packages: tuple[str, ...], there: Callable[[], bool]) -> None:
    """Installs Debian packages unless `there()`. Raises MissingError where that cannot be done."""
    if there():
        return
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        raise MissingError(f"{name} is missing, and only root on Debian can have it installed by this script")
    quiet = {"DEBIAN_FRONTEND": "noninteractive"}
    done("apt-get", "update", "-qq", environment=quiet)
    done("apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages, environment=quiet)
    if not there():
        raise MissingError(f"{name} was installed and still cannot be used")


def has_header() -> bool:
    return Path("/usr/include/opendkim/dkim.h").exists()


def debian_version(package: str) -> str:
    return done("dpkg-query", "-W", "-f", "${Version}", package) if shutil.which("dpkg-query") else ""


def perl_version() -> str:
    """The version of Mail::DKIM, empty where it is not there."""
    try:
        return done("perl", "-MMail::DKIM", "-e", "print Mail::DKIM->VERSION")
    except MissingError:
        return ""


def done(*command: str, cwd: Path | None = None, environment: dict[str, str] | None = None) -> str:
    """What the command printed. Raises MissingError with its last words where it is not there or fails."""
    try:
        ran = subprocess.run(
            command, cwd=cwd, env=os.environ | (environment or {}), capture_output=True, text=True, check=False
        )
    except OSError as fault:
        raise MissingError(f"{command[0]}: {fault.strerror}") from fault
    if ran.returncode != 0:
        raise MissingError(f"{command[0]} failed: {(ran.stderr.strip().splitlines() or ['without a word'])[-1]}")
    return ran.stdout
