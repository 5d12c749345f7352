"""The KumoMTA connector: rules that end by themselves, and what must never be asked of a node."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from app.errors import Rejected, Unavailable
from app.infra.connectors import connectors_from
from app.infra.connectors.kumomta_rules import duration
from app.ports import Applied, Ended, Observed, Order
from app.settings import Settings
from tests.infra.platforms import NOON, KumoPlatform, line, order, stop
from tests.services.kumomta import BOUNCE, SUSPEND

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


@pytest.fixture
def kumo() -> Iterator[KumoPlatform]:
    platform = KumoPlatform()
    yield platform
    platform.go_away()


def apply(kumo: KumoPlatform, wanted: Order) -> Applied:
    return kumo.connector.apply([wanted], [wanted])[wanted.sender]


def observe(kumo: KumoPlatform, wanted: Order) -> Observed:
    return kumo.connector.observe([wanted])[wanted.sender]


def posted(kumo: KumoPlatform) -> list[object]:
    return [body for method, _, body in kumo.node.asked if method != "GET"]


def test_the_request_is_as_documented(kumo: KumoPlatform) -> None:
    apply(kumo, stop(key="k1"))

    reason = "abusedesk k1: Sending is suspended for this account, case C1001"
    assert posted(kumo) == [{"tenant": "acme", "reason": reason, "duration": "3600s"}]


def test_nodes_are_named_by_host_and_port() -> None:
    urls = {"ABUSEDESK_KUMOMTA_URLS": "http://127.0.0.1:8000/, https://mta2.test"}

    nodes = [(each.name, each.node) for each in connectors_from(Settings.from_environment(urls))]
    assert nodes == [("kumomta", "127.0.0.1:8000"), ("kumomta", "mta2.test:443")]


@pytest.mark.parametrize("url", ["http://", "http://mta.test:x", "http://[::1", "http://mta.test/\u00e9"])
def test_an_address_that_is_none_is_refused_at_the_start(url: str) -> None:
    with pytest.raises(Rejected):
        connectors_from(Settings.from_environment({"ABUSEDESK_KUMOMTA_URLS": url}))


def test_two_nodes_that_would_be_taken_for_one_are_refused_at_the_start() -> None:
    urls = "http://proxy.test/mta1 http://proxy.test:80/mta2"
    with pytest.raises(Rejected, match="the same host and port"):
        connectors_from(Settings.from_environment({"ABUSEDESK_KUMOMTA_URLS": urls}))

    twice = {"ABUSEDESK_KUMOMTA_URLS": "http://mta1.test http://mta1.test/"}
    assert len(connectors_from(Settings.from_environment(twice))) == 1


@pytest.mark.parametrize("sender", ["", " ", "\t\n"])
def test_a_rule_about_everybody_is_never_asked_for(kumo: KumoPlatform, sender: str) -> None:
    assert apply(kumo, stop(sender)).ok is False
    assert observe(kumo, stop(sender)).in_force is None
    assert posted(kumo) == []
    assert kumo.node.delivers("tenant@mailbox.test")


@pytest.mark.parametrize("sender", ["acme:eu", "acme@eu"])
def test_a_name_that_queues_cannot_have_is_not_asked_for(kumo: KumoPlatform, sender: str) -> None:
    assert "cannot tell" in apply(kumo, stop(sender)).said
    assert posted(kumo) == []
    assert apply(kumo, order(sender)).ok


def test_a_held_sender_keeps_its_mail_in_the_queue(kumo: KumoPlatform) -> None:
    apply(kumo, order("acme", line("acme", "hold")))

    assert not kumo.node.delivers("acme@mailbox.test")
    assert not kumo.node.bounces("acme@mailbox.test")


def test_the_mail_of_a_closed_account_is_thrown_away(kumo: KumoPlatform) -> None:
    closed = order("acme", line("acme", "terminate"))

    assert apply(kumo, closed).ok
    assert kumo.node.bounces("acme@mailbox.test")
    assert observe(kumo, closed).in_force is True
    apply(kumo, stop())
    assert not kumo.node.bounces("acme@mailbox.test")
    assert not kumo.node.delivers("acme@mailbox.test")


@pytest.mark.parametrize(
    "wanted",
    [
        line("acme", "throttle"),
        line("acme", "suspend", "stream", "news"),
        line("acme", "suspend", "domain", "acme.test", logins=()),
        line("acme", "hold", "login", "acme@relay.test"),
    ],
)
def test_what_cannot_be_done_is_said(kumo: KumoPlatform, wanted: object) -> None:
    asked = order("acme", wanted)  # type: ignore[arg-type]

    applied = apply(kumo, asked)
    assert (applied.ok, applied.said[:14]) == (False, "KumoMTA cannot")
    assert observe(kumo, asked) == Observed(None, applied.said)
    assert posted(kumo) == []


def test_a_limit_within_a_stop_needs_nothing(kumo: KumoPlatform) -> None:
    both = order("acme", line("acme", "throttle"), line("acme", "suspend"))

    assert apply(kumo, both).ok
    assert observe(kumo, both).in_force is True


def test_a_rule_that_ends_soon_is_asked_for_anew(kumo: KumoPlatform) -> None:
    apply(kumo, stop())
    kumo.clock.forward(20 * MINUTE)
    apply(kumo, stop())
    assert len(posted(kumo)) == 1

    kumo.clock.forward(20 * MINUTE)
    apply(kumo, stop())

    [rule] = kumo.node.entries(SUSPEND)
    assert rule.expires == kumo.clock.now() + HOUR


def test_a_rule_about_to_end_counts_as_lost_before_it_is(kumo: KumoPlatform) -> None:
    apply(kumo, stop())

    kumo.clock.forward(49 * MINUTE)
    assert observe(kumo, stop()).in_force is True
    kumo.clock.forward(2 * MINUTE)
    assert observe(kumo, stop()).in_force is False
    assert kumo.stopped("acme")


def test_a_rule_that_ended_is_seen(kumo: KumoPlatform) -> None:
    apply(kumo, stop())
    kumo.clock.forward(HOUR)

    assert not kumo.stopped("acme")
    assert observe(kumo, stop()).in_force is False


def test_a_stop_with_an_end_ends_with_it(kumo: KumoPlatform) -> None:
    short = order("acme", line("acme", until=NOON + 5 * MINUTE))
    apply(kumo, short)

    kumo.clock.forward(3 * MINUTE)
    assert observe(kumo, short).in_force is True
    apply(kumo, short)
    assert len(posted(kumo)) == 1
    kumo.clock.forward(2 * MINUTE)
    assert not kumo.stopped("acme")


def test_a_new_order_takes_the_place_of_the_rule_without_a_gap(kumo: KumoPlatform) -> None:
    apply(kumo, stop(key="k1"))
    apply(kumo, stop(key="k2"))

    [rule] = kumo.node.entries(SUSPEND)
    assert rule.reason.startswith("abusedesk k2:")
    assert [method for method, _, _ in kumo.node.asked if method == "DELETE"] == []


def test_rules_of_others_stay(kumo: KumoPlatform) -> None:
    kumo.node.post(SUSPEND, {"tenant": "acme", "domain": "mailbox.test", "reason": "blocked there", "duration": "8h"})
    kumo.node.post(SUSPEND, {"domain": "slow.test", "reason": "slow"})

    assert apply(kumo, stop()).said == "KumoMTA has it."
    apply(kumo, order())
    assert [each.reason for each in kumo.node.entries(SUSPEND)] == ["blocked there", "slow"]


@pytest.mark.parametrize("criteria", [{}, {"tenant": "acme"}, {"tenant": "acme", "campaign": "spring"}])
def test_a_rule_of_somebody_else_proves_nothing(kumo: KumoPlatform, criteria: dict[str, str]) -> None:
    kumo.node.post(SUSPEND, criteria | {"reason": "theirs", "duration": "8h"})

    assert observe(kumo, stop()).in_force is False
    assert observe(kumo, order()).in_force is True


def test_a_rule_that_gives_way_to_ours_is_told(kumo: KumoPlatform) -> None:
    kumo.node.post(SUSPEND, {"tenant": "acme", "reason": "theirs", "duration": "8h"})

    assert apply(kumo, stop()) == Applied(True, "KumoMTA has it. A rule that was not ours gave way.")


def test_kept_mail_is_thrown_away_where_that_was_decided(kumo: KumoPlatform) -> None:
    over = order(ended=(Ended(line("acme"), NOON, discard=True),))
    apply(kumo, stop())

    for _ in range(2):
        assert apply(kumo, over).ok
        assert kumo.node.bounces("acme@mailbox.test")
        assert observe(kumo, over).in_force is True
        kumo.clock.forward(30 * timedelta(seconds=1))
    assert kumo.node.delivers("acme@mailbox.test")
    apply(kumo, over)
    assert kumo.node.delivers("acme@mailbox.test")


def test_a_rule_that_is_gone_already_is_no_fault(kumo: KumoPlatform) -> None:
    apply(kumo, order("acme", line("acme"), line("acme", "terminate")))

    # The rule that throws away takes the place of the one that closed the account, whose id is then unknown.
    assert apply(kumo, order(ended=(Ended(line("acme"), NOON, discard=True),))).ok
    assert [status for method, status in kumo.node.answered if method == "DELETE"] == [200, 404]


def test_kept_mail_leaves_where_nothing_else_was_decided(kumo: KumoPlatform) -> None:
    apply(kumo, stop())
    apply(kumo, order())

    assert kumo.node.entries(BOUNCE) == []


def test_a_node_that_does_not_trust_us_is_named_so(kumo: KumoPlatform) -> None:
    kumo.node.trusts = False

    with pytest.raises(Unavailable, match="trusted_hosts"):
        apply(kumo, stop())


def test_nodes_have_rules_of_their_own(kumo: KumoPlatform) -> None:
    other = KumoPlatform()
    try:
        apply(kumo, stop())
        assert observe(other, stop()).in_force is False
    finally:
        other.go_away()


@pytest.mark.parametrize(
    ("said", "seconds"),
    [("59m 59s", 3599), ("1h", 3600), ("2days 3h 1ms", 183_600.001), ("5us 10ns", 5.01e-6), (15, 15), (1.5, 1.5)],
)
def test_durations_are_read(said: object, seconds: float) -> None:
    assert duration(said).total_seconds() == pytest.approx(seconds, abs=1e-6)


@pytest.mark.parametrize(
    "said",
    ["", "soon", "5", "h", "5 parsecs", "-5m", -1, True, None, [], float("nan"), float("inf"), 10**400, "9" * 99],
)
def test_durations_that_are_none_are_refused(said: object) -> None:
    with pytest.raises(ValueError, match=r"duration|unit"):
        duration(said)
