"""A desk whose clock the test moves, with one person's address in it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from app.bootstrap import Desk, wire
from app.settings import Settings
from tests.privacy.planted import Planted, plant
from tests.triage.arriving import SetClock


@pytest.fixture
def clock() -> SetClock:
    return SetClock(datetime(2026, 11, 22, 12, tzinfo=UTC))


@pytest.fixture
def desk(settings: Settings, clock: SetClock) -> Iterator[Desk]:
    wired = wire(replace(settings, smtp_url="smtp://127.0.0.1", mail_from="abuse@provider.test"), clock=clock)
    yield wired
    wired.close()


@pytest.fixture
def planted(desk: Desk) -> Planted:
    return plant(desk)
