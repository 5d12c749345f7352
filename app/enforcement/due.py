"""From when on a further mail is too late to be excused (pure).

The recipient's country decides, as far as the address tells it; no law is taken for granted where it does not.

    .us .gov .mil .edu            CAN-SPAM: 10 business days of the United States
    .ca                           CASL: 10 business days of Canada
    .au                           Spam Act: 5 business days of Australia
    EEA, .uk, .ch                 2 days: an objection binds at once (GDPR Art. 21(3)), which names no days; 2 are
                                  what mailbox providers ask of every bulk sender, so nobody needs longer
    any other, at Google, Yahoo   2 days, by these providers' own rule for one-click unsubscription (RFC 8058)
    any other                     10 business days of the United States or of Canada, whichever end later: the
                                  longest that any of these laws gives, so that nobody is said to be proven late who
                                  may not be

The day on which it was asked for is not counted; see `app.compliance.deadlines` for holidays and time zones.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from app.compliance.deadlines import CAN_SPAM, CASL, ONE_CLICK, SPAM_ACT, Term, late_from
from app.compliance.domain import Facts, Law
from app.compliance.jurisdiction import COUNTRIES, jurisdiction_of
from app.mail.fields.address import domain_of
from app.senders.providers import provider_of

BY_RULE = frozenset({"google", "yahoo"})
"""Mailbox providers that ask bulk senders to honour an opt-out within 2 days."""

WITHOUT_CALENDAR = timedelta(days=21)
"""Where no calendar can tell: longer than 10 business days with their holidays ever take."""

_BY_LAW = {"US": CAN_SPAM, "CA": CASL, "AU": SPAM_ACT, "CH": ONE_CLICK} | dict.fromkeys(
    COUNTRIES[Law.GDPR], ONE_CLICK
)
_LONGEST = (CAN_SPAM, CASL)


def due(address: str, asked: datetime) -> datetime:
    """The first moment, aware UTC, at which a mail to `address` is too late. asked: aware, when it was asked for."""
    terms = _terms(address)
    return min(_late(term, asked) for term in terms) if terms else max(_late(term, asked) for term in _LONGEST)


def _late(term: Term, asked: datetime) -> datetime:
    return late_from(term, asked) or (asked + WITHOUT_CALENDAR).astimezone(UTC)


def _terms(address: str) -> list[Term]:
    """The terms that the address tells of; none where any law may apply."""
    countries = jurisdiction_of(Facts(recipient=address), "").countries
    laws = [_BY_LAW[country] for country in countries if country in _BY_LAW]
    by_rule = provider_of(domain_of(address) or "") in BY_RULE
    return laws or ([ONE_CLICK] if by_rule else [])
