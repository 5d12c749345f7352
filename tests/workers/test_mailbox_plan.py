"""How much the mailbox reader takes at a time, and how long it waits."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workers.mailbox_plan import MOST_BYTES, MOST_MESSAGES, MOST_UIDS, back_off, batches, split, windows


def test_an_empty_folder_is_not_searched() -> None:
    assert windows(0) == []


def test_a_folder_is_searched_in_windows_that_end_with_it() -> None:
    assert windows(4_001) == ["1:2000", "2001:4000", "4001:*"]
    assert windows(7) == ["1:*"]


def test_no_list_of_uids_is_longer_than_a_server_takes() -> None:
    assert [len(part) for part in split(range(4_500))] == [MOST_UIDS, MOST_UIDS, 500]


@given(st.dictionaries(st.integers(min_value=1), st.integers(min_value=0, max_value=MOST_BYTES * 2)))
def test_batches_have_every_message_once_in_their_order(sizes: dict[int, int]) -> None:
    assert [uid for batch in batches(sizes) for uid in batch] == list(sizes)


@given(st.dictionaries(st.integers(min_value=1), st.integers(min_value=0, max_value=MOST_BYTES * 2)))
def test_a_batch_keeps_its_limits_but_for_one_that_is_larger_alone(sizes: dict[int, int]) -> None:
    for batch in batches(sizes):
        assert 1 <= len(batch) <= MOST_MESSAGES
        assert len(batch) == 1 or sum(sizes[uid] for uid in batch) <= MOST_BYTES


@pytest.mark.parametrize(("failures", "seconds"), [(1, 1), (2, 2), (3, 4), (6, 32), (7, 60), (10_000, 60)])
def test_each_failure_waits_longer_up_to_a_minute(failures: int, seconds: int) -> None:
    assert back_off(failures) == seconds
