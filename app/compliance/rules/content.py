"""CAN-SPAM 3 and 4: an advertisement says that it is one, and where its sender can be found
(15 U.S.C. 7704(a)(5))."""

from __future__ import annotations

from app.compliance import terms
from app.compliance.denial import denied, states
from app.compliance.domain import Answer, Facts, Quote, breached, met, unknown
from app.compliance.exhibit import Exhibit
from app.compliance.postal import ADDRESS, HINT

SELLS = 3
"""How many wordings of an offer make a message an advertisement beyond doubt."""


def disclosed(exhibit: Exhibit, facts: Facts) -> Answer:
    """It says that it is an advertisement; not asked of mail that the recipient agreed to."""
    said = exhibit.stated(terms.ADVERTISEMENT)
    if said:
        return met("The text calls itself advertising.", *said)
    if states(exhibit.subject, terms.ADVERTISEMENT):
        return met("The subject calls it advertising.", *exhibit.field_quotes("subject"))
    offers = exhibit.stated(terms.COMMERCIAL, doubt=denied)
    if doubted := exhibit.doubted(terms.ADVERTISEMENT):
        return unknown("The text speaks of advertising, but does not say that this is it.", *doubted, *offers)
    hinted = exhibit.find(terms.UNSUBSCRIBE, 1) or exhibit.find(terms.CONSENT, 1)
    if len(offers) >= SELLS and exhibit.silent_for_sure and not hinted:
        return breached("The text sells, and nothing in it says that it is advertising.", *offers)
    return unknown("No wording that is known says it is advertising; the law leaves the wording free.", *offers)


def addresses(exhibit: Exhibit) -> tuple[Quote, ...]:
    """The postal addresses in the text."""
    return exhibit.find(ADDRESS)


def postal_address(exhibit: Exhibit, facts: Facts) -> Answer:
    """A postal address where the sender can be reached."""
    if found := addresses(exhibit):
        return met("The text has a postal address; whether it is the sender's, a person must say.", *found)
    hints = exhibit.find(HINT)
    if exhibit.silent_for_sure and exhibit.in_latin_letters and not hints:
        return breached("All of the text was read, and nothing in it may be a postal address.")
    return unknown("No address in a shape that is known; there may be one in another, or in a picture.", *hints)
