"""CAN-SPAM 1: header information that is neither false nor misleading (15 U.S.C. 7704(a)(1))."""

from __future__ import annotations

import re
from itertools import islice, pairwise

from app.compliance.domain import Answer, Facts, Quote, breached, met, unknown
from app.compliance.exhibit import Exhibit
from app.mail.domain import Hop
from app.mail.fields.address import addresses_in, bare_address, domain_of
from app.mail.fields.domains import same_house

CLOCKS_DIFFER_SECONDS = 24 * 3600
"""How far a hop's clock may lie behind that of the hop before it."""
NAME_CHARS = 1_000
SHOWN = 20
"""How many domains in From are looked at."""
_NAMED_DOMAIN = re.compile(
    r"(?<![\w.@-])(?:[\w-]{1,63}\.){1,4}(?:com|net|org|info|biz|gov|edu|eu|io|co|de|at|ch|fr|it|es|pt|nl|be|pl|uk|us|ca|au"
    r"|jp|cn|ru|br|in)(?![\w.-])",
    re.IGNORECASE,
)


def from_domain(exhibit: Exhibit) -> str | None:
    """The domain of the topmost From field, lower case, or None."""
    field = exhibit.first("from")
    return domain_of(bare_address(field.value)) if field else None


def from_field(exhibit: Exhibit, facts: Facts) -> Answer:
    """From names who signed it: a verified DKIM signature of the same organisation."""
    fields = exhibit.all("from")
    if not fields:
        return unknown("The message has no From field, or it was cut off.")
    if len(fields) > 1:
        return breached(
            "From stands more than once: readers may be shown another sender.", *exhibit.field_quotes("from")
        )
    quote, domain = exhibit.field_quote(fields[0]), from_domain(exhibit)
    if domain is None:
        return breached("From holds no address.", quote)
    if foreign := _named_instead(fields[0].value, domain):
        return breached(f"The name in From shows an address of {foreign}, the address is of {domain}.", quote)
    if shown := _shown_besides(fields[0].value, domain):
        return unknown(f"From shows {shown}, too, and the address is of {domain}.", quote)
    return _signed_answer(exhibit, facts, domain, quote)


def _named_instead(value: str, domain: str) -> str | None:
    """The domain of an address in the display name that is not the sender's, or None."""
    name = value.rpartition("<")[0]
    shown = [domain_of(address) for address in addresses_in(name)]
    return next((each for each in shown if each and not same_house(each, domain)), None)


def _shown_besides(value: str, domain: str) -> str | None:
    """A domain or an address of another organisation that From shows somewhere besides its own, or None."""
    domains = [domain_of(address) for address in addresses_in(value)[:SHOWN]]
    name = value.rpartition("<")[0][:NAME_CHARS]
    domains += [found[0].lower() for found in islice(_NAMED_DOMAIN.finditer(name), SHOWN)]
    return next((each for each in domains if each and not same_house(each, domain)), None)


def _signed_answer(exhibit: Exhibit, facts: Facts, domain: str, quote: Quote) -> Answer:
    verified = [each for each in facts.signatures if each.verified]
    if any(same_house(each.domain, domain) for each in verified):
        signatures = exhibit.field_quotes("dkim-signature")
        return met(f"From is signed by the organisation of {domain}, and the signature holds.", quote, *signatures)
    if verified:
        return unknown(f"A signature holds, but it is not of the organisation of {domain}.", quote)
    return unknown("No signature that holds shows that From is true.", quote)


def reply_to(exhibit: Exhibit, facts: Facts) -> Answer:
    """Answers go to the organisation that From names."""
    return _of_the_house(exhibit, "reply-to", "Reply-To")


def sender_field(exhibit: Exhibit, facts: Facts) -> Answer:
    """Sender is of the organisation that From names."""
    return _of_the_house(exhibit, "sender", "Sender")


def return_path(exhibit: Exhibit, facts: Facts) -> Answer:
    """Bounces go to the organisation that From names; mail of a provider often bounces to the provider."""
    quotes = exhibit.field_quotes("return-path")
    domains = [domain_of(bare_address(field.value)) for field in exhibit.all("return-path")]
    if quotes and all(same_house(each, from_domain(exhibit)) for each in domains):
        return met("Return-Path and From are of one organisation.", *quotes)
    return unknown("Return-Path is not there, or of another organisation than From.", *quotes)


def _of_the_house(exhibit: Exhibit, key: str, name: str) -> Answer:
    fields, quotes = exhibit.all(key), exhibit.field_quotes(key)
    if not fields:
        return unknown(f"The message has no {name} field.")
    if len(fields) > 1:  # RFC 5322 §3.6: at most one
        return breached(f"{name} stands more than once.", *quotes)
    domains = [domain_of(address) for address in addresses_in(fields[0].value)]
    if not domains:
        return breached(f"{name} holds no address.", *quotes)
    if all(same_house(each, from_domain(exhibit)) for each in domains):
        return met(f"{name} and From are of one organisation.", *quotes)
    return unknown(f"{name} is of another organisation than From.", *quotes)


def routing(exhibit: Exhibit, facts: Facts) -> Answer:
    """The path is one that mail can take: times run forwards, each host hands over to the next."""
    hops = exhibit.original.received
    quotes = exhibit.field_quotes("received")
    if any(_backwards(later, earlier) for later, earlier in pairwise(hops)):
        return breached("The times in Received run backwards by more than a day: a field is false.", *quotes)
    if len(hops) >= 2 and len(hops) == len(quotes) and all(_linked(*pair) for pair in pairwise(hops)):
        return met("Each Received field begins where the one below it ends.", *quotes)
    return unknown("The Received fields do not show the whole path.", *quotes)


def _backwards(later: Hop, earlier: Hop) -> bool:
    if later.at is None or earlier.at is None:
        return False
    return (earlier.at - later.at).total_seconds() > CLOCKS_DIFFER_SECONDS


def _linked(later: Hop, earlier: Hop) -> bool:
    return bool(later.from_host and later.at and earlier.at) and later.from_host == earlier.by_host
