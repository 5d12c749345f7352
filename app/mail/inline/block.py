"""The few header lines that a mail client writes above a mail that it forwards within the text.

A block is a run of labelled lines (`inline_words`) with a sender among them. Clients quote it with `>`, set labels in
`*stars*`, wrap long recipients, part the lines by blank ones, or write all of it in one line (Yahoo). Whether a block
is a forward or what a reply quotes is told by the line above it (`Mark`), and where that says nothing by the subject:
that decision is `inline`'s.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from enum import Enum

from app.mail import limits
from app.mail.fields.local_dates import read_local_date
from app.mail.inline.label import Label, bare_of, label_of, labels_in, unknown_of, unquoted
from app.mail.inline.words import FORWARD_STEMS, NO_DIRECTION, Role, folded
from app.mail.mime.charset import words_decoded
from app.values import dataclass

_RUN = re.compile(r"[ \t\xa0>\ufeff]*+[-=]{2,}+ ?([^-=:]{3,60}?) ?[-=]{2,}+[ \t\xa0]*+(\S.*)", re.DOTALL)
_TOLD_AT_ALL = re.compile(r"[^\W_]")
"""What was blacked out, `********`, is not told."""
_ROW = re.compile(
    r"([ \t>]{0,12})\|[ \t]{0,4}([^|:]{1,20}?)[ \t]{0,4}\|[ \t]{0,4}([^|]{1,998}?)[ \t]{0,4}\|?[ \t\r]{0,9}"
)
_APART = re.compile(r"<[ \t]{0,4}\n[ \t]{0,4}([^\s<>@]{1,200}@[^\s<>]{1,200})[ \t]{0,4}\n[ \t]{0,4}>")
"""An address whose marks stand in lines of their own: a page whose links a client set as blocks."""
_ESCAPED = re.compile(r"&lt;[^\s<>&@]{1,200}@[^\s<>&]{1,200}&gt;")
"""An address between escaped brackets: HTML that was taken for text."""
_AMERICAN = re.compile(r"\A(\d\d)/(\d\d)/(\d{4})\b")
_ISO = r"\3-\1-\2"
_FORWARDED = re.compile("|".join(map(re.escape, FORWARD_STEMS)))
_ADDRESS_ALONE = re.compile(r"<[^\s<>@]{1,200}@[^\s<>]{1,200}>")
_NAME_GOES_ON = re.compile(r"(?:[^\s<>@,;:]{1,40} ){0,4}<[^\s<>@]{1,200}@[^\s<>]{1,200}>[,;]?")
"""The rest of a name that was wrapped, with the address."""
_DECORATION = "-_=*~#+|–—‐‑―─ \t\xa0"
_RULE = 8
_FIELD_LINES = 60
_AHEAD = 10
_BLANKS = 2
_MARK_CHARS = 160
_LOOKS = 200
_TOLD = frozenset({Role.FROM, Role.DATE, Role.SUBJECT})
_ADDRESSED = (Role.FROM, Role.TO, Role.CC)


class Mark(Enum):
    """What the line above a block says. QUOTED: words or a rule that forwards and replies have alike."""

    FORWARDED = "forwarded"
    QUOTED = "quoted"
    NONE = "none"


def _out_of_row(line: str) -> str:
    """`| From | Ann |` as `From: Ann`, as NetEase forwards; in English it writes the month before the day."""
    row = _ROW.fullmatch(line) if "|" in line else None
    told = f"{row[1]}{row[2]}: {_AMERICAN.sub(_ISO, row[3]) if row[2] == 'Date' else row[3]}" if row else line
    return told if row and label_of(told) else line


@dataclass(frozen=True, slots=True)
class Text:
    """A text by lines, with the label that each starts with."""

    lines: tuple[str, ...]
    labels: tuple[Label | None, ...]

    @classmethod
    def of(cls, text: str) -> Text:
        if "&nbsp;" in text:  # as QQ leaves it in plain text
            text = text.replace("&nbsp;", " ")
        if _ESCAPED.search(text):
            text = html.unescape(text)
        text = _APART.sub(r"<\1>", text)
        lines = tuple(map(_out_of_row, text.split("\n")) if "|" in text else text.split("\n"))
        return cls(lines, tuple([label_of(line) if ":" in line or "：" in line else None for line in lines]))

    def is_blank(self, at: int) -> bool:
        """Whether the line holds nothing but quoting."""
        return not unquoted(self.lines[at]).strip()


@dataclass(frozen=True, slots=True)
class Block:
    """Where a forwarded mail starts in a list of lines.

    above: the line that introduces it, `start` where nothing does; start: its first line; body: the line after its
    labels.
    """

    mark: Mark
    above: int
    start: int
    body: int
    labels: tuple[Label, ...]

    def value(self, role: Role) -> str | None:
        """What the label of this role says, None where there is none or it says nothing."""
        value = next((each.value for each in self.labels if each.role is role), None) or None
        if value and not value.isascii():
            value = value.translate(NO_DIRECTION).strip() or None
        return words_decoded(value) if value and "=?" in value else value

    @property
    def is_sentence(self) -> bool:
        """Whether it tells the sender without a label: `On <date>, <name> wrote:`."""
        return any(each.role is Role.FROM and not each.label for each in self.labels)


def is_quoted(line: str) -> bool:
    """Whether the line starts with `>`."""
    return line.lstrip(" \t\xa0\ufeff").startswith(">")


def blocks(text: Text) -> Iterator[Block]:
    """Every block in `text`, topmost first; those inside another's body too.

    Linear in the length: after _LOOKS labelled lines that were no block, no more are looked at but those of a sender.
    """
    at, is_promising, looks = 0, any(label and label.role is Role.FROM for label in text.labels), 0
    while at < len(text.lines):
        label = text.labels[at]
        block = None
        named = is_promising if label else "@" in text.lines[at] and _sender_at(text, at) is not None
        if named and (looks < _LOOKS or (label and label.role is Role.FROM)):
            block = _block_at(text, at)
            looks += block is None
        elif "--" in text.lines[at] or "==" in text.lines[at]:
            block = _run_together(text, at)
        if block:
            yield block
        at = block.body if block else at + 1


def mark_of(line: str) -> Mark:
    """What a line says that may stand above a block."""
    bare = unquoted(line).strip()
    if not bare or len(bare) > _MARK_CHARS:
        return Mark.NONE
    words = bare.strip(_DECORATION)
    if not words:
        return Mark.QUOTED if is_rule(bare) else Mark.NONE
    is_decorated = bare[:2].strip(_DECORATION) == "" and len(bare) > len(words) + 1
    if (is_decorated or words.endswith((":", "："))) and _says_forwarded(words):
        return Mark.FORWARDED
    return Mark.QUOTED if is_decorated else Mark.NONE


def is_rule(line: str) -> bool:
    """Whether the line is drawn, without a word."""
    bare = unquoted(line).strip()
    return len(bare) >= _RULE and not bare.strip(_DECORATION)


def introduction(text: Text, start: int) -> tuple[Mark, int]:
    """The mark above line `start` and the line it stands in; blank lines may lie between."""
    for at in range(start - 1, max(start - 2 - _BLANKS, -1), -1):
        if not text.is_blank(at):
            mark = mark_of(text.lines[at])
            return (mark, at) if mark is not Mark.NONE else (Mark.NONE, start)
    return Mark.NONE, start


def _says_forwarded(words: str) -> bool:
    return _FORWARDED.search(folded(words)) is not None


def _block_at(text: Text, at: int) -> Block | None:
    mark, above = introduction(text, at)
    labels, body = labels_from(text, at, frozenset(), is_marked=mark is not Mark.NONE)
    return Block(mark, above, at, body, labels) if _suffices(labels, mark) else None


def _suffices(labels: tuple[Label, ...], mark: Mark) -> bool:
    """A sender and one thing more, two things more where no line introduces the block."""
    roles = {each.role for each in labels if _TOLD_AT_ALL.search(each.value)} - {Role.OTHER, Role.REPLY_TO}
    return Role.FROM in roles and len(roles) >= (3 if mark is Mark.NONE else 2)


def labels_from(text: Text, first: int, seen: frozenset[Role], *, is_marked: bool) -> tuple[tuple[Label, ...], int]:
    """The labels from line `first` on, none of a role twice, and the line after the last of them.

    is_marked: below a line that says so, a mail may also be to whom a label names that is not known.
    """
    found: list[Label] = []
    at = body = first
    while at < min(len(text.lines), first + _FIELD_LINES):
        label = text.labels[at] or (_unlabelled(text, at, first, seen) if is_marked else None)
        if label and label.role not in seen:
            found.append(label)
            seen = seen | {label.role} - {Role.OTHER}
        elif label or not found:
            break
        elif _continues(text, at, found[-1], seen):
            found[-1] = _continued(found[-1], unquoted(text.lines[at]).strip())
        else:
            at = _over_blanks(text, at, seen)
            if not at:
                break
            continue
        at = body = at + 1
    return tuple(found), body


def _unlabelled(text: Text, at: int, first: int, seen: frozenset[Role]) -> Label | None:
    """What a line says whose label is not known, or has no colon.

    The sender stands in the first line; a recipient is one only where sender, date and subject are known.
    """
    if at == first:
        return _sender_at(text, at)
    is_told = seen >= _TOLD and Role.TO not in seen
    return bare_of(text.lines[at]) or (unknown_of(text.lines[at], Role.TO) if is_told else None)


def _sender_at(text: Text, at: int) -> Label | None:
    """The sender, in a language whose word for it is not known, below a line that says forwarded; or without a colon,
    below any mark."""
    bare = bare_of(text.lines[at])
    found = bare if bare and bare.role is Role.FROM else unknown_of(text.lines[at], Role.FROM)
    if found is None:
        return None
    mark, _ = introduction(text, at)
    return found if mark is Mark.FORWARDED or (bare and mark is not Mark.NONE) else None


def _continues(text: Text, at: int, last: Label, seen: frozenset[Role]) -> bool:
    """Whether line `at`, which has no label, goes on with the field above it."""
    line = unquoted(text.lines[at]).strip()
    if not line:
        return False
    if not last.value and (_may_be(last.role, line) or _over_blanks(text, at + 1, seen)):
        return True
    if last.role in _ADDRESSED and _lacks_address(last.value, line):
        return True
    return _label_ahead(text, at + 1, seen)


def _lacks_address(value: str, line: str) -> bool:
    """Whether the last of those whom `value` names has the address in the line below, where a client wrapped it."""
    if value.endswith("<"):
        return "@" in line
    if value.endswith((",", ";")):
        return "@" in line or line.endswith("<")
    is_rest = _ADDRESS_ALONE.match(line) or ("," in value and _NAME_GOES_ON.fullmatch(line))
    return is_rest is not None and "@" not in value.replace(";", ",").rpartition(",")[2]


def _continued(last: Label, line: str) -> Label:
    """The label with what the line adds: no address behind a label that is not known (Airmail's `Reply:`), as that
    would be taken for the sender's."""
    other = unknown_of(line, Role.OTHER) if last.role is Role.FROM and "@" in last.value else None
    if other and "mailto" not in other.label:
        return last
    return Label(last.role, last.label, f"{last.value} {line}".strip())


def _may_be(role: Role, text: str) -> bool:
    return "@" in text if role in _ADDRESSED else role is Role.DATE and read_local_date(text) is not None


def _label_ahead(text: Text, start: int, seen: frozenset[Role]) -> bool:
    """Whether a label of a new role follows before any blank line."""
    for at in range(start, min(start + _AHEAD, len(text.lines))):
        label = text.labels[at]
        if label or text.is_blank(at):
            return label is not None and label.role not in seen
    return False


def _over_blanks(text: Text, at: int, seen: frozenset[Role]) -> int:
    """The line of a new role's label, `at` or after a few blank lines, 0 where none follows."""
    for ahead in range(at, min(at + _BLANKS + 1, len(text.lines))):
        if not text.is_blank(ahead):
            label = text.labels[ahead]
            return ahead if label and label.role not in seen else 0
    return 0


def _run_together(text: Text, at: int) -> Block | None:
    """The block whose labels stand behind the mark in the same line: `----- Fwd ----- From: aTo: bSubject: c`."""
    run = _RUN.match(text.lines[at][: limits.FIELD_CHARS])
    first = label_of(run[2]) if run else None
    if run is None or first is None or first.role is not Role.FROM:
        return None
    labels = labels_in(run[2], folded(first.label))
    more, body = labels_from(text, at + 1, frozenset(each.role for each in labels), is_marked=True)
    labels = (*labels, *more)
    mark = Mark.FORWARDED if _says_forwarded(run[1]) else Mark.QUOTED
    return Block(mark, at, at, body, labels) if _suffices(labels, mark) else None
