"""From when on a further mail is too late, by where the recipient seems to live."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.enforcement.due import due

ASKED = datetime(2026, 11, 25, 12, tzinfo=UTC)  # a Wednesday; Thanksgiving is the day after


@pytest.mark.parametrize(
    ("address", "late"),
    [
        ("jo@city.us", datetime(2026, 12, 11, 8, tzinfo=UTC)),
        ("jo@agency.gov", datetime(2026, 12, 11, 8, tzinfo=UTC)),
        ("jo@home.ca", datetime(2026, 12, 10, 8, tzinfo=UTC)),
        ("jo@home.com.au", datetime(2026, 12, 2, 16, tzinfo=UTC)),
        ("jo@home.de", datetime(2026, 11, 28, tzinfo=UTC)),
        ("jo@home.co.uk", datetime(2026, 11, 28, tzinfo=UTC)),
        ("jo@gmail.com", datetime(2026, 11, 28, tzinfo=UTC)),
        ("jo@yahoo.com", datetime(2026, 11, 28, tzinfo=UTC)),
        ("jo@outlook.com", datetime(2026, 12, 11, 8, tzinfo=UTC)),
        ("jo@home.example", datetime(2026, 12, 11, 8, tzinfo=UTC)),
        ("jo@home.jp", datetime(2026, 12, 11, 8, tzinfo=UTC)),
    ],
)
def test_the_recipients_country_or_provider_decides(address: str, late: datetime) -> None:
    assert due(address, ASKED) == late


def test_where_any_law_may_apply_the_later_end_counts() -> None:
    """Boxing Day 2026, a Saturday, is kept on Monday in Canada and not in the United States."""
    asked = datetime(2026, 12, 18, 18, tzinfo=UTC)

    assert due("jo@home.us", asked) == datetime(2027, 1, 6, 8, tzinfo=UTC)
    assert due("jo@home.example", asked) == due("jo@home.ca", asked) == datetime(2027, 1, 7, 8, tzinfo=UTC)


@given(
    asked=st.timedeltas(timedelta(days=-9_000), timedelta(days=40_000)).map(lambda since: ASKED + since),
    more=st.timedeltas(timedelta(0), timedelta(days=30)),
    ending=st.sampled_from(["us", "ca", "com.au", "de", "com", "jp"]),
)
def test_who_asked_later_never_has_to_be_let_alone_earlier(asked: datetime, more: timedelta, ending: str) -> None:
    address = f"jo@home.{ending}"

    assert asked + timedelta(days=2) < due(address, asked) <= due(address, asked + more)
    assert due(address, asked) - asked <= timedelta(days=21)
