"""Processes of the product's own, started over a test's servers and ended by their pid alone."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from app.settings import PREFIX, Settings
from tests.services.programs import wait_until

ROOT = Path(__file__).parents[2]


@dataclass
class Processes:
    """Processes of ours, started by module name over the test's servers, and ended by their pid alone."""

    settings: Settings
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def start(self, name: str, **settings: str) -> subprocess.Popen[bytes]:
        """`python -m workers.NAME` with more settings by their field's name; a word after NAME is its argument."""
        own = {
            "data": str(self.settings.data),
            "database_url": self.settings.database_url or "",
            "redis_url": self.settings.redis_url or "",
            "dns_zone": str(self.settings.dns_zone or ""),
            "secrets": str(self.settings.secrets or ""),
        } | settings
        env = {PREFIX + key.upper(): value for key, value in own.items()}
        argv = [sys.executable, "-P", "-m", *f"workers.{name}".split()]
        path = {"PYTHONPATH": str(ROOT)}
        with self.log(name).open("ab") as log:
            self.running[name] = subprocess.Popen(argv, env=os.environ | env | path, stdout=log, stderr=log)
        return self.running[name]

    def log(self, name: str) -> Path:
        """What the processes of this name have said."""
        return self.settings.data / f"{name}.log"

    def wait_until_up(self, name: str) -> None:
        """Returns once the process catches SIGTERM, as /proc has it: from then on it ends in order."""
        status = Path(f"/proc/{self.running[name].pid}/status")
        wait_until(lambda: _catches(status.read_text(), signal.SIGTERM), f"{name} is up")

    def kill(self, name: str) -> None:
        """kill -9, the process and those it has started."""
        parent = psutil.Process(self.running[name].pid)
        for each in [parent, *parent.children(recursive=True)]:
            with suppress(psutil.NoSuchProcess):
                each.kill()
        self.running[name].wait()

    def end(self) -> None:
        """Asks all to end, and makes those that do not within 20 s."""
        for each in self.running.values():
            each.terminate()
        for each in self.running.values():
            try:
                each.wait(20)
            except subprocess.TimeoutExpired:
                each.kill()
                each.wait()


def _catches(status: str, wanted: signal.Signals) -> bool:
    [mask] = [line.split()[1] for line in status.splitlines() if line.startswith("SigCgt:")]
    return bool(int(mask, 16) & 1 << (wanted - 1))
