"""A mail forwarded within the text: a few header lines in the sender's language, then the mail as its client saw it.

Neither Received nor Message-ID nor signature is left, so the original is never `verifiable`: attribution has the
visible sender, subject, time and recipients, and the links of the text. What counts as a forward:

- A header block below a line that says forwarded ("---------- Forwarded message ---------", in any language).
- A header block below another separator or below none, where the outer subject is not that of a reply. Without a
  separator it takes three labels, the sender among them, and where the subject says nothing either, the recipient.
  Not where the sender is who writes (so letters begin, and reminders quote what was written before) or who is written
  to (so answers quote, also below a prefix that is none that is known).
- A sentence "On <date>, <name> wrote:" where the subject is that of a forward (Outlook for Mac), or below a line that
  says forwarded (Yandex).
- Either of them in a reply, where somebody else wrote it than who writes and who is written to: an answer that was
  sent to the desk instead. What answers the desk itself stays a person's, with all that the desk quoted.

The outermost forward comes first; where it is an answer of the writer's own or of a colleague's, what that answers.
Where forwards lie in one another (a customer writes to a help desk, which forwards to us), the innermost is an
original too; those between are not. Of forwards below rules of one kind each is an original.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from enum import Enum
from itertools import islice

from app.mail import limits
from app.mail.domain import Kind, Original, Reading
from app.mail.fields.dates import read_date
from app.mail.inline.block import Block, Mark, Text, blocks, is_quoted, is_rule
from app.mail.inline.closing import closes
from app.mail.inline.notes import notes_blocks
from app.mail.inline.shown import shown_original
from app.mail.inline.whose import NOBODY, People, people_of
from app.mail.inline.words import (
    EITHER_PREFIXES,
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
from app.mail.report import reading
from app.values import dataclass

_TAGS = re.compile(
    r"(?:\s*+(?:\[[^\]:]{0,60}\]|\*{2,5}[^*]{1,20}\*{2,5}|\([^):]{1,20}\)"
    r"|(?:external|extern|ext|spam|ticket \d{1,12})\s?:))*+",
    re.IGNORECASE,
)
"""What mail servers and ticket systems write before a subject."""
_PREFIX = re.compile(
    r"\s*+\[?([^\s:：\[\]()]{1,16}(?:[ ][^\s:：\[\]()]{1,16})?)\s?(?:[\[(]\d{1,3}[\])])?\s?[:：]\s*+(.*)"
)
_PREFIXES = 9
_DAY = timedelta(days=1)
_NUMBERS = re.compile(r"\D{0,12}\d\d?([/.-])\d\d?\1\d{4}\b")
_MONTHS = 12
_BLANKS = 3


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
class Forward:
    """A forward found in a text: the reported mails, and what the person wrote above and below."""

    originals: tuple[Original, ...]
    words: str
    block: Block


def read_inline(mail: Message) -> Reading | None:
    """The complaint with the mail forwarded in its text, or None where none is."""
    subject = mail.head.first("subject") or ""
    people = people_of(mail)
    for text in human_texts(mail):
        found = forward_in(text, subject, people)
        if found:
            latest = read_date(mail.head.first("date"))
            originals = tuple([_not_after(each, latest) for each in found.originals])
            return reading(mail, Kind.INLINE, originals=originals, text=found.words)
    return None


def _not_after(original: Original, latest: datetime | None) -> Original:
    """`original`, its date with the month before the day where it is told in numbers alone and would else lie after
    what reports it."""
    date, told = original.date, original.first("date") or ""
    if date is None or latest is None or date <= latest + _DAY or not _NUMBERS.match(told) or date.day > _MONTHS:
        return original
    other = date.replace(month=date.day, day=date.month)
    return replace(original, date=other) if other <= latest + _DAY else original


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
    kind, _ = subject_of(subject)
    heads = sorted((*islice(notes_blocks(page), 1), *blocks(page), *wrote_lines(page)), key=lambda head: head.start)
    top = _topmost(lines, heads, kind, people)
    if top is None:
        return None
    outer = _reported(lines, heads, top, people)
    found = (outer, *_beside(lines, heads, outer, people))
    ends = [*(each.above for each in found[1:]), _end(lines, found[-1])]
    originals = [shown_original(lines, *part, None) for part in zip(found[1:], ends[1:], strict=True)]
    inner = _innermost(heads, outer, ends[0])
    if inner:
        originals.append(shown_original(lines, inner, _end(lines, inner), None))
    end = ends[-1]
    below = lines[end + 1 :] if end < len(lines) and closes(lines, end, found[-1].above) else lines[end:]
    words = "\n".join((*lines[: top.above], *below)).strip()
    return Forward(
        (shown_original(lines, outer, ends[0], _untold_subject(subject, top, outer)), *originals), words, outer
    )


def _untold_subject(subject: str, top: Block, outer: Block) -> str | None:
    """The subject of `outer` where no label tells it: that of the whole mail or of the answer, if they forward it or
    quote it."""
    kind, bare_subject = subject_of(subject)
    if outer is top and kind is not Subject.REPLY:
        return bare_subject if kind.may_forward else None
    is_answered = outer.is_sentence and outer.mark is not Mark.FORWARDED
    return _without_prefixes(top.value(Role.SUBJECT) or subject) if is_answered else None


def _topmost(lines: Sequence[str], heads: Sequence[Block], subject: Subject, people: People) -> Block | None:
    """The first forward; none within what the desk wrote and is answered to."""
    answered = 0
    for head in heads:
        if head.start < answered:
            continue
        if subject is not Subject.FORWARD and _is_answered(head, subject, people):
            answered = _end(lines, head)
        elif _is_forward(head, subject, people):
            return head
    return None


def _is_answered(head: Block, subject: Subject, people: People) -> bool:
    if head.mark is Mark.FORWARDED:
        return False
    return people.is_desks(head) if subject is Subject.REPLY else people.got(head)


def _reported(lines: Sequence[str], heads: Sequence[Block], top: Block, people: People) -> Block:
    """The mail of the thread `top` that is reported: the one below what the writer or a colleague answered to it."""
    found, end = top, _end(lines, top)
    for head in heads:
        if not found.body <= head.start < end:
            continue
        is_reply = subject_of(found.value(Role.SUBJECT) or "")[0] is Subject.REPLY
        is_ours = people.wrote(found) or (is_reply and people.answered_for(found, head))
        if not is_ours or people.is_desks(head):
            break
        found = head
    return top if people.wrote(found) else found


def _beside(lines: Sequence[str], heads: Sequence[Block], outer: Block, people: People) -> list[Block]:
    """More forwards below the same rule as the outer one (Outlook), of which none answers or holds the next."""
    found: list[Block] = []
    if not is_rule(lines[outer.above]):
        return found
    last, end = outer, _end(lines, outer)
    for head in heads:
        is_below = last.body <= head.start < end and lines[head.above] == lines[outer.above]
        if is_below and people.is_beside(last, head) and not _has_prefix(last) and len(found) < limits.FORWARDS:
            found.append(head)
            last = head
    return found


def _has_prefix(head: Block) -> bool:
    """Whether the subject has a prefix, so that what it answers or holds may stand below."""
    return subject_of(head.value(Role.SUBJECT) or "")[0] is not Subject.NEITHER


def _innermost(heads: Sequence[Block], outer: Block, end: int) -> Block | None:
    """The last of the forwards in the outer one: below a line that says so, or in one whose subject says so."""
    last = outer
    for each in heads:
        if last.body <= each.start < end and (
            each.mark is Mark.FORWARDED
            or (not each.is_sentence and subject_of(last.value(Role.SUBJECT) or "")[0].may_forward)
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


def _without_prefixes(subject: str) -> str:
    """The subject of the mail that a thread with this one began with."""
    for _ in range(_PREFIXES):
        match = _PREFIX.match(subject)
        if not match or folded(match[1]).rstrip(".") not in FORWARD_PREFIXES | REPLY_PREFIXES:
            break
        subject = match[2]
    return subject.strip()


def _is_forward(head: Block, subject: Subject, people: People) -> bool:
    if head.mark is Mark.FORWARDED:
        return True
    if subject is Subject.REPLY:
        return people.is_third(head)  # an answer to somebody that was sent to the desk instead
    if head.is_sentence:
        return subject.may_forward
    if not subject.may_forward and people.wrote(head):
        return False  # the head of a letter, or an earlier letter of one's own below a reminder
    # A contact form writes From, Date and Subject too, but no client leaves the recipient out.
    return head.mark is not Mark.NONE or subject is not Subject.NEITHER or head.value(Role.TO) is not None


def _is_told_from_source(block: Block) -> bool:
    """Whether the block cannot be the header of a mail's source: introduced, or with labels no header has."""
    labels = {folded(each.label) for each in block.labels}
    return block.mark is not Mark.NONE or bool(labels - HEADER_NAMES)


def _end(lines: Sequence[str], block: Block) -> int:
    """The line after the forwarded mail: at a line that closes it, after the last quoted line where it is quoted."""
    for at in range(block.body, len(lines)):
        if lines[at].lstrip(" >")[:1] in ("-", "=") and closes(lines, at, block.above):
            return at
    if not _is_quoted(lines, block):
        return len(lines)
    return next((at + 1 for at in range(len(lines) - 1, block.body - 1, -1) if is_quoted(lines[at])), block.body)


def _is_quoted(lines: Sequence[str], block: Block) -> bool:
    """Whether the block is quoted, or what a sentence heads."""
    first = next((line for line in lines[block.body : block.body + _BLANKS] if line.strip()), "")
    return is_quoted(lines[block.start]) or (block.is_sentence and is_quoted(first))
