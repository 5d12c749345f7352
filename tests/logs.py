"""The log of a process, caught: what it wrote, line by line. The log is as it was after the test."""

from __future__ import annotations

import io
import json
import logging
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
import structlog

from app.infra.logs import for_a_process


@dataclass
class Log:
    """What a process with JSON logs wrote."""

    out: io.StringIO = field(default_factory=io.StringIO)

    @property
    def text(self) -> str:
        return self.out.getvalue()

    @property
    def lines(self) -> list[dict[str, object]]:
        return [json.loads(line) for line in self.text.splitlines()]

    def events(self, name: str) -> list[dict[str, object]]:
        """The lines of one event."""
        return [line for line in self.lines if line["event"] == name]


@pytest.fixture
def kept() -> Iterator[None]:
    """Puts back what setting up a log changes for the whole process."""
    root = logging.getLogger()
    before = root.handlers[:], root.level, sys.excepthook, threading.excepthook
    yield
    root.handlers[:], level, sys.excepthook, threading.excepthook = before
    root.setLevel(level)
    structlog.reset_defaults()
    structlog.contextvars.clear_contextvars()


@pytest.fixture
def log(kept: None) -> Log:
    """The log of this process, as JSON, from here on."""
    written = Log()
    for_a_process("json", written.out)
    return written
