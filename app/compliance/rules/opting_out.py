"""Opting out: CAN-SPAM 5 (15 U.S.C. 7704(a)(3) and (4)), the mechanisms of CASL and the Spam Act, RFC 8058.

No link is ever followed: whether a mechanism works, only a person can try.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from datetime import datetime

from app.compliance import terms
from app.compliance.deadlines import Term, late_from
from app.compliance.denial import denied
from app.compliance.domain import Answer, Facts, Quote, breached, met, unknown
from app.compliance.exhibit import Exhibit

_HTTPS = re.compile(r"<\s{0,9}https://[^<>\s]{1,4000}", re.IGNORECASE)
_ONE_CLICK = re.compile(r"\s*List-Unsubscribe\s*=\s*One-Click\s*\Z", re.IGNORECASE)
_LINK_WORD = re.compile(
    r"unsub|opt-?out|abmeld|desabon|desinscr|disiscr|uitschr|afmeld|avreg|wypis|(?:manage|cancel)[-_/]?subscription"
    r"|subscriptions?[-_/](?:cancel|remove|manage)|[/_=.-]remove(?:[-_]?(?:me|mail|email))?(?:[/?&#]|\Z)"
    r"|(?:/|darse-de-)baja(?:[/?&#]|\Z)",
    re.IGNORECASE,
)
_SPOKEN = frozenset({"en", "de", "fr", "es", "it", "pt", "nl"})
"""Languages in which so many wordings are known that a text without one has none."""
_BULK = ("list-id", "feedback-id", "list-unsubscribe", "list-unsubscribe-post")


def wording(exhibit: Exhibit) -> tuple[Quote, ...]:
    """Where the text tells how to get no more mail: wordings, then links that are named so."""
    links = (link for passage in exhibit.passages for link in passage.links if _LINK_WORD.search(link.target))
    quoted = tuple(exhibit.quote(link.start, link.end, link.target) for link, _ in zip(links, range(2), strict=False))
    return *exhibit.stated(terms.UNSUBSCRIBE, 2, denied), *quoted


def _reachable(exhibit: Exhibit) -> bool:
    """Whether the text has a link or an address at all that an opt-out could go to."""
    return any(passage.links for passage in exhibit.passages) or bool(exhibit.find(terms.CONTACT, 1))


def present(exhibit: Exhibit, facts: Facts) -> Answer:
    """The message tells how to get no more of its kind."""
    said, header = wording(exhibit), exhibit.field_quotes("list-unsubscribe")
    if said and _reachable(exhibit):
        return met("The text tells how to opt out.", *said)
    if said:
        return unknown("The text speaks of opting out, but has no link and no address for it.", *said)
    if header:
        return unknown("Only the header has a way out, which not every reader is shown.", *header)
    if doubted := exhibit.doubted(terms.UNSUBSCRIBE, denied):
        return unknown("The text speaks of opting out, but seems to deny it.", *doubted)
    if _silent(exhibit):
        return breached("Neither the text nor the header has a way to opt out.")
    return unknown("No way to opt out was found in what could be read.")


def _silent(exhibit: Exhibit) -> bool:
    """Whether surely no way out is told: there is nowhere to go to, or the language's wordings are known."""
    return exhibit.silent_for_sure and (exhibit.language in _SPOKEN or not _reachable(exhibit))


def easy(exhibit: Exhibit, facts: Facts) -> Answer:
    """Opting out is free and takes one step: a mail or a single page."""
    hard = exhibit.stated(terms.HARD_TO_LEAVE)
    if only := [quote for quote in hard if not terms.OTHER_WAY.search(quote.text)]:
        return breached("Opting out asks for more than a mail or a single page.", *only)
    quotes = exhibit.field_quotes("list-unsubscribe", "list-unsubscribe-post")
    if _offers_one_click(exhibit):
        return met("The header offers opting out by one click (RFC 8058).", *quotes)
    return unknown("How many steps the opt-out takes, only trying it shows; nothing here follows a link.", *quotes)


def _offers_one_click(exhibit: Exhibit) -> bool:
    post, ways = exhibit.all("list-unsubscribe-post"), exhibit.all("list-unsubscribe")
    return (
        len(post) == len(ways) == 1 and bool(_ONE_CLICK.match(post[0].value)) and bool(_HTTPS.search(ways[0].value))
    )


def one_click(exhibit: Exhibit, facts: Facts) -> Answer:
    """Opting out by one click, in header fields that DKIM signs (RFC 8058 §4)."""
    quotes = exhibit.field_quotes("list-unsubscribe", "list-unsubscribe-post")
    marks = exhibit.field_quotes(*_BULK)
    if not marks:
        return unknown("No header field marks this as bulk mail, of which one click is asked.")
    if not _offers_one_click(exhibit):
        if not _goes_to_many(exhibit):
            return unknown("Its header fields do not show that it is advertising or a newsletter.", *marks)
        return breached("Bulk mail without List-Unsubscribe-Post and one https address in List-Unsubscribe.", *marks)
    verified = [each for each in facts.signatures if each.verified]
    if any(_covers(each.signed) for each in verified):
        return met("One click is offered, and a DKIM signature that holds covers both fields.", *quotes)
    if verified:
        return breached("One click is offered, but no DKIM signature that holds covers both fields.", *quotes)
    return unknown("One click is offered; no DKIM signature could be verified that covers it.", *quotes)


def _goes_to_many(exhibit: Exhibit) -> bool:
    """Whether it is bulk mail of the sort of which mailbox providers ask one click: advertising or a newsletter.

    A provider stamps Feedback-ID into all that it sends, and people write to each other on a list that takes posts.
    """
    if exhibit.all("list-post") or exhibit.all("in-reply-to"):
        return False
    if any(exhibit.all(key) for key in _BULK if key != "feedback-id"):
        return True
    return bool(exhibit.stated(terms.COMMERCIAL, 1, denied) or exhibit.stated(terms.ADVERTISEMENT, 1))


def _covers(signed: tuple[str, ...]) -> bool:
    counted = Counter(signed)
    return counted["list-unsubscribe"] >= 1 and counted["list-unsubscribe-post"] >= 1


def honoured(term: Term, allowed: str) -> Callable[[Exhibit, Facts], Answer]:
    """The rule that no mail comes once `term` is over. allowed: how the law says it, for the sentence."""

    def judge(exhibit: Exhibit, facts: Facts) -> Answer:
        if facts.opted_out is None:
            return unknown("No date of an opt-out is known.")
        late, sent, quotes = late_from(term, facts.opted_out), *_arrival(exhibit, facts)
        if late is None or sent is None:
            return unknown("When it was sent, or when the opt-out was, cannot be told.", *quotes)
        asked = f"{facts.opted_out:%Y-%m-%d}"
        if sent < facts.opted_out:
            before = f"It came on {sent:%Y-%m-%d}, before the opt-out of {asked}"
            return unknown(f"{before}: it says nothing of how that is honoured.", *quotes)
        if sent >= late:
            return breached(
                f"It came on {sent:%Y-%m-%d}; the opt-out of {asked} had to be honoured within {allowed}, "
                f"national holidays counted, that is before {late:%Y-%m-%d %H:%M} UTC.",
                *quotes,
            )
        within = f"It came on {sent:%Y-%m-%d}, within the {allowed} allowed after the opt-out of {asked}"
        return unknown(f"{within}: this shows nothing yet.", *quotes)

    return judge


def _arrival(exhibit: Exhibit, facts: Facts) -> tuple[datetime | None, tuple[Quote, ...]]:
    """When the message came, and the bytes that say so: the report, else the last stop, else its own date."""
    last = exhibit.original.received[0].at if exhibit.original.received else None
    quotes = exhibit.field_quotes("received")[:1] if last else exhibit.field_quotes("date")[:1]
    return facts.arrived or last or exhibit.original.date, quotes


def lasting(days: int) -> Callable[[Exhibit, Facts], Answer]:
    """The rule that the mechanism works for `days` days."""

    def judge(exhibit: Exhibit, facts: Facts) -> Answer:
        found = present(exhibit, facts)
        header = exhibit.field_quotes("list-unsubscribe")
        said = wording(exhibit) or header or exhibit.doubted(terms.UNSUBSCRIBE, denied)
        if not said and _silent(exhibit):
            return breached(f"There is no mechanism at all that could work for {days} days.")
        return unknown(f"Whether it works for {days} days, only trying it shows.", *found.quotes, *header)

    return judge
