"""The pages and hosts that a notice or a complaint reports in lines of their own, below what it says of them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from app.mail.formats.reported import LINES, TEXT_CHARS, alone, is_host, is_url
from app.mail.formats.reported_words import (
    OTHERS,
    POINTS_BELOW,
    TELLS_MORE,
    caption_of,
    is_caption_of_places,
    words_of,
)
from app.values import dataclass

_CAPTION_CHARS = 2_000
_ADVICE = re.compile(
    r"\w+://(?:[^/]+/?|(?:www\.)?(?:facebook|twitter|instagram|linkedin|youtube)\.com/.*)"
    r"|.*(?:remov|delist|faq\b|help\b|rules|policy|policies|unsubscribe|contact).*",
    re.IGNORECASE,
)
"""A URL in a line of its own that is the notifier's: a front page, a page for its followers, or what says so."""


def alone_in(text: str, *, named: bool = False, above: str = "") -> Iterator[str]:
    """The URLs that fill a line of their own, and hosts below words that name one: reported where nothing else is,
    else mostly the notifier's advice. Not below a label of somebody else's place. named: URLs also only below such
    words. above: what stands above the text, as its subject does."""
    caption: _Caption | None = _Caption.of(above)
    before = beyond = ""
    for line in text[:TEXT_CHARS].split("\n")[:LINES]:
        place = _place_in(line)
        if place:
            caption = caption or _Caption.of(caption_of(above, beyond))
            if caption.admits(place, named):
                yield place
        if line.strip() and not (place and caption and (caption.names or is_url(place))):
            caption, above, beyond = None, line, before
        before = line


def _place_in(line: str) -> str | None:
    """The page or host that fills a line."""
    found = alone(line)
    return found if found and (is_url(found) or is_host(found)) else None


@dataclass(frozen=True, slots=True)
class _Caption:
    """What stands above a URL in a line of its own. names: that pages which are reported are below. leads: that
    something is, other than the notifier's. is_others: it is somebody else's place."""

    names: bool
    leads: bool
    is_others: bool

    @staticmethod
    def of(line: str) -> _Caption:
        line = line[:_CAPTION_CHARS].rstrip()
        words, names = words_of(line.partition(":")[0]), is_caption_of_places(line)
        leads = line.endswith(":") and words.isdisjoint(TELLS_MORE)
        leads = leads or (names and (line.endswith(":") or bool(POINTS_BELOW.search(line))))
        return _Caption(names, leads, not words.isdisjoint(OTHERS))

    def admits(self, place: str, named: bool) -> bool:
        """Whether a URL or host below it is reported. named: a URL only where it says so."""
        if not is_url(place):
            return self.names
        return not (self.is_others or (named and not self.names)) and (self.leads or not _ADVICE.fullmatch(place))
