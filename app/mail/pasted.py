"""The source of a mail pasted into the text of another: somebody writes to the desk and copies the header in.

It is the next best thing to an attachment: Received, Message-ID and signatures are all there. Lines may have been
wrapped and characters changed on the way, so a signature that fails says little; one that holds is a proof.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

from app.mail.domain import Kind, Original, Reading
from app.mail.message import Message
from app.mail.original import original_from
from app.mail.report import reading
from app.mail.source import as_mail
from app.mail.text import human_texts

_LINE = (
    r"[ \t>]{0,12}+(?:Return-Path|Received|Delivered-To|X-[\w-]{1,40}|Message-ID|DKIM-Signature|ARC-[\w-]{1,40}"
    r"|Authentication-Results|Received-SPF)[ \t]?:[ \t]{0,4}\S"
)
_FIRST = re.compile(f"^{_LINE}", re.IGNORECASE | re.MULTILINE)
_AFTER_BLANK = re.compile(rf"^[ \t>]{{0,12}}\n(?={_LINE})", re.IGNORECASE | re.MULTILINE)
_FIELD = re.compile(r"[ \t>]{0,12}[A-Za-z][\w-]{1,40}:[ \t]{1,4}\S")
_ABOVE_CHARS = 8_000
_LETTER = re.compile(r"[^\W_]")
_TRIES = 5


def read_pasted(mail: Message) -> Reading | None:
    """The complaint with the mail whose source stands in its text, or None where none does."""
    found = pasted_in(mail)
    return reading(mail, Kind.INLINE, originals=(found[0],), text=found[1]) if found else None


def pasted_in(mail: Message) -> tuple[Original, str] | None:
    """The mail whose source stands in the text of `mail`, and the words above it; None where none does."""
    for text in human_texts(mail):
        for start in _starts(text):
            original = original_from(as_mail(text[start:].encode()))
            if original and _is_source(original):
                return original, text[:start].strip()
    return None


def _starts(text: str) -> Iterator[int]:
    """Where a header may start: at the fields above the first line of a trace, at that, and at those that follow a
    blank line."""
    first = _FIRST.search(text)
    if first:
        top = _top(text, first.start())
        if top < first.start():
            yield top
        yield first.start()
        for match in islice(_AFTER_BLANK.finditer(text, first.end()), _TRIES):
            yield match.end()


def _top(text: str, start: int) -> int:
    """The first of the fields right above the line at `start`: clients show who, what and when above the trace."""
    lines = text[max(0, start - _ABOVE_CHARS) : start].split("\n")[:-1]
    top = at = start
    for line in reversed(lines[1:] if start > _ABOVE_CHARS else lines):
        at -= len(line) + 1
        if _FIELD.match(line):
            top = at
        elif not (line.strip() and line[0] in " \t"):
            break
    return top


def _is_source(original: Original) -> bool:
    """A sender who was not blacked out, and what no mail client shows in a forward: a trace and an identity."""
    if not _LETTER.search(original.from_ or ""):
        return False
    if original.received:
        return bool(original.message_id or original.first("To"))
    return bool(original.message_id and (original.return_path or original.first("DKIM-Signature")))
