"""Where a recipient lives, guessed, and which laws that makes apply.

A country-code domain of the address tells most; the language tells less and makes a law apply only perhaps; staff
correct either. What a law says on the sender's own country is left to people.
"""

from __future__ import annotations

from app.compliance.domain import Applies, Basis, Facts, Jurisdiction, Law
from app.mail.fields.domains import is_top_level

CHOICES = {
    "US": "United States",
    "CA": "Canada",
    "AU": "Australia",
    "GB": "United Kingdom",
    "EU": "European Union",
    "AT": "Austria",
    "BE": "Belgium",
    "BG": "Bulgaria",
    "CY": "Cyprus",
    "CZ": "Czechia",
    "DE": "Germany",
    "DK": "Denmark",
    "EE": "Estonia",
    "ES": "Spain",
    "FI": "Finland",
    "FR": "France",
    "GR": "Greece",
    "HR": "Croatia",
    "HU": "Hungary",
    "IE": "Ireland",
    "IS": "Iceland",
    "IT": "Italy",
    "LI": "Liechtenstein",
    "LT": "Lithuania",
    "LU": "Luxembourg",
    "LV": "Latvia",
    "MT": "Malta",
    "NL": "Netherlands",
    "NO": "Norway",
    "PL": "Poland",
    "PT": "Portugal",
    "RO": "Romania",
    "SE": "Sweden",
    "SI": "Slovenia",
    "SK": "Slovakia",
    "CH": "Switzerland",
    "OTHER": "another country",
}
"""What staff may correct the jurisdiction to, and how it is called; OTHER: none whose law is on the worksheet."""

_ELSEWHERE = ("US", "CA", "AU", "CH", "OTHER")
COUNTRIES: dict[Law, tuple[str, ...]] = {
    Law.CAN_SPAM: ("US",),
    Law.CASL: ("CA",),
    # The European Economic Area; the United Kingdom kept both laws as its UK GDPR and PECR.
    Law.GDPR: tuple(country for country in CHOICES if country not in _ELSEWHERE),
    Law.SPAM_ACT: ("AU",),
}
_AS_COUNTRY = {
    **{"uk": "GB", "el": "GR", "gov": "US", "mil": "US", "edu": "US", "ax": "FI", "nf": "AU"},
    **dict.fromkeys(("ею", "xn--e1a4c", "ευ", "xn--qxa6a"), "EU"),
    **{"ελ": "GR", "xn--qxam": "GR", "бг": "BG", "xn--90ae": "BG"},
    **dict.fromkeys(("re", "gp", "mq", "gf", "yt", "mf"), "FR"),  # where the law of the European Union holds, too
    **dict.fromkeys(("pr", "gu", "vi", "as", "mp"), "US"),
}
_FOR_EVERYBODY = frozenset(
    {"ac", "ag", "ai", "am", "bz", "cc", "cf", "co", "cx", "fm", "ga", "gg", "gl", "gq", "gs", "im", "io", "la", "ly"}
    | {
        "cd",
        "gd",
        "pm",
        "sx",
        "tf",
        "vu",
        "me",
        "ml",
        "ms",
        "mu",
        "nu",
        "pw",
        "sc",
        "sh",
        "st",
        "su",
        "tc",
        "tk",
        "to",
        "tv",
        "vc",
        "vg",
        "ws",
    }
)
"""Country-code domains that people all over the world use."""

_SPOKEN_IN = {
    "de": ("DE", "AT"),
    "fr": ("FR", "BE", "CA"),
    "it": ("IT",),
    "nl": ("NL", "BE"),
    "pl": ("PL",),
    "sv": ("SE",),
    "da": ("DK",),
    "nb": ("NO",),
    "fi": ("FI",),
    "cs": ("CZ",),
}
"""Languages that tell something; English, Spanish and Portuguese are spoken on both sides of an ocean."""


def jurisdiction_of(facts: Facts, language: str) -> Jurisdiction:
    """Where the recipient lives: as staff say, else by the address's domain, else by the language, else nowhere."""
    if facts.countries:
        return Jurisdiction(facts.countries, Basis.STAFF)
    ending = (facts.recipient or "").rpartition("@")[2].strip(" .>").rpartition(".")[2].lower()
    if country := _country(ending):
        return Jurisdiction((country,), Basis.DOMAIN, f".{ending}")
    if spoken := _SPOKEN_IN.get(language):
        return Jurisdiction(spoken, Basis.LANGUAGE, language)
    return Jurisdiction()


def _country(ending: str) -> str | None:
    if ending in _AS_COUNTRY:
        return _AS_COUNTRY[ending]
    two_letters = len(ending) == 2 and ending.isascii() and ending.isalpha()
    told = two_letters and ending not in _FOR_EVERYBODY and is_top_level(ending)
    return ending.upper() if told else None


def applies(law: Law, jurisdiction: Jurisdiction) -> Applies:
    """Whether the law protects a recipient there; good practice is for all."""
    if law is Law.PRACTICE:
        return Applies.YES
    if not jurisdiction.countries:
        return Applies.PERHAPS
    if jurisdiction.basis is Basis.LANGUAGE:
        return Applies.PERHAPS  # it is spoken elsewhere, too
    return Applies.YES if set(COUNTRIES[law]) & set(jurisdiction.countries) else Applies.NO
