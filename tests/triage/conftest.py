"""A desk whose clock the test moves, with one sender."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from app.bootstrap import Desk, wire
from app.settings import Settings
from tests.triage.arriving import SetClock, add_sender


@pytest.fixture
def clock() -> SetClock:
    return SetClock(datetime(2026, 11, 22, 12, tzinfo=UTC))


@pytest.fixture
def desk(settings: Settings, clock: SetClock) -> Iterator[Desk]:
    """The wired product; the sender `acme` is over a year old."""
    wired = wire(replace(settings, clicks_open=5, clicks_raise=10), clock=clock)
    with wired.work() as work:
        add_sender(work)
    yield wired
    wired.close()
