"""The labels of a mail that is forwarded within the text: what one line, or several labels in one line, say.

A client sets them in `*stars*` and quotes them with `>`; Yahoo writes all of them in one line.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise

from app.mail import limits
from app.mail.inline.words import LANGUAGES, ROLES, Role, folded
from app.values import dataclass

_QUOTING = re.compile(r"[ \t\xa0\ufeff]*+((?:>[ \t]?+)*+)")
_MAY_QUOTE = frozenset(" \t\xa0\ufeff>")
_LABELLED = re.compile(r"[\s*_]*+([^\s*_:：][^:：]{0,38}?)[\s*_]*[:：]([*_]{0,3})\s*+(.*)", re.DOTALL)
_FIELD_NAME = re.compile(
    r"(?:X|ARC|DKIM|List|Content|Message|MIME|Return|Delivered|Feedback|Received)(?:-\w{1,30}){1,6}"
)
_BARE = re.compile(r"(From|To|Cc|Date|Subject)[ \t]++([^\s:].*)", re.DOTALL)
_ADDRESS_FIRST = re.compile(r"[^@:,;]{0,120}@[^\s@]")


@dataclass(frozen=True, slots=True)
class Label:
    """One labelled line: what it names, the label as written, the value unfolded."""

    role: Role
    label: str
    value: str


def unquoted(line: str) -> str:
    """The line without its `>` marks and what stands before them."""
    match = _QUOTING.match(line) if line[:1] in _MAY_QUOTE else None
    return line[match.end() :] if match else line


def label_of(line: str) -> Label | None:
    """The label that the line starts with, None where it starts with none that is known."""
    match = _LABELLED.match(unquoted(line)[: limits.FIELD_CHARS])
    role = _role(match[1]) if match else None
    if match is None or role is None:
        return None
    value = match[3].strip()
    is_starred = line.lstrip(" \t>").startswith("*") and not match[2]
    return Label(role, match[1], value.lstrip("* ") if is_starred else value)


def unknown_of(line: str, role: Role) -> Label | None:
    """Somebody whom a label names that is not known: an address follows it; None for any other line."""
    match = _LABELLED.match(unquoted(line)[: limits.FIELD_CHARS])
    return Label(role, match[1], match[3].strip()) if match and _ADDRESS_FIRST.match(match[3]) else None


def bare_of(line: str) -> Label | None:
    """A label without its colon, as eM Client writes them in English; None for any other line."""
    match = _BARE.match(unquoted(line)[: limits.FIELD_CHARS])
    return Label(ROLES[folded(match[1])], match[1], match[2].strip()) if match else None


@lru_cache(maxsize=1024)
def _role(label: str) -> Role | None:
    """What a label names; a field that no client shows but in a whole header, such as List-Id, is another."""
    return ROLES.get(folded(label), Role.OTHER if _FIELD_NAME.fullmatch(label) else None)


def labels_in(text: str, sender_label: str) -> tuple[Label, ...]:
    """The labelled values in one line; a label that comes again belongs to the value it stands in."""
    pattern = _one_line(sender_label)
    starts, seen = [], set()
    for match in pattern.finditer(text):
        role = ROLES[folded(match[1])]
        if role not in seen:
            seen.add(role)
            starts.append(match)
    ends = [*(after.start() for _, after in pairwise(starts)), len(text)]
    found = [
        Label(ROLES[folded(start[1])], start[1], text[start.end() : end].strip())
        for start, end in zip(starts, ends, strict=True)
    ]
    return tuple(_with_subject(found, sender_label))


def _with_subject(found: list[Label], sender_label: str) -> Iterator[Label]:
    """The labels, and a subject split off the date where its label has no colon (Yahoo in Portuguese)."""
    needed = all(each.role is not Role.SUBJECT for each in found)
    for each in found:
        bare = _bare_subject(sender_label).search(each.value) if needed and each.role is Role.DATE else None
        yield Label(each.role, each.label, each.value[: bare.start()].strip()) if bare else each
        if bare:
            yield Label(Role.SUBJECT, bare[1], each.value[bare.end() :].strip())


@lru_cache(maxsize=64)
def _one_line(sender_label: str) -> re.Pattern[str]:
    """A pattern for every label of the languages that call the sender so, and the English ones; longest first."""
    labels = {label for _, label in _spoken(sender_label)}
    return re.compile(f"({'|'.join(map(re.escape, sorted(labels, key=len, reverse=True)))})[ \xa0]?[:：][ \t\xa0]*+")


@lru_cache(maxsize=64)
def _bare_subject(sender_label: str) -> re.Pattern[str]:
    labels = {label for role, label in _spoken(sender_label) if role is Role.SUBJECT}
    return re.compile(f"({'|'.join(map(re.escape, sorted(labels, key=len, reverse=True)))})[ \t\xa0]")


def _spoken(sender_label: str) -> Iterator[tuple[Role, str]]:
    for language, labels in LANGUAGES.items():
        if language == "en" or (any(role is Role.FROM and folded(label) == sender_label for role, label in labels)):
            yield from labels
            yield Role.CC, "CC"
            yield Role.CC, "Cc"
