"""A platform pulls suppressions with its token; nobody else learns anything."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.audit.domain import Actor
from app.bootstrap import Desk, wire
from app.enforcement.pulling import SETTLED, Place
from app.enforcement.service import suppressed, suppressing
from app.settings import Settings
from app.web.application import create_app
from app.web.surface import Surface
from tests.factories.customers import customers
from tests.triage.arriving import SetClock

ANNA = Actor("anna@desk.test", 1)
TOKEN = {"Authorization": "Bearer s3cret-token"}
PATHS = ("/api/suppressions", "/api/suppressions/check")


@pytest.fixture
def clock() -> SetClock:
    return SetClock(datetime(2026, 11, 25, 12, tzinfo=UTC))


@pytest.fixture
def desk(settings: Settings, clock: SetClock) -> Iterator[Desk]:
    wired = wire(replace(settings, suppression_token="s3cret-token"), clock=clock)
    customers(wired, acme=[], beta=[])
    yield wired
    wired.close()


@pytest.fixture
def client(desk: Desk) -> FlaskClient:
    return create_app(desk, Surface.PUBLIC).test_client()


def add(desk: Desk, sender: str, *addresses: str) -> None:
    with desk.work() as work:
        suppressing.add(work, ANNA, sender, addresses)


def lift(desk: Desk, sender: str, address: str) -> None:
    with desk.work() as work:
        suppressing.lift(work, ANNA, suppressed.suppression(work, sender, address).id, "mistake")


def problem(answer: TestResponse) -> tuple[int, str]:
    assert answer.mimetype == "application/problem+json" and answer.json is not None
    assert answer.json["status"] == answer.status_code and answer.json["title"]
    return answer.status_code, answer.json["detail"]


def check(client: FlaskClient, body: object) -> TestResponse:
    return client.post(PATHS[1], json=body, headers=TOKEN)


def test_a_pull_gives_what_a_platform_must_know(desk: Desk, client: FlaskClient) -> None:
    add(desk, "acme", "jo@home.de")

    answer = client.get(PATHS[0], headers=TOKEN)

    assert answer.json is not None and answer.headers["Cache-Control"] == "no-store"
    (told,) = answer.json["suppressions"]
    del told["id"]
    assert told == {
        "sender": "acme",
        "address": "jo@home.de",
        "cause": "staff",
        "since": "2026-11-25T12:00:00+00:00",
        "due": "2026-11-28T00:00:00+00:00",
        "lifted": None,
    }
    assert answer.json["more"] is False


def test_a_puller_comes_to_the_end_and_hears_of_what_changes_later(
    desk: Desk, client: FlaskClient, clock: SetClock
) -> None:
    add(desk, "acme", *(f"p{number}@home.example" for number in range(5)))
    add(desk, "beta", "jo@home.example")
    clock.move(timedelta(hours=1))

    seen, after = [], ""
    for expected in (2, 2, 1):
        page = client.get(f"{PATHS[0]}?sender=acme&limit=2&after={after}", headers=TOKEN).json
        assert page is not None and len(page["suppressions"]) == expected
        seen += [each["address"] for each in page["suppressions"]]
        after, more = page["next"], page["more"]
    assert more is False
    assert sorted(seen) == [f"p{number}@home.example" for number in range(5)]
    empty = client.get(f"{PATHS[0]}?sender=acme&after={after}", headers=TOKEN).json
    assert empty is not None and (empty["suppressions"], empty["more"]) == ([], False)

    lift(desk, "acme", "p3@home.example")
    later = client.get(f"{PATHS[0]}?sender=acme&after={empty['next']}", headers=TOKEN).json
    assert later is not None
    assert [(each["address"], each["lifted"]) for each in later["suppressions"]] == [
        ("p3@home.example", "2026-11-25T13:00:00+00:00")
    ]


def test_what_is_committed_late_is_not_missed(desk: Desk, client: FlaskClient, clock: SetClock) -> None:
    with desk.work() as slow:
        clock.move(timedelta(seconds=1))
        add(desk, "beta", "quick@home.example")
        first = client.get(PATHS[0], headers=TOKEN).json
        suppressing.add(slow, ANNA, "acme", ["slow@home.example"])
    assert first is not None
    second = client.get(f"{PATHS[0]}?after={first['next']}", headers=TOKEN).json

    assert second is not None
    assert "slow@home.example" in [each["address"] for each in second["suppressions"]]
    assert first["next"] == str(Place(clock.now() - SETTLED, UUID(int=0)))


def test_a_check_tells_which_addresses_are_suppressed_as_they_were_given(desk: Desk, client: FlaskClient) -> None:
    add(desk, "acme", "jo@home.example", "al@home.example")
    lift(desk, "acme", "al@home.example")
    asked = ["Jo@Home.example", "al@home.example", "eve@home.example", "", "Jo@Home.example"]

    assert check(client, {"sender": "acme", "addresses": asked}).json == {"suppressed": ["Jo@Home.example"]}
    assert check(client, {"sender": "beta", "addresses": asked}).json == {"suppressed": []}


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        (None, "The body is JSON"),
        ([], "The body is JSON"),
        ({"sender": "acme"}, "The body is JSON"),
        ({"sender": 1, "addresses": []}, "The body is JSON"),
        ({"sender": "acme", "addresses": [1]}, "Each address is a text"),
        ({"sender": "acme", "addresses": ["a" * 321]}, "Each address is a text"),
        ({"sender": "acme", "addresses": ["a@b.example"] * 1_001}, "at most 1,000 addresses"),
    ],
)
def test_what_cannot_be_checked_is_refused_in_a_sentence(client: FlaskClient, body: object, sentence: str) -> None:
    status, said = problem(check(client, body))

    assert status == 400 and sentence in said


@pytest.mark.parametrize("query", ["limit=0", "limit=1001", "limit=x", "limit=²", "after=yesterday", "after=1.2"])
def test_a_question_that_cannot_be_answered_is_refused_in_a_sentence(client: FlaskClient, query: str) -> None:
    assert problem(client.get(f"{PATHS[0]}?{query}", headers=TOKEN))[0] == 400


def test_a_sender_that_there_is_not_is_said_to_be_none(client: FlaskClient) -> None:
    assert problem(client.get(f"{PATHS[0]}?sender=nobody", headers=TOKEN)) == (
        404,
        "There is no sender with this id.",
    )
    assert problem(check(client, {"sender": "no\0body", "addresses": []}))[0] == 404


def test_too_long_a_question_is_refused_before_it_is_read(client: FlaskClient) -> None:
    assert problem(check(client, {"sender": "acme", "addresses": ["a" * 2**20]}))[0] == 413


def test_a_wrong_way_to_ask_is_told_as_a_problem(client: FlaskClient) -> None:
    assert client.delete(PATHS[0], headers=TOKEN).status_code == 405
    assert client.get(PATHS[1], headers=TOKEN).status_code == 405


@pytest.mark.parametrize(
    "given",
    ["", "Bearer", "Bearer wrong", "Basic s3cret-token", "Bearer s3cret-tokenx", "s3cret-token", "Bearer \xe4"],
)
def test_without_the_token_nothing_is_told(desk: Desk, client: FlaskClient, given: str) -> None:
    add(desk, "acme", "jo@home.example")
    for answer in (
        client.get(PATHS[0], headers={"Authorization": given}),
        client.post(PATHS[1], json={"sender": "acme", "addresses": []}, headers={"Authorization": given}),
    ):
        assert problem(answer)[0] == 401
        assert answer.headers["WWW-Authenticate"] == "Bearer"
        assert "jo@" not in answer.text


def test_while_no_token_is_set_there_is_no_such_page(desk: Desk) -> None:
    closed = replace(desk, settings=replace(desk.settings, suppression_token=None))
    closed = replace(closed, work=replace(desk.work, settings=closed.settings))
    client = create_app(closed, Surface.PUBLIC).test_client()

    for headers in ({}, TOKEN, {"Authorization": "Bearer "}):
        assert problem(client.get(PATHS[0], headers=headers))[0] == 404
        assert problem(client.post(PATHS[1], json={}, headers=headers))[0] == 404


def test_the_desk_has_no_such_page(desk: Desk) -> None:
    assert create_app(desk, Surface.DESK).test_client().get(PATHS[0], headers=TOKEN).status_code == 404


def test_who_asks_too_often_is_told_to_wait(client: FlaskClient, monkeypatch: pytest.MonkeyPatch, desk: Desk) -> None:
    monkeypatch.setattr("app.web.rates.PULL_RATE", "2/minute")
    client = create_app(desk, Surface.PUBLIC).test_client()
    for _ in range(2):
        assert client.get(PATHS[0]).status_code == 401

    answer = client.get(PATHS[0])

    assert problem(answer)[0] == 429 and int(answer.headers["Retry-After"]) > 0


def test_a_forgotten_address_is_told_as_none(desk: Desk, client: FlaskClient) -> None:
    add(desk, "acme", "jo@home.example")
    with desk.work() as work:
        suppressed.forget_addresses(work, work.vault.mentioning("jo@home.example"))

    told = client.get(PATHS[0], headers=TOKEN).json

    assert told is not None and [each["address"] for each in told["suppressions"]] == [None]
    assert check(client, {"sender": "acme", "addresses": ["jo@home.example"]}).json == {
        "suppressed": ["jo@home.example"]
    }
