"""Mails that Exchange wrapped on the way to us (TNEF): what is forwarded as attachment lies in there.

An attached message is put together from its properties, as a .msg file's is; an .eml file is there byte for byte, and
its signatures can be judged. Where the whole mail was wrapped its text is in there as well: see `with_text`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice

from app.mail import limits
from app.mail.domain import Kind, Original, Reading
from app.mail.fields.received import reception
from app.mail.mime.head import without_body_fields
from app.mail.mime.media_type import COMPOUND_FILE
from app.mail.mime.message import Message, parse
from app.mail.mime.text import human_text, text_of_html
from app.mail.original import message_id, original_from
from app.mail.outlook.item import HEADERS, Item
from app.mail.outlook.mail import defects_of, original_of_item
from app.mail.outlook.msg import original_of_msg
from app.mail.outlook.rtf import Allowance
from app.mail.outlook.tnef import Attached, Tnef, is_tnef, read_file
from app.mail.report import holds_mail, reading

_FILE = "What Exchange attached (winmail.dat)"
_FILES = 3


def wrapped_in(mail: Message) -> tuple[Tnef, ...]:
    """What Exchange wrapped in `mail`, the first three files of it that can be read."""
    parts = (part for part in mail.leaves() if is_tnef(part))
    return tuple(found for part in islice(parts, _FILES) if (found := read_file(part.content())))


def read_attached(mail: Message, wrapped: tuple[Tnef, ...]) -> Reading | None:
    """The complaint with the mails attached in `wrapped`, or None where there are none."""
    originals = _originals(wrapped, message_id(mail.head.first("message-id")))
    if not originals:
        return None
    text = human_text(mail) or next((said for each in wrapped if (said := _text(each.item))), "")
    return reading(mail, _kind(originals), originals=originals, text=text, defects=defects_of(originals, _FILE))


def read_winmail(raw: bytes) -> Reading | None:
    """The complaint about the mail in the file `raw`, as somebody saved it: attached in it, else itself. None where
    it holds none."""
    found = read_file(raw)
    if found is None:
        return None
    whole = original_of_item(found.item)
    originals = _originals((found,), whole.message_id if whole else None) or ((whole,) if whole else ())
    if not originals:
        return None
    return Reading(
        kind=_kind(originals),
        feedback_type=None,
        is_complaint=True,
        originals=originals,
        subject=originals[0].subject,
        text=human_text(parse(originals[0].raw)),
        arrived=reception(originals[0].received, None),
        defects=defects_of(originals, _FILE),
    )


def with_text(mail: Message, wrapped: tuple[Tnef, ...]) -> Message | None:
    """`mail` with the text that was wrapped for its body; None where it has a text of its own, or none is wrapped."""
    kind, text = next((each.item.body for each in wrapped if each.item.body[1].strip()), ("", ""))
    if not kind or human_text(mail):
        return None
    above = without_body_fields(mail.top.source, mail.head)
    return parse(above + f"Content-Type: {kind}; charset=utf-8\r\n\r\n{text}".encode())


def _originals(wrapped: Iterable[Tnef], own: str | None) -> tuple[Original, ...]:
    """The mails attached, the innermost first. own: the Message-ID of the mail that was wrapped, as Exchange may keep
    its header there too."""
    allowance = Allowance()
    mails = (original for each in wrapped for original in (*_within(each, allowance), *_saved(each, own)))
    return tuple(islice(mails, limits.ORIGINALS))


def _within(found: Tnef, allowance: Allowance) -> Iterator[Original]:
    for each in found.attached:
        if each.message:
            yield from _within(each.message, allowance)
        original = _original(each, allowance)
        if original:
            yield original


def _original(attached: Attached, allowance: Allowance) -> Original | None:
    if attached.message:
        return original_of_item(attached.message.item)
    if attached.content.startswith(COMPOUND_FILE):
        return original_of_msg(attached.content, allowance)
    return original_from(attached.content) if holds_mail(attached.content) else None


def _saved(found: Tnef, own: str | None) -> Iterator[Original]:
    """The wrapped message itself where it came with the header of another mail than the one that brings it."""
    original = original_of_item(found.item) if HEADERS in found.item.texts else None
    if original and original.message_id and original.message_id != own:
        yield original


def _kind(originals: tuple[Original, ...]) -> Kind:
    return Kind.FORWARDED if all(each.verifiable for each in originals) else Kind.OUTLOOK_MSG


def _text(item: Item) -> str:
    kind, text = item.body
    return (text_of_html(text) if kind == "text/html" else text.strip())[: limits.TEXT_CHARS]
