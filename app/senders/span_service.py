"""Which times of the send log were written to since somebody looked.

A log may come days late, so the newest line says nothing of what is new. Each batch that is taken in leaves its first
and its last time; whoever looks takes them away, in the transaction that writes what was found.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from app.jobs import OPT_OUTS
from app.senders import span_store
from app.uow import Work


class Span(NamedTuple):
    """From the first to the last time, both included."""

    first: datetime
    last: datetime


def note_span(work: Work, times: Sequence[datetime]) -> None:
    """Notes that lines of these times were written, and asks for them to be looked at."""
    span_store.add(work.session, min(times), max(times))
    work.enqueue(OPT_OUTS.name)


def has_spans(work: Work) -> bool:
    """Whether there is anything to look at."""
    return span_store.any_left(work.session)


def take_spans(work: Work) -> tuple[Span, ...]:
    """Everything there is to look at, no time twice; it is taken away with this unit of work."""
    return joined(Span(*each) for each in span_store.take_all(work.session))


def joined(spans: Iterable[Span]) -> tuple[Span, ...]:
    """The same times in order, spans that meet made one."""
    found: list[Span] = []
    for each in sorted(spans):
        if found and each.first <= found[-1].last:
            found[-1] = Span(found[-1].first, max(found[-1].last, each.last))
        else:
            found.append(each)
    return tuple(found)
