"""The other way to head a forward: one sentence, `On 28/10/2021 12:46, "Ann" <ann@home.test> wrote:`, or GroupWise's
`>>> Ann <ann@home.test> 10/28/2021 12:46 PM >>>`.

Replies are headed the same way, so this is looked for only where the subject or the line above says forward.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

from app.mail.fields.local_dates import read_local_date
from app.mail.inline.block import Block, Text, introduction
from app.mail.inline.label import Label, unquoted
from app.mail.inline.sender import bracketed, sender_of
from app.mail.inline.words import DIRECTION, NO_DIRECTION, WROTE_WORDS, Role, folded

_ADDRESS = re.compile(r"[<(\[]?(?:mailto:)?([^\s<>()\[\]\"',;:]{1,200}@[^\s<>()\[\]\"',;:]{1,200})[^\s,]*+")
_FRAMED = re.compile(r"[ \t>\xa0]{0,12}-{3,20}+([^-].*[^-])-{3,20}+[ \t\r]*+")
_GROUPWISE = re.compile(r">>> [^\n]{5,300} >>>\s*\Z")
_LINES = 3
_TRIES = 100
_CHARS = 400
_MARKS = "\"'«»„“”‚‘’,;.:()[]<> \t\xa0"
_HALF_OF_DAY = re.compile(r"(?<=\d)[ \xa0]?(?:[ap]\.[ \xa0]?m\.|[πμ]\.μ\.)", re.IGNORECASE)
_PARTICLE = re.compile("님[이은]?\\Z")
"""What Korean adds to who wrote, without a blank between."""
_FIRST_NUMBER = re.compile(r"\d")
_LAST_NUMBER = re.compile(r".*\d", re.DOTALL)


def wrote_lines(text: Text) -> Iterator[Block]:
    """Every such sentence in `text`, over at most three lines each, topmost first; the first 100 colons are tried."""
    ends = (at for at, line in enumerate(text.lines) if _ends_a_sentence(line) or _GROUPWISE.match(line))
    for at in islice(ends, _TRIES):
        block = _ending_at(text, at)
        if block:
            yield block


def _ends_a_sentence(line: str) -> bool:
    return line.rstrip(f" \t\r\xa0{DIRECTION}").endswith((":", "：")) or ("---" in line and _is_framed(line))


def _is_framed(line: str) -> bool:
    """Whether a line says between dashes that somebody wrote (Zoho Mail)."""
    framed = _FRAMED.fullmatch(line[:_CHARS])
    return framed is not None and _says_wrote(framed[1])


def _ending_at(text: Text, at: int) -> Block | None:
    for first in range(at, max(at - _LINES, -1), -1):
        pieces = [unquoted(line).strip() for line in text.lines[first : at + 1]]
        sentence = " ".join(pieces).translate(NO_DIRECTION)
        if not pieces[0] or len(sentence) > _CHARS:
            return None
        labels = _labels(sentence)
        if labels:
            start, more = _above(text, first)
            mark, above = introduction(text, start)
            return Block(mark, above, start, at + 1, (*more, *labels))
    return None


def _above(text: Text, first: int) -> tuple[int, tuple[Label, ...]]:
    """Recipient and subject in the lines right above the sentence, and the first of them (Yandex)."""
    more: list[Label] = []
    at = first
    while at and (label := text.labels[at - 1]) and label.role in (Role.TO, Role.CC, Role.SUBJECT):
        more.insert(0, Label(label.role, label.label, label.value.rstrip(";")))
        at -= 1
    return at, tuple(more)


def _labels(sentence: str) -> tuple[Label, ...]:
    """Sender and date of the sentence, nothing where it lacks the one or the other."""
    sentence = sentence.strip("\ufeff :：").removesuffix(">>>").strip("-")
    address = bracketed(sentence) or _ADDRESS.search(sentence)
    before = sentence[: address.start()] if address else sentence
    after = sentence[address.end() :] if address else ""
    date = next((part for part in (after, before) if read_local_date(part)), None)
    if date is None or (address is None and not _says_wrote(sentence)):
        return ()
    name = _shorn(_LAST_NUMBER.sub("", _HALF_OF_DAY.sub("", before)))
    if address is None:
        name = name or _shorn(_FIRST_NUMBER.split(sentence, maxsplit=1)[0])
    mailbox = _PARTICLE.sub("", address[1]) if address else ""
    sender = sender_of(f"{name} <{mailbox}>") if mailbox else name
    if not sender:
        return ()
    when = date.removesuffix(name) if date is before else date
    return Label(Role.FROM, "", sender), Label(Role.DATE, "", _shorn(when) or date)


def _says_wrote(sentence: str) -> bool:
    words = folded(sentence).split()
    return any(word in WROTE_WORDS and len(word) > 3 for word in words)


def _shorn(text: str) -> str:
    """`text` without the sentence's own words and marks at both ends."""
    words = text.split()
    while words and _is_own(words[0]):
        words.pop(0)
    while words and _is_own(words[-1]) and not _is_half_day(words):
        words.pop()
    return " ".join(words).strip(_MARKS)


def _is_half_day(words: list[str]) -> bool:
    """Whether the last word is no German `am` but says in which half of the day a time is."""
    return len(words) > 1 and folded(words[-1].strip(_MARKS)) in ("am", "pm") and words[-2][:1].isdigit()


def _is_own(word: str) -> bool:
    plain = folded(word.strip(_MARKS))
    return not plain or plain in WROTE_WORDS
