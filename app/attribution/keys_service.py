"""Follows the DKIM keys of our senders in DNS, so that one that goes is known to have been there."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from datetime import timedelta

from app.attribution import keys_store, loops_service, store
from app.attribution.models import ObservedKey
from app.attribution.watching import Change, Record, changes_of, departed
from app.mail.domain import KeyAnswer, KeyState
from app.ports import KeyResolver
from app.senders import service as senders
from app.senders.domain import IdentityFact, IdentityKind
from app.uow import UnitOfWork, Work
from app.values import dataclass

FOLLOWED = timedelta(days=60)
"""How long a key that nobody was seen to use, or that is gone, is still asked for."""

MOST_NAMES = 50_000
"""Names asked for in one round: whoever signs reports with ever new selectors must not keep us busy."""

BATCH = 96
"""Names a batch: what the resolver's threads get through in its time even where no server answers."""

PAGE = 1000


@dataclass(frozen=True, slots=True)
class Watched:
    """One round. asked: names. unanswered: of those, where DNS gave no answer; they stay as they were."""

    asked: int
    unanswered: int
    changes: tuple[Change, ...]


def watch(open_work: UnitOfWork, resolver: KeyResolver) -> Watched:
    """Asks DNS once for every key that we follow and keeps what it says; what changed, by name.

    A transaction for each batch, none while DNS is asked: killed halfway, what was asked is kept. Raises Unavailable
    where the database is away.
    """
    with open_work() as work:
        names = names_to_watch(work)
    unanswered = 0
    changes: list[Change] = []
    for start in range(0, len(names), BATCH):
        answers = resolver.look_up(names[start : start + BATCH])
        unanswered += sum(1 for each in answers.values() if each.state is KeyState.DNS_FAILED)
        with open_work() as work:
            changes += note(work, answers)
    return Watched(len(names), unanswered, tuple(changes))


def names_to_watch(work: Work) -> list[str]:
    """The names of the keys that we follow, each once, at most MOST_NAMES.

    First the selectors that senders have now; then what was seen of a sender's domain, or of a feedback loop's, and
    is not long gone; then whatever reports showed for the first time in these days.
    """
    since = work.now - FOLLOWED
    own = senders.identities_now(work, IdentityKind.DKIM)
    domains = {fact.value for fact in own} | {each for loop in loops_service.known(work) for each in loop.domains}
    names = [f"{fact.selector}._domainkey.{fact.value}" for fact in own if fact.selector]
    names += keys_store.still_there(work.session, sorted(domains), since)
    names += keys_store.met(work.session, since, MOST_NAMES)
    return list(dict.fromkeys(names))[:MOST_NAMES]


def note(work: Work, answers: Mapping[str, KeyAnswer]) -> list[Change]:
    """Keeps what DNS said just now; what is other than before."""
    seen: dict[str, list[Record]] = {}
    for row in store.observed(work.session, sorted(answers)):
        seen.setdefault(row.name, []).append(_record(row))
    found = [(name, each.txt) for name, each in answers.items() if each.state is KeyState.FOUND and each.txt]
    store.observe(work.session, [_row(work, name, txt) for name, txt in found])
    gone = [(each.name, _digest(each.txt)) for each in departed(answers, seen)]
    keys_store.mark_gone(work.session, gone, work.now)
    return changes_of(answers, seen)


def of_sender(work: Work, sender: str) -> list[Record]:
    """The key records seen of the sender's DKIM domains, past ones too, by name. Raises NotFound."""
    own = [fact for fact in senders.identities(work, senders.find(work, sender).id) if fact.kind is IdentityKind.DKIM]
    rows = keys_store.of_domains(work.session, sorted({fact.value for fact in own}))
    return [_record(row) for row in rows if any(_is_of(fact, row.name) for fact in own)]


def every(open_work: UnitOfWork) -> Iterator[Record]:
    """All key records seen, by name."""
    after = None
    while True:
        with open_work() as work:
            rows = keys_store.page(work.session, after, PAGE)
            found = [_record(row) for row in rows]
        yield from found
        if len(rows) < PAGE:
            return
        after = (rows[-1].name, rows[-1].digest)


def _is_of(fact: IdentityFact, name: str) -> bool:
    selector, _, domain = name.partition("._domainkey.")
    return domain == fact.value and fact.selector in (None, selector)


def _row(work: Work, name: str, txt: bytes) -> dict[str, object]:
    return {"name": name, "digest": _digest(txt), "txt": txt, "first_seen": work.now, "last_seen": work.now}


def _record(row: ObservedKey) -> Record:
    return Record(row.name, row.txt, row.first_seen, row.last_seen, row.gone_at)


def _digest(txt: bytes) -> bytes:
    return hashlib.sha256(txt).digest()
