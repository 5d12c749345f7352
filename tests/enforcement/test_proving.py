"""A decision reaches a mail server, is seen to hold there, is red while it does not, and the case says so."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app.audit.domain import Actor
from app.bootstrap import Desk, wire
from app.enforcement import service
from app.enforcement.domain import ActionKind, scope_of
from app.enforcement.proof import LEAK_AFTER, LOOK_AGAIN, UNATTENDED, UNATTENDED_AFTER, Proof, Stage
from app.enforcement.service import Decision
from app.enforcement.service.alarms import untold
from app.ports import Observed, Order
from app.settings import Settings
from tests.enforcement.servers import MadeUp
from tests.factories.customers import customers
from tests.triage.arriving import SetClock
from workers.caretaker import Caretaker

ANNA = Actor("anna@desk.test", 1)


@pytest.fixture
def clock() -> SetClock:
    return SetClock(datetime(2026, 3, 2, 12, tzinfo=UTC))


@pytest.fixture
def desk(settings: Settings, clock: SetClock) -> Iterator[Desk]:
    wired = wire(settings, clock=clock)
    customers(wired, acme=[("login", "mailer@acme.test")], beta=[("login", "mailer@beta.test")])
    yield wired
    wired.close()


@pytest.fixture
def server() -> MadeUp:
    return MadeUp()


@pytest.fixture
def caretaker(desk: Desk, server: MadeUp) -> Caretaker:
    return Caretaker(desk, server)


def act(
    desk: Desk, kind: ActionKind = ActionKind.SUSPEND, scope: str = "sender", *, sender: str = "acme", **more: Any
) -> None:
    with desk.work() as work:
        service.act(work, ANNA, sender, Decision(kind, "phishing", scope_of(scope), **more))


def reinstate(desk: Desk) -> None:
    with desk.work() as work:
        service.reinstate(work, ANNA, "acme", case_number=None, reason="mended")


def proof(desk: Desk) -> Proof | None:
    with desk.work() as work:
        found = service.proofs(work, ["acme"]).get("acme", ())
    return found[0] if found else None


def stage(desk: Desk) -> Stage | None:
    found = proof(desk)
    return found.stage if found else None


def alarms(desk: Desk) -> list[str]:
    with desk.work() as work:
        return [each.said for each in service.alarms(work)]


def told(desk: Desk) -> list[tuple[str, str | None]]:
    """What is to be told of alarms: that one is raised or over, and about whom."""
    with desk.work() as work:
        found = [each.alarm for each in untold(work, timedelta(0), 9)]
    return [("over" if each.cleared_at else "raised", each.sender) for each in found]


def test_a_suspension_is_applied_and_proven_in_one_step(desk: Desk, caretaker: Caretaker, server: MadeUp) -> None:
    act(desk)
    caretaker.step()

    assert stage(desk) is Stage.PROVEN
    assert [line.kind for line in server.done["acme"].lines] == ["suspend"]
    assert "beta" not in server.done


def test_nothing_is_told_twice_until_it_is_time_to_look_again(
    desk: Desk, caretaker: Caretaker, server: MadeUp, clock: SetClock
) -> None:
    act(desk)
    for _ in range(3):
        caretaker.step()
        clock.move(timedelta(seconds=1))
    assert len(server.told) == 1

    clock.move(LOOK_AGAIN)
    caretaker.step()
    assert len(server.told) == 2


def test_a_reinstated_sender_is_let_through_and_nothing_is_left_to_do(
    desk: Desk, caretaker: Caretaker, server: MadeUp
) -> None:
    act(desk)
    caretaker.step()
    reinstate(desk)
    caretaker.step()

    assert server.done["acme"].lines == ()
    assert stage(desk) is None


def test_a_mail_server_that_says_yes_and_does_nothing_turns_red_and_raises_an_alarm(
    desk: Desk, caretaker: Caretaker, server: MadeUp, clock: SetClock
) -> None:
    server.lies = True
    act(desk)
    caretaker.step()
    assert stage(desk) is Stage.APPLIED and alarms(desk) == []

    clock.move(LEAK_AFTER)
    caretaker.step()
    assert stage(desk) is Stage.LEAKING
    assert alarms(desk) == ["Sender acme should be stopped at madeup and is not proven to be."]
    with desk.work() as work:
        assert service.leaking(work) == {"acme"}

    server.lies = False
    clock.move(timedelta(minutes=2))
    caretaker.step()
    assert stage(desk) is Stage.PROVEN and alarms(desk) == []


def test_a_mail_server_that_is_away_turns_red_and_recovers_by_itself(
    desk: Desk, caretaker: Caretaker, server: MadeUp, clock: SetClock
) -> None:
    server.away = True
    act(desk)
    caretaker.step()
    assert stage(desk) is Stage.ASKED
    clock.move(LEAK_AFTER)
    caretaker.step()
    assert stage(desk) is Stage.LEAKING

    server.away = False
    clock.move(timedelta(minutes=2))
    caretaker.step()
    assert stage(desk) is Stage.PROVEN


def test_what_a_mail_server_forgot_is_noticed_and_set_again(
    desk: Desk, caretaker: Caretaker, server: MadeUp, clock: SetClock
) -> None:
    act(desk)
    caretaker.step()
    server.done.clear()
    clock.move(LOOK_AGAIN)
    caretaker.step()

    assert stage(desk) is Stage.PROVEN
    assert server.done["acme"].lines
    with desk.work() as work:
        tries = service.attempts(work, "acme")
    assert [(each.what, each.ok) for each in tries] == [
        *[("observe", True), ("apply", True), ("observe", False)],
        *[("observe", True), ("apply", True)],
    ]
    assert told(desk) == [("over", "acme")]


def test_what_ends_while_it_is_looked_at_was_not_lost(
    desk: Desk, caretaker: Caretaker, server: MadeUp, clock: SetClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    act(desk)
    caretaker.step()

    def ended(orders: Sequence[Order]) -> dict[str, Observed]:
        monkeypatch.undo()
        reinstate(desk)
        return {each.sender: Observed(False, "let through") for each in orders}

    monkeypatch.setattr(server, "observe", ended)
    clock.move(LOOK_AGAIN)
    caretaker.step()

    assert stage(desk) is not Stage.LEAKING
    assert told(desk) == []


def test_what_cannot_be_looked_at_for_a_while_stays_proven_for_so_long(
    desk: Desk, caretaker: Caretaker, server: MadeUp, clock: SetClock
) -> None:
    act(desk)
    caretaker.step()
    server.busy = True
    clock.move(LOOK_AGAIN)
    caretaker.step()
    assert stage(desk) is Stage.PROVEN

    server.done.clear()
    server.lies, server.busy = True, False
    clock.move(timedelta(seconds=1))
    caretaker.step()
    assert stage(desk) is Stage.LEAKING


def test_what_cannot_be_looked_at_for_long_is_red(
    desk: Desk, caretaker: Caretaker, server: MadeUp, clock: SetClock
) -> None:
    act(desk)
    caretaker.step()
    server.busy = True
    clock.move(LOOK_AGAIN)
    for _ in range(15):
        caretaker.step()
        clock.move(timedelta(minutes=1))

    assert stage(desk) is Stage.LEAKING


def test_a_stop_is_not_proven_while_nothing_can_be_tried_out(
    desk: Desk, caretaker: Caretaker, server: MadeUp, clock: SetClock
) -> None:
    server.busy = True
    act(desk)
    caretaker.step()
    assert stage(desk) is Stage.APPLIED

    server.busy = False
    clock.move(timedelta(seconds=1))
    caretaker.step()
    assert stage(desk) is Stage.PROVEN


def test_what_is_lost_and_cannot_be_set_again_is_red_at_once(
    desk: Desk, caretaker: Caretaker, server: MadeUp, clock: SetClock
) -> None:
    act(desk)
    caretaker.step()
    server.done.clear()
    server.lies = True
    clock.move(LOOK_AGAIN)
    caretaker.step()

    assert stage(desk) is Stage.LEAKING


def test_a_stop_that_cannot_be_seen_is_never_called_proven(
    desk: Desk, caretaker: Caretaker, server: MadeUp, clock: SetClock
) -> None:
    server.blind = True
    act(desk)
    caretaker.step()
    assert stage(desk) is Stage.APPLIED
    clock.move(LEAK_AFTER)
    caretaker.step()
    assert stage(desk) is Stage.LEAKING


def test_a_throttle_that_cannot_be_seen_is_applied_and_no_alarm(
    desk: Desk, caretaker: Caretaker, server: MadeUp, clock: SetClock
) -> None:
    server.blind = True
    act(desk, ActionKind.THROTTLE, per_hour=100)
    for _ in range(3):
        caretaker.step()
        clock.move(LEAK_AFTER)

    assert stage(desk) is Stage.APPLIED and alarms(desk) == []


def test_a_new_decision_is_told_at_once_and_the_earlier_answer_does_not_count_for_it(
    desk: Desk, caretaker: Caretaker, server: MadeUp
) -> None:
    act(desk, ActionKind.THROTTLE, per_hour=100)
    caretaker.step()
    act(desk)
    with desk.work() as work:
        due = service.due(work, server.name, server.node)
    assert [len(each.lines) for each in due.orders] == [2]
    assert stage(desk) is Stage.ASKED
    caretaker.step()
    assert stage(desk) is Stage.PROVEN


def test_an_action_that_expires_is_taken_off_the_mail_server_whatever_else_runs(
    desk: Desk, caretaker: Caretaker, server: MadeUp, clock: SetClock
) -> None:
    act(desk, until=clock.now() + timedelta(hours=1))
    caretaker.step()
    clock.move(timedelta(hours=1))
    caretaker.step()

    assert server.done["acme"].lines == () and stage(desk) is None


def test_every_login_and_domain_that_is_stopped_has_a_probe(desk: Desk) -> None:
    customers(desk, acme=[("login", "mailer@acme.test"), ("login", "news@acme.test"), ("domain", "acme.test")])
    act(desk, scope="login:news@acme.test")
    act(desk, scope="domain:acme.test")
    with desk.work() as work:
        (order,) = service.due(work, "postfix", "here").orders
    assert len(order.probes) == 2
    assert {line.scope: line.logins for line in order.lines} == {"login": ("news@acme.test",), "domain": ()}


def test_what_waits_in_the_queue_is_known(desk: Desk, caretaker: Caretaker) -> None:
    caretaker.step()
    with desk.work() as work:
        assert [(each.waiting, each.held) for each in service.queued(work, "acme")] == [(3, 1)]


def connected(desk: Desk) -> Desk:
    """The same desk with a mail server in its settings."""
    url = replace(desk.settings, hook_url="http://127.0.0.1:1/", hook_key="k")
    return replace(desk, settings=url, work=replace(desk.work, settings=url))


def test_a_stop_that_no_enforcer_took_up_is_red_and_an_alarm(desk: Desk, clock: SetClock) -> None:
    act(desk)
    there = connected(desk)
    assert stage(there) is None
    clock.move(LEAK_AFTER + timedelta(seconds=1))
    with there.work() as work:
        service.watch(work)
    assert stage(there) is Stage.LEAKING
    assert alarms(there) == [UNATTENDED]
    with there.work() as work:
        assert service.leaking(work) == {"acme"}


def test_a_stop_after_the_enforcer_died_is_not_called_proven_for_what_was_proven_before(
    desk: Desk, caretaker: Caretaker, clock: SetClock
) -> None:
    act(desk, scope="login:mailer@acme.test")
    caretaker.step()
    clock.move(timedelta(seconds=30))
    act(desk)
    clock.move(LEAK_AFTER + timedelta(seconds=1))
    assert stage(connected(desk)) is Stage.LEAKING


def test_what_nobody_looks_after_any_more_is_told_and_over_once_somebody_does(
    desk: Desk, caretaker: Caretaker, clock: SetClock
) -> None:
    act(desk)
    caretaker.step()
    clock.move(LOOK_AGAIN + UNATTENDED_AFTER + timedelta(seconds=1))
    with desk.work() as work:
        service.watch(work)
    assert stage(desk) is Stage.LEAKING and alarms(desk) == [UNATTENDED]

    caretaker.step()
    with desk.work() as work:
        service.watch(work)
    assert stage(desk) is Stage.PROVEN and alarms(desk) == []


def test_who_a_slow_server_was_not_asked_about_is_next_and_what_is_new_goes_first(
    desk: Desk, server: MadeUp, caretaker: Caretaker, clock: SetClock
) -> None:
    server.slow = True
    act(desk, sender="beta")
    caretaker.step()
    act(desk, ActionKind.HOLD, sender="beta")  # of one whose order is in force already
    clock.move(timedelta(seconds=1))
    act(desk)

    caretaker.step()
    with desk.work() as work:
        found = {sender: each[0].stage for sender, each in service.proofs(work, ["acme", "beta"]).items()}
    assert len(server.told) == 2
    assert sorted(found.values()) == [Stage.ASKED, Stage.PROVEN]
    caretaker.step()

    assert len(server.told) == 3
    with desk.work() as work:
        assert [each[0].stage for each in service.proofs(work, ["acme", "beta"]).values()] == [Stage.PROVEN] * 2
        assert [each.ok for each in service.attempts(work, "acme")] == [True, True]
