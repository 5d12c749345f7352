"""Gathers what comes at the same time, so that many givers share one commit; each still gets its own answer."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

Thing = TypeVar("Thing")
Answer = TypeVar("Answer")

GATHER_SECONDS = 0.004
MOST = 100
MOST_WEIGHT = 32 * 1024 * 1024


class Gathering(Generic[Thing, Answer]):
    """One batch at a time: what comes while one is being taken care of waits for the next, together.

    take: what is done with a batch; an answer for each thing in their order.
    weight: of one thing, in bytes; a batch has at most MOST things and, but for its first, MOST_WEIGHT bytes.
    """

    def __init__(
        self, take: Callable[[list[Thing]], Awaitable[Sequence[Answer]]], weight: Callable[[Thing], int]
    ) -> None:
        self._take = take
        self._weight = weight
        self._waiting: list[tuple[Thing, asyncio.Future[Answer]]] = []
        self._taking: asyncio.Task[None] | None = None

    async def give(self, thing: Thing) -> Answer:
        """The answer for `thing`. Raises what `take` raised for its batch."""
        answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._waiting.append((thing, answer))
        if self._taking is None or self._taking.done():
            self._taking = asyncio.create_task(self._take_all())
        return await answer

    async def close(self) -> None:
        """Returns when everything given has its answer."""
        if self._taking is not None:
            await self._taking

    async def _take_all(self) -> None:
        while self._waiting:
            await asyncio.sleep(GATHER_SECONDS)
            batch = self._next()
            try:
                answers = await self._take([thing for thing, _ in batch])
            except Exception as fault:  # noqa: BLE001  those who wait are told
                for _, answer in batch:
                    _tell(answer, fault)
                continue
            for (_, waiting), given in zip(batch, answers, strict=True):
                if not waiting.done():  # a giver may have gone meanwhile
                    waiting.set_result(given)

    def _next(self) -> list[tuple[Thing, asyncio.Future[Answer]]]:
        size = fitting([self._weight(thing) for thing, _ in self._waiting])
        batch, self._waiting = self._waiting[:size], self._waiting[size:]
        return batch


def _tell(answer: asyncio.Future[Answer], fault: Exception) -> None:
    if not answer.done():
        answer.set_exception(fault)


def fitting(weights: Sequence[int]) -> int:
    """How many from the front make one batch: at least one where there is any."""
    total = 0
    for at, weight in enumerate(weights[:MOST]):
        total += weight
        if total > MOST_WEIGHT and at:
            return at
    return min(len(weights), MOST)
