"""Dates as mail servers write them."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.mail.fields import dates
from app.mail.fields.dates import read_date
from app.mail.fields.local_dates import read_local_date

NOON = datetime(2026, 11, 3, 12, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "Tue, 3 Nov 2026 12:00:00 +0000",
        "3 Nov 2026 12:00:00 GMT",
        "Tue, 03 Nov 2026 07:00:00 -0500 (EST)",
        "Tue, 3 Nov 26 12:00:00 UT",
        "Tue, 3 Nov 2026 21:00:00 JST",
        "Tue, 3 Nov 2026 08:00:00 EDT",
        "Tue, 3 Nov 2026 12:00:00 UTC",
        "Tue, 3 Nov 2026 12:00:00 -0000",
        "Tue, 3 Nov 2026 12:00",
        "Tuesday, 03-Nov-26 12:00:00 GMT",
        "Fri, November 03 2026 04:00:00 -0800",
        "Tue Nov  3 12:00:00 2026",
        "Tue Nov  3 12:00:00 UTC 2026",
        "2026-11-03T12:00:00Z",
        "2026-11-03 13:00:00.123+01:00",
        "Tue, 3 Nov 2026 12:00:00 NOZONE",
        "Tuesday, November 3, 2026 12:00:00 PM UTC",
        "3 Nov 2026 01:00:00 p.m. +0100",
        "3 Nov 2026 10:30:00 AM -0130",
        "Tue, 03 Nov 2026 14:00:00 GMT+02:00",
        "Tue, 03 Nov 2026 10:00:00 UTC-2",
        "2026-11-03 07:00:00 EST",
        "2026-11-03 15:00:00+03",
    ],
)
def test_a_date_is_read_as_aware_utc(text: str) -> None:
    assert read_date(text) == NOON


@pytest.mark.parametrize(
    ("text", "year"),
    [("1 Jan 49 00:00:00 +0000", 2049), ("1 Jan 50 00:00:00 +0000", 1950), ("1 Jan 126 00:00:00 +0000", 2026)],
)
def test_short_years_follow_rfc_5322(text: str, year: int) -> None:
    found = read_date(text)
    assert found is not None
    assert found.year == year


@pytest.mark.parametrize(
    "text", [None, "", "yesterday", "32 Jan 2026 00:00:00", "1 Foo 2026 00:00:00", "1 Jan 0000 00:00:00 +9999"]
)
def test_what_is_no_date_gives_none(text: str | None) -> None:
    assert read_date(text) is None


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("March-09-26 10:11 AM", "2026-03-09T10:11"),
        ("Monday, March-09-26 4:22 PM", "2026-03-09T16:22"),
        ("mars-09-2026 10:11", "2026-03-09T10:11"),
        ("9 มีนาคม 2569 10:11", "2026-03-09T10:11"),
        ("วันจันทร์ที่ 9 มีนาคม 2026 10:11", "2026-03-09T10:11"),
        ("31 พฤษภาคม 2569 เวลา 10:11", "2026-05-31T10:11"),
        ("9 มี.ค. 2569 10:11", "2026-03-09T10:11"),
        ("9/3/2569 10:11", "2026-03-09T10:11"),
        ("26.03.09 10:11 GMT +0900", "2026-03-09T01:11"),
        ("26/03/09 午後 1:11", "2026-03-09T13:11"),
        ("26.03.09 10:11", "2009-03-26T10:11"),
        ("26.03.09 10:11 GMT +0200", "2009-03-26T08:11"),
        ("2026年03月09日 10点11分", "2026-03-09T10:11"),
        ("2026年3月9日 下午 1點11分", "2026-03-09T13:11"),
    ],
)
def test_a_date_is_read_as_the_clients_of_a_country_show_it(text: str, iso: str) -> None:
    assert read_local_date(text) == datetime.fromisoformat(iso).replace(tzinfo=UTC)


@pytest.mark.parametrize("text", ["Foo-09-26 10:11", "March-99-26 10:11", "32 มีนาคม 2569", "Part-1-2 3:04"])
def test_what_looks_like_one_and_is_none_gives_none(text: str) -> None:
    assert read_local_date(text) is None


pieces = st.tuples(
    st.sampled_from(("", " ", "Tue, ", "Tue,", "tue, ", "at 7, ")),
    st.sampled_from(("3 ", "03 ", "31 ", "0 ", "103 ")),
    st.sampled_from(("Nov ", "nov ", "Feb ", "November ", "Foo ", "-Nov-")),
    st.sampled_from(("2026 ", "26 ", "0000 ", "0001 ", "9999 ", "12026 ")),
    st.sampled_from(
        ("12:00:00", "23:59:60", "24:00:00", "7:00:00", "12:00", "00:00:01", "12:00:00.5", "12:00:00 PM")
    ),
    st.sampled_from(
        (" +0000", " -0130", " +1400", " -2300", " +9999", " +00", " +00000", " +0000x", " GMT", "", "\u0663")
    ),
    st.sampled_from(("", " (CET)", "; x", ":30")),
)


@given(pieces.map("".join))
def test_the_usual_form_is_read_as_every_other(text: str) -> None:
    with patch.object(dates, "_USUAL", re.compile("(?!)")):
        expected = read_date(text)

    assert read_date(text) == expected
