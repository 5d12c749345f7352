"""What the message says of the recipient's consent. A claim is no proof: whoever claims it has to show it."""

from __future__ import annotations

from collections.abc import Callable

from app.compliance import terms
from app.compliance.domain import Answer, Facts, breached, met, unknown
from app.compliance.exhibit import Exhibit


def claimed(kind: str) -> Callable[[Exhibit, Facts], Answer]:
    """The rule that consent is claimed. kind: what the law asks for, for the sentence."""

    def judge(exhibit: Exhibit, facts: Facts) -> Answer:
        if taken := exhibit.stated(terms.HARVESTED):
            return breached("The text itself says that the address was not given for this.", *taken)
        if said := exhibit.stated(terms.CONSENT):
            return met(f"The text claims {kind}; the claim is met, its proof is to be asked for.", *said)
        if doubted := (*exhibit.doubted(terms.CONSENT), *exhibit.doubted(terms.HARVESTED)):
            return unknown(f"The text speaks of {kind}, but denies it, asks, or makes a condition of it.", *doubted)
        return unknown(f"The text says nothing of {kind}; it may exist all the same.")

    return judge


def confirmed(exhibit: Exhibit, facts: Facts) -> Answer:
    """When and how the recipient agreed is said."""
    if taken := exhibit.stated(terms.HARVESTED):
        return breached("The text itself says that the address was not given for this.", *taken)
    if proof := exhibit.stated(terms.PROOF):
        return met("The text says when or from where the recipient agreed; it can be checked.", *proof)
    return unknown("The text does not say when or how the recipient agreed.", *exhibit.find(terms.CONSENT))
