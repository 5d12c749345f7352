"""What every connector keeps to, whatever mail server is behind it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import suppress

import pytest

from app.errors import Unavailable
from app.infra import http_exchange
from app.infra.connectors.kumomta import KumoMta
from app.infra.connectors.webhook import Webhook
from app.infra.poster import SignedPoster
from app.ports import Connector
from tests.infra.platforms import PLATFORMS, SECRET, Platform, SetClock, order, stop
from tests.services.hostile_http import HostileHttp, page

HUGE = 20 * 1024 * 1024


@pytest.fixture(params=sorted(PLATFORMS))
def platform(request: pytest.FixtureRequest) -> Iterator[Platform]:
    with PLATFORMS[request.param]() as running:
        yield running


def test_it_says_what_it_is(platform: Platform, request: pytest.FixtureRequest) -> None:
    assert platform.connector.name == request.node.callspec.params["platform"]


def test_a_suspended_sender_is_stopped_and_seen_to_be(platform: Platform) -> None:
    applied = platform.connector.apply([stop()], [stop()])

    assert applied["acme"].ok
    assert platform.stopped("acme")
    assert platform.connector.observe([stop()])["acme"].in_force is True


def test_what_was_not_asked_for_is_seen_not_to_be(platform: Platform) -> None:
    assert platform.connector.observe([stop()])["acme"].in_force is False


def test_an_order_twice_is_an_order_once(platform: Platform) -> None:
    platform.connector.apply([stop()], [stop()])
    before = platform.state()

    assert platform.connector.apply([stop()], [stop()])["acme"].ok
    assert platform.state() == before


def test_an_empty_order_undoes(platform: Platform) -> None:
    platform.connector.apply([stop()], [stop()])

    assert platform.connector.observe([order()])["acme"].in_force is False
    assert platform.connector.apply([order()], [])["acme"].ok
    assert not platform.stopped("acme")
    assert platform.connector.observe([order()])["acme"].in_force is True


def test_a_sender_can_be_stopped_undone_and_stopped_again(platform: Platform) -> None:
    for _ in range(2):
        platform.connector.apply([stop()], [stop()])
        assert platform.stopped("acme")
        platform.connector.apply([order()], [])
        assert not platform.stopped("acme")


def test_other_senders_are_left_alone(platform: Platform) -> None:
    platform.connector.apply([stop("acme"), stop("globex")], [stop("acme"), stop("globex")])

    applied = platform.connector.apply([order("acme")], [stop("globex")])

    assert applied.keys() == {"acme"}
    assert [platform.stopped(each) for each in ("acme", "globex", "initech")] == [False, True, False]
    observed = platform.connector.observe([stop("globex"), order("initech")])
    assert [observed[each].in_force for each in ("globex", "initech")] == [True, True]


def test_no_orders_are_no_work(platform: Platform) -> None:
    assert platform.connector.apply([], []) == {}
    assert platform.connector.observe([]) == {}


def test_a_lost_state_is_seen_and_mended(platform: Platform) -> None:
    platform.connector.apply([stop()], [stop()])
    platform.forget()

    assert platform.connector.observe([stop()])["acme"].in_force is False
    platform.connector.apply([stop()], [stop()])
    assert platform.stopped("acme")
    assert platform.connector.observe([stop()])["acme"].in_force is True


def test_who_says_done_and_does_nothing_is_seen(platform: Platform) -> None:
    platform.lie()
    platform.connector.apply([stop()], [stop()])

    assert platform.connector.observe([stop()])["acme"].in_force is False


def test_nobody_there_is_unavailable_and_never_in_force(platform: Platform) -> None:
    platform.go_away()

    with pytest.raises(Unavailable):
        platform.connector.apply([stop()], [stop()])
    with suppress(Unavailable):  # of a table that is gone it is known that it refuses nobody
        assert platform.connector.observe([stop()])["acme"].in_force is False


HOSTILE = {
    "nothing": b"",
    "no HTTP": b"220 relay.test ESMTP\r\n",
    "huge body": page(b"[" + b" " * HUGE),
    "huge head": b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 100_000 + b"\r\n{}",
    "huge status line": b"HTTP/1.1 200 " + b"x" * 200_000 + b"\r\n\r\n{}",
    "cut short": page(b'{"ok": tr', "200 OK", "Content-Length: 100"),
    "chunks that are none": page(b"zz\r\n{}", "200 OK", "Transfer-Encoding: chunked"),
    "no JSON": page(b"<html>welcome</html>"),
    "no UTF-8": page(b"\xff\xfe\xfd"),
    "deep": page(b"[" * 60_000),
    "a huge number": page(b"9" * 60_000),
    "another type": page(b'"yes"'),
    "a list of nonsense": page(b'[1, null, {"id": 7}]'),
    "a rule without end": page(b'[{"id": "x", "reason": "abusedesk", "tenant": "acme", "duration": 1e999}]'),
    "wrong types": page(b'{"ok": "yes", "in_force": 1, "said": ["x"]}'),
    "a redirect": page(b"", "307 Temporary Redirect", "Location: http://127.0.0.1:1/"),
    "a permanent redirect": page(b"{}", "301 Moved Permanently", "Location: http://127.0.0.1:1/"),
    "control characters": page(b'{"ok": false, "said": "\\u001b[2J\\r\\nX: y\\u202e\\u2028karl@mailbox.test"}'),
    "a long story": page(b'{"ok": false, "in_force": false, "said": "' + b"x" * 60_000 + b'"}'),
    "no, at length": page(b'{"said": "' + b"no\\n" * 10_000 + b'"}', "403 Forbidden"),
    "no, in junk": page(b"\x00" * 1_000, "404 Not Found"),
    "broken": page(b"\x1b[31mTraceback", "500 Oops\x1b[31m"),
}


def hurried(name: str, url: str) -> Connector:
    """A connector of those that speak HTTP, which waits half a second."""
    clock = SetClock()
    return KumoMta(url, clock, 0.5) if name == "kumomta" else Webhook(url, SignedPoster(SECRET, clock, 0.5))


@pytest.mark.parametrize("name", ["webhook", "kumomta"])
@pytest.mark.parametrize("answer", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_hostile_answer_is_none_or_one_printable_line(name: str, answer: bytes) -> None:
    with HostileHttp(answer) as server:
        connector = hurried(name, server.url)
        for ask in (lambda: connector.apply([stop()], [stop()]), lambda: connector.observe([stop()])):
            try:
                [found] = ask().values()
            except Unavailable as fault:
                assert_one_line(str(fault))
            else:
                assert_one_line(found.said)
                assert getattr(found, "in_force", None) is not True
                assert getattr(found, "ok", False) is False


@pytest.mark.parametrize("name", ["webhook", "kumomta"])
@pytest.mark.parametrize("answer", [b"HTTP/1.1 200 OK\r\nX: " + b"y" * 500, page(b"{" + b" " * 500)])
def test_drops_now_and_then_run_out_of_time(name: str, answer: bytes) -> None:
    with HostileHttp(answer, drip=0.05) as server:
        began = time.monotonic()
        with pytest.raises(Unavailable):
            hurried(name, server.url).observe([stop()])
        assert time.monotonic() - began < 3


@pytest.mark.parametrize("name", ["webhook", "kumomta"])
def test_silence_runs_out_of_time(name: str) -> None:
    with HostileHttp(page(b"{}"), drip=60) as server:
        began = time.monotonic()
        with pytest.raises(Unavailable):
            hurried(name, server.url).observe([stop()])
        assert time.monotonic() - began < 3


GOOD = {"webhook": b'{"ok": true, "in_force": true}', "kumomta": b"[]"}


@pytest.mark.parametrize(("name", "good"), GOOD.items())
def test_a_good_answer_that_is_too_long_or_lacks_its_end_is_none(name: str, good: bytes) -> None:
    for answer in (page(good + b" " * HUGE), page(good, "200 OK", f"Content-Length: {len(good) + 1}")):
        with HostileHttp(answer) as server, pytest.raises(Unavailable):
            hurried(name, server.url).observe([stop()])


@pytest.mark.parametrize("name", ["webhook", "kumomta"])
def test_a_redirect_is_not_followed(name: str) -> None:
    with HostileHttp(page(b"{}")) as elsewhere:
        redirect = page(b"", "307 Temporary Redirect", f"Location: {elsewhere.url}/")
        with HostileHttp(redirect) as server, pytest.raises(Unavailable):
            hurried(name, server.url).apply([stop()], [stop()])
        assert elsewhere.asked == 0


def assert_one_line(said: str) -> None:
    assert said
    assert said.isprintable()
    assert len(said) <= 300
    assert "@" not in said


@pytest.mark.parametrize("name", ["webhook", "kumomta"])
def test_a_slow_platform_keeps_a_round_no_longer_than_its_time(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_exchange, "ROUND_SECONDS", 0.0)
    orders = [stop("acme"), stop("globex"), stop("initech")]
    with PLATFORMS[name]() as running:
        assert [*running.connector.apply(orders, orders)] == ["acme"]
        assert not running.stopped("globex")
        assert running.connector.apply(orders[1:], orders)["globex"].ok
        assert running.connector.observe(orders[1:])["globex"].in_force is True
