"""What the tests of enforcement share."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import pytest

from app.bootstrap import wire
from app.settings import Settings
from tests.enforcement.shop import LOGIN, Shop
from tests.factories.customers import customers
from tests.triage.arriving import SetClock


@pytest.fixture
def clock() -> SetClock:
    return SetClock(datetime.fromisoformat("2026-03-02T12:00:00+00:00"))


@pytest.fixture
def shop(settings: Settings, clock: SetClock) -> Iterator[Shop]:
    desk = wire(settings, clock=clock)
    customers(desk, acme=[("login", LOGIN), ("domain", "acme.test")], beta=[("login", "mailer@beta.test")])
    yield Shop(desk, clock)
    desk.close()
