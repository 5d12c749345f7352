"""Actions that begin, end and overlap between two looks at a mail server: what is kept back, what becomes of it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import Session

from app.bootstrap import wire
from app.enforcement import service, snapshot_service
from app.enforcement.bucket import Buckets
from app.enforcement.delegation import Question
from app.enforcement.domain import ActionKind, Queued
from app.enforcement.proof import LEAK_AFTER, LOOK_AGAIN, Stage
from app.enforcement.snapshot import Judge, Snapshot
from app.errors import Conflict
from app.infra.connectors.postfix_tables import frozen_domains
from app.ports import Observed, Order
from app.senders import store as senders_store
from tests.enforcement.servers import MadeUp
from tests.enforcement.shop import ANNA, BEN, LOGIN, MINUTE, Blind, Shop
from tests.factories.customers import customers
from workers.caretaker import Caretaker

NEWS, SHOP = ({"kind": "login", "value": f"{name}@acme.test", "stream": name} for name in ("news", "shop"))


def test_of_two_limits_the_lower_one_counts(shop: Shop) -> None:
    for limit in (120, 1200):
        shop.act(ActionKind.THROTTLE, per_hour=limit)
        shop.clock.move(MINUTE)
    with shop.desk.work() as work:
        known = snapshot_service.snapshot(work, Snapshot(), changed=True)
    judge, buckets = Judge(str.encode), Buckets()
    asked = Question("RCPT", LOGIN, "n@acme.test", "r@x.test")

    took = [
        buckets.take([each.bucket for each in judge.verdict(known, asked, shop.clock.now()).slow], 1, float(second))
        for second in range(3600)
    ]

    assert took.count(None) <= 131


def test_mail_held_by_a_hold_that_came_and_went_between_two_looks_is_released(shop: Shop) -> None:
    shop.later()
    action = shop.act(ActionKind.HOLD)
    shop.queue.put("A", shop.clock.now() + timedelta(seconds=2), hold=True)
    shop.clock.move(timedelta(seconds=3))
    shop.undo(action)

    shop.later(timedelta(minutes=5), rounds=3)

    assert shop.queue.log == [("release", "A")]


def test_mail_answered_hold_and_handed_in_after_the_end_is_released(shop: Shop) -> None:
    action = shop.act(ActionKind.HOLD)
    shop.later(timedelta(minutes=5))
    asked = shop.clock.now()
    shop.clock.move(timedelta(seconds=5))
    shop.lift(action)
    shop.later()
    shop.queue.put("A", asked, hold=True)

    shop.later(timedelta(minutes=5), rounds=3)

    assert shop.queue.log == [("release", "A")]


def test_a_hold_that_ends_while_a_look_goes_on_releases_its_mail(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    action = shop.act(ActionKind.HOLD)
    looked: list[object] = []

    def slowly(
        self: Blind, orders: Sequence[Order], before: Callable[..., dict[str, Observed]] = Blind.observe
    ) -> Any:
        if not looked:
            looked.append(orders)
            shop.clock.move(timedelta(seconds=2))
            shop.queue.put("A", shop.clock.now(), hold=True)
            shop.clock.move(timedelta(seconds=2))
            shop.undo(action)
            shop.clock.move(timedelta(seconds=2))
        return before(self, orders)

    monkeypatch.setattr(Blind, "observe", slowly)
    shop.later(timedelta(minutes=5), rounds=3)

    assert shop.queue.log == [("release", "A")]


def test_what_somebody_else_holds_after_a_hold_ended_is_left_alone(shop: Shop) -> None:
    action = shop.act(ActionKind.HOLD)
    shop.later()
    shop.lift(action)
    shop.later(timedelta(minutes=5))
    shop.queue.put("A", shop.clock.now(), hold=True)

    shop.later(timedelta(minutes=5), rounds=20)

    assert shop.queue.log == []


def test_nobody_is_looked_after_for_ever(shop: Shop) -> None:
    action = shop.act(ActionKind.HOLD)
    shop.later()
    shop.lift(action)
    shop.later(timedelta(minutes=5), rounds=20)
    with shop.desk.work() as work:
        due = service.due(work, "postfix", shop.care._connector.node, whole=True)

    assert (due.orders, due.standing) == ((), ())


def test_a_stopped_senders_mail_stays_when_its_login_ends(shop: Shop) -> None:
    shop.act(ActionKind.SUSPEND)
    shop.queue.put("A", shop.clock.now() - timedelta(seconds=9))
    shop.later()
    shop.roster("acme", {"kind": "login", "value": LOGIN, "until": shop.clock.now().isoformat()})
    shop.clock.move(MINUTE)

    shop.later()

    assert shop.queue.log == []


@pytest.mark.parametrize("queued", [Queued.RELEASE, Queued.DISCARD])
def test_a_login_that_is_another_s_by_now_is_stopped_no_more_and_its_held_mail_stays(
    shop: Shop, queued: Queued
) -> None:
    action = shop.act(ActionKind.SUSPEND, f"login:{LOGIN}")
    shop.queue.put("A", shop.clock.now() - timedelta(seconds=9))
    shop.later()
    shop.roster("acme", {"kind": "login", "value": LOGIN, "until": shop.clock.now().isoformat()})
    shop.roster("beta", {"kind": "login", "value": LOGIN})
    shop.clock.move(MINUTE)
    with shop.desk.work() as work:
        (order,) = service.due(work, "postfix", shop.care._connector.node).orders
    assert [line.logins for line in order.lines] == [()]

    shop.later()
    assert shop.queue.log == []
    shop.lift(action, queued)
    shop.later()
    assert shop.queue.log == [(queued.value, "A")]


def test_each_end_says_what_becomes_of_its_own_mail(shop: Shop) -> None:
    shop.roster("acme", NEWS, SHOP)
    news, other = shop.act(ActionKind.HOLD, "stream:news"), shop.act(ActionKind.HOLD, "stream:shop")
    for name in ("news", "shop"):
        shop.queue.put(name, shop.clock.now() - timedelta(seconds=9), f"{name}@acme.test")
    shop.later()
    shop.lift(other)
    shop.clock.move(timedelta(milliseconds=300))
    shop.lift(news, Queued.DISCARD)

    shop.later()

    assert sorted(shop.queue.log) == [("discard", "news"), ("release", "shop")]


def test_an_old_choice_to_throw_away_touches_no_later_mail(shop: Shop) -> None:
    shop.roster("acme", NEWS, SHOP)
    action = shop.act(ActionKind.HOLD, "stream:news")
    shop.later()
    shop.lift(action, Queued.DISCARD)
    shop.later(timedelta(days=90))
    shop.act(ActionKind.SUSPEND, "stream:news")
    shop.later(timedelta(minutes=6))
    shop.queue.put("A", shop.clock.now(), "shop@acme.test", hold=True)

    shop.later(timedelta(minutes=6), rounds=2)

    assert shop.queue.log == []


def test_the_end_of_something_else_does_not_change_the_choice(shop: Shop) -> None:
    hold, limit = shop.act(ActionKind.HOLD), shop.act(ActionKind.THROTTLE, per_hour=10)
    shop.queue.put("A", shop.clock.now() - timedelta(seconds=9))
    shop.later()
    shop.lift(hold, Queued.DISCARD)
    shop.clock.move(timedelta(milliseconds=300))
    shop.undo(limit)

    shop.later()

    assert shop.queue.log == [("discard", "A")]


def test_mail_of_a_shared_login_stays_while_one_of_them_is_stopped(shop: Shop) -> None:
    shop.roster("beta", {"kind": "login", "value": LOGIN})
    hold = shop.act(ActionKind.HOLD)
    shop.later()
    shop.queue.put("A", shop.clock.now(), hold=True)
    shop.clock.move(MINUTE)
    shop.act(ActionKind.SUSPEND, sender="beta")
    shop.later()
    shop.lift(hold)

    shop.later()

    assert shop.queue.log == []


def test_a_closed_sender_does_not_freeze_the_domain_that_another_has_too(shop: Shop) -> None:
    shop.roster("beta", {"kind": "login", "value": "mailer@beta.test"}, {"kind": "domain", "value": "acme.test"})
    shop.roster("acme", {"kind": "domain", "value": "only.acme.test"})
    action = shop.act(ActionKind.TERMINATE)
    with shop.desk.work() as work:
        service.confirm(work, BEN, action)
        (order,) = service.due(work, "postfix", "").orders

    assert order.shared == ("acme.test",)
    assert list(frozen_domains(order)) == ["only.acme.test"]

    shop.roster("beta", {"kind": "domain", "value": "acme.test", "until": shop.clock.now().isoformat()})
    shop.clock.move(MINUTE)
    with shop.desk.work() as work:
        (again,) = service.due(work, "postfix", "").orders
    assert {*frozen_domains(again)} == {"acme.test", "only.acme.test"} and again.key != order.key


def test_a_new_stop_goes_before_those_that_fail_again_and_again(shop: Shop) -> None:
    many = [f"c{number}" for number in range(250)]
    customers(shop.desk, **{each: [("login", f"m@{each}.test")] for each in many})
    for each in many:
        shop.act(ActionKind.SUSPEND, sender=each)
    server = MadeUp()
    server.away = True
    care = Caretaker(shop.desk, server)
    for _ in range(2):
        care.step()
    shop.clock.move(MINUTE)
    shop.act(ActionKind.SUSPEND)
    server.away = False

    care.step()

    assert "acme" in server.done


@pytest.mark.parametrize("said", ["suspended", "closed"])
def test_what_the_roster_says_meanwhile_holds_when_an_action_ends(shop: Shop, said: str) -> None:
    shop.act(ActionKind.THROTTLE, per_hour=100, until=shop.clock.now() + timedelta(hours=1))
    shop.roster("acme", status=said)
    with shop.desk.work() as work:
        kinds = {each.kind for each in service.standing(work)["acme"].measures}
    shop.clock.move(timedelta(hours=2))
    with shop.desk.work() as work:
        service.expire(work, lambda _number: None, lambda _fact: None)

    assert kinds == {ActionKind.THROTTLE} | ({ActionKind.SUSPEND} if said == "suspended" else set())
    assert shop.status() == said


def test_a_new_stop_goes_before_what_is_looked_at_again(shop: Shop) -> None:
    customers(shop.desk, **{f"c{number}": [("login", f"m@c{number}.test")] for number in range(250)})
    for number in range(250):
        shop.act(ActionKind.SUSPEND, sender=f"c{number}")
    server = MadeUp()
    care = Caretaker(shop.desk, server)
    for _ in range(2):
        care.step()
    shop.clock.move(timedelta(minutes=30))
    shop.act(ActionKind.SUSPEND)

    care.step()

    assert "acme" in server.done


def test_an_alarm_ends_with_the_stop_it_is_about(shop: Shop) -> None:
    server = MadeUp()
    server.blind = True
    care = Caretaker(shop.desk, server)
    action = shop.act(ActionKind.SUSPEND)
    care.step()
    shop.clock.move(LEAK_AFTER)
    care.step()
    with shop.desk.work() as work:
        assert service.alarms(work)
    shop.lift(action)
    for _ in range(3):
        care.step()
        shop.clock.move(LOOK_AGAIN)

    with shop.desk.work() as work:
        assert not service.alarms(work)


def test_nobody_reopens_alone_what_two_people_closed(shop: Shop) -> None:
    action = shop.act(ActionKind.TERMINATE)
    with shop.desk.work() as work:
        service.confirm(work, BEN, action)

    with pytest.raises(Conflict, match="lift that"), shop.desk.work() as work:
        service.reinstate(work, ANNA, "acme", case_number=None, reason="x")

    assert shop.status() == "closed"


def test_nobody_agrees_with_what_is_over(shop: Shop) -> None:
    action = shop.act(ActionKind.SUSPEND, needs_second=True, until=shop.clock.now() + MINUTE)
    shop.clock.move(2 * MINUTE)

    with pytest.raises(Conflict, match="time is over"), shop.desk.work() as work:
        service.confirm(work, BEN, action)


def test_what_a_second_person_agreed_to_late_is_undone_in_one_click_from_then_on(shop: Shop) -> None:
    action = shop.act(ActionKind.TERMINATE)
    shop.clock.move(45 * MINUTE)
    with shop.desk.work() as work:
        service.confirm(work, BEN, action)
    shop.clock.move(29 * MINUTE)

    shop.undo(action)

    assert shop.status() == "active"


def test_a_key_is_for_one_thing(shop: Shop) -> None:
    action = shop.act(ActionKind.SUSPEND, key="k")

    assert shop.act(ActionKind.SUSPEND, key="k") == action
    with pytest.raises(Conflict, match="something else"):
        shop.act(ActionKind.SUSPEND, sender="beta", key="k")


def test_a_key_of_something_milder_is_no_reason_to_do_nothing(shop: Shop) -> None:
    shop.act(ActionKind.SUSPEND, f"login:{LOGIN}", key="part")
    shop.act(ActionKind.THROTTLE, per_hour=1000, key="limit")
    first = shop.act(ActionKind.HOLD, until=shop.clock.now() + timedelta(hours=4), key="while")
    shop.clock.move(20 * MINUTE)

    assert shop.act(ActionKind.HOLD, until=shop.clock.now() + timedelta(hours=4), key="while") == first
    asked: list[tuple[ActionKind, dict[str, Any]]] = [
        (ActionKind.SUSPEND, {"key": "part"}),
        (ActionKind.THROTTLE, {"key": "limit", "per_hour": 10}),
        (ActionKind.HOLD, {"key": "while"}),
    ]
    for kind, more in asked:
        with pytest.raises(Conflict, match="something else"):
            shop.act(kind, **more)


def test_a_roster_beside_a_reinstatement_suspends_nobody_again(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    shop.act(ActionKind.SUSPEND)
    began, reinstated = threading.Event(), threading.Event()

    def reinstate() -> None:
        began.wait(10)
        with shop.desk.work() as work:
            service.reinstate(work, ANNA, "acme", case_number=None, reason="x")
        reinstated.set()

    def put(session: Session, rows: Any, before: Callable[..., None] = senders_store.put_senders) -> None:
        began.set()
        reinstated.wait(0.5)
        before(session, rows)

    monkeypatch.setattr(senders_store, "put_senders", put)
    beside = threading.Thread(target=reinstate)
    beside.start()
    shop.roster("acme")
    beside.join(10)

    assert shop.status() == "active"


def test_a_domain_that_came_during_a_stop_is_asked_for_at_once(shop: Shop) -> None:
    server = MadeUp()
    care = Caretaker(shop.desk, server)
    shop.act(ActionKind.SUSPEND)
    care.step()
    shop.roster("acme", {"kind": "domain", "value": "new.test"})
    shop.clock.move(timedelta(seconds=1))

    care.step()

    assert "new.test" in server.done["acme"].domains


def test_a_mail_server_that_nobody_serves_is_not_hidden_by_one_that_is_served(shop: Shop) -> None:
    both = wire(
        replace(shop.desk.settings, postfix_maps=Path("/nowhere"), kumomta_urls=("http://127.0.0.1:9",)),
        clock=shop.clock,
    )
    care = Caretaker(both, MadeUp(name="kumomta"))
    shop.act(ActionKind.SUSPEND)
    care.step()
    shop.clock.move(2 * LEAK_AFTER)
    care.step()
    with both.work() as work:
        service.watch(work)
        found = (
            service.leaking(work),
            [each.stage for each in service.proofs(work, ["acme"])["acme"]],
            service.alarms(work),
        )
    both.close()

    assert found[0] == {"acme"}
    assert found[1] == [Stage.LEAKING, Stage.PROVEN]
    assert found[2]
