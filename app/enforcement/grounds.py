"""The clauses of the acceptable-use policy that an action can rest on, as data (pure).

A provider's own policy is a JSON file (`ABUSEDESK_CLAUSES`): `{"clauses": [{"id", "title", "text"}]}`. An action
keeps the ids; a clause that is no longer in the file is told by its id.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence

from app.errors import Rejected
from app.values import dataclass

CLAUSES = 100
TITLE_CHARS = 120
TEXT_CHARS = 2_000
ID_CHARS = 40


@dataclass(frozen=True, slots=True)
class Clause:
    """title: a few words, for lists. text: the rule as the sender is told it."""

    id: str
    title: str
    text: str


STANDARD = (
    Clause("consent", "Sent without permission", "Mail goes only to people who asked for it, and you can show that."),
    Clause("opt-out", "Opt-out not honoured", "Whoever unsubscribes or complains gets no further mail from you."),
    Clause("identity", "Sender not recognisable", "From, Reply-To and the text say truthfully who is writing."),
    Clause("complaints", "Too many complaints", "Complaints stay under the limits that mailbox providers set."),
    Clause("list-hygiene", "Bad addresses", "No bought, guessed or outdated addresses, and no spam traps."),
    Clause("phishing", "Phishing or fraud", "Nothing that deceives people into giving away money, data or access."),
    Clause("malware", "Malware", "No harmful software, neither attached nor behind a link."),
    Clause("security", "Account taken over", "An account that others send from is stopped until it is secured."),
    Clause("law", "Against the law", "The law of sender and recipient is kept."),
)


def read_clauses(text: str) -> tuple[Clause, ...]:
    """The clauses of a provider's own policy. Raises Rejected, saying which clause is at fault."""
    try:
        listed = json.loads(text)["clauses"]
    except (ValueError, KeyError, TypeError, RecursionError):
        raise Rejected('The clauses are JSON: {"clauses": [{"id", "title", "text"}]}.') from None
    if not isinstance(listed, list) or not 0 < len(listed) <= CLAUSES:
        raise Rejected(f"There are 1 to {CLAUSES} clauses.")
    clauses = tuple(_clause(each, number) for number, each in enumerate(listed, 1))
    if len({each.id for each in clauses}) != len(clauses):
        raise Rejected("Two clauses have the same id.")
    return clauses


def _clause(given: object, number: int) -> Clause:
    limits = {"id": ID_CHARS, "title": TITLE_CHARS, "text": TEXT_CHARS}
    said = {name: given.get(name) for name in limits} if isinstance(given, dict) else {}
    for name, most in limits.items():
        value = said.get(name)
        if not isinstance(value, str) or not value.strip() or len(value) > most:
            raise Rejected(f"Clause {number}: {name} is a text of 1 to {most} characters.")
    return Clause(*(str(said[name]).strip() for name in limits))


def named(clauses: Sequence[Clause], wanted: Iterable[str]) -> tuple[Clause, ...]:
    """The wanted clauses in the policy's order. Raises Rejected for an id that is not in it."""
    ids = set(wanted)
    unknown = ids - {each.id for each in clauses}
    if unknown:
        raise Rejected(f"The acceptable-use policy has no clause {min(unknown)!r}.")
    return tuple(each for each in clauses if each.id in ids)


def told(clauses: Sequence[Clause], kept: Iterable[str]) -> tuple[Clause, ...]:
    """The clauses an action rests on, as far as they are known; else the id stands for them."""
    known = {each.id: each for each in clauses}
    return tuple(known.get(each, Clause(each, each, "")) for each in kept)
