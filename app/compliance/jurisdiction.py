"""Where a recipient lives, guessed, and which laws that makes apply.

A country-code domain of the address tells most; the language tells less and makes a law apply only perhaps; staff
correct either. What a law says on the sender's own country is left to people.
"""

from __future__ import annotations

from app.compliance.domain import Applies, Basis, Facts, Jurisdiction, Law

EEA = (
    *("AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE"),
    *("IS", "IT", "LI", "LT", "LU", "LV", "MT", "NL", "NO", "PL", "PT", "RO", "SE", "SI", "SK"),
)

COUNTRIES: dict[Law, tuple[str, ...]] = {
    Law.CAN_SPAM: ("US",),
    Law.CASL: ("CA",),
    Law.GDPR: (*EEA, "EU", "GB"),  # the United Kingdom kept both as its UK GDPR and PECR
    Law.SPAM_ACT: ("AU",),
}
CHOICES = ("US", "CA", "AU", "GB", "EU", *EEA, "CH", "OTHER")
"""What staff may correct the jurisdiction to; OTHER: none whose law is on the worksheet."""

_AS_COUNTRY = {"uk": "GB", "el": "GR", "gov": "US", "mil": "US", "edu": "US"}
_FOR_EVERYBODY = frozenset({"ai", "cc", "co", "fm", "gg", "io", "ly", "me", "nu", "sh", "to", "tv", "vc", "ws"})
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
    return ending.upper() if two_letters and ending not in _FOR_EVERYBODY else None


def applies(law: Law, jurisdiction: Jurisdiction) -> Applies:
    """Whether the law protects a recipient there; good practice is for all."""
    if law is Law.PRACTICE:
        return Applies.YES
    if not jurisdiction.countries:
        return Applies.PERHAPS
    if not set(COUNTRIES[law]) & set(jurisdiction.countries):
        return Applies.NO
    return Applies.PERHAPS if jurisdiction.basis is Basis.LANGUAGE else Applies.YES
