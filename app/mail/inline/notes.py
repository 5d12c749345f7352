"""How Lotus Notes heads what it forwards: `----- Forwarded by Ann/ACME on 11/03/2026 10:02 AM -----`, then the sender
and the date without labels, above To, cc and Subject; or in two columns, with the labels to the right of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

from app.mail.fields.local_dates import read_local_date
from app.mail.inline.block import Block, Mark, Text, labels_from, mark_of
from app.mail.inline.label import Label, label_of, unquoted
from app.mail.inline.words import ROLES, Role, folded

_SAYS = re.compile(r"[ \t>]{0,12}-{3,}[ ]?\S")
_RULE = re.compile(r"[ \t>]{0,12}-{3,}[ \t]*")
_BY = re.compile(r"\b(?:by|von|par|por|da|door|av|af)\b[^\n]{1,80}/[^\n]{1,80}\d", re.IGNORECASE)
_SENT = re.compile(
    r"(.{2,200}?)[ \t]*(?:\b(?:on|am|le|el|il|em|op|den)[ \t]+)?((?<!\d)\d{1,4}[./-]\d{1,2}[./-]\d{1,4}\b.{0,30})"
)
_MORE = re.compile(r"[ \t]*(?:please respond to|sent by|antwort an|gesendet von)\b[: ]?.*", re.IGNORECASE)
_QUOTED = re.compile(r"\A(?:[ \t]?>[ ]?){1,9}")
_TORN = re.compile(r"(<[^<> ]{1,100}) ([^<> ]{1,100}>)")
_WIDTH = 37
_LINES = 30
_TRIES = 50
_BLANKS = 3


def notes_blocks(text: Text) -> Iterator[Block]:
    """Every such head in `text`, topmost first; at most 50 lines that say so are looked at."""
    said = (at for at, line in enumerate(text.lines) if "/" in line and _SAYS.match(line) and _BY.search(line))
    for at in islice(said, _TRIES):
        first = at + 1
        line = text.lines[at]
        if first < len(text.lines) and not line.rstrip().endswith("--"):  # it was wrapped
            line = f"{line} {text.lines[first]}"
            first += 1
        block = (
            (_in_lines(text, at, first) or _in_columns(text, at, first)) if mark_of(line) is Mark.FORWARDED else None
        )
        if block:
            yield block


def _in_lines(text: Text, above: int, first: int) -> Block | None:
    """Sender and date in one line or in two, the labels below them."""
    start = _over_blanks(text, first)
    label = label_of(text.lines[start]) if start < len(text.lines) else None
    if start >= len(text.lines) or (label and label.role is not Role.FROM):
        return None
    sender, at = label.value if label else unquoted(text.lines[start]).strip(), start + 1
    sent = _SENT.fullmatch(sender)
    if at < len(text.lines) and _MORE.fullmatch(unquoted(text.lines[at])):
        at += 1
    if sent is None and label is None and at < len(text.lines):
        sent = _SENT.fullmatch(f"{sender} {unquoted(text.lines[at]).strip()}")
        at += 1
    if sent is None or read_local_date(sent[2]) is None:
        return None
    while at < len(text.lines) and (text.is_blank(at) or _MORE.match(unquoted(text.lines[at]))) and at < start + 8:
        at += 1
    labels, body = labels_from(text, at, frozenset((Role.FROM, Role.DATE)), is_marked=True)
    told = (Label(Role.FROM, "", sent[1].strip()), Label(Role.DATE, "", sent[2].strip()), *labels)
    return Block(Mark.FORWARDED, above, start, body, told) if labels else None


def _in_columns(text: Text, above: int, first: int) -> Block | None:
    """Sender and date in the left column; in the right one labels at its right edge, each above what it says."""
    left: list[str] = []
    right: list[tuple[Role, str, list[str]]] = []
    body = first
    for at in range(first, min(first + _LINES, len(text.lines))):
        line = _QUOTED.sub("", text.lines[at]).expandtabs()
        label = _label_at_edge(line)
        if label:
            right.append((*label, []))
            left.append(line.rstrip()[: -len(label[1])].strip())
        elif line.strip() and not line.startswith(" " * 4):
            break
        elif right and not line[:_WIDTH].strip():
            right[-1][2].append(line.strip())
        else:
            left.append(line[:_WIDTH].strip())
            if right:
                right[-1][2].append(line[_WIDTH:].strip())
        body = at + 1
    sent = _SENT.fullmatch(_TORN.sub(r"\1\2", " ".join(" ".join(left).split())))
    if not right or sent is None or read_local_date(sent[2]) is None:
        return None
    sender = _MORE.sub("", re.sub(r"(?i)[ ](?:sent by|please respond to)\b.*", "", sent[1]))
    labels = (Label(role, name, " ".join(" ".join(said).split())) for role, name, said in right)
    told = (Label(Role.FROM, "", sender.strip()), Label(Role.DATE, "", sent[2].strip()), *labels)
    return Block(Mark.FORWARDED, above, first, body, told)


def _label_at_edge(line: str) -> tuple[Role, str] | None:
    """The label that ends a line of which there is nothing else in the right column."""
    name = line[_WIDTH:].strip()
    role = ROLES.get(folded(name)) if name and len(name) < 20 else None
    return (role, name) if role else None


def _over_blanks(text: Text, at: int) -> int:
    end = min(at + _BLANKS + 1, len(text.lines))
    return next((each for each in range(at, end) if not text.is_blank(each)), len(text.lines))
