"""Good practice: no law, but what mailbox providers and readers take for spam. A thing that is absent is not met."""

from __future__ import annotations

from app.compliance import terms
from app.compliance.domain import Answer, Facts, breached, met, unknown
from app.compliance.exhibit import Exhibit

LINKS = 10
WORDS_A_LINK = 8
"""A text with LINKS links or more has at least so many words for each."""
LETTERS = 8
"""Letters that a subject must have to be called shouted."""
CAPITALS = 0.8


def link_density(exhibit: Exhibit, facts: Facts) -> Answer:
    """There is text between the links."""
    densest = max(exhibit.passages, key=lambda passage: len(passage.links), default=None)
    links = densest.links if densest else ()
    quotes = (exhibit.quote(link.start, link.end, link.target) for link in links[:3])
    words = len(densest.text.split()) if densest else 0
    if len(links) >= LINKS and words < WORDS_A_LINK * len(links):
        return breached(f"{len(links)} links and {words} words: hardly anything but links.", *quotes)
    return unknown(f"Links: {len(links)}, words: {words}. This shows nothing.", *quotes)


def offers(exhibit: Exhibit, facts: Facts) -> Answer:
    """No offer that is too good to be true."""
    if found := exhibit.stated(terms.OFFERS):
        return breached("The text promises what offers of fraud promise.", *found)
    if doubted := exhibit.doubted(terms.OFFERS):
        return unknown("The text speaks of what offers of fraud promise, but denies it or asks.", *doubted)
    return unknown("No wording that is known as misleading; whether the offer is true, a person must say.")


def capitals(exhibit: Exhibit, facts: Facts) -> Answer:
    """The subject is not shouted."""
    quotes = exhibit.field_quotes("subject")
    cased = [letter for letter in exhibit.subject if letter.islower() or letter.isupper()]
    if len(cased) < LETTERS or len(quotes) != 1:
        return unknown("The subject is too short to tell, or there is none.", *quotes)
    if sum(letter.isupper() for letter in cased) >= CAPITALS * len(cased):
        return breached("The subject is written in capitals.", *quotes)
    return met("The subject is not written in capitals.", *quotes)
