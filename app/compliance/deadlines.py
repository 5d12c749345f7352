"""Until when a wish for no more mail must be honoured, in business days of the jurisdiction and in its time zone.

Holidays of the whole country count, not those of one state or province: where one is kept, a deadline told may be
a day early, which the worksheet says. Days are counted in the zones of the country's most westerly and most easterly
large cities, and the later end counts, so that nobody is late who is late in one of them only: a request of the
evening in the west is one of the next day in the east.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import holidays

from app.values import dataclass

YEARS = range(1990, 2200)
"""Years that are counted in; a date outside them is a mistake."""


@dataclass(frozen=True, slots=True)
class Term:
    """days: after the day of the request, in each of the zones. country: whose holidays are no business days; "":
    every day counts."""

    days: int
    zones: tuple[str, ...]
    country: str = ""


CAN_SPAM = Term(10, ("America/Los_Angeles", "America/New_York"), "US")  # 15 U.S.C. 7704(a)(4): 10 business days
CASL = Term(10, ("America/Vancouver", "America/St_Johns"), "CA")  # S.C. 2010, c. 23, s. 11(3): 10 business days
SPAM_ACT = Term(
    5, ("Australia/Perth", "Australia/Sydney"), "AU"
)  # Spam Act 2003, schedule 2, clause 6: 5 business days
ONE_CLICK = Term(2, ("UTC",))  # Gmail's and Yahoo's rule for bulk senders; RFC 8058 itself has no number


def late_from(term: Term, asked: datetime) -> datetime | None:
    """The first moment that is too late, aware UTC: the midnight after the last day, in the zone where it is latest.

    asked: aware; the day it falls on there is not counted. None where `asked` is in no year of YEARS.
    """
    if asked.year not in YEARS:
        return None
    return max(_late_after(term, zone, asked.astimezone(ZoneInfo(zone)).date()) for zone in term.zones)


@lru_cache(maxsize=256)  # what a day brings in is all due at the same few moments
def _late_after(term: Term, zone: str, day: date) -> datetime:
    left = term.days
    while left:
        day += timedelta(days=1)
        left -= not term.country or is_business_day(term.country, day)
    return datetime.combine(day + timedelta(days=1), time(), ZoneInfo(zone)).astimezone(UTC)


def is_business_day(country: str, day: date) -> bool:
    """Whether it is neither a weekend nor a public holiday of the whole country."""
    return day.weekday() < 5 and day not in _holidays(country, day.year)


@lru_cache(maxsize=64)
def _holidays(country: str, year: int) -> Collection[date]:
    known = holidays.country_holidays(country)
    # Canada's federal holidays (Interpretation Act, s. 35) stand under `government`.
    kinds = tuple(kind for kind in ("public", "government") if kind in known.supported_categories)
    whole = holidays.country_holidays(country, years=year, categories=kinds)
    return {*whole, *_everywhere(country, year)}


def _everywhere(country: str, year: int) -> Collection[date]:
    """The days that every part of the country keeps without a law of the whole: days in lieu of holidays on a weekend
    are in Australia the states' to give."""
    if country != "AU":
        return ()
    parts = holidays.country_holidays(country).subdivisions
    kept = [set(holidays.country_holidays(country, subdiv=part, years=year)) for part in parts]
    return set.intersection(*kept)
