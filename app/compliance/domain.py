"""The words of the worksheet (pure): laws, findings, the bytes they rest on.

The machine points, a person judges. A finding rests on bytes that are quoted with their place; whatever it cannot
say is `unknown`, which is never shown as met.
"""

from __future__ import annotations

from dataclasses import field
from datetime import datetime
from enum import StrEnum

from app.values import dataclass

QUOTES = 4
"""How many quotes a line gives at most."""
NOTE_CHARS = 2_000
"""How long a note of staff to a line may be."""


class Law(StrEnum):
    CAN_SPAM = "CAN-SPAM"
    CASL = "CASL"
    GDPR = "GDPR, ePrivacy"
    SPAM_ACT = "Spam Act"
    PRACTICE = "good practice"


class Finding(StrEnum):
    """What the machine says of a line. UNKNOWN: it cannot say, which is not met."""

    MET = "met"
    BREACHED = "breached"
    UNKNOWN = "unknown"


class Applies(StrEnum):
    """Whether a law protects this recipient."""

    YES = "yes"
    PERHAPS = "perhaps"
    NO = "no"


class Basis(StrEnum):
    """What a jurisdiction was told by."""

    STAFF = "staff"
    DOMAIN = "the recipient's domain"
    LANGUAGE = "the language"
    NOTHING = "nothing"


class Opinion(StrEnum):
    """What staff say to the machine's finding."""

    AGREE = "agree"
    DISAGREE = "disagree"


@dataclass(frozen=True, slots=True)
class Quote:
    """Bytes of the message as they stand, `raw` from `offset` on; `text` is what a person reads there."""

    offset: int
    raw: bytes
    text: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What one rule finds: a finding, one sentence, the bytes it rests on."""

    finding: Finding
    sentence: str
    quotes: tuple[Quote, ...] = ()


def _distinct(quotes: tuple[Quote, ...]) -> tuple[Quote, ...]:
    return tuple(dict.fromkeys(quotes))[:QUOTES]


def met(sentence: str, *quotes: Quote) -> Answer:
    """The rule is kept, as the quotes show; unknown where there is none, for nothing is met by guess."""
    return Answer(Finding.MET if quotes else Finding.UNKNOWN, sentence, _distinct(quotes))


def breached(sentence: str, *quotes: Quote) -> Answer:
    """The rule is broken; without quotes where what is missing is the breach."""
    return Answer(Finding.BREACHED, sentence, _distinct(quotes))


def unknown(sentence: str, *quotes: Quote) -> Answer:
    """The machine cannot say; the quotes are where a person should look."""
    return Answer(Finding.UNKNOWN, sentence, _distinct(quotes))


@dataclass(frozen=True, slots=True)
class Signed:
    """A DKIM signature of the message. signed: the names of its h= in lower case. verified: its header hash holds,
    so what it signs is authentic (the body may have been cut)."""

    domain: str
    signed: tuple[str, ...]
    verified: bool


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known besides the message itself.

    recipient: address, or domain alone. sender: the name of the account it came from; parents: the names of the
    accounts above it, nearest first. opted_out: when the recipient asked for no more mail, arrived: when the message
    arrived, both aware. countries: ISO 3166 codes that staff say the recipient lives in.
    """

    recipient: str | None = None
    sender: str | None = None
    parents: tuple[str, ...] = ()
    signatures: tuple[Signed, ...] = ()
    opted_out: datetime | None = None
    arrived: datetime | None = None
    countries: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Jurisdiction:
    """Where the recipient seems to live: ISO 3166 codes, several where it may be any of them, none where nothing
    tells. detail: what the basis says, such as `.de`."""

    countries: tuple[str, ...] = ()
    basis: Basis = Basis.NOTHING
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the worksheet. rule: its id, which stays the same for good."""

    rule: str
    law: Law
    title: str
    applies: Applies
    finding: Finding
    sentence: str
    quotes: tuple[Quote, ...] = ()


@dataclass(frozen=True, slots=True)
class Worksheet:
    """All lines for one reported message. language: ISO 639 code, "" where it was not recognised."""

    jurisdiction: Jurisdiction
    language: str
    lines: tuple[Line, ...] = field(default=())
