"""Every address in a mail, for finding what must be erased: rather too many than one too few, in linear time."""

from __future__ import annotations

import re
from collections.abc import Iterator

from app.mail import limits
from app.mail.fields.address import ADDRESS, verp_recipients
from app.mail.mime.blocks import line_blocks
from app.mail.mime.charset import decoded, header_text
from app.mail.mime.cms import content_of
from app.mail.mime.emlx import out_of_emlx
from app.mail.mime.enclosed import is_mailbox, mails_of_mailbox, payloads
from app.mail.mime.head import top_head
from app.mail.mime.media_type import COMPOUND_FILE
from app.mail.mime.message import Part, parse
from app.mail.mime.zipped import files_in, is_zip
from app.mail.outlook.rtf import Allowance, packed_texts
from app.mail.outlook.tnef import SIGNATURE, files_attached, read_file

_WIDE = re.compile(rb"(?:[\t\r\n -~]\x00){5,}+")
_LINK_MARKS = re.compile(r"[=/?&|'`{}!]")
_ENCODED = (b"charset", b"transfer-encoding", b"=?")
_PERCENT_AT = re.compile("%40", re.IGNORECASE)
_ENOUGH = 65_536
_WINDOW = 262_144
_OVERLAP = 600  # longer than an address: one that a window cuts stands whole in the next

ADDRESSES = 5_000
"""How many addresses `every_address` gives at most."""

_PACKED = 262_144


def every_address(raw: bytes) -> frozenset[str]:
    """Every address in a mail, lower case: headers, decoded text bodies, mails within it, at most ADDRESSES.

    Made for finding what must be erased, so it gives rather too many: `user@b.example` also out of a link's
    `?e=user%40b.example`, and as which recipient `bounce-user=b.example@…` may be read (VERP). Takes linear time;
    never raises.
    """
    found = _Found()
    waiting = [(raw, 0)]
    while waiting:  # not by recursion: mails twenty deep in one another would all be held at once
        mail, depth = waiting.pop()
        if depth and _is_plain(mail):
            found.add(mail.decode("ascii"))
            continue
        within = list(_collect(parse(mail).top, found))
        if depth < limits.DEPTH:
            waiting += [(each, depth + 1) for each in within]
    found.search()
    return frozenset(found.addresses)


class _Found:
    """The addresses in texts. Short texts are put together first: one search takes less than one for each field."""

    def __init__(self) -> None:
        self.addresses: set[str] = set()
        self._texts: list[str] = []
        self._size = 0

    def add(self, text: str) -> None:
        if "@" in text or _has_percent_at(text):
            self._texts.append(text)
            self._size += len(text)
            if self._size >= _ENOUGH:
                self.search()

    def search(self) -> None:
        """Looks through what was added."""
        text = "\n".join(self._texts)
        self._texts, self._size = [], 0
        if _has_percent_at(text):
            text = _PERCENT_AT.sub("@", text)
        for block in line_blocks(text):
            for start in range(0, len(block), _WINDOW):
                self._search_lines(block[max(0, start - _OVERLAP) : start + _WINDOW])

    def _search_lines(self, text: str) -> None:
        # No address has white space in it: only the lines, and of them the words, that may hold one are searched.
        # Repeats go first, in C: a megabyte of `a@a@a@` must not take its time here.
        lines = "\n".join([line for line in text.split("\n") if "@" in line])
        words = "\n".join([word for word in lines.lower().split() if "@" in word])
        for local, domain in dict.fromkeys(ADDRESS.findall(words)):
            if len(self.addresses) >= ADDRESSES:
                return
            local, domain = local.lstrip("."), domain.rstrip(".-_")
            self.addresses.add(f"{local}@{domain}")
            tail = _LINK_MARKS.split(local)[-1] if _LINK_MARKS.search(local) else ""
            if tail:
                self.addresses.add(f"{tail}@{domain}")
            if "=" in local:
                self.addresses.update(verp_recipients(f"{local}@"))


def _has_percent_at(text: str) -> bool:
    return "%" in text and "%40" in text  # one letter is found in no time, and most texts do not have it


def _is_plain(raw: bytes) -> bool:
    """Whether nothing can be encoded in a mail, such as a feedback report: as text it says all that it holds."""
    if b"charset" in raw or not raw.isascii():  # as in most mails, near their start
        return False
    low = raw.lower()
    return not any(mark in low for mark in _ENCODED)


def _collect(part: Part, found: _Found) -> Iterator[bytes]:
    """Adds what the part and the parts inside it hold; gives the mails inside, each to be read as one of its own."""
    _collect_fields(part, found)
    for child in part.children:
        yield from _collect(child, found)
    if part.children:
        # What stands before the first part of a multipart and after the last, where parts were left unread too.
        found.add(decoded(part.source[part.head.body : part.children[0].start]))
        found.add(decoded(part.source[part.children[-1].end : part.end]))
    elif part.name.startswith("message/"):
        yield part.content()
    elif is_zip(part):
        yield from files_in(part)
    elif (signed := content_of(part)) is not None:
        yield signed
    elif _may_hold_text(part):
        content = part.content()
        yield from payloads(content)
        if is_mailbox(part):
            yield from mails_of_mailbox(content)
        elif part.name.startswith("application/") and top_head(mail := out_of_emlx(content))[1].fields:
            yield mail  # an .eml of no telling type: what is encoded in it is only found where it is read as a mail
            if mail is content:
                return
        if content.startswith((COMPOUND_FILE, SIGNATURE)):
            yield from _collect_outlook(content, found)
        else:
            found.add(decoded(content, part.type.parameters.get("charset", "")))


def _collect_outlook(content: bytes, found: _Found) -> Iterator[bytes]:
    """Adds what only Outlook can read of its own files; gives the mails that Exchange attached as files."""
    # Outlook writes UTF-16: without the NUL behind each letter, what is ASCII in it can be read, and all else, too.
    found.add(decoded(_WIDE.sub(_narrow, content)))
    for text in packed_texts(content, Allowance(packed=_PACKED)):
        found.add(decoded(text))
    wrapped = read_file(content)
    if wrapped:
        yield from (each for each in files_attached(wrapped) if top_head(each)[1].fields)


def _collect_fields(part: Part, found: _Found) -> None:
    """Adds what the fields hold: as they stand, all that are ASCII at once, and decoded where they are encoded."""
    head = part.source[part.start : part.head.body]
    for text in [head] if head.isascii() else [field.raw for field in part.head.fields]:
        found.add(decoded(text))
    if b"=?" in head:
        for field in part.head.fields:
            if b"=?" in field.raw:
                found.add(header_text(field.raw))


def _may_hold_text(part: Part) -> bool:
    return not part.name.startswith(("image/", "audio/", "video/", "font/"))


def _narrow(wide: re.Match[bytes]) -> bytes:
    return wide[0][::2]
