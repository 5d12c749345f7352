"""The standing self-test tells whether a suspension bites, and leaves the probe account as it was."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest

from app.audit.domain import SYSTEM
from app.bootstrap import Desk
from app.enforcement import service
from app.enforcement.domain import ActionKind
from app.enforcement.service import Decision
from app.senders import service as senders
from app.senders.domain import SenderStatus
from tests.enforcement.servers import MadeUp
from tests.factories.customers import customers
from workers import self_test
from workers.caretaker import Caretaker
from workers.self_test import SelfTest, Ticking

PROBE_URL = "smtp://Probe%40probe.test:y@127.0.0.1:1"


@pytest.fixture
def probing(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.setattr(self_test, "PATIENCE_SECONDS", 5.0)
    customers(desk, probe=[("login", "probe@probe.test")])
    return replace(desk, settings=replace(desk.settings, probe_sender="probe", probe_url=PROBE_URL))


@contextmanager
def cared_for(desk: Desk, server: MadeUp) -> Iterator[None]:
    """A caretaker goes round in a thread of its own, as in the enforcer."""
    stop = threading.Event()

    def go_round() -> None:
        caretaker = Caretaker(desk, server)
        while not stop.wait(0.05):
            caretaker.step()

    thread = threading.Thread(target=go_round)
    thread.start()
    yield
    stop.set()
    thread.join()


def run(desk: Desk, server: MadeUp) -> bool:
    with cared_for(desk, server):
        return SelfTest(desk, [server], threading.Event()).run()


def alarms(desk: Desk) -> list[str]:
    with desk.work() as work:
        assert senders.find(work, "probe").status is SenderStatus.ACTIVE
        return [each.said for each in service.alarms(work)]


def test_it_passes_where_a_suspension_bites_and_lets_go(probing: Desk) -> None:
    assert run(probing, MadeUp())
    assert alarms(probing) == []


def test_a_mail_server_that_does_not_refuse_fails_it_until_it_does(probing: Desk) -> None:
    server = MadeUp()
    server.lies = True
    assert not run(probing, server)
    assert any("was not seen to refuse it" in said for said in alarms(probing))
    server.lies = False
    assert run(probing, server)
    assert not any("self-test" in said for said in alarms(probing))


@pytest.mark.parametrize("wrong", ["acme", "twin"])
def test_no_customer_is_stopped_for_an_id_that_is_not_the_probe_accounts(probing: Desk, wrong: str) -> None:
    customers(probing, acme=[("login", "mailer@acme.test")])
    if wrong == "twin":
        customers(probing, twin=[("login", "probe@probe.test")])
    desk = replace(probing, settings=replace(probing.settings, probe_sender=wrong))

    assert not run(desk, MadeUp())

    with desk.work() as work:
        assert service.history(work, wrong) == ()
    assert alarms(desk) == [f"The standing self-test failed. {self_test.NOT_THE_PROBE}"]


def test_what_a_killed_one_left_behind_is_no_failure(probing: Desk) -> None:
    with probing.work() as work:
        service.act(work, SYSTEM, "probe", Decision(ActionKind.SUSPEND, self_test.REASON))
    assert run(probing, MadeUp())


def test_one_that_is_ended_counts_for_nothing(probing: Desk) -> None:
    stop = threading.Event()
    stop.set()
    assert not SelfTest(probing, [MadeUp()], stop).run()
    assert alarms(probing) == []
    with probing.work() as work:
        assert service.last_self_test(work) is None


def test_it_is_due_by_its_minutes_and_only_with_a_probe_account(probing: Desk, desk: Desk) -> None:
    ticking = SelfTest(probing, [MadeUp()], threading.Event())
    now = desk.clock.now()
    assert ticking.is_due(None, now) and not ticking.is_due(now, now)
    assert not SelfTest(desk, [MadeUp()], threading.Event()).is_due(None, now)
    Ticking(desk, SelfTest(desk, [], threading.Event())).tick()
