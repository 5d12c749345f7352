"""What stands already is no reason against what would bite sooner, harder or longer; and clocks differ."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from app.enforcement import service, snapshot_service
from app.enforcement.delegation import Question
from app.enforcement.domain import ActionKind
from app.enforcement.proof import Stage
from app.enforcement.snapshot import Judge, Snapshot, What
from app.errors import Conflict
from tests.enforcement.servers import MadeUp
from tests.enforcement.shop import ANNA, BEN, LOGIN, MINUTE, Shop
from workers.caretaker import Caretaker

HOUR = timedelta(hours=1)


def what(shop: Shop) -> What:
    """What the policy service makes of a mail of acme's."""
    with shop.desk.work() as work:
        known = snapshot_service.snapshot(work, Snapshot(), changed=True)
    asked = Question("RCPT", LOGIN, "n@acme.test", "r@x.test")
    return Judge(str.encode).verdict(known, asked, shop.clock.now()).what


def test_what_waits_for_a_second_person_does_not_keep_another_from_biting_at_once(shop: Shop) -> None:
    shop.act(ActionKind.SUSPEND, needs_second=True)
    assert what(shop) is What.PASSED

    shop.act(ActionKind.SUSPEND)

    assert what(shop) is What.STOPPED


def test_two_do_not_wait_for_the_same_and_what_bites_is_not_asked_for_again(shop: Shop) -> None:
    shop.act(ActionKind.SUSPEND, needs_second=True)
    with pytest.raises(Conflict, match="suspended already"):
        shop.act(ActionKind.SUSPEND, needs_second=True)

    shop.act(ActionKind.SUSPEND)
    for again in (False, True):
        with pytest.raises(Conflict, match="suspended already"):
            shop.act(ActionKind.SUSPEND, needs_second=again)


def test_a_person_may_hold_longer_than_a_rule_did(shop: Shop) -> None:
    shop.act(ActionKind.HOLD, rule="new-phishing", until=shop.clock.now() + HOUR)
    shop.act(ActionKind.HOLD)
    shop.clock.move(2 * HOUR)
    with shop.desk.work() as work:
        service.expire(work, lambda _number: None, lambda _fact: None)

    assert what(shop) is What.HELD


def test_what_is_over_and_was_not_ended_yet_is_no_reason_against_the_same(shop: Shop) -> None:
    shop.act(ActionKind.SUSPEND, until=shop.clock.now() + HOUR)
    shop.clock.move(2 * HOUR)
    assert what(shop) is What.PASSED

    shop.act(ActionKind.SUSPEND)

    assert what(shop) is What.STOPPED
    assert shop.status() == "suspended"


@pytest.mark.parametrize("until", [HOUR, HOUR + MINUTE, HOUR - MINUTE])
def test_ends_that_are_near_to_each_other_are_the_same_end(shop: Shop, until: timedelta) -> None:
    shop.act(ActionKind.THROTTLE, per_hour=10, until=shop.clock.now() + HOUR)

    with pytest.raises(Conflict, match="throttled to this already"):
        shop.act(ActionKind.THROTTLE, per_hour=10, until=shop.clock.now() + until)


def test_one_that_stands_twice_is_reinstated_at_once_and_ended_one_by_one(shop: Shop) -> None:
    shop.act(ActionKind.SUSPEND, until=shop.clock.now() + HOUR)
    longer = shop.act(ActionKind.SUSPEND)
    shop.lift(longer)
    assert what(shop) is What.STOPPED

    shop.act(ActionKind.SUSPEND)
    with shop.desk.work() as work:
        assert len(service.reinstate(work, ANNA, "acme", case_number=None, reason="x")) == 2

    assert (what(shop), shop.status()) == (What.PASSED, "active")


@pytest.mark.parametrize("kind", [ActionKind.SUSPEND, ActionKind.TERMINATE])
def test_a_decision_by_a_clock_that_is_ahead_bites_at_once(shop: Shop, kind: ActionKind) -> None:
    server = MadeUp()
    shop.clock.move(5 * MINUTE)
    action = shop.act(kind)
    if kind is ActionKind.TERMINATE:
        with shop.desk.work() as work:
            service.confirm(work, BEN, action)
    shop.clock.move(-5 * MINUTE)

    Caretaker(shop.desk, server).step()

    assert what(shop) is What.STOPPED
    assert any(line.stops for line in server.done["acme"].lines)
    shop.clock.move(10 * MINUTE)
    Caretaker(shop.desk, server).step()
    with shop.desk.work() as work:
        assert [each.stage for each in service.proofs(work, ["acme"])["acme"]] == [Stage.PROVEN]


def test_what_was_proven_by_a_clock_that_was_ahead_is_looked_at_once_it_is_right(shop: Shop) -> None:
    server = MadeUp()
    care = Caretaker(shop.desk, server)
    shop.clock.move(6 * 60 * MINUTE)
    shop.act(ActionKind.SUSPEND)
    care.step()
    shop.clock.move(-6 * 60 * MINUTE)
    server.done.clear()  # it was started anew

    care.step()

    assert "acme" in server.done


def test_a_limit_that_is_lower_lies_on_top_of_one_that_stands(shop: Shop) -> None:
    limits: tuple[dict[str, Any], ...] = ({"per_hour": 100}, {"per_hour": 10})
    for limit in limits:
        shop.act(ActionKind.THROTTLE, **limit)

    with shop.desk.work() as work:
        assert len(service.standing(work)["acme"].measures) == 2
