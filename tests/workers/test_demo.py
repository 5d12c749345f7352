"""The demo shows a newcomer a living desk: cases by form, LMTP and mailbox, one of them proven, within a minute."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import urllib.parse
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any

import pyotp
import pytest

from app.settings import PREFIX
from tests.factories.sites import hidden_fields
from tests.services.processes import ROOT
from tests.services.programs import free_port, wait_until

PYTHON = [sys.executable, "-P", "-m"]


@dataclass
class Newcomer:
    """Somebody who starts the demo in `folder`, reads what it prints and signs in at the desk."""

    folder: Path
    desk: str
    process: subprocess.Popen[bytes]
    browser: urllib.request.OpenerDirector = field(
        default_factory=lambda: urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
    )

    def told(self, pattern: str) -> str:
        """What the demo has printed there, empty where it has not yet."""
        found = re.search(pattern, (self.folder / "demo.log").read_text())
        return found[1] if found else ""

    def look(self, path: str) -> str:
        with self.browser.open(self.desk + path, timeout=10) as page:
            return str(page.read().decode())

    def send(self, path: str, **fields: str) -> None:
        words = {name: str(value) for name, value in hidden_fields(self.look(path)).items()} | fields
        request = urllib.request.Request(self.desk + path, urllib.parse.urlencode(words).encode())
        with self.browser.open(request, timeout=10) as page:
            page.read()

    def sign_in(self) -> None:
        self.send("/login", email=self.told(r"sign in +(\S+)"), password=self.told(r"password +(\S+)"))
        self.send("/tf-validate", code=pyotp.TOTP(self.told(r"TOTP +(\S+)")).now())

    def command(self, *words: str) -> list[dict[str, Any]]:
        """What a command says of the demo's own data."""
        [data] = self.folder.glob("abusedesk-demo-*/var")
        env = os.environ | {f"{PREFIX}DATA": str(data), "PYTHONPATH": str(ROOT)}
        said = subprocess.run([*PYTHON, "app.cli", *words, "--json"], env=env, capture_output=True, check=True).stdout
        return [each for line in said.splitlines() for each in _listed(json.loads(line))]


def _listed(said: Any) -> list[dict[str, Any]]:
    return said if isinstance(said, list) else [said]


@pytest.fixture
def newcomer(tmp_path: Path) -> Iterator[Newcomer]:
    ports = {name: free_port() for name in ("PUBLIC", "DESK", "LMTP", "POLICY")}
    env = {PREFIX + name: f"127.0.0.1:{port}" for name, port in ports.items()}
    env |= {"PYTHONPATH": str(ROOT), "TMPDIR": str(tmp_path)}
    with (tmp_path / "demo.log").open("wb") as log:
        process = subprocess.Popen([*PYTHON, "workers.demo"], env=os.environ | env, stdout=log, stderr=log)
    yield Newcomer(tmp_path, f"http://127.0.0.1:{ports['DESK']}", process)
    if process.poll() is None:
        process.send_signal(signal.SIGINT)
    process.wait(30)


def test_the_desk_is_alive_within_a_minute(newcomer: Newcomer) -> None:
    wait_until(lambda: newcomer.told(r"(all complaints are in)"), "every complaint is handed in", seconds=60)

    doors = {"form", "lmtp", "mailbox"}
    wait_until(
        lambda: doors <= {each["door"] for each in newcomer.command("reports", "--limit", "200")}, "all doors", 30
    )
    assert "proven" in {each["verdict"] for each in newcomer.command("cases")}
    newcomer.sign_in()
    assert newcomer.look("/queue").count('href="/cases/') >= 4


def test_ctrl_c_ends_it_and_removes_its_folder(newcomer: Newcomer) -> None:
    wait_until(lambda: newcomer.told(r"(Ctrl-C stops everything)"), "it is up", seconds=60)

    newcomer.process.send_signal(signal.SIGINT)

    assert newcomer.process.wait(30) == 0
    assert list(newcomer.folder.glob("abusedesk-demo-*")) == []
