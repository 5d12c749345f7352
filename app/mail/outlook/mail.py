"""The mail that a message of Outlook's was, put together: alike for .msg files (MS-OXMSG) and TNEF (MS-OXTNEF).

The message that was sent is gone: Outlook keeps its header in one property (and not even that for a sent or draft
item) and the body re-encoded. So a DKIM verdict on what is put together would mean nothing, and the original is not
`verifiable`. The header's words on the body (Content-*, MIME-Version) are left out, as they describe parts that are
no longer there.
"""

from __future__ import annotations

from collections.abc import Iterator
from email.utils import format_datetime

from app.mail.domain import Original
from app.mail.mime.head import lead, read_head, without_body_fields
from app.mail.original import original_from
from app.mail.outlook import item as o
from app.mail.outlook.item import Item, Person

_NO_HEADER = "has no transport header: what is known of the mail is from Outlook's properties."


def original_of_item(item: Item) -> Original | None:
    """The mail that `item` was; None where nothing is known of it."""
    content_type, body = item.body
    head = _head(item)
    described = f"Content-Type: {content_type}; charset=utf-8\r\n\r\n{body}".encode()
    return original_from(head + described, headers_only=not body, verifiable=False) if head else None


def defects_of(originals: tuple[Original, ...], file: str) -> tuple[str, ...]:
    """What is to be said where one of them has no trace. file: what Outlook kept it in."""
    return () if all(each.received or each.verifiable for each in originals) else (f"{file} {_NO_HEADER}",)


def _head(item: Item) -> bytes:
    """The transport header without what describes the body; what it lacks is filled in from the properties."""
    lines = item.texts.get(o.HEADERS, "").splitlines()
    raw = _from_first_field("\r\n".join(lines).encode() + b"\r\n\r\n")
    head = read_head(raw, 0, len(raw))
    told = [f"{name}: {value}\r\n".encode() for name, value in _fields(item) if value and not head.has(name.lower())]
    return b"".join((without_body_fields(raw, head), *told))


def _from_first_field(raw: bytes) -> bytes:
    """Without the line that Exchange writes above a header ("Microsoft Mail Internet Headers Version 2.0")."""
    raw = raw[lead(raw) :]
    first, _, rest = raw.partition(b"\r\n")
    return raw if b":" in first else rest


def _fields(item: Item) -> Iterator[tuple[str, str]]:
    """The header fields that the properties tell."""
    yield "From", _sender(item)
    yield "To", ", ".join(_recipients(item, o.TO))
    yield "Cc", ", ".join(_recipients(item, o.CC))
    yield "Subject", item.line(o.SUBJECT)
    yield "Date", _date(item)
    yield "Message-ID", item.line(o.MESSAGE_ID)


def _sender(item: Item) -> str:
    pids = (o.SENDER_SMTP, o.SENDER_ADDRESS, o.BEHALF_ADDRESS)
    name = item.line(o.BEHALF_NAME) or item.line(o.SENDER_NAME)
    # An Exchange mailbox has an address of its own kind there ("/O=CORP/CN=ANN"), which is none for mail.
    return _mailbox(name, next((address for pid in pids if "@" in (address := item.line(pid))), ""))


def _recipients(item: Item, kind: int) -> Iterator[str]:
    mailboxes = (_recipient(each) for each in item.people if each.kind == kind)
    return (each for each in mailboxes if each)


def _recipient(person: Person) -> str:
    return _mailbox(o.one_line(person.texts.get(o.NAME, "")), person.address)


def _mailbox(name: str, address: str) -> str:
    name = name.replace('"', "'")
    if not name or name == address:
        return f"<{address}>" if address else ""
    return f'"{name}" <{address}>' if address else f'"{name}"'


def _date(item: Item) -> str:
    moment = next((item.times[pid] for pid in o.TIMES if pid in item.times), None)
    return format_datetime(moment) if moment else ""
