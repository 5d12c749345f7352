"""Whoever reads suppressions in the order of their changes misses none, and comes to an end."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.enforcement.pulling import LONGEST, SETTLED, Place, going_on, place_in, settled
from app.errors import Rejected

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
moments = st.timedeltas(timedelta(days=-20_000), timedelta(days=80_000)).map(lambda since: NOW + since)
places = st.builds(Place, moments, st.uuids())


@given(places)
def test_a_place_is_read_as_it_was_written(place: Place) -> None:
    assert place_in(str(place)) == place


@given(st.text(max_size=60))
def test_whatever_else_is_refused_in_a_sentence(text: str) -> None:
    try:
        assert isinstance(place_in(text), Place)
    except Rejected as fault:
        assert str(fault).endswith("or nothing.")


@pytest.mark.parametrize(
    "text", ["", ".", "1." + "0" * 31, "-1." + "0" * 32, "9" * 40 + "." + "0" * 32, "²." + "0" * 32]
)
def test_what_is_almost_a_place_is_none(text: str) -> None:
    with pytest.raises(Rejected):
        place_in(text)


def at(minutes: float) -> Place:
    return Place(NOW - timedelta(minutes=minutes), UUID(int=7))


def test_within_the_list_it_goes_on_behind_the_last_one_given() -> None:
    assert going_on(at(0.5), None, at(2).changed_at, more=True) == at(0.5)


def test_at_the_end_it_goes_back_far_enough_for_what_is_still_being_written() -> None:
    end = at(2).changed_at
    assert going_on(at(0.5), at(9), end, more=False) == Place(end, UUID(int=0))
    assert going_on(at(5), at(9), end, more=False) == at(5)
    assert going_on(None, at(5), end, more=False) == at(5)
    assert going_on(None, None, end, more=False) == Place(end, UUID(int=0))


@pytest.mark.parametrize(
    ("open_for", "back"),
    [
        (None, SETTLED),
        (timedelta(0), SETTLED),
        (timedelta(minutes=-5), SETTLED),
        (timedelta(minutes=10), timedelta(minutes=10) + SETTLED),
        (timedelta(days=9), LONGEST),
    ],
)
def test_a_transaction_that_is_open_for_long_puts_back_what_is_settled(
    open_for: timedelta | None, back: timedelta
) -> None:
    assert settled(NOW, None if open_for is None else NOW - open_for) == NOW - back
