"""Words by which a label or the name of a column says whether a notice reports what stands behind it."""

from __future__ import annotations

import re

TELLS_MORE = frozenset(
    {"more", "details", "info", "information", "help", "support", "contact", "visit", "see", "read", "reference"}
    | {"learn", "website", "web", "portal", "unsubscribe", "delist", "delisting", "removal", "questions", "faq"}
    | {"screenshot", "screenshots", "proof", "analysis", "guide", "guides", "guidelines", "instructions", "article"}
)
"""In the line above such a URL: it is the notifier's, also where the line ends in a colon."""
OTHERS = frozenset({"original", "work", "works", "legitimate", "official", "authorized", "authorised", "target"})
"""In the line above such a URL: it is the victim's."""
_VICTIMS = (
    OTHERS
    | (TELLS_MORE - {"website", "web"})
    | {
        "against",
        "users",
        "customers",
        "clients",
        "victims",
        "impersonating",
        "impersonates",
        "imitates",
        "real",
        "legit",
        "genuine",
    }
)
_PLACES = frozenset(
    {"domain", "domains", "host", "hosts", "hostname", "hostnames", "website", "websites", "site", "sites"}
    | {"page", "pages", "url", "urls", "link", "links"}
)
_OWN_PLACE = re.compile(r"\b(?:my|our) (?:\w{1,20} )?(?:web|home|domain|host|site|page|url|link)", re.IGNORECASE)
POINTS_BELOW = re.compile(
    r"\b(?:domain|host|(?:web)?site|(?:web)?page|url|link)s? below (?:is|are|was|were|has|have|appears?)\b",
    re.IGNORECASE,
)
"""In a sentence: what it speaks of stands below it."""
_CAPTION_WORDS = 3
_CAPTION_CHARS = 40
_PARAGRAPH_CHARS = 1_000
_WORD = re.compile(r"[Ii][Pp][Vv][46]|[A-Z]{2,}s(?![a-z])|[A-Z]+(?![a-z])|[A-Za-z][a-z]*")

_REPORTED = frozenset(
    {"ip", "ips", "ipv4", "ipv6", "url", "urls", "uri", "link", "host", "hostname", "domain", "fqdn"}
    | {"site", "website", "page", "source", "src", "offending", "offender", "attacker", "attacking"}
    | {"infringer", "infringers", "quelle", "adresse", "domein", "dominio", "sitio"}
)
_BAD = frozenset({"infringing", "fraudulent", "malicious", "abusive", "illegal", "phishing"})
_NOT_REPORTED = frozenset(
    {"target", "targeted", "victim", "victims", "destination", "dest", "dst", "reporter", "reporting"}
    | {"contact", "more", "detail", "details", "info", "information", "reference", "support", "unsubscribe"}
    | {"feedback", "schema", "schemalocation", "xmlns", "xsi", "brand", "legitimate", "original", "official", "feed"}
    | {"cc", "agent", "user", "email", "mail", "from", "by", "dns", "license", "portal", "login", "ticket", "case"}
    | {"reverse", "ptr", "visit", "see", "note", "response", "web", "network", "range", "screenshot"}
    | {"resource", "registrar", "registry", "whois", "my", "our"}
)
"""A label with such a word names somebody else's place: the victim's, the reporter's, a page that tells more."""

_THEIRS = frozenset(
    {"target", "targeted", "victim", "victims", "destination", "dest", "dst", "reporter", "reporting", "my", "our"}
)


def is_label(name: str) -> bool:
    """Whether what stands behind a label, or below the name of a column, is reported."""
    words = words_of(name)
    is_named = not words.isdisjoint(_REPORTED) or ("content" in words and not words.isdisjoint(_BAD))
    return is_named and words.isdisjoint(_NOT_REPORTED)


def caption_of(line: str, before: str = "") -> str:
    """What a line may say of the next one, with the words of its sentence in the line `before`; "" where nothing."""
    if len(line) <= _PARAGRAPH_CHARS and POINTS_BELOW.search(line):
        return line
    is_short = len(line) <= _CAPTION_CHARS and len(line.split()) <= _CAPTION_WORDS
    if len(line) > _PARAGRAPH_CHARS or not (":" in line or is_short):
        return ""
    is_wrapped = " " in before.strip() and ":" not in before
    return f"{before[-_PARAGRAPH_CHARS:]} {line}".rpartition(". ")[2] if is_wrapped else line


def is_caption_of_places(line: str) -> bool:
    """Whether a line says that pages or hosts which are reported stand below it, and not the victim's."""
    if POINTS_BELOW.search(line):
        return TELLS_MORE.isdisjoint(words_of(line)) and not _OWN_PLACE.search(line)
    label, _, value = line.partition(":")
    words = words_of(label)
    is_theirs = not words.isdisjoint(_VICTIMS) or bool(_OWN_PLACE.search(label))
    return not (value.strip() or words.isdisjoint(_PLACES) or is_theirs)


def is_somebody_elses(name: str) -> bool:
    """Whether a label names a place of the reporter's or the victim's."""
    return not _THEIRS.isdisjoint(words_of(name))


def words_of(name: str) -> frozenset[str]:
    """The words of a name in lower case, also of `sourceIp` and `source_ip`."""
    return frozenset(word.lower() for word in _WORD.findall(name))
