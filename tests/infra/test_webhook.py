"""What is posted to a receiver of the operator's, and that the documentation's receiver takes it and nothing else."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from email.message import Message
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import AbuseDeskError, Rejected, Unavailable
from app.infra.connectors import connectors_from
from app.infra.connectors.webhook import UNANSWERED_MOST, Webhook
from app.infra.http_exchange import one_line
from app.infra.poster import SignedPoster, poster_from, signature, timestamp
from app.ports import Applied, Ended, Observed, Order
from app.settings import Settings
from tests.infra.platforms import EXAMPLE, NOON, SECRET, SetClock, WebhookPlatform, line, order, stop
from tests.services.hostile_http import HostileHttp, page

URL = "http://127.0.0.1:1/orders"


@pytest.fixture
def hook() -> Iterator[WebhookPlatform]:
    platform = WebhookPlatform()
    yield platform
    platform.go_away()


@dataclass
class Told:
    """A Poster that answers each order with what it is told to: an answer, or a failure to raise."""

    answers: Sequence[Mapping[str, Any] | AbuseDeskError]
    posted: list[tuple[str, str, Mapping[str, object]]] = field(default_factory=list)

    def post(self, url: str, key: str, body: Mapping[str, object]) -> Mapping[str, object]:
        self.posted.append((url, key, body))
        answer = self.answers[(len(self.posted) - 1) % len(self.answers)]
        if isinstance(answer, AbuseDeskError):
            raise answer
        return answer


def applied(*answers: Mapping[str, Any] | AbuseDeskError, orders: Sequence[Order] = (stop(),)) -> list[Applied]:
    return list(Webhook(URL, Told(answers)).apply(orders, orders).values())


def observed(answer: Mapping[str, Any]) -> Observed:
    return Webhook(URL, Told([answer])).observe([stop()])["acme"]


def test_the_whole_order_is_posted() -> None:
    told = Told([{}])
    wanted = order(
        "acme", line("acme", until=NOON), key="k1", ended=(Ended(line("acme", "hold"), NOON, discard=True),)
    )

    Webhook(URL, told).apply([wanted], [])

    assert told.posted == [
        (
            URL,
            "apply-k1",
            {
                "do": "apply",
                "sender": "acme",
                "key": "k1",
                "lines": [
                    {
                        "kind": "suspend",
                        "scope": "sender",
                        "value": "",
                        "logins": ["acme@relay.test"],
                        "per_hour": None,
                        "text": "Sending is suspended for this account, case C1001",
                        "since": "2026-11-23T12:00:00.000Z",
                        "until": "2026-11-23T12:00:00.000Z",
                        "case": 1001,
                    }
                ],
                "logins": ["acme@relay.test"],
                "domains": ["acme.test"],
                "shared": [],
                "kept_since": "2026-11-23T12:00:00.000Z",
                "discard": True,
            },
        )
    ]


def test_a_receiver_may_answer_with_nothing() -> None:
    assert applied({}) == [Applied(True, "The receiver took it.")]
    assert observed({}) == Observed(None, "The receiver says nothing about it.")


def test_a_receiver_may_say_no_with_a_reason() -> None:
    assert applied({"ok": False, "said": "no such account"}) == [Applied(False, "The receiver: no such account")]
    assert observed({"in_force": False}) == Observed(False, "The receiver says that it is not so.")


def test_an_order_that_the_receiver_chokes_on_keeps_no_other_back() -> None:
    orders = [stop("acme"), stop("globex"), stop("initech")]

    found = applied(Unavailable("It answers 500."), {}, Rejected("It says no."), orders=orders)

    assert [each.ok for each in found] == [False, True, False]


def test_a_receiver_that_is_away_is_not_waited_for_again_and_again() -> None:
    told = Told([{}, *[Unavailable("It does not answer.")] * 9])
    orders = [stop(f"s{number}") for number in range(10)]

    found = Webhook(URL, told).apply(orders, orders)

    assert len(told.posted) == 1 + UNANSWERED_MOST
    assert [each.ok for each in found.values()] == [True] + [False] * 9


def test_a_failure_now_and_then_keeps_no_order_back() -> None:
    told = Told([{}, Unavailable("It answers 500.")])
    orders = [stop(f"s{number}") for number in range(10)]

    Webhook(URL, told).apply(orders, orders)

    assert len(told.posted) == 10


def test_a_receiver_that_answers_nobody_is_unavailable() -> None:
    with pytest.raises(Unavailable, match="does not answer"):
        applied(Unavailable("It does not answer."), orders=[stop("acme"), stop("globex")])


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
    max_leaves=6,
)
answers = st.dictionaries(st.sampled_from(["ok", "in_force", "said", "x"]), json_values)


@given(answer=answers)
def test_whatever_is_answered_becomes_one_printable_line(answer: dict[str, Any]) -> None:
    for said in (applied(answer)[0].said, observed(answer).said):
        assert said
        assert said.isprintable()
        assert len(said) <= 300
        assert "@" not in said


@given(text=st.text())
def test_one_line_is_one_line(text: str) -> None:
    line = one_line(text)

    assert line.isprintable()
    assert len(line) <= 200
    assert line == " ".join(line.split())


def posted_with(answer: bytes) -> Mapping[str, object]:
    with HostileHttp(answer) as server:
        return SignedPoster(SECRET, SetClock(), 2).post(server.url, "k1", {"a": 1})


def test_an_empty_answer_is_an_empty_object() -> None:
    assert posted_with(page(b"", "204 No Content")) == {}


def test_a_refusal_is_told_in_the_receivers_words_on_one_line() -> None:
    with pytest.raises(Rejected, match=r"^The receiver says no \(422\): who is \(address\)$"):
        posted_with(page(b'{"said": "who is\\n karl@mailbox.test"}', "422 Unprocessable"))


@pytest.mark.parametrize("status", ["302 Found", "500 Oops", "503 Busy"])
def test_what_may_work_later_is_unavailable(status: str) -> None:
    with pytest.raises(Unavailable, match=status[:3]):
        posted_with(page(b'{"said": "x"}', status))


def signed(body: bytes, *, secret: str = SECRET, at: str | None = None) -> Message:
    headers = Message()
    stamp = at or timestamp(NOON)
    headers["abusedesk-timestamp"] = stamp
    headers["Abusedesk-Signature"] = signature(secret.encode(), stamp, body)
    return headers


BODY = b'{"do":"apply","sender":"acme","key":"k1","lines":[]}'


def test_the_signature_is_what_the_documentation_says() -> None:
    said = signature(b"key", "2026-11-23T12:00:00.000Z", b"{}")

    # printf '%s' '2026-11-23T12:00:00.000Z.{}' | openssl dgst -sha256 -hmac key
    assert said == "v1=a51cbc631aafe448e1fb2bad0b4821a70d6b17f65b817c192c97d1653a55ea49"


def test_the_receiver_takes_what_is_signed(hook: WebhookPlatform) -> None:
    assert hook.receiver.answer(signed(BODY), BODY) == (200, {"ok": True})


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        (Message(), BODY),
        (signed(BODY), BODY + b" "),
        (signed(BODY, secret="another key"), BODY),
        (signed(BODY, at="2026-11-23T11:54:59.000Z"), BODY),
        (signed(BODY, at="2026-11-23T12:05:01.000Z"), BODY),
    ],
    ids=["unsigned", "changed", "by another", "too old", "of tomorrow"],
)
def test_the_receiver_takes_nothing_else(hook: WebhookPlatform, headers: Message, body: bytes) -> None:
    assert hook.receiver.answer(headers, body)[0] == 401
    assert hook.told == []


def test_another_key_is_refused_over_the_wire(hook: WebhookPlatform) -> None:
    found = hook.connected("another key").apply([stop()], [stop()])

    assert found["acme"] == Applied(False, "The receiver says no (401): no valid signature")


def test_a_replayed_order_does_not_undo_a_newer_one(hook: WebhookPlatform) -> None:
    old = signed(BODY)
    hook.clock.forward(timedelta(seconds=1))
    hook.connector.apply([stop()], [stop()])

    assert hook.receiver.answer(old, BODY)[0] == 409
    assert hook.stopped("acme")


def test_what_must_not_happen_twice_happens_once_for_each_order(hook: WebhookPlatform) -> None:
    suspended, again, free = stop(key="k1"), stop(key="k2"), order(key="k0")

    for each in (suspended, suspended, free, free, again, free):
        hook.connector.apply([each], [each])

    assert [key for _, key in hook.told] == ["k1", "k0", "k2", "k0"]
    assert not hook.stopped("acme")


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'"x"', b"\xff", b"[" * 9_000])
def test_the_receiver_says_what_is_no_order(hook: WebhookPlatform, body: bytes) -> None:
    assert hook.receiver.answer(signed(body), body)[0] == 400


def test_the_example_runs_as_it_stands() -> None:
    command = [sys.executable, "-W", "error", str(EXAMPLE), "127.0.0.1:0"]
    environment = {**os.environ, "ABUSEDESK_HOOK_KEY": SECRET}
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=environment) as running:
        try:
            assert running.stderr is not None
            port = re.search(r":(\d+)$", running.stderr.readline())
            assert port is not None
            settings = {"ABUSEDESK_HOOK_URL": f"http://127.0.0.1:{port[1]}/", "ABUSEDESK_HOOK_KEY": SECRET}
            [connector] = connectors_from(Settings.from_environment(settings))
            connector.apply([stop()], [stop()])
            assert connector.observe([stop()])["acme"].in_force is True
        finally:
            running.terminate()


@pytest.mark.parametrize("name", ["HOOK_URL", "ALARM_URL"])
def test_nothing_is_posted_unsigned(name: str) -> None:
    with pytest.raises(Rejected, match="ABUSEDESK_HOOK_KEY"):
        poster_from(Settings.from_environment({f"ABUSEDESK_{name}": "https://hook.test/"}))


def test_a_hook_without_its_key_is_refused_at_the_start() -> None:
    with pytest.raises(Rejected, match="ABUSEDESK_HOOK_KEY"):
        connectors_from(Settings.from_environment({"ABUSEDESK_HOOK_URL": "https://hook.test/"}))


def test_without_an_address_there_is_no_connector() -> None:
    assert connectors_from(Settings.from_environment({})) == ()
    assert poster_from(Settings.from_environment({})) is None
