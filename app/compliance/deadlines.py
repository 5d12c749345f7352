"""Until when a wish for no more mail must be honoured, in business days of the jurisdiction and in its time zone.

Holidays of the whole country count, not those of one state or province: where one is kept, a deadline told may be
a day early, which the worksheet says. A day runs in the zone of the country's most westerly large cities, so that
nobody is late who is not late everywhere in it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import holidays

from app.values import dataclass

YEARS = range(1990, 2200)
"""Years that are counted in; a date outside them is a mistake."""


@dataclass(frozen=True, slots=True)
class Term:
    """days: after the day of the request. country: whose holidays are no business days; "": every day counts."""

    days: int
    zone: str
    country: str = ""


CAN_SPAM = Term(10, "America/Los_Angeles", "US")  # 15 U.S.C. 7704(a)(4): 10 business days
CASL = Term(10, "America/Vancouver", "CA")  # S.C. 2010, c. 23, s. 11(3): 10 business days
SPAM_ACT = Term(5, "Australia/Perth", "AU")  # Spam Act 2003, schedule 2, clause 6: 5 business days
ONE_CLICK = Term(2, "UTC")  # Gmail's and Yahoo's rule for bulk senders; RFC 8058 itself has no number


def late_from(term: Term, asked: datetime) -> datetime | None:
    """The first moment that is too late, aware UTC: the midnight after the last day, there.

    asked: aware; the day it falls on there is not counted. None where `asked` is in no year of YEARS.
    """
    if asked.year not in YEARS:
        return None
    return _late_after(term, asked.astimezone(ZoneInfo(term.zone)).date())


@lru_cache(maxsize=256)  # what a day brings in is all due at the same few moments
def _late_after(term: Term, day: date) -> datetime:
    left = term.days
    while left:
        day += timedelta(days=1)
        left -= not term.country or is_business_day(term.country, day)
    return datetime.combine(day + timedelta(days=1), time(), ZoneInfo(term.zone)).astimezone(UTC)


def is_business_day(country: str, day: date) -> bool:
    """Whether it is neither a weekend nor a public holiday of the whole country."""
    return day.weekday() < 5 and day not in _holidays(country, day.year)


@lru_cache(maxsize=64)
def _holidays(country: str, year: int) -> Mapping[date, str]:
    known = holidays.country_holidays(country)
    # Canada's federal holidays (Interpretation Act, s. 35) stand under `government`.
    kinds = tuple(kind for kind in ("public", "government") if kind in known.supported_categories)
    return holidays.country_holidays(country, years=year, categories=kinds)
