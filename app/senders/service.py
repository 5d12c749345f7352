"""Imports senders, finds them and their identities."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID, uuid4

from app.audit.domain import Actor
from app.audit.service import record
from app.errors import NotFound
from app.mail.fields.address import addresses_in
from app.senders import store
from app.senders.domain import IdentityFact, IdentityKind, SenderFact, SenderStatus
from app.senders.models import Identity, Sender
from app.senders.roster import ID, Fault, Listed, Roster
from app.uow import Work
from app.values import dataclass


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import did. faults: where there is any, nothing was written."""

    new: int
    known: int
    identities: int
    faults: tuple[Fault, ...] = ()


def import_roster(work: Work, actor: Actor, roster: Roster) -> Imported:
    """Writes a roster, whole or not at all; the same roster again changes nothing.

    Senders and identities that the roster does not name stay as they are. An import never lifts a suspension:
    a suspended sender stays suspended whatever the roster says.
    """
    # Held until the commit: who is reinstated meanwhile must not be suspended again by what was read before.
    known = store.by_id(work.session, [each.id for each in roster.senders] + _parents(roster), hold=True)
    faults = (*roster.faults, *_orphans(roster, known), *_circles(roster, known))
    if faults:
        return Imported(0, 0, 0, tuple(sorted(faults, key=lambda fault: fault.line)))
    _write(work, roster.senders, known)
    new = sum(1 for each in roster.senders if each.id not in known)
    identities = sum(len(each.identities) for each in roster.senders)
    record(work, actor, "senders.import", "senders", {"new": str(new), "listed": str(len(roster.senders))})
    return Imported(new, len(roster.senders) - new, identities)


def _parents(roster: Roster) -> list[str]:
    return [each.parent for each in roster.senders if each.parent]


def _orphans(roster: Roster, known: Mapping[str, Sender]) -> list[Fault]:
    listed = {each.id for each in roster.senders}
    return [
        Fault(each.line, f"Sender {each.id}: its parent {each.parent} is neither listed nor known.")
        for each in roster.senders
        if each.parent and each.parent not in listed and each.parent not in known
    ]


def _circles(roster: Roster, known: Mapping[str, Sender]) -> list[Fault]:
    parents = {id_: each.parent for id_, each in known.items()} | {each.id: each.parent for each in roster.senders}
    return [
        Fault(each.line, f"Sender {each.id}: its parents lead back to itself.")
        for each in roster.senders
        if each.id in _line_of(each.parent, parents)
    ]


def _line_of(sender: str | None, parents: Mapping[str, str | None]) -> set[str]:
    """The sender, its parent, and so on upwards, each once."""
    line: set[str] = set()
    while sender is not None and sender not in line:
        line.add(sender)
        sender = parents.get(sender)
    return line


def _write(work: Work, senders: Sequence[Listed], known: Mapping[str, Sender]) -> None:
    uids = {each.id: known[each.id].uid if each.id in known else uuid4() for each in senders}
    keys = work.vault.open(uids.values())
    keys |= work.vault.create([uid for uid in uids.values() if uid not in keys])
    work.vault.tag({uids[each.id]: addresses_in(each.contact) for each in senders})
    rows = [_row(work, each, uids[each.id], keys[uids[each.id]], known.get(each.id)) for each in senders]
    # Without parents first: a child may be listed before its parent.
    store.put_senders(work.session, [row | {"parent": None} for row in rows])
    store.put_senders(work.session, [row for row in rows if row["parent"]])
    store.put_identities(work.session, [_identity_row(fact) for each in senders for fact in each.identities])


def _row(work: Work, listed: Listed, uid: UUID, key: bytes, known: Sender | None) -> dict[str, object]:
    contact = work.vault.seal(key, f"sender.contact:{listed.id}", listed.contact.encode()) if listed.contact else None
    return {
        "id": listed.id,
        "uid": uid,
        "name": listed.name,
        "contact": contact,
        "parent": listed.parent,
        "status": _status_after(listed.status, known.status if known else None),
        "created_at": known.created_at if known else work.now,
    }


def _status_after(listed: SenderStatus | None, known: SenderStatus | None) -> SenderStatus:
    if known is SenderStatus.SUSPENDED:
        return known
    return listed or known or SenderStatus.ACTIVE


def _identity_row(fact: IdentityFact) -> dict[str, object]:
    return {
        "id": uuid4(),
        "sender_id": fact.sender,
        "kind": fact.kind,
        "value": fact.value,
        "selector": fact.selector,
        "since": fact.since,
        "until": fact.until,
        "stream": fact.stream,
    }


def find(work: Work, sender: str) -> SenderFact:
    """The sender. Raises NotFound."""
    # Whatever a person typed: what cannot be an id is not asked for.
    found = store.by_id(work.session, [sender]).get(sender) if ID.fullmatch(sender) else None
    if found is None:
        raise NotFound("There is no sender with this id.")
    return _fact(found)


def found(work: Work, senders: Sequence[str]) -> dict[str, SenderFact]:
    """Those of the senders that there are."""
    return {sender: _fact(row) for sender, row in store.by_id(work.session, senders).items()}


def page(work: Work, *, text: str = "", after: str = "", limit: int = 50) -> list[SenderFact]:
    """Senders in the order of their ids; `text` looks in id and name."""
    return [_fact(row) for row in store.page(work.session, text=text, after=after, limit=limit)]


def children(work: Work, parent: str) -> list[SenderFact]:
    """The accounts whose parent this sender is."""
    return [_fact(row) for row in store.children(work.session, parent)]


def set_status(work: Work, sender: str, status: SenderStatus) -> None:
    """Writes the sender's status. Raises NotFound."""
    row = store.by_id(work.session, [sender]).get(sender)
    if row is None:
        raise NotFound("There is no sender with this id.")
    row.status = status
    work.session.flush()


def with_status(work: Work, status: SenderStatus) -> list[str]:
    """The ids of the senders that have this status."""
    return list(store.with_status(work.session, status))


def contact_of(work: Work, sender: str) -> str | None:
    """How to reach the sender, None where it is not known."""
    return contacts_of(work, [sender]).get(sender)


def contacts_of(work: Work, senders: Sequence[str]) -> dict[str, str]:
    """Sender → how to reach it; those of whom it is not known are left out."""
    rows = [row for row in store.by_id(work.session, senders).values() if row.contact is not None]
    keys = work.vault.open([row.uid for row in rows])
    return {row.id: _contact(work, row, keys[row.uid]) for row in rows if row.uid in keys}


def _contact(work: Work, row: Sender, key: bytes) -> str:
    return work.vault.unseal(key, f"sender.contact:{row.id}", row.contact or b"").decode()


def identities(work: Work, sender: str) -> list[IdentityFact]:
    """Everything that ties mail to this sender, past and present."""
    return [_identity_fact(row) for row in store.identities_of(work.session, [sender])]


def identities_of(work: Work, senders: Sequence[str]) -> dict[str, list[IdentityFact]]:
    """Sender → everything that ties mail to it, past and present; one query for all."""
    facts: dict[str, list[IdentityFact]] = {}
    for row in store.identities_of(work.session, senders):
        facts.setdefault(row.sender_id, []).append(_identity_fact(row))
    return facts


def logins_of(work: Work, senders: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Sender → the logins it has now, lower case."""
    logins: dict[str, tuple[str, ...]] = {}
    for row in store.identities_of(work.session, senders, IdentityKind.LOGIN):
        if _identity_fact(row).holds(work.now):
            logins[row.sender_id] = (*logins.get(row.sender_id, ()), row.value)
    return logins


def identities_now(work: Work, kind: IdentityKind) -> list[IdentityFact]:
    """The identities of this kind that somebody has now, by value."""
    facts = [_identity_fact(row) for row in store.identities_of_kind(work.session, kind)]
    return [fact for fact in facts if fact.holds(work.now)]


def known_identities(work: Work, values: Mapping[IdentityKind, Sequence[str]]) -> tuple[IdentityFact, ...]:
    """Every identity with one of these values, at whatever time it held; values are lower case."""
    return tuple(_identity_fact(row) for row in store.identities_by_value(work.session, values))


def _fact(row: Sender) -> SenderFact:
    return SenderFact(row.id, row.uid, row.name, row.status, row.parent, row.created_at)


def _identity_fact(row: Identity) -> IdentityFact:
    return IdentityFact(row.sender_id, row.kind, row.value, row.selector, row.since, row.until, row.stream)
