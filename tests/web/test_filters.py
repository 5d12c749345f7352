"""How dates, sizes and addresses are written."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from app.web.filters import ago, day, masked, number, size, when

NOW = datetime(2026, 11, 22, 17, 5, tzinfo=UTC)


def test_a_moment_is_written_with_its_distance_and_its_zone_on_hover() -> None:
    assert when(NOW - timedelta(hours=3), NOW) == (
        '<time datetime="2026-11-22T14:05:00+00:00" title="2026-11-22 14:05:00 UTC">'
        '22 Nov 2026, 14:05 <span class="ago">(3 h ago)</span></time>'
    )


def test_a_moment_of_another_zone_is_written_in_utc() -> None:
    told = when(datetime(2026, 11, 22, 23, 5, tzinfo=timezone(timedelta(hours=9))), NOW)

    assert "22 Nov 2026, 14:05" in told


def test_no_moment_is_a_dash() -> None:
    assert when(None, NOW) == day(None) == "–"


@pytest.mark.parametrize(
    ("distance", "words"),
    [
        (timedelta(seconds=20), "just now"),
        (timedelta(minutes=4), "4 min ago"),
        (timedelta(hours=26), "1 d ago"),
        (timedelta(days=-2), "in 2 d"),
    ],
)
def test_a_distance_is_said_in_one_unit(distance: timedelta, words: str) -> None:
    assert ago(NOW - distance, NOW) == words


@pytest.mark.parametrize(
    ("octets", "words"), [(0, "0 bytes"), (812, "812 bytes"), (3277, "3.2 KiB"), (10 * 1024**2, "10 MiB")]
)
def test_a_size_has_a_unit(octets: int, words: str) -> None:
    assert size(octets) == words


def test_a_large_number_has_its_thousands_parted() -> None:
    assert number(10_000) == "10,000"


@pytest.mark.parametrize(
    ("address", "shown"),
    [("jane.doe@home.example", "jane•••@home.example"), ("jo@home.example", "j•••@home.example"), (None, "–")],
)
def test_an_address_is_hidden_in_part(address: str | None, shown: str) -> None:
    assert masked(address) == shown


def test_a_local_part_of_one_character_is_hidden_whole() -> None:
    assert masked("x@home.example") == "•••@home.example"
