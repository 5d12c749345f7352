"""A desk that sends by a real mail server on the loopback, and whose clock the test moves."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from app.bootstrap import Desk, wire
from app.settings import Settings
from tests.logs import kept, log
from tests.services.sink import Sink
from tests.triage.arriving import SetClock

FROM = "abuse@provider.test"


@pytest.fixture
def clock() -> SetClock:
    return SetClock(datetime(2026, 3, 2, 12, tzinfo=UTC))


@pytest.fixture
def sink() -> Iterator[Sink]:
    with Sink() as running:
        yield running


@pytest.fixture
def desk_with(settings: Settings, clock: SetClock) -> Iterator[Callable[..., Desk]]:
    """Desks on the test's database with settings of their own."""
    wired: list[Desk] = []

    def make(**given: object) -> Desk:
        wired.append(wire(replace(settings, **given), clock=clock))  # type: ignore[arg-type]
        return wired[-1]

    yield make
    for each in wired:
        each.close()


@pytest.fixture
def desk(desk_with: Callable[..., Desk], sink: Sink) -> Desk:
    return desk_with(smtp_url=sink.url, mail_from=FROM, organisation="Provider Ltd")


__all__ = ["kept", "log"]
