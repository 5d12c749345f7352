"""The whole product on a throw-away folder, with made-up customers and complaints coming in by the real doors.

    python -m workers.demo

DNS is a zone file, the mailbox is an IMAP server of the demo's own on the loopback; everything else is what
`abusedesk up` runs. Ctrl-C ends all of it and removes the folder.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from app.errors import AbuseDeskError
from app.infra.embedded import servers
from app.settings import PREFIX, Settings
from workers.stage.cast import NETWORK, RELAY, Customer, customers, write_roster, write_zone
from workers.stage.play import play
from workers.supervise import Program, Supervisor
from workers.up import demand_free, environment, programs

LEAD = "lead@demo.test"
MAILBOX = ("reports", "demo")


def demo() -> int:
    """Runs the demo until a signal, then 0."""
    with _folder() as folder:
        cast = customers()
        env = _prepare(folder, cast)
        settings = Settings.from_environment(os.environ | env)
        demand_free(settings)
        with servers(settings) as running:
            env |= environment(running)
            _command(env, "migrate")
            _command(env, "senders", "import", str(folder / "senders.json"))
            lead = json.loads(_command(env, "staff", "add", LEAD, "--role", "lead", "--json"))
            threading.Thread(target=_play, args=(running, cast), daemon=True).start()
            supervisor = Supervisor([_imap(settings), *programs(running, env)], sys.stdout.buffer)
            return supervisor.run(lambda: _tell(running, lead))


@contextmanager
def _folder() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="abusedesk-demo-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _prepare(folder: Path, cast: Sequence[Customer]) -> dict[str, str]:
    """Writes zone and roster; the settings, as environment, of a product that knows them."""
    write_zone(folder / "zone.tsv", cast)
    write_roster(folder / "senders.json", cast)
    said = {
        "DATA": folder / "var",
        "DATABASE_URL": "",
        "REDIS_URL": "",
        "SECRETS": "",
        "DNS_ZONE": folder / "zone.tsv",
        "OUR_HOSTS": RELAY,
        "OUR_NETWORKS": NETWORK,
        "ORGANISATION": "Demo Relay",
        "CONTACT": "privacy@demo.test",
        "IMAP_URL": f"imap://{MAILBOX[0]}:{MAILBOX[1]}@127.0.0.1:{_free_port()}/INBOX",
        "PUBLIC_URL": "",
        "DESK_URL": "",
    }
    return {PREFIX + name: str(value) for name, value in said.items()}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _imap(settings: Settings) -> Program:
    port = (settings.imap_url or "").rpartition(":")[2].partition("/")[0]
    server = [
        sys.executable,
        "-c",
        "from pymap.main import main; main()",
        "--host",
        "127.0.0.1",
        "--port",
        port,
        "--no-tls",
    ]
    return Program("imap", [*server, "dict", "--demo-user", MAILBOX[0], "--demo-password", MAILBOX[1]])


def _command(env: Mapping[str, str], *words: str) -> str:
    done = subprocess.run([sys.executable, "-m", "app.cli", *words], env=os.environ | env, stdout=subprocess.PIPE)
    if done.returncode:
        raise AbuseDeskError(f"The demo was not started, as `abusedesk {' '.join(words[:2])}` failed.")
    return done.stdout.decode()


def _tell(settings: Settings, staff: Mapping[str, str]) -> None:
    lines = (
        f"Public site  {settings.public_site}",
        f"Staff desk   {settings.desk_site}",
        f"  sign in    {staff['email']}",
        f"  password   {staff['password']}",
        f"  TOTP       {staff['totp_secret']}  (put it into an authenticator app)",
        "Complaints are coming in. Ctrl-C stops everything and forgets it.",
    )
    _say("\n".join(lines))


def _play(settings: Settings, cast: Sequence[Customer]) -> None:
    try:
        play(replace(settings), cast)
    except TimeoutError as fault:
        _say(f"demo: {fault}")
    else:
        _say("demo: all complaints are in.")


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def main() -> int:
    """The demo; the exit code."""
    try:
        return demo()
    except AbuseDeskError as fault:
        sys.stderr.write(f"abusedesk: {fault}\n")
        return 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    raise SystemExit(main())
