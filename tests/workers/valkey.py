"""A Valkey of a test's own, that can be stopped and started again, empty or not."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Self

from app.infra.places import Place
from app.infra.valkey import Valkey
from tests.services.programs import wait_until


class PrivateValkey:
    """Runs within the block; `url` stays the same over restarts."""

    def __enter__(self) -> Self:
        self._folder = Path(tempfile.mkdtemp(prefix="valkey-"))  # short: the socket's path
        place = Place(self._folder, "valkey")
        place.make()
        self._server = Valkey(place, durable=False)
        self._server.prepare()
        self.url = self._server.url
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
        shutil.rmtree(self._folder, ignore_errors=True)

    def start(self) -> None:
        self._process = subprocess.Popen(self._server.command(), stdout=subprocess.DEVNULL)
        wait_until(self._server.answers, "Valkey answers")

    def stop(self) -> None:
        """Stops it; what it held is there again after the next start."""
        self._process.terminate()
        self._process.wait(30)
