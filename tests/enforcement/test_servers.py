"""A mail server that is no more is red until it is forgotten, and one that is served is not forgotten."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta

import pytest
from click.testing import CliRunner, Result

from app.audit.service import read
from app.cli import cli
from app.enforcement import service
from app.enforcement.domain import ActionKind, Queued
from app.enforcement.proof import LEAK_AFTER, Stage
from app.enforcement.service.servers import Server, forget_server, servers
from app.errors import Conflict, NotFound
from app.infra.connectors.postfix import Postfix
from tests.enforcement.servers import MadeUp
from tests.enforcement.shop import ANNA, Blind, Shop
from workers.caretaker import Caretaker

Run = Callable[..., Result]
HOUR = timedelta(hours=1)


@pytest.fixture
def renamed(shop: Shop) -> Shop:
    """acme was stopped at a node called old, which lied; an hour later the node is called new."""
    old, new = MadeUp(node="old"), MadeUp(node="new")
    old.lies = True
    shop.act(ActionKind.SUSPEND)
    Caretaker(shop.desk, old).step()
    shop.clock.move(LEAK_AFTER)
    Caretaker(shop.desk, old).step()
    shop.clock.move(HOUR)
    Caretaker(shop.desk, new).step()
    return shop


@pytest.fixture
def run(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> Run:
    for name in ("data", "database_url", "redis_url"):
        monkeypatch.setenv(f"ABUSEDESK_{name.upper()}", str(getattr(shop.desk.settings, name)))
    return lambda *words: CliRunner().invoke(cli, ["servers", *words])


def red(shop: Shop) -> tuple[bool, int]:
    with shop.desk.work() as work:
        return bool(service.leaking(work)), len(service.alarms(work))


def test_a_server_that_is_no_more_is_red_until_it_is_forgotten(renamed: Shop) -> None:
    assert red(renamed) == (True, 1)
    with renamed.desk.work() as work:
        assert servers(work) == (
            Server("madeup", "new", 1, 0, attended=True),
            Server("madeup", "old", 1, 1, attended=False),
        )

        assert forget_server(work, ANNA, "madeup", "old") == 1

    assert red(renamed) == (False, 0)
    with renamed.desk.work() as work:
        assert [each.stage for each in service.proofs(work, ["acme"])["acme"]] == [Stage.PROVEN]
        (line,) = read(work, subject="madeup (old)")
    assert (line.actor, line.action, line.detail) == (ANNA.name, "server.forget", {"senders": "1"})


def test_one_that_is_served_or_was_never_told_of_anything_is_not_forgotten(renamed: Shop) -> None:
    with pytest.raises(Conflict, match="is looked after"), renamed.desk.work() as work:
        forget_server(work, ANNA, "madeup", "new")
    with pytest.raises(NotFound), renamed.desk.work() as work:
        forget_server(work, ANNA, "madeup", "none")


def test_a_stop_is_red_where_one_of_two_servers_was_never_told_of_it(shop: Shop) -> None:
    near, far = Caretaker(shop.desk, MadeUp(node="near")), Caretaker(shop.desk, MadeUp(node="far"))
    shop.act(ActionKind.SUSPEND, sender="beta")
    for each in (near, far):
        each.step()
    shop.clock.move(HOUR / 60)
    shop.act(ActionKind.SUSPEND)
    near.step()  # the far one's enforcer ended: it is not late yet, for what is proven is looked at seldom
    shop.clock.move(2 * LEAK_AFTER)

    with shop.desk.work() as work:
        service.watch(work)
        found = {each.node: each.stage for each in service.proofs(work, ["acme"])["acme"]}

    assert found == {"near": Stage.PROVEN, "far": Stage.LEAKING}
    assert red(shop) == (True, 1)
    far.step()
    with shop.desk.work() as work:
        service.watch(work)
    assert red(shop) == (False, 0)


@pytest.mark.parametrize(("queued", "how"), [(Queued.RELEASE, "release"), (Queued.DISCARD, "discard")])
def test_mail_on_hold_at_a_server_that_was_forgotten_is_let_go_when_it_comes_back(
    shop: Shop, queued: Queued, how: str
) -> None:
    shop.queue.put("A", shop.clock.now())
    stop = shop.act(ActionKind.SUSPEND)
    shop.later(rounds=2)  # the second look writes again that A is on hold
    shop.clock.move(2 * HOUR)
    with shop.desk.work() as work:
        (server,) = servers(work)
        assert forget_server(work, ANNA, server.connector, server.node) == 1
    shop.lift(stop, queued)
    shop.clock.move(48 * HOUR)
    assert shop.queue.log == []

    shop.later(timedelta(minutes=15), rounds=12)

    assert shop.queue.log == [(how, "A")]
    with shop.desk.work() as work:
        assert servers(work) == ()  # nothing is left to be looked after


def test_the_command_line_lists_and_forgets(renamed: Shop, run: Run) -> None:
    listed = run("list", "--json")
    told = [json.loads(line) for line in listed.output.splitlines()]
    # The command goes by the real clock: to it nobody serves either.
    assert [(each["node"], each["attended"]) for each in told] == [("new", False), ("old", False)]
    assert listed.exit_code == 1
    assert "nobody looks after it" in run("list").output

    assert run("forget", "madeup", "old").output == "Forgotten: it was told of 1 senders.\n"
    assert [json.loads(line)["node"] for line in run("list", "--json").output.splitlines()] == ["new"]


def test_a_postfix_has_the_name_that_it_is_given() -> None:
    assert Postfix(None, None, Blind(), "relay-1").node == "relay-1"
    assert Postfix(None, None, Blind()).node
