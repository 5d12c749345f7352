"""A mail forwarded within the text: a few header lines in the sender's language, then the mail as its client saw it.

Neither Received nor Message-ID nor signature is left, so the original is never `verifiable`: attribution has the
visible sender, subject, time and recipients, and the links of the text. What counts as a forward:

- A header block below a line that says forwarded ("---------- Forwarded message ---------", in any language).
- A header block below another separator or below none, where the outer subject is not that of a reply. Without a
  separator it takes three labels, the sender among them, and where the subject says nothing either, the recipient.
  Not where the sender is who writes (so letters begin, and reminders quote what was written before) or who is written
  to (so answers quote, also below a prefix that is none that is known).
- A sentence "On <date>, <name> wrote:" only where the subject is that of a forward (Outlook for Mac), or below a line
  that says forwarded (Yandex). Under any other subject it quotes what is replied to, and the mail stays a person's.

The outermost forward comes first. Where forwards lie in one another (a customer writes to a help desk, which forwards
to us), the innermost is an original too; those between are not.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from enum import Enum

from app.mail import limits
from app.mail.domain import Header, Kind, Original, Reading
from app.mail.fields.address import addresses_in, bare_address
from app.mail.fields.local_dates import read_local_date
from app.mail.inline.block import Block, Mark, Text, blocks, is_quoted, mark_of
from app.mail.inline.notes import notes_blocks
from app.mail.inline.words import (
    EITHER_PREFIXES,
    END_WORDS,
    FORWARD_PREFIXES,
    HEADER_NAMES,
    REPLY_PREFIXES,
    Role,
    folded,
)
from app.mail.inline.wrote import wrote_lines
from app.mail.mime.charset import decoded
from app.mail.mime.message import Message
from app.mail.mime.text import human_texts
from app.mail.original import MAX_RECIPIENTS
from app.mail.report import reading
from app.values import dataclass

_TAGS = re.compile(
    r"(?:\s*+(?:\[[^\]:]{0,60}\]|\*{2,5}[^*]{1,20}\*{2,5}|\([^):]{1,20}\)"
    r"|(?:external|extern|ext|spam|ticket \d{1,12})\s?:))*+",
    re.IGNORECASE,
)
"""What mail servers and ticket systems write before a subject."""
_PREFIX = re.compile(r"\s*+\[?([^\s:：\[\]()]{1,16})\s?(?:[\[(]\d{1,3}[\])])?\s?[:：]\s*+(.*)")
_TIDY = re.compile(r"^(.*?)[\s\"'<(\[]*+(?:mailto:)?([^\s<>()\[\]\"]{1,200}@[^\s<>()\[\]\"]{1,200})", re.DOTALL)
_CLOSING = 200  # no longer line is a mark
_HEADERS = (Role.FROM, Role.DATE, Role.SUBJECT, Role.TO, Role.CC, Role.REPLY_TO)


class Subject(Enum):
    """What the outer subject says of the mail."""

    FORWARD = "forward"
    EITHER = "either"
    REPLY = "reply"
    NEITHER = "neither"

    @property
    def may_forward(self) -> bool:
        return self in (Subject.FORWARD, Subject.EITHER)


@dataclass(frozen=True, slots=True)
class People:
    """Who writes to whom, addresses, "" where not known."""

    writer: str
    addressee: str


NOBODY = People("", "")


@dataclass(frozen=True, slots=True)
class Forward:
    """A forward found in a text: the reported mails, and what the person wrote above and below."""

    originals: tuple[Original, ...]
    words: str
    block: Block


def read_inline(mail: Message) -> Reading | None:
    """The complaint with the mail forwarded in its text, or None where none is."""
    subject = mail.head.first("subject") or ""
    people = _people(mail)
    for text in human_texts(mail):
        found = forward_in(text, subject, people)
        if found:
            return reading(mail, Kind.INLINE, originals=found.originals, text=found.words)
    return None


def read_pasted_inline(raw: bytes) -> Reading | None:
    """The same for text pasted into the form, which has no outer header; None where it is the source of a mail."""
    text = decoded(raw[: 4 * limits.TEXT_CHARS]).replace("\r\n", "\n").replace("\r", "\n").strip()
    found = forward_in(text[: limits.TEXT_CHARS], "")
    if found is None or not _is_told_from_source(found.block):
        return None
    first = found.originals[0]
    return Reading(
        kind=Kind.INLINE,
        feedback_type=None,
        is_complaint=True,
        originals=found.originals,
        subject=first.subject,
        text=found.words,
    )


def forward_in(text: str, subject: str, people: People = NOBODY) -> Forward | None:
    """The topmost forward in `text` of a mail with the outer `subject`, or None. people: whose mail that is."""
    page = Text.of(text)
    lines = page.lines
    kind, bare_subject = subject_of(subject)
    found = list(blocks(page))
    chosen = next((block for block in found if _is_forward(block, kind, people)), None)
    told = next((block for block in wrote_lines(page) if _is_told_forward(block, kind)), None)
    noted = next(notes_blocks(page), None)
    outer = min((block for block in (noted, chosen, told) if block), key=lambda block: block.start, default=None)
    if outer is None:
        return None
    end = _end(lines, outer)
    originals = [_original(lines, outer, end, bare_subject)]
    inner = _innermost(found, outer, end)
    if inner:
        originals.append(_original(lines, inner, _end(lines, inner), None))
    below = lines[end + 1 :] if end < len(lines) and _closes(lines[end]) else lines[end:]
    words = "\n".join((*lines[: outer.above], *below)).strip()
    return Forward(tuple(originals), words, outer)


def _innermost(found: Sequence[Block], outer: Block, end: int) -> Block | None:
    """The last of the forwards in the outer one: below a line that says so, or in one whose subject says so."""
    last = outer
    for each in found:
        if last.body <= each.start < end and (
            each.mark is Mark.FORWARDED or subject_of(last.value(Role.SUBJECT) or "")[0].may_forward
        ):
            last = each
    return None if last is outer else last


def subject_of(subject: str) -> tuple[Subject, str]:
    """What a subject's prefix says, and the subject without a forward's prefix; `[Fwd: x]` is one too."""
    tags = _TAGS.match(subject)
    match = _PREFIX.match(subject, tags.end() if tags else 0)
    prefix = folded(match[1]).rstrip(".") if match else ""
    if match and prefix in FORWARD_PREFIXES:
        rest = match[2].strip()
        said = Subject.EITHER if prefix in EITHER_PREFIXES else Subject.FORWARD
        return said, rest.removesuffix("]") if subject.lstrip().startswith("[Fw") else rest
    return (Subject.REPLY if prefix in REPLY_PREFIXES else Subject.NEITHER), subject.strip()


def _is_forward(block: Block, subject: Subject, people: People) -> bool:
    if block.mark is not Mark.FORWARDED:
        if not subject.may_forward and _is_by(block, people.writer):
            return False  # the head of a letter, or an earlier letter of one's own below a reminder
        if subject is not Subject.FORWARD and _is_by(block, people.addressee):
            return False  # what is answered to
    if block.mark is Mark.NONE and subject is Subject.NEITHER:
        # A contact form writes From, Date and Subject too, but no client leaves the recipient out.
        return block.value(Role.TO) is not None
    return block.mark is Mark.FORWARDED or subject is not Subject.REPLY


def _people(mail: Message) -> People:
    writer, addressee = (bare_address(mail.head.first(name)) or "" for name in ("from", "to"))
    return People(writer, addressee)


def _is_by(block: Block, address: str) -> bool:
    return address.lower() in (each.lower() for each in addresses_in(block.value(Role.FROM) or ""))


def _is_told_forward(block: Block, subject: Subject) -> bool:
    return block.mark is Mark.FORWARDED or subject.may_forward


def _is_told_from_source(block: Block) -> bool:
    """Whether the block cannot be the header of a mail's source: introduced, or with labels no header has."""
    labels = {folded(each.label) for each in block.labels}
    return block.mark is not Mark.NONE or bool(labels - HEADER_NAMES)


def _end(lines: Sequence[str], block: Block) -> int:
    """The line after the forwarded mail: at a line that closes it, after the last quoted line where it is quoted."""
    for at in range(block.body, len(lines)):
        if lines[at].lstrip(" >")[:1] in ("-", "=") and _closes(lines[at]):
            return at
    if not is_quoted(lines[block.start]):
        return len(lines)
    return next((at + 1 for at in range(len(lines) - 1, block.body - 1, -1) if is_quoted(lines[at])), block.body)


def _closes(line: str) -> bool:
    words = line[:_CLOSING].strip(" \t\xa0>-=").split(maxsplit=1)
    return bool(words) and folded(words[0]) in END_WORDS and mark_of(line) is Mark.FORWARDED


def _original(lines: Sequence[str], block: Block, end: int, fallback: str | None) -> Original:
    """The forwarded mail; `raw` is its part of the text as it stands, quoting and all."""
    return Original(
        raw="\n".join(lines[block.start : end]).encode(),
        headers_only=False,
        headers=tuple(_headers(block)),
        from_=_sender(block.value(Role.FROM)),
        subject=block.value(Role.SUBJECT) or fallback or None,
        date=read_local_date(block.value(Role.DATE) or _above(lines, block)),
        recipients=_recipients(block),
        verifiable=False,
    )


def _above(lines: Sequence[str], block: Block) -> str | None:
    """The line above the labels, which tells the date where none of them does (Orange)."""
    line = lines[block.start - 1] if block.start else ""
    return line if len(line) < _CLOSING else None


def _headers(block: Block) -> Iterator[Header]:
    """The fields under their English names, values as they stand."""
    for role in _HEADERS:
        value = block.value(role)
        if value:
            yield Header(role.value.lower(), role.value, value.encode("utf-8", "replace"))


def _sender(value: str | None) -> str | None:
    """`Ann <ann@home.test>`, also of `Ann [mailto:ann@home.test]` and `Ann (ann@home.test)`; else as it stands."""
    match = _TIDY.match(value or "")
    if not match or value is None:
        return value
    name, address = match[1].strip(" \"'"), match[2].strip(",;:")
    return f"{name} <{address}>" if name and name != address else address


def _recipients(block: Block) -> tuple[str, ...]:
    values = [block.value(role) or "" for role in (Role.TO, Role.CC)]
    found = dict.fromkeys(address for value in values for address in addresses_in(value))
    # Lotus Notes has names of its own there, `Ann Smith/ACME@ACME`.
    return tuple([each for each in found if "/" not in each or "." in each.rpartition("@")[2]])[:MAX_RECIPIENTS]
