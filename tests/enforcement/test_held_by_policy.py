"""What the policy service said HOLD to is let go when the hold ends, also where the queue tells less than it knew."""

from __future__ import annotations

from datetime import timedelta

import pytest

from app.enforcement.domain import ActionKind, Queued
from tests.enforcement.shop import LOGIN, MINUTE, Shop

BOTH = "both@acme.test"


@pytest.fixture
def held(shop: Shop) -> Shop:
    """acme's stream news is held; of one login Postfix names the stream (policy_context), mail by mail."""
    news, shop_ = {"kind": "login", "value": "news@acme.test"}, {"kind": "login", "value": LOGIN}
    shop.roster("acme", news | {"stream": "news"}, shop_ | {"stream": "shop"}, {"kind": "login", "value": BOTH})
    shop.queue.put("theirs, before", shop.clock.now(), BOTH, hold=True)
    shop.clock.move(MINUTE)
    return shop


@pytest.mark.parametrize(("queued", "how"), [(Queued.RELEASE, "release"), (Queued.DISCARD, "discard")])
def test_mail_of_a_stream_that_only_postfix_told(held: Shop, queued: Queued, how: str) -> None:
    hold = held.act(ActionKind.HOLD, "stream:news")
    held.later()
    held.queue.put("kept", held.clock.now(), BOTH, hold=True)
    held.queue.put("on its way", held.clock.now(), BOTH)
    held.queue.put("theirs, of another stream", held.clock.now(), LOGIN, hold=True)
    held.later(timedelta(minutes=6), rounds=2)
    assert held.queue.log == []

    held.lift(hold, queued)
    held.later()

    assert held.queue.log == [(how, "kept")]


def test_what_we_put_on_hold_ourselves_is_not_of_the_held_stream(held: Shop) -> None:
    held.act(ActionKind.HOLD, "stream:news")
    held.queue.put("ours", held.clock.now(), BOTH)
    stop = held.act(ActionKind.SUSPEND, f"login:{BOTH}")
    held.later()

    held.lift(stop)
    held.later()

    assert held.queue.log == [("release", "ours")]
