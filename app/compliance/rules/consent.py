"""What the message says of the recipient's consent. A claim is no proof: whoever claims it has to show it.

An earlier purchase is a soft opt-in (ePrivacy Art. 13(2)) and lets consent be inferred (Spam Act, schedule 2,
clause 2), but is no express consent. An address that its owner published may let consent be implied under CASL
(s. 10(9)(b)) and the Spam Act (schedule 2, clause 4), so that there "we found your address" admits nothing yet.
"""

from __future__ import annotations

from collections.abc import Callable

from app.compliance import terms
from app.compliance.domain import Answer, Facts, Quote, breached, met, unknown
from app.compliance.exhibit import Exhibit

_TAKEN = "The text itself says that the address was not given for this."


def claimed(kind: str, *, purchase: bool = False, published: bool = False) -> Callable[[Exhibit, Facts], Answer]:
    """The rule that consent is claimed. kind: what the law asks for, for the sentence. purchase: an earlier one is
    enough. published: that the address was may be enough."""

    def judge(exhibit: Exhibit, facts: Facts) -> Answer:
        bought, found = exhibit.stated(terms.BOUGHT_LIST), exhibit.stated(terms.PUBLISHED)
        if bought or (found and not published):
            return breached(_TAKEN, *bought, *found)
        customer = exhibit.stated(terms.CUSTOMER)
        if said := (*exhibit.stated(terms.CONSENT), *(customer if purchase else ())):
            return met(f"The text claims {kind}; the claim is met, its proof is to be asked for.", *said)
        if found:
            return unknown(
                "The text says that the address was public, which may be enough; a person must say.", *found
            )
        if customer:
            return unknown("The text claims an earlier purchase, which is no express consent.", *customer)
        if doubted := _doubted(exhibit):
            return unknown(f"The text speaks of {kind}, but denies it, asks, or makes a condition of it.", *doubted)
        return unknown(f"The text says nothing of {kind}; it may exist all the same.")

    return judge


def confirmed(exhibit: Exhibit, facts: Facts) -> Answer:
    """When and how the recipient agreed is said."""
    if taken := (*exhibit.stated(terms.BOUGHT_LIST), *exhibit.stated(terms.PUBLISHED)):
        return breached(_TAKEN, *taken)
    if proof := exhibit.stated(terms.PROOF):
        return met("The text says when or from where the recipient agreed; it can be checked.", *proof)
    return unknown("The text does not say when or how the recipient agreed.", *exhibit.find(terms.CONSENT))


def _doubted(exhibit: Exhibit) -> tuple[Quote, ...]:
    patterns = (terms.CONSENT, terms.CUSTOMER, terms.BOUGHT_LIST, terms.PUBLISHED)
    return tuple(quote for pattern in patterns for quote in exhibit.doubted(pattern))
