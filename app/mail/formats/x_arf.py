"""X-ARF 0.1 and 0.2: a header field X-ARF or X-XARF, and a second part with one `Key: value` a line.

The part claims to be YAML; only its flat lines are read, and no YAML library is let near it. Ticket systems and lists
drop the header field, and some put the part into the text: then it must be whole.
"""

from __future__ import annotations

import re
from itertools import islice

from app.mail.domain import FeedbackType, Kind, Original, Reading
from app.mail.formats.arf import feedback_type
from app.mail.formats.reported import in_text, targets_of
from app.mail.mime.message import Message
from app.mail.mime.text import human_text
from app.mail.report import Fields, holds_mail, original_in, originals_in, reading

_LINE = re.compile(r"^([A-Za-z][A-Za-z0-9-]{1,60})[ \t]*:[ \t]*(\S.{0,2000})$", re.MULTILINE)
_NAMES = {"source": "source-ip", "date": "arrival-date"}
_WORD = re.compile(r"[a-z]+")
_TYPES = (FeedbackType.FRAUD, FeedbackType.VIRUS, FeedbackType.ABUSE)
"""What says more comes first: the category of most reports is abuse."""
_REPORTED = ("source", "download-link", "url", "uri", "domain")
_REPORT_CHARS = 65_536
_PARTS = 20
_WHOLE = {"reported-from", "report-type", "source", "source-type", "date"}


def read_x_arf(mail: Message) -> Reading | None:
    """The X-ARF report in `mail`, or None."""
    said = mail.head.has("x-arf", "x-xarf")
    fields = _fields(mail, said)
    if not said and not fields:
        return None
    return reading(
        mail,
        Kind.X_ARF,
        feedback_type=_type(fields),
        fields=fields or _told(mail),
        originals=originals_in(mail.leaves()) or _evidence(mail),
        defects=() if fields else ("The report part is missing.",),
    )


def _evidence(mail: Message) -> tuple[Original, ...]:
    """Mails that are attached as text."""
    found = (
        original_in(part) for part in islice(mail.leaves(), 1, _PARTS) if holds_mail(part.content(_REPORT_CHARS))
    )
    return tuple(original for original in found if original)


def _fields(mail: Message, said: bool) -> Fields:
    """The report part's lines by lower-case name; Source and Date also under ARF's names. said: by the header.

    Where nothing says so, and of the part that should be for people, a few lines alone are not enough.
    """
    for at, part in enumerate(islice(mail.leaves(), _PARTS)):
        if part.name not in ("text/plain", "application/x-yaml", "text/yaml"):
            continue
        if not said and b"eported-" not in part.content(_REPORT_CHARS):
            continue
        found: dict[str, tuple[str, ...]] = {}
        for name, value in _LINE.findall(part.text(_REPORT_CHARS).replace("\r", "")):
            key = name.lower()
            found[key] = (*found.get(key, ()), value.strip().strip("\"'"))
        if ("report-type" in found or "category" in found) and ((said and at) or found.keys() >= _WHOLE):
            named = {_NAMES[k]: v for k, v in found.items() if k in _NAMES and _is_meant(k, found)}
            return {**found, **_reported(found), **named}
    return {}


def _told(mail: Message) -> Fields:
    """What the text for people names, where the report part is missing."""
    return targets_of(in_text(mail.head.first("subject") or "", human_text(mail))).fields


def _reported(found: Fields) -> Fields:
    """The pages and hosts that it is about, by ARF's names: of many reports the source is one."""
    about = targets_of(value for key in _REPORTED for value in found.get(key, ()))
    return {name: values for name, values in about.fields.items() if name != "source-ip"}


def _is_meant(key: str, found: Fields) -> bool:
    kind = found.get("source-type", ("",))[0].lower()
    return key != "source" or kind.startswith("ip") or not kind


def _type(fields: Fields) -> FeedbackType:
    said = " ".join((*fields.get("report-type", ()), *fields.get("category", ()))).lower()
    found = {feedback_type(word) for word in _WORD.findall(said)}
    return next((kind for kind in _TYPES if kind in found), FeedbackType.OTHER)
