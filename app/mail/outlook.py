"""Outlook .msg files: a mail as Outlook keeps it, uploaded, or attached by somebody who forwards it.

The message that was sent is gone: Outlook keeps its header in one property (and not even that for a sent or draft
item) and the body re-encoded. `raw` is put together from these, so a DKIM verdict on it would mean nothing, and the
original is not `verifiable`. The header's words on the body (Content-*, MIME-Version) are left out of it, as they
describe parts that are no longer there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from email.utils import format_datetime
from functools import partial
from itertools import islice
from typing import TypeVar

from oxmsg.domain import constants as c
from oxmsg.domain.model import MSG_HDR_OFFSET, RECIP_HDR_OFFSET
from oxmsg.message import Message as OutlookMessage
from oxmsg.properties import Properties
from oxmsg.storage import Storage

from app.mail import limits
from app.mail.charset import cleaned
from app.mail.compound import message_storage
from app.mail.domain import Kind, Original, Reading
from app.mail.head import lead, read_head
from app.mail.media_type import COMPOUND_FILE
from app.mail.message import Message, Part, parse
from app.mail.original import original_from
from app.mail.received import reception
from app.mail.report import reading
from app.mail.text import human_text

T = TypeVar("T")

_NO_HEADER = "The .msg file has no transport header: what is known of the mail is from Outlook's properties."
_TNEF = "What Exchange attached (winmail.dat) is not read; ask for the mail as an .eml file."
_UNREADABLE = "An attached Outlook .msg file could not be read."
_TO, _CC = 1, 2
_PEEK_BYTES = 64


def read_msg(raw: bytes) -> Reading | None:
    """The complaint about the mail in the .msg file `raw`, None where it is not one. Never raises."""
    original = original_of_msg(raw)
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
        defects=_defects((original,)),
    )


def read_outlook(mail: Message) -> Reading | None:
    """The complaint with the .msg files attached to it, or None where none can be read."""
    found = tuple(islice(_attached(mail), limits.ORIGINALS))
    originals = tuple(original for original in found if original)
    if not originals:
        return None
    broken = (_UNREADABLE,) if len(originals) < len(found) else ()
    return reading(mail, Kind.OUTLOOK_MSG, originals=originals, defects=(*_defects(originals), *broken))


def unread_msg(mail: Message) -> tuple[str, ...]:
    """The defects of a mail with an attached .msg that is none, or with Exchange's own wrapping (MS-OXTNEF)."""
    parts = list(mail.leaves())
    unread = (_UNREADABLE,) if any(_is_named_msg(part) for part in parts) else ()
    return (*unread, _TNEF) if any(_is_tnef(part) for part in parts) else unread


def original_of_msg(raw: bytes) -> Original | None:
    """The mail in the .msg file `raw`, None where it is no Outlook message."""
    storage = message_storage(raw) if raw.startswith(COMPOUND_FILE) else None
    if storage is None:
        return None
    content_type, body = _body(storage)
    head = _head(storage)
    described = f"Content-Type: {content_type}; charset=utf-8\r\n\r\n{body}".encode()
    return original_from(head + described, headers_only=not body, verifiable=False) if head else None


def _is_tnef(part: Part) -> bool:
    return part.name in ("application/ms-tnef", "application/vnd.ms-tnef") or part.filename.lower() == "winmail.dat"


def _attached(mail: Message) -> Iterator[Original | None]:
    for part in mail.leaves():
        if part is not mail.top and (_is_named_msg(part) or part.content(_PEEK_BYTES).startswith(COMPOUND_FILE)):
            yield original_of_msg(part.content())


def _is_named_msg(part: Part) -> bool:
    return part.name == "application/vnd.ms-outlook" or part.filename.lower().endswith(".msg")


def _defects(originals: tuple[Original, ...]) -> tuple[str, ...]:
    return () if all(original.received for original in originals) else (_NO_HEADER,)


def _head(storage: Storage) -> bytes:
    """The transport header without what describes the body; what it lacks is filled in from the properties."""
    lines = _text(storage, c.PID_TRANSPORT_MESSAGE_HEADERS).splitlines()
    raw = _from_first_field("\r\n".join(lines).encode() + b"\r\n\r\n")
    head = read_head(raw, 0, len(raw))
    ends = [*(field.start for field in head.fields[1:]), head.body]
    kept = [
        raw[field.start : end].rstrip(b"\r\n") + b"\r\n"
        for field, end in zip(head.fields, ends, strict=False)
        if not field.key.startswith("content-") and field.key != "mime-version"
    ]
    told = [
        f"{name}: {value}\r\n".encode() for name, value in _fields(storage) if value and not head.has(name.lower())
    ]
    return b"".join((*kept, *told))


def _from_first_field(raw: bytes) -> bytes:
    """Without the line that Exchange writes above a header ("Microsoft Mail Internet Headers Version 2.0")."""
    raw = raw[lead(raw) :]
    first, _, rest = raw.partition(b"\r\n")
    return raw if b":" in first else rest


def _fields(storage: Storage) -> Iterator[tuple[str, str]]:
    """The header fields that the properties tell."""
    recipients = [(_kind(each), _recipient(each)) for each in storage.iter_recipient_storages()]
    yield "From", _sender(storage)
    yield "To", ", ".join(mailbox for kind, mailbox in recipients if kind == _TO and mailbox)
    yield "Cc", ", ".join(mailbox for kind, mailbox in recipients if kind == _CC and mailbox)
    yield "Subject", _line(storage, c.PID_SUBJECT)
    yield "Date", _date(storage)
    yield "Message-ID", _line(storage, c.PID_INTERNET_MESSAGE_ID)


def _sender(storage: Storage) -> str:
    pids = (c.PID_SENDER_SMTP_ADDRESS, c.PID_SENDER_EMAIL_ADDRESS, c.PID_SENT_REPRESENTING_EMAIL_ADDRESS)
    name = _line(storage, c.PID_SENT_REPRESENTING_NAME) or _line(storage, c.PID_SENDER_NAME)
    # An Exchange mailbox has an address of its own kind there ("/O=CORP/CN=ANN"), which is none for mail.
    return _mailbox(name, next((address for pid in pids if "@" in (address := _line(storage, pid))), ""))


def _recipient(storage: Storage) -> str:
    address = _line(storage, c.PID_SMTP_ADDRESS) or _line(storage, c.PID_EMAIL_ADDRESS)
    return _mailbox(_line(storage, c.PID_DISPLAY_NAME), address)


def _mailbox(name: str, address: str) -> str:
    name = name.replace('"', "'")
    if not name or name == address:
        return f"<{address}>" if address else ""
    return f'"{name}" <{address}>' if address else f'"{name}"'


def _kind(storage: Storage) -> int:
    return _guarded(lambda: _properties(storage).int_prop_value(c.PID_RECIPIENT_TYPE)) or _TO


def _date(storage: Storage) -> str:
    properties = _properties(storage)
    for pid in (c.PID_CLIENT_SUBMIT_TIME, c.PID_MESSAGE_DELIVERY_TIME):
        moment = _guarded(partial(properties.date_prop_value, pid))
        if moment:
            return format_datetime(moment)
    return ""


def _body(storage: Storage) -> tuple[str, str]:
    """Media type and text of the body; "" where Outlook keeps it as RTF alone."""
    plain = _text(storage, c.PID_BODY)
    if plain.strip():
        return "text/plain", plain
    return "text/html", cleaned(_guarded(lambda: OutlookMessage(storage).html_body) or "")


def _line(storage: Storage, pid: int) -> str:
    """The value of a text property in one line, for a header field; "" where it is missing or broken."""
    return " ".join(_text(storage, pid).split())[: limits.FIELD_CHARS]


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
