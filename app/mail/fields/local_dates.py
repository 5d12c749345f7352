"""Dates as mail clients show them to people, in their languages: `ons. 27. okt. 2021 kl. 09.31`.

No zone is mostly given; such a time counts as UTC, so it may be off by up to 14 hours. Where day and month cannot be
told apart by their numbers, points and slashes mean day first, unless an AM or PM says that an American wrote it, or
year first, where words or zone are of East Asia. A year of the Buddhist era, as Thailand counts, is one of ours.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, datetime, timedelta

from app.mail.fields.dates import read_date

_CHARS = 120
_STEMS = (
    "jan jän jaan ene gen янв січ led siječ sij sty styc ocak oca tammi ian яну ιαν sau јан ינו يناير",
    "feb fév fev veebr лют фев veljač velj vel únor úno lut luty şub helmi φεβ vas феб פבר فبراير",
    "mar mär maa mrt marz mars março mart márc mac мар бер břez bře ožu maalis μαρ kov מרץ מרס مارس",
    "apr avr abr апр квіт кві dub kwi trav tra nis huhti ápr απρ bal אפר أبريل إبريل",
    "may mai maj mag mayo maio maig май мая трав тра kvě květ svi máj máju touko mei μαΐ μαϊ μάι geg"
    " мај maí מאי مايو",
    "jun juin giu июн черв чер červn czer cze lipanj lipnj juuni haz kesä iun jún ιουν bir юни јун יונ يونيو",
    "jul juil lug июл лип červenc lipi lipc srpanj srpnj tem heinä iul júl ιουλ lie lip juuli юли јул יול يوليو",
    "aug août aoû ago авг серп сер srpn srp sier sie kol ağu elo αυγ rugp agu ogos ágú אוג أغسطس",
    "sep sept set сен вер zář září wrz ruj eyl syys szept σεπ rugs ספט سبتمبر",
    "oct okt ott out окт жовт жов říj paź eki loka οκτ spal אוק أكتوبر",
    "nov ноя лист лис listop lis stu kas marras noi νοε lapkr ное нов nóv נוב نوفمبر",
    "dec dez déc dic des дек груд гру pros gru ara joulu dets δεκ gruod дец dis דצמ ديسمبر",
)
_THAI = ("ม.ค.", "ก.พ.", "มี.ค.", "เม.ย.", "พ.ค.", "มิ.ย.", "ก.ค.", "ส.ค.", "ก.ย.", "ต.ค.", "พ.ย.", "ธ.ค.")
_THAI_IN_FULL = (
    *("มกราคม", "กุมภาพันธ์", "มีนาคม", "เมษายน", "พฤษภาคม", "มิถุนายน"),
    *("กรกฎาคม", "สิงหาคม", "กันยายน", "ตุลาคม", "พฤศจิกายน", "ธันวาคม"),
)
_HINDI = ("जन॰", "फ़र॰", "मार्च", "अप्रैल", "मई", "जून", "जुल॰", "अग॰", "सित॰", "अक्टू॰", "नव॰", "दिस॰")
_WRITTEN = {
    unicodedata.normalize("NFC", word): stems.split()[0]
    for words in (_THAI, _THAI_IN_FULL, _HINDI)
    for word, stems in zip(words, _STEMS, strict=True)
}
"""Months in scripts of which a word is more than letters."""
_WRITTEN_AS = re.compile("|".join(map(re.escape, sorted(_WRITTEN, key=len, reverse=True))))
_MONTHS = {stem: number for number, stems in enumerate(_STEMS, start=1) for stem in stems.split()}
# Croatian, which writes a point after the day, where other Slavonic languages, which write none, mean a later month.
_AFTER_POINT = {"listopada": 10, "lis": 10, "lip": 6, "srp": 7}
_HEBREW = {ord("׳"): None}  # the mark of a word cut short; "ב-" is "at" before a time
_LONGEST = max(map(len, _MONTHS))

_NAME = r"([^\W\d_]{3,20})"
_DAY_FIRST = re.compile(
    rf"(?<!\d)(\d{{1,2}})(\.?)(?:º|er|st|nd|rd|th)?[ ]*+(?:de |d'|of )?{_NAME}\.?,?[ ]*+(?:de |del )?(\d{{4}})(?!\d)"
)
_MONTH_FIRST = re.compile(rf"{_NAME}\.?[ ]++(\d{{1,2}})(?:st|nd|rd|th)?,?[ ]++(\d{{4}})(?!\d)")
_DASHED = re.compile(rf"{_NAME}-(\d{{1,2}})-(\d{{4}}|\d\d)(?!\d)")
"""As Outlook writes in Canada, `March-09-26`."""
_YEAR_FIRST = re.compile(rf"(?<!\d)(\d{{4}})\.?[ ]++(?:m\. |gada )?{_NAME}\.?[ ]++(\d{{1,2}})(?!\d)")
_LATVIAN = re.compile(rf"(?<!\d)(\d{{4}})\.? g(?:ada|\.) (\d{{1,2}})\.?[ ]++{_NAME}")
_VIETNAMESE = re.compile(r"(?<!\d)(\d{1,2})[ ]?(?:tháng|thg|Tháng|Thg)[ ]?(\d{1,2})(?:,| năm)?[ ]?(\d{4})(?!\d)")
_EASTERN = re.compile(r"(?<!\d)(\d{4})[ ]?[年년][ ]?(\d{1,2})[ ]?[月월][ ]?(\d{1,2})[ ]?[日일]")
_NUMBERS = re.compile(r"(?<!\d)(\d{1,4})([./-])[ ]?(\d{1,2})\2[ ]?(\d{1,4})(?!\d)")
_TIME = re.compile(r"(?<![\d+.-])(\d{1,2})[:.h点點時시](?:[ ]?)(\d{2})(?:[:.](\d{2}))?(?![\d.])")
_AFTERNOON = re.compile(r"(?:\b|(?<=\d))(?:p\.? ?m\.?|μ\.?μ\.?|ös)(?![^\W\d])|午後|下午|오후", re.IGNORECASE)
_MORNING = re.compile(r"(?:\b|(?<=\d))(?:a\.? ?m\.?|π\.?μ\.?|öö)(?![^\W\d])|午前|上午|오전", re.IGNORECASE)
_OF_YEAR_FIRST = re.compile(r"[후전午]|(?:GMT|UTC) ?\+0?9(?::?00)?(?!\d)")
"""Who writes so puts the year first: China, Japan and Korea."""
_BUDDHIST, _BUDDHIST_FROM = 543, 2400
_OFFSET = re.compile(r"(?:(?:GMT|UTC)[ ]?([+-]\d{1,2})(?::?(\d{2}))?|(?<=[ (\d])([+-]\d{2}):?(\d{2}))(?!\d)")
_ZONE = re.compile(r"\b(EEST|EET|CEST|CET|MESZ|MEZ|OESZ|OEZ|SELČ|SEČ|EDT|EST|CDT|CST|MDT|MST|PDT|PST|BST|MSK|JST)\b")
_Day = tuple[int, int, int, str]
"""Year, month, day of the month, and the text without them."""
_HOURS = {
    **{"EEST": 3, "EET": 2, "CEST": 2, "CET": 1, "MESZ": 2, "MEZ": 1, "OESZ": 3, "OEZ": 2, "SELČ": 2, "SEČ": 1},
    **{"EDT": -4, "EST": -5, "CDT": -5, "CST": -6, "MDT": -6, "MST": -7, "PDT": -7, "PST": -8, "BST": 1},
    **{"MSK": 3, "JST": 9},
}


def read_local_date(text: str | None) -> datetime | None:
    """The time in `text`, aware UTC, None where no day of the calendar can be read. Never raises."""
    if not text:
        return None
    text = unicodedata.normalize("NFC", " ".join(text[:_CHARS].split())).translate(_HEBREW).replace("ב-", "")
    if not text.isascii():
        text = _WRITTEN_AS.sub(lambda found: _WRITTEN.get(found[0], found[0]), text)
    try:
        day = _day(text)
        if day is None:
            return read_date(text)
        year, month, date, rest = day
        year -= _BUDDHIST if year > _BUDDHIST_FROM else 0
        return datetime(year, month, date, *_clock(rest), tzinfo=UTC) - _east(rest)
    except (ValueError, OverflowError):
        return None


def _day(text: str) -> _Day | None:
    """The day, by the first of the orders that is there."""
    return _named(text) or _eastern(text) or _numbered(text)


def _named(text: str) -> _Day | None:
    if match := _DAY_FIRST.search(text):
        return _told(match, match[4], _month(match[3], match[2]), match[1])
    if match := _LATVIAN.search(text):
        return _told(match, match[1], _month(match[3]), match[2])
    if match := _MONTH_FIRST.search(text):
        return _told(match, match[3], _month(match[1]), match[2])
    if match := _DASHED.search(text):
        return _told(match, _whole(match[3]), _month(match[1]), match[2])
    if match := _YEAR_FIRST.search(text):
        return _told(match, match[1], _month(match[2]), match[3])
    return None


def _told(match: re.Match[str], year: str, month: int | None, day: str) -> _Day | None:
    rest = f"{match.string[: match.start()]} {match.string[match.end() :]}"
    return (int(year), month, int(day), rest) if month else None


def _month(name: str, after_day: str = "") -> int | None:
    """The month by the longest stem the name starts with."""
    name = name.lower().removeprefix("ב")  # Hebrew writes "in" with the month
    if after_day and name in _AFTER_POINT:
        return _AFTER_POINT[name]
    stems = (name[:length] for length in range(min(len(name), _LONGEST), 2, -1))
    return next((_MONTHS[stem] for stem in stems if stem in _MONTHS), None)


def _eastern(text: str) -> _Day | None:
    if match := _VIETNAMESE.search(text):
        return _told(match, match[3], int(match[2]), match[1])
    match = _EASTERN.search(text)
    return _told(match, match[1], int(match[2]), match[3]) if match else None


def _numbered(text: str) -> _Day | None:
    match = _NUMBERS.search(text)
    if not match:
        return None
    first, second, third = int(match[1]), int(match[3]), match[4]
    if _is_year_first(match):
        return _told(match, _whole(match[1]), second, third)
    if len(third) == 1:
        return None
    american = match[2] == "/" and bool(_AFTERNOON.search(text) or _MORNING.search(text))
    month_first = second > 12 or (american and first <= 12)
    month, day = (first, second) if month_first else (second, first)
    return _told(match, _whole(third), month, str(day))


def _is_year_first(match: re.Match[str]) -> bool:
    """Whether the first of three numbers is the year: it has four digits, or the last has one, or who writes says."""
    first, third = match[1], match[4]
    is_either = len(first) == 2 == len(third)
    return (
        len(first) == 4
        or (len(first) == 2 and len(third) == 1)
        or (is_either and _OF_YEAR_FIRST.search(match.string) is not None)
    )


def _whole(year: str) -> str:
    return year if len(year) == 4 else f"20{year}"


def _clock(text: str) -> tuple[int, int, int]:
    """Hour, minute and second; midnight where no time is said."""
    match = _TIME.search(text)
    if not match:
        return 0, 0, 0
    hour = int(match[1])
    if hour <= 12 and _AFTERNOON.search(text):
        hour = hour % 12 + 12
    elif hour == 12 and _MORNING.search(text):
        hour = 0
    return hour, int(match[2]), min(int(match[3] or 0), 59)


def _east(text: str) -> timedelta:
    """How far the time is ahead of UTC, nothing where no zone is known."""
    if match := _OFFSET.search(text):
        hours, minutes = match[1] or match[3], match[2] or match[4] or "0"
        sign = -1 if hours.startswith("-") else 1
        return timedelta(hours=int(hours), minutes=sign * int(minutes))
    zone = _ZONE.search(text)
    return timedelta(hours=_HOURS[zone[1]]) if zone else timedelta()
