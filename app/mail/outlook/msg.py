"""Outlook .msg files: a mail as Outlook keeps it, uploaded, or attached by somebody who forwards it.

What is made of its properties, and why no signature of it can be judged, is told in `outlook_mail`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from itertools import islice
from typing import TypeVar

from oxmsg.domain import constants as c
from oxmsg.domain.model import MSG_HDR_OFFSET, RECIP_HDR_OFFSET
from oxmsg.message import Message as OutlookMessage
from oxmsg.properties import Properties
from oxmsg.storage import Storage

from app.mail import limits
from app.mail.domain import Kind, Original, Reading
from app.mail.fields.received import reception
from app.mail.mime.charset import cleaned
from app.mail.mime.media_type import COMPOUND_FILE
from app.mail.mime.message import Message, Part, parse
from app.mail.mime.text import human_text
from app.mail.outlook import item as o
from app.mail.outlook.compound import message_storage
from app.mail.outlook.item import Item, Person
from app.mail.outlook.mail import defects_of, original_of_item
from app.mail.outlook.rtf import Allowance, text_of_rtf, unpacked
from app.mail.outlook.tnef import is_tnef
from app.mail.report import reading

T = TypeVar("T")

_TNEF = "What Exchange attached (winmail.dat) holds no mail that can be read; ask for it as an .eml file."
_UNREADABLE = "An attached Outlook .msg file could not be read."
_FILE = "The .msg file"
_PEEK_BYTES = 64


def read_msg(raw: bytes) -> Reading | None:
    """The complaint about the mail in the .msg file `raw`, None where it is not one. Never raises."""
    original = original_of_msg(raw, Allowance())
    if original is None:
        return None
    return Reading(
        kind=Kind.OUTLOOK_MSG,
        feedback_type=None,
        is_complaint=True,
        originals=(original,),
        subject=original.subject,
        text=human_text(parse(original.raw)),
        arrived=reception(original.received, None),
        defects=defects_of((original,), _FILE),
    )


def read_outlook(mail: Message) -> Reading | None:
    """The complaint with the .msg files attached to it, or None where none can be read."""
    found = tuple(islice(_attached(mail), limits.ORIGINALS))
    originals = tuple(original for original in found if original)
    if not originals:
        return None
    broken = (_UNREADABLE,) if len(originals) < len(found) else ()
    return reading(mail, Kind.OUTLOOK_MSG, originals=originals, defects=(*defects_of(originals, _FILE), *broken))


def unread_msg(mail: Message) -> tuple[str, ...]:
    """The defects of a mail with an attached .msg that is none, or with Exchange's own wrapping (MS-OXTNEF)."""
    parts = list(mail.leaves())
    unread = (_UNREADABLE,) if any(_is_named_msg(part) for part in parts) else ()
    return (*unread, _TNEF) if any(is_tnef(part) for part in parts) else unread


def original_of_msg(raw: bytes, allowance: Allowance) -> Original | None:
    """The mail in the .msg file `raw`, None where it is no Outlook message. allowance: for a body that is RTF."""
    storage = message_storage(raw) if raw.startswith(COMPOUND_FILE) else None
    return original_of_item(_item(storage, allowance)) if storage else None


def _attached(mail: Message) -> Iterator[Original | None]:
    allowance = Allowance()
    for part in mail.leaves():
        if part is not mail.top and (_is_named_msg(part) or part.content(_PEEK_BYTES).startswith(COMPOUND_FILE)):
            yield original_of_msg(part.content(), allowance)


def _is_named_msg(part: Part) -> bool:
    return part.name == "application/vnd.ms-outlook" or part.filename.lower().endswith(".msg")


def _item(storage: Storage, allowance: Allowance) -> Item:
    texts = {pid: text for pid in o.TEXTS if (text := _text(storage, pid))}
    properties = _properties(storage)
    moments = ((pid, _guarded(partial(properties.date_prop_value, pid))) for pid in o.TIMES)
    bare = not texts.get(o.BODY, "").strip()
    html = cleaned(_guarded(lambda: OutlookMessage(storage).html_body) or "") if bare else ""
    rtf = _guarded(lambda: storage.property_stream_bytes(o.RTF, c.PTYP_BINARY)) if bare and not html.strip() else None
    return Item(
        texts=texts,
        times={pid: moment for pid, moment in moments if moment},
        people=tuple(map(_person, storage.iter_recipient_storages())),
        html=html,
        rich=text_of_rtf(unpacked(rtf or b"", allowance), allowance),
    )


def _person(storage: Storage) -> Person:
    kind = _guarded(lambda: _properties(storage).int_prop_value(o.RECIPIENT_TYPE)) or o.TO
    return Person({pid: _text(storage, pid) for pid in o.PERSON_TEXTS}, kind)


def _text(storage: Storage, pid: int) -> str:
    """The value of a text property. UTF-16 is read even where oxmsg refuses the file for its code page."""
    stream = _guarded(lambda: storage.property_stream_bytes(pid, c.PTYP_STRING))
    if stream is not None:
        return cleaned(stream.decode("utf-16-le", "replace").rstrip("\x00"))
    return cleaned((_guarded(lambda: _properties(storage).str_prop_value(pid)) or "").rstrip("\x00"))


def _properties(storage: Storage) -> Properties:
    return Properties(storage, RECIP_HDR_OFFSET if storage.path else MSG_HDR_OFFSET)


def _guarded(value: Callable[[], T | None]) -> T | None:
    """The value, None where it is broken: one hostile property must not hide the others."""
    try:
        return value()
    except Exception:  # noqa: BLE001 - oxmsg fails in many ways on hostile properties
        return None
