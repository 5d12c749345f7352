"""A reported message as the rules look at it: its header fields and its text, everything with its place.

Limits come first: MESSAGE_BYTES of the message, PASSAGES text parts, TEXT_CHARS of text in all. What is beyond them
was not looked at, so the exhibit is then not `whole` and nothing may be said to be missing from it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import field, replace
from functools import cached_property
from itertools import islice
from typing import NamedTuple

from app.compliance.denial import unclaimed
from app.compliance.domain import Quote
from app.compliance.language import language_of
from app.compliance.passage import Passage, html_passage, plain_passage
from app.mail import limits
from app.mail.domain import Header, Original
from app.mail.mime.message import Message, Part, parse
from app.values import dataclass

PASSAGES = 8
QUOTED_BYTES = 600
"""How much of a quote is kept, in bytes."""
WEIGHED = 100
"""How many places of a wording are held against what stands around them; the further ones are in doubt."""
Doubt = Callable[[str, int, int], bool]
"""Whether a text does not say what stands in it from one place to another."""

_BARE_CR = re.compile(rb"\r(?!\n)")
_LETTERS = re.compile(r"[^\W\d_]{2,}+")
_PICTURE = re.compile(rb"<img\b", re.IGNORECASE)


class Weighed(NamedTuple):
    """The places of a wording: what the text says there, and what it only has the words of."""

    stated: tuple[Quote, ...]
    doubted: tuple[Quote, ...]


@dataclass(frozen=True)
class Exhibit:
    """The message, opened. complete: all text was there and was read. pictures: it shows images, unread."""

    original: Original
    raw: bytes
    fields: tuple[Header, ...]
    passages: tuple[Passage, ...]
    complete: bool
    pictures: bool
    _found: dict[tuple[re.Pattern[str], int], tuple[Quote, ...]] = field(default_factory=dict, compare=False)
    _weighed: dict[tuple[re.Pattern[str], Doubt], Weighed] = field(default_factory=dict, compare=False)

    def all(self, key: str) -> tuple[Header, ...]:
        """The header fields named `key` (lower case), topmost first."""
        return tuple(each for each in self.fields if each.key == key)

    def first(self, key: str) -> Header | None:
        """The topmost header field named `key` (lower case), or None."""
        return next(iter(self.all(key)), None)

    def quote(self, start: int, end: int, text: str) -> Quote:
        """The bytes from `start` to `end` as they arrived, at most QUOTED_BYTES."""
        return Quote(start, self.raw[start : min(end, start + QUOTED_BYTES)], " ".join(text.split())[:QUOTED_BYTES])

    def field_quote(self, of: Header) -> Quote:
        """A whole header field, quoted."""
        colon = self.raw.find(b":", of.start)
        return self.quote(of.start, colon + 1 + len(of.raw.rstrip()), f"{of.name}: {of.value}")

    def field_quotes(self, *keys: str) -> tuple[Quote, ...]:
        """Every header field of these names, quoted."""
        return tuple(self.field_quote(each) for key in keys for each in self.all(key))

    def find(self, pattern: re.Pattern[str], most: int = 3) -> tuple[Quote, ...]:
        """Where the text fits `pattern`, the first `most` places that differ. Several rules ask the same once."""
        if (pattern, most) not in self._found:
            self._found[pattern, most] = tuple(islice(self._matches(pattern), most))
        return self._found[pattern, most]

    def stated(self, pattern: re.Pattern[str], most: int = 3, doubt: Doubt = unclaimed) -> tuple[Quote, ...]:
        """Where the text says what `pattern` means: as `find`, without the places that are in doubt."""
        return self._weigh(pattern, doubt).stated[:most]

    def doubted(self, pattern: re.Pattern[str], doubt: Doubt = unclaimed) -> tuple[Quote, ...]:
        """Where the text has the words of `pattern`, but denies or asks them: no finding may rest on these."""
        return self._weigh(pattern, doubt).doubted[:3]

    def _weigh(self, pattern: re.Pattern[str], doubt: Doubt) -> Weighed:
        if (pattern, doubt) not in self._weighed:
            self._weighed[pattern, doubt] = _weighed(islice(self._weighing(pattern, doubt), WEIGHED))
        return self._weighed[pattern, doubt]

    def _weighing(self, pattern: re.Pattern[str], doubt: Doubt) -> Iterator[tuple[bool, Quote]]:
        for passage in self.passages:
            for match in pattern.finditer(passage.text):
                yield doubt(passage.text, *match.span()), self.quote(*passage.place(*match.span()), match[0])

    def _matches(self, pattern: re.Pattern[str]) -> Iterator[Quote]:
        said: set[str] = set()
        for passage in self.passages:
            for match in pattern.finditer(passage.text):
                if match[0].strip() and (words := match[0].casefold()) not in said:
                    said.add(words)
                    yield self.quote(*passage.place(*match.span()), match[0])

    @property
    def silent_for_sure(self) -> bool:
        """Whether something that its text does not say is said nowhere: all of it was read, no picture says it."""
        return self.complete and not self.pictures and len(self.words) >= 5

    @cached_property
    def words(self) -> tuple[str, ...]:
        """The words of the text, lower case; of a message in two forms those of both."""
        return tuple(word.lower() for passage in self.passages for word in _LETTERS.findall(passage.text))

    @cached_property
    def in_latin_letters(self) -> bool:
        """Whether most of its words are; the shapes of names and addresses are hardly known in other scripts."""
        return 2 * sum(word[0] < "\u0250" for word in self.words) >= len(self.words)

    @cached_property
    def language(self) -> str:
        """ISO 639 code of the language it is written in, "" where not recognised."""
        return language_of(self.words)

    @property
    def subject(self) -> str:
        """The topmost subject, decoded; "" where there is none."""
        topmost = self.first("subject")
        return topmost.value.strip() if topmost else ""


def _weighed(places: Iterable[tuple[bool, Quote]]) -> Weighed:
    """The places sorted; of those with the same words the first."""
    stated, doubted = dict[str, Quote](), dict[str, Quote]()
    for in_doubt, quote in places:
        (doubted if in_doubt else stated).setdefault(quote.text.casefold(), quote)
    return Weighed(tuple(stated.values()), tuple(doubted.values()))


def exhibit(original: Original) -> Exhibit:
    """The message, opened. Never raises."""
    raw = original.raw[: limits.MESSAGE_BYTES]
    message = parse(_readable(raw))
    parts = [part for part in message.leaves() if _is_text(part)]
    passages = tuple(_limited(map(_passage, parts[:PASSAGES])))
    complete = (
        not original.headers_only
        and bool(passages)
        and len(original.raw) == len(raw)
        and len(parts) <= PASSAGES
        and _unlimited(message, passages)
    )
    return Exhibit(original, raw, message.head.fields, passages, complete, _has_pictures(message))


def _readable(raw: bytes) -> bytes:
    """`raw` with line ends that can be read, every byte at its place: bare CR line ends become LF."""
    crs = raw.count(b"\r")
    bare = crs - raw.count(b"\r\n")
    return _BARE_CR.sub(b"\n", raw) if crs > 1 and bare > 10 * raw.count(b"\n") else raw


def _is_text(part: Part) -> bool:
    return part.name in ("text/plain", "text/html") and not part.is_attachment


def _passage(part: Part) -> Passage:
    return html_passage(part) if part.name == "text/html" else plain_passage(part)


def _limited(passages: Iterable[Passage]) -> Iterator[Passage]:
    """The passages, TEXT_CHARS of text in all; empty ones left out."""
    left = limits.TEXT_CHARS
    for passage in passages:
        if passage.text.strip():
            yield replace(passage, text=passage.text[:left])
            left -= len(passage.text)
        if left <= 0:
            break


def _unlimited(message: Message, passages: tuple[Passage, ...]) -> bool:
    """Whether no limit cut text off, and no part was left out that may hold some."""
    odd = any(part.name.startswith(("text/", "application/pdf")) and not _is_text(part) for part in message.leaves())
    return not odd and not message.defects and sum(len(each.text) for each in passages) < limits.TEXT_CHARS


def _has_pictures(message: Message) -> bool:
    named = any(part.name.startswith("image/") for part in message.leaves())
    return named or any(
        part.name == "text/html" and bool(_PICTURE.search(part.content(4 * limits.TEXT_CHARS)))
        for part in message.leaves()
    )
