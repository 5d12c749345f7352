"""Where a message names an account (pure).

An account may be called "Now" or "Shop", words that any text has. Such a name is found only where names stand: as
the name or the domain of From, with a legal form, above a postal address, behind "sent by" or a copyright sign. Of a
name of several words it is enough that they stand together, unless each of them is a word of everyday mail.
"""

from __future__ import annotations

import re
from itertools import islice

from app.compliance.domain import Quote
from app.compliance.exhibit import Exhibit
from app.compliance.postal import ADDRESS
from app.compliance.terms import FORMS
from app.mail.fields.address import bare_address, domain_of
from app.mail.fields.domains import organisation

NAME_LETTERS = 3
"""Letters that a name must have to be looked for in a text."""
NAME_WORDS = 8
PLACES = 20
"""How many places of a name in the text are looked at."""
NEAR = 200
"""Within how many characters below a name its postal address stands."""

_APART = r"[\s_-]{1,5}"
_EVERYDAY = """
a an the and or of for to in on at by with my your our we us you me it this that all one new now today here best top
free big good great last first next more only just buy get go shop store sale sales deal deals offer offers order
mail email e-mail news newsletter letter update updates service services support team info account accounts online
web site click open read view see save learn join start home house world time life day week gift card price prices
product products customer customers member members club market marketing media digital group company business
jetzt hier heute neu neue alle mein dein ihr unser laden kaufen angebot angebote der die das und für
la le les el los il un une votre notre tienda boutique negozio oferta offre offerta
"""
"""Words of everyday mail: a name made of them alone is no name by itself."""
_BEFORE = re.compile(
    r"(?:©|\(c\)|copyright)\s{1,3}(?:\d{4}(?:\s?[-–]\s?\d{4})?,?\s{1,3})?(?:by\s)?\Z"
    r"|(?<!\w)(?:on behalf of|sent by|sent for|sent to you by|mail (?:is|was) from|message (?:is|was) from"
    r"|controller is|operated by|a service of|a brand of|im auftrag (?:von|der|des)|versandt (?:von|durch)"
    r"|verantwortlich(?: ist)?:?|impressum:?|envoyé par|de la part de|enviado por|en nombre de|inviat[oa] da"
    r"|per conto di|verzonden door|namens"
    r"|receiving this (?:e-?mail|message|mail|newsletter) from|best,?|yours,?|yours sincerely,?|best regards,?"
    r"|kind regards,?|mit freundlichen grüßen,?"
    r"|cordialement,?)\s{1,3}\Z",
    re.IGNORECASE,
)
_LEADS = re.compile(r"(?<!\w)(?:the|your|dein|ihr)\s{1,3}\Z", re.IGNORECASE)
_TEAM = re.compile(r"[\s-]{1,2}(?:team|crew)\b", re.IGNORECASE)
_LEGAL = re.compile(rf",?[ \t]{{1,3}}(?:{FORMS})(?!\w)")
_END = re.compile(r"\s{0,3}(?:[.,|•·*_)]|\n|\Z|(?:19|20)\d\d\b)")
_DRESS = re.compile(rf"\s{{1,3}}(?:team|newsletter|news|support|info|service|{FORMS})\Z", re.IGNORECASE)


def named(exhibit: Exhibit, name: str) -> tuple[Quote, ...]:
    """Where the message names the account `name` so that it cannot be a mere word; nothing for a very short name."""
    spelled = _spelled(name)
    if spelled is None:
        return ()
    if _distinct(name):
        fields = [exhibit.field_quote(each) for each in exhibit.all("from") if spelled.search(each.value)]
        return *fields, *exhibit.find(spelled, 2)
    return *_in_from(exhibit, name), *_where_names_stand(exhibit, spelled, name)


def mentioned(exhibit: Exhibit, name: str) -> tuple[Quote, ...]:
    """Where the text has the words of the name at all, which may mean anything."""
    spelled = _spelled(name)
    return exhibit.find(spelled, 2) if spelled else ()


def _spelled(name: str) -> re.Pattern[str] | None:
    words = name.split()
    if sum(map(len, words)) < NAME_LETTERS:
        return None
    return re.compile(rf"(?<!\w){_APART.join(map(re.escape, words[:NAME_WORDS]))}(?!\w)", re.IGNORECASE)


def _distinct(name: str) -> bool:
    words = name.casefold().split()
    return len(words) > 1 and not set(_EVERYDAY.split()).issuperset(words)


def _in_from(exhibit: Exhibit, name: str) -> tuple[Quote, ...]:
    """From, where its name is this one, or its organisation's domain is called so."""
    return tuple(exhibit.field_quote(each) for each in exhibit.all("from") if _is_from(each.value, name))


def _is_from(value: str, name: str) -> bool:
    shown = " ".join(value.rpartition("<")[0].strip("\"' ").split())
    called = " ".join(name.split()).casefold()
    house = (organisation(domain_of(bare_address(value))) or "").partition(".")[0]
    return called in (shown.casefold(), _DRESS.sub("", shown).casefold()) or house == re.sub(r"[\s_-]", "", called)


def _where_names_stand(exhibit: Exhibit, spelled: re.Pattern[str], name: str) -> tuple[Quote, ...]:
    found = [
        exhibit.quote(*passage.place(*match.span()), match[0])
        for passage in exhibit.passages
        for match in islice(spelled.finditer(passage.text), PLACES)
        if _written_as(match[0], name) and _stands_as_name(passage.text, match)
    ]
    return tuple({quote.text.casefold(): quote for quote in found}.values())[:2]


def _written_as(found: str, name: str) -> bool:
    """Whether `found` begins with a capital where the name does."""
    return found[0].isupper() or not name.strip()[0].isupper()


def _stands_as_name(text: str, match: re.Match[str]) -> bool:
    before, behind = text[max(0, match.start() - 60) : match.start()], text[match.end() : match.end() + NEAR]
    if _LEGAL.match(behind):
        return True
    if _LEADS.search(before):
        return bool(_TEAM.match(behind))
    return _above_address(before, behind) or bool(_BEFORE.search(before) and _END.match(behind))


def _above_address(before: str, behind: str) -> bool:
    """Whether the name stands alone at the end of a line or a clause, with a postal address right behind."""
    opened = behind.lstrip(" \t\r\n,|·•-–")
    apart = len(opened) < len(behind) and (not before.strip(" \t") or before.rstrip(" \t")[-1] in "\n,|·•:.")
    return apart and bool(ADDRESS.match(opened))
