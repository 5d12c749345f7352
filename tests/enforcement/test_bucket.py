"""A throttled sender writes to so many recipients an hour, whoever counts: memory, or Redis for several services."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
import redis
from hypothesis import given
from hypothesis import strategies as st

from app.enforcement.bucket import HOUR, MOST, Bucket, Buckets
from app.errors import Unavailable
from app.infra.buckets import PATIENCE, PREFIX, SharedBuckets
from app.settings import Settings

LIMIT = Bucket("acme", 120)


def test_a_twelfth_of_the_limit_passes_at_once() -> None:
    buckets = Buckets()

    passed = [buckets.take([LIMIT], 1, now=0) is None for _ in range(12)]

    assert passed == [True] * 10 + [False] * 2


def test_what_was_taken_comes_back_evenly() -> None:
    buckets = Buckets()
    buckets.take([LIMIT], 10, now=0)

    assert buckets.take([LIMIT], 1, now=29) == 0
    assert buckets.take([LIMIT], 1, now=30) is None
    assert buckets.take([LIMIT], 1, now=31) == 0


def test_a_mail_larger_than_the_bucket_passes_a_full_one_and_leaves_a_debt() -> None:
    buckets = Buckets()
    assert buckets.take([LIMIT], 40, now=0) is None

    assert buckets.take([LIMIT], 1, now=929) == 0
    assert buckets.take([LIMIT], 1, now=931) is None
    assert buckets.take([LIMIT], 40, now=1000) == 0


def test_a_limit_below_twelve_still_lets_one_mail_pass() -> None:
    buckets, slow = Buckets(), Bucket("acme", 1)

    assert buckets.take([slow], 1, now=0) is None
    assert buckets.take([slow], 1, now=HOUR - 1) == 0
    assert buckets.take([slow], 1, now=HOUR) is None


def test_one_empty_bucket_stops_the_mail_and_nothing_is_taken_from_the_others() -> None:
    buckets, small = Buckets(), Bucket("acme:stream", 12)
    buckets.take([small], 1, now=0)

    assert buckets.take([LIMIT, small], 10, now=0) == 1
    assert buckets.take([LIMIT], 10, now=0) is None


def test_time_that_goes_back_gives_nothing_and_takes_nothing() -> None:
    buckets = Buckets()
    buckets.take([LIMIT], 10, now=100)

    assert buckets.take([LIMIT], 1, now=0) == 0
    assert buckets.take([LIMIT], 1, now=130) is None


def test_full_buckets_are_dropped_once_there_are_many() -> None:
    buckets = Buckets()
    for number in range(MOST):
        buckets.take([Bucket(str(number), 3600)], 1, now=0)
    buckets.take([LIMIT], 10, now=1)

    assert len(buckets) == 1
    assert buckets.take([LIMIT], 1, now=1) == 0


mails = st.lists(st.tuples(st.floats(0, 600), st.integers(1, 60)), max_size=60)


@given(st.integers(1, 500), mails)
def test_no_hour_sees_more_than_the_limit_and_a_bucket_and_one_mail(
    per_hour: int, mails: list[tuple[float, int]]
) -> None:
    buckets, bucket, now = Buckets(), Bucket("acme", per_hour), 0.0
    passed: list[tuple[float, int]] = []
    for after, recipients in mails:
        now += after
        if buckets.take([bucket], recipients, now) is None:
            passed.append((now, recipients))

    largest = max((many for _, many in passed), default=0)
    over = largest if largest > bucket.capacity else 0
    for start, _ in passed:
        hour = sum(many for at, many in passed if start <= at < start + HOUR)
        assert hour <= per_hour + bucket.capacity + over + 1e-6


@given(st.integers(1, 500), st.lists(st.floats(0, 600), min_size=1, max_size=40))
def test_who_stays_below_the_limit_is_never_slowed(per_hour: int, pauses: list[float]) -> None:
    buckets, bucket, now = Buckets(), Bucket("acme", per_hour), 0.0

    for pause in pauses:
        now += pause + HOUR / per_hour + 1e-6
        assert buckets.take([bucket], 1, now) is None


@pytest.fixture
def cleared(settings: Settings) -> Iterator[str]:
    """Redis with nothing in it."""
    yield settings.redis_url or ""


def taken(url: str, *questions: tuple[Sequence[Bucket], int], services: int = 1) -> list[int | None]:
    """The answers, each question asked by the next of so many services."""

    async def ask() -> list[int | None]:
        shared = [SharedBuckets(url) for _ in range(services)]
        answers = []
        for number, (buckets, recipients) in enumerate(questions):
            asked = [(each.key, each.capacity, each.rate) for each in buckets]
            answers.append(await shared[number % services].take(asked, recipients))
        for each in shared:
            await each.close()
        return answers

    return asyncio.run(ask())


def test_several_services_take_from_one_bucket(cleared: str) -> None:
    answers = taken(cleared, *[([LIMIT], 1)] * 12, services=3)

    assert answers == [None] * 10 + [0] * 2


def test_in_redis_too_a_large_mail_passes_once_and_one_empty_bucket_stops_it(cleared: str) -> None:
    small = Bucket("acme:stream", 12)

    answers = taken(cleared, ([LIMIT], 40), ([LIMIT], 1), ([small, LIMIT], 1), ([small], 1), ([small], 1))

    assert answers == [None, 0, 1, None, 0]


def test_a_bucket_in_redis_refills_and_is_forgotten_when_it_is_full(cleared: str, settings: Settings) -> None:
    taken(cleared, ([LIMIT], 10))
    with redis.Redis.from_url(cleared) as client:
        left = client.pttl(PREFIX + LIMIT.key)
        at = float(client.hget(PREFIX + LIMIT.key, "at") or 0)
        client.hset(PREFIX + LIMIT.key, "at", str(at - 60))

    assert 299_000 < left <= 302_000
    assert taken(cleared, ([LIMIT], 2), ([LIMIT], 1)) == [None, 0]


def test_a_redis_that_is_not_there_is_said_at_once(tmp_path: Path) -> None:
    with pytest.raises(Unavailable):
        taken(f"unix://{tmp_path}/nobody.sock", ([LIMIT], 1))


def test_a_redis_that_hangs_is_not_waited_for(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as silent:
        silent.bind(f"{tmp_path}/silent.sock")
        silent.listen()
        began = asyncio.run(_seconds(f"unix://{tmp_path}/silent.sock"))

    assert began < PATIENCE + 0.5


async def _seconds(url: str) -> float:
    loop, shared = asyncio.get_running_loop(), SharedBuckets(url)
    began = loop.time()
    with pytest.raises(Unavailable):
        await shared.take([("acme", 10.0, 1.0)], 1)
    waited = loop.time() - began
    await shared.close()
    return waited
