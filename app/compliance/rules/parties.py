"""Who is behind the message: CAN-SPAM 6 (the sender on whose behalf a third party sends), and the identification
that CASL s. 6(2), GDPR Art. 13(1)(a) with ePrivacy Art. 13(4), and Spam Act s. 17 ask for."""

from __future__ import annotations

from app.compliance import terms
from app.compliance.domain import Answer, Facts, breached, met, unknown
from app.compliance.exhibit import Exhibit
from app.compliance.naming import mentioned, named
from app.compliance.rules.content import addresses


def third_party(exhibit: Exhibit, facts: Facts) -> Answer:
    """Sent for a customer of a customer, it names whom it is sent for."""
    if not facts.sender:
        return unknown("The account it came from is not known.")
    if found := named(exhibit, facts.sender):
        return met(f"The message names {facts.sender}, whose account it came from.", *found)
    if words := mentioned(exhibit, facts.sender):
        return unknown(
            f"The text has the words of the name {facts.sender}; that they mean the account is not said.", *words
        )
    if not facts.parents:
        return unknown(f"The message does not name {facts.sender}; it may go by another name.")
    above = [quote for parent in facts.parents for quote in named(exhibit, parent)]
    if exhibit.silent_for_sure:
        chain = " of ".join((facts.sender, *facts.parents))
        return breached(f"Sent by {chain}, and the message does not name {facts.sender}.", *above)
    return unknown(f"What could be read does not name {facts.sender}.", *above)


def _identified(exhibit: Exhibit, *, with_address: bool) -> Answer:
    """Whether a named company can be reached, as the text has it."""
    company = exhibit.find(terms.COMPANY, 1)
    place = addresses(exhibit)[:1]
    contact = exhibit.find(terms.CONTACT, 1)
    if company and contact and (place or not with_address):
        found = "The text names a company and how to reach it; whether it is the sender, a person must say."
        return met(found, *company, *place, *contact)
    register = exhibit.find(terms.REGISTERED, 1)
    quotes = (*company, *place, *contact, *register)
    if exhibit.silent_for_sure and exhibit.in_latin_letters and not quotes:
        return breached("The text names no company, no address, no number and no register.")
    return unknown("The text does not say all of who the sender is and how to reach it.", *quotes)


def with_mailing_address(exhibit: Exhibit, facts: Facts) -> Answer:
    """Name, mailing address, and one of telephone, e-mail or web address (CASL)."""
    return _identified(exhibit, with_address=True)


def reachable(exhibit: Exhibit, facts: Facts) -> Answer:
    """Who authorised the message, and how to contact them (Spam Act)."""
    return _identified(exhibit, with_address=False)


def controller(exhibit: Exhibit, facts: Facts) -> Answer:
    """The identity and contact details of the controller (GDPR)."""
    register = exhibit.find(terms.REGISTERED, 1)
    company = exhibit.find(terms.COMPANY, 1)
    if company and register:
        return met("The text names a company with its register entry.", *company, *register)
    return _identified(exhibit, with_address=True)
