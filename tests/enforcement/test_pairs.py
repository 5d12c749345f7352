"""Who may not be written to by whom: a million pairs in eight bytes each."""

from __future__ import annotations

import struct

from hypothesis import given
from hypothesis import strategies as st

from app.enforcement.suppression import Pairs, numbers, pair

few = st.sets(st.integers(-20, 20))


def test_another_sender_or_another_recipient_is_another_pair() -> None:
    pairs = {pair(sender, recipient) for sender in (b"a" * 16, b"b" * 16) for recipient in (b"x" * 16, b"y" * 16)}

    assert len(pairs) == 4
    assert all(-(2**63) <= each < 2**63 for each in pairs)


@given(st.sets(st.integers(-(2**63), 2**63 - 1)))
def test_what_postgresql_sends_is_read_as_it_is(given: set[int]) -> None:
    packed = [struct.pack(">q", each) for each in sorted(given)]

    assert list(numbers(b"".join(packed))) == sorted(given)
    pairs = Pairs.of_sorted(packed)
    assert len(pairs) == len(given)
    assert all(each in pairs for each in given)


@given(few, st.lists(st.tuples(few, few), max_size=8), st.integers(0, 4))
def test_whatever_comes_and_goes_it_is_the_set_it_should_be(
    first: set[int], changes: list[tuple[set[int], set[int]]], most: int
) -> None:
    pairs, expected = Pairs(first), set(first)
    pairs.MOST_RECENT = most

    for there, gone in changes:
        pairs.change(there, gone)
        expected = (expected | there) - gone
        assert {each for each in range(-25, 25) if each in pairs} == expected
        assert len(pairs) == len(expected)
