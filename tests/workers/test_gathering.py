"""What comes at the same time is taken together, and each giver gets its own answer."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workers.gathering import MOST, MOST_WEIGHT, Gathering, fitting


def gather(work: Callable[[Gathering[int, int], list[list[int]]], Coroutine[None, None, None]]) -> list[list[int]]:
    """The batches that were taken while `work` gave; each is answered by its things doubled."""
    batches: list[list[int]] = []

    async def take(things: list[int]) -> list[int]:
        batches.append(things)
        await asyncio.sleep(0)
        if -1 in things:
            raise ValueError("no")
        return [thing * 2 for thing in things]

    async def run() -> None:
        gathering = Gathering(take, weight=lambda _thing: 1)
        await work(gathering, batches)
        await gathering.close()

    asyncio.run(run())
    return batches


def test_each_giver_gets_its_own_answer_out_of_one_batch() -> None:
    async def work(gathering: Gathering[int, int], _batches: list[list[int]]) -> None:
        assert await asyncio.gather(*(gathering.give(number) for number in range(5))) == [0, 2, 4, 6, 8]

    assert gather(work) == [[0, 1, 2, 3, 4]]


def test_what_comes_while_a_batch_is_taken_is_the_next_batch() -> None:
    async def work(gathering: Gathering[int, int], batches: list[list[int]]) -> None:
        first = asyncio.create_task(gathering.give(1))
        while not batches:
            await asyncio.sleep(0)
        assert await asyncio.gather(first, gathering.give(2), gathering.give(3)) == [2, 4, 6]

    assert gather(work) == [[1], [2, 3]]


def test_a_giver_that_has_gone_does_not_keep_the_others_from_their_answers() -> None:
    async def work(gathering: Gathering[int, int], _batches: list[list[int]]) -> None:
        gone, stays = (asyncio.create_task(gathering.give(number)) for number in (1, 2))
        await asyncio.sleep(0)
        gone.cancel()
        assert await stays == 4

    assert gather(work) == [[1, 2]]


def test_a_fault_is_told_to_all_of_its_batch_and_the_next_goes_on() -> None:
    async def work(gathering: Gathering[int, int], _batches: list[list[int]]) -> None:
        told = await asyncio.gather(gathering.give(-1), gathering.give(1), return_exceptions=True)
        assert [type(each) for each in told] == [ValueError, ValueError]
        assert await gathering.give(3) == 6

    gather(work)


def test_closing_waits_for_what_was_given() -> None:
    async def work(gathering: Gathering[int, int], _batches: list[list[int]]) -> None:
        last = asyncio.create_task(gathering.give(1))
        await asyncio.sleep(0)
        await gathering.close()
        assert last.done() or await last == 2

    gather(work)


@given(st.lists(st.integers(min_value=0, max_value=MOST_WEIGHT * 2), max_size=MOST * 3))
def test_a_batch_keeps_its_limits_and_is_never_empty(weights: list[int]) -> None:
    size = fitting(weights)
    assert (size > 0) == bool(weights)
    assert size <= MOST
    assert size <= 1 or sum(weights[:size]) <= MOST_WEIGHT


@pytest.mark.parametrize("weights", [[1] * MOST, [MOST_WEIGHT, 0], [MOST_WEIGHT * 5]])
def test_what_fits_is_taken_whole(weights: list[int]) -> None:
    assert fitting(weights) == len(weights)
