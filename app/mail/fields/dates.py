"""Dates of mail, as written by anybody: RFC 5322 §3.3 and §4.3, RFC 850, asctime, ISO 8601.

`email.utils.parsedate_tz` is not used: it does not know JST or CET, and takes any junk for a zone.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from functools import lru_cache

_NAMES = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTHS = {name: number for number, name in enumerate(_NAMES, start=1)}
_TIME = r"(\d{1,2})[:.](\d{2})(?:[:.](\d{2}))?(?:[.,]\d{1,9})?(?:[ \t]?([AaPp])\.?[Mm]\b\.?)?"
_ZONE = r"(?:[ \t]*(?:GMT|UTC)?([+-]\d{1,2}(?::?\d{2})?)\b|[ \t]*\(?([A-Za-z]{1,5})\b)?"
_USUAL = re.compile(
    r"\s*+(?:[A-Z][a-z]{2}, )?+(\d\d?) ([A-Z][a-z]{2}) (\d{4})"
    r" ((?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d) ([+-](?:0\d|1[0-4])[0-5]\d)\b"
)
"""As nearly every date of mail is written; `_day_first` would read it so, too."""
_DAY_FIRST = re.compile(
    r"\b(\d{1,2})[ \t-]{1,9}([A-Za-z]{3})[a-z]{0,7}[.,]?[ \t-]{1,9}(\d{2,4}),?[ \tT]{1,9}" + _TIME + _ZONE
)
_MONTH_FIRST = re.compile(
    r"\b([A-Za-z]{3})[a-z]{0,7}[ \t]{1,9}(\d{1,2}),?[ \t]{1,9}(\d{4}),?[ \t]{1,9}" + _TIME + _ZONE
)
_ASCTIME = re.compile(
    r"\b([A-Za-z]{3})[ \t]{1,9}(\d{1,2})[ \t]{1,9}"
    + _TIME
    + r"(?:[ \t]((?:GMT|UTC)?[+-]\d{2}:?\d{2}|[A-Z]{2,5}))?[ \t](\d{4})\b"
)
_ISO = re.compile(r"\b(\d{4})-(\d{2})-(\d{2})(?:[T ]" + _TIME + _ZONE + ")?")
_DAY_ALONE = re.compile(r"\b(\d{1,2})[ \t-]{1,9}([A-Za-z]{3})[a-z]{0,7}[.,]?[ \t-]{1,9}(\d{4})[ \t]*\Z")
"""As UOL and NetZero write an Arrival-Date."""
_CHARS = 120
_USUAL_MONTHS = {name.title(): f"{number:02}" for name, number in _MONTHS.items()}

_ZONES = {
    **dict.fromkeys(("UT", "UTC", "GMT", "Z", "WET"), 0),
    **{"EDT": -240, "EST": -300, "CDT": -300, "CST": -360, "MDT": -360, "MST": -420, "PDT": -420, "PST": -480},
    **{"AKDT": -480, "AKST": -540, "HST": -600, "BRT": -180, "ART": -180, "ADT": -180, "AST": -240},
    **{"BST": 60, "WEST": 60, "CET": 60, "MET": 60, "CEST": 120, "MEST": 120, "EET": 120, "SAST": 120},
    **{"EEST": 180, "MSK": 180, "MSD": 240, "IST": 330, "ICT": 420, "WIB": 420, "HKT": 480, "SGT": 480},
    **{"AWST": 480, "JST": 540, "KST": 540, "AEST": 600, "AEDT": 660, "NZST": 720, "NZDT": 780},
}
"""Minutes east of UTC. RFC 5322 §4.3: a zone that is not known counts as UTC."""


def read_date(text: str | None) -> datetime | None:
    """The time in `text`, aware UTC; None where there is none. Two-digit years by RFC 5322 §4.3. Never raises."""
    if not text:
        return None
    text = text[:_CHARS]
    try:
        return (
            _usual(text) or _day_first(text) or _month_first(text) or _asctime(text) or _iso(text) or _day_alone(text)
        )
    except (ValueError, OverflowError):
        return None


def _usual(text: str) -> datetime | None:
    """Out of the hands of Python's own parser, in a third of the time."""
    match = _USUAL.match(text)
    if not match:
        return None
    day, name, year, clock, zone = match.groups()
    month = _USUAL_MONTHS.get(name)
    return datetime.fromisoformat(f"{year}-{month}-{day:>02}T{clock}{zone}").astimezone(UTC) if month else None


def _day_first(text: str) -> datetime | None:
    match = _DAY_FIRST.search(text)
    if not match:
        return None
    day, month, year, *clock, offset, zone = match.groups()
    return _moment(year, _MONTHS.get(month.lower()), day, clock, offset or zone)


def _month_first(text: str) -> datetime | None:
    match = _MONTH_FIRST.search(text)
    if not match:
        return None
    month, day, year, *clock, offset, zone = match.groups()
    return _moment(year, _MONTHS.get(month.lower()), day, clock, offset or zone)


def _asctime(text: str) -> datetime | None:
    match = _ASCTIME.search(text)
    if not match:
        return None
    month, day, *clock, zone, year = match.groups()
    return _moment(year, _MONTHS.get(month.lower()), day, clock, zone)


def _iso(text: str) -> datetime | None:
    match = _ISO.search(text)
    if not match:
        return None
    year, month, day, *clock, offset, zone = match.groups()
    return _moment(year, int(month), day, clock, offset or zone)


def _day_alone(text: str) -> datetime | None:
    match = _DAY_ALONE.search(text)
    if not match:
        return None
    day, month, year = match.groups()
    return _moment(year, _MONTHS.get(month.lower()), day, [None] * 4, None)


def _moment(year: str, month: int | None, day: str, clock: list[str | None], zone: str | None) -> datetime | None:
    if month is None:
        return None
    hour, minute, second, half = clock
    hours = int(hour or 0)
    if half and hours <= 12:
        hours = hours % 12 + (12 if half in "pP" else 0)
    # A leap second is a time too (RFC 5322 §3.3).
    seconds = min(int(second or 0), 59)
    local = datetime(_year(year), month, int(day), hours, int(minute or 0), seconds, tzinfo=UTC)
    return local - _shift(zone) if zone else local


def _year(text: str) -> int:
    """RFC 5322 §4.3: two digits below 50 are 20xx, other two and three digits count from 1900."""
    year = int(text)
    if len(text) > 3:
        return year
    return year + 2000 if year < 50 and len(text) == 2 else year + 1900


@lru_cache(maxsize=256)
def _shift(zone: str) -> timedelta:
    return timedelta(minutes=_offset(zone))


def _offset(zone: str) -> int:
    """Minutes east of UTC."""
    zone = zone[3:] or zone if zone.startswith(("GMT", "UTC")) else zone
    if zone[0] not in "+-":
        return _ZONES.get(zone.upper(), 0)
    digits = zone[1:].replace(":", "")
    hours, rest = (digits[:-2], digits[-2:]) if len(digits) > 2 else (digits, "0")
    minutes = int(hours) * 60 + int(rest)
    return -minutes if zone[0] == "-" else minutes
