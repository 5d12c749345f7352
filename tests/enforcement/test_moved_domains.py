"""A domain that went from a stopped sender to another stops nobody's mail but the stopped sender's."""

from __future__ import annotations

from datetime import timedelta

import pytest

from app.enforcement import service
from app.enforcement.domain import ActionKind
from app.infra.connectors.postfix_tables import frozen_domains
from app.ports import Order
from tests.enforcement.shop import LOGIN, MINUTE, Shop

BETA = "mailer@beta.test"


def ordered(shop: Shop) -> Order:
    with shop.desk.work() as work:
        (order,) = service.due(work, "postfix", "").orders
    return order


def move_domain(shop: Shop) -> None:
    """From acme to beta."""
    until = shop.clock.now().isoformat()
    shop.roster("acme", {"kind": "login", "value": LOGIN}, {"kind": "domain", "value": "acme.test", "until": until})
    shop.roster("beta", {"kind": "login", "value": BETA}, {"kind": "domain", "value": "acme.test"})
    shop.clock.move(MINUTE)


@pytest.mark.parametrize("kind", [ActionKind.SUSPEND, ActionKind.HOLD])
def test_the_queue_of_who_has_the_domain_now_goes_on(shop: Shop, kind: ActionKind) -> None:
    shop.act(kind, "domain:acme.test")
    move_domain(shop)

    order = ordered(shop)

    assert order.shared == ("acme.test",)
    assert frozen_domains(order) == {}


def test_mail_of_no_login_is_not_held_where_another_may_have_written_it(shop: Shop) -> None:
    shop.act(ActionKind.SUSPEND, "domain:acme.test")
    move_domain(shop)
    for name, login in {"acme's": LOGIN, "beta's": BETA, "anybody's": ""}.items():
        shop.queue.put(name, shop.clock.now(), login)

    shop.later()

    assert [each.id for each in shop.queue.mails() if each.on_hold] == ["acme's"]


def test_what_was_held_before_the_domain_moved_stays_until_the_stop_ends(shop: Shop) -> None:
    shop.queue.put("A", shop.clock.now() - timedelta(hours=1), "")
    stop = shop.act(ActionKind.SUSPEND, "domain:acme.test")
    shop.later()
    move_domain(shop)
    shop.later()
    assert shop.queue.log == []

    shop.lift(stop)
    shop.later()

    assert shop.queue.log == [("release", "A")]
