"""Writes audit entries and checks the chain."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID, uuid4

from app.audit import store
from app.audit.domain import START, Actor, Link, head_seal, link_hash
from app.audit.models import AuditEntry
from app.mail.fields.address import addresses_in
from app.uow import Work
from app.values import dataclass


@dataclass(frozen=True, slots=True)
class Told:
    """An audit entry as it is read. detail: None where it was forgotten."""

    seq: int
    at: datetime
    actor: str
    action: str
    subject: str
    detail: Mapping[str, str] | None


@dataclass(frozen=True, slots=True)
class Broken:
    """The first entry at which the chain does not hold, and why."""

    seq: int
    reason: str


def record(work: Work, actor: Actor, action: str, subject: str, detail: Mapping[str, str] | None = None) -> None:
    """Adds an entry to the unit of work: who, what (a dotted verb), to what (`case:1001`, `sender:acme`), why.

    detail is sealed under a key of its own, which also knows the addresses in it, so that personal data in it can
    be found and forgotten without the chain breaking. Writers are put in order by a lock on the head, held until
    the commit: record last.
    """
    head = store.lock_head(work.session)
    detail_id = uuid4()
    key = work.vault.create([detail_id])[detail_id]
    work.vault.tag({detail_id: {found for value in (detail or {}).values() for found in addresses_in(value)}})
    text = json.dumps(dict(detail or {}), ensure_ascii=False, sort_keys=True).encode()
    sealed = work.vault.seal(key, f"audit_entry.detail:{detail_id}", text)
    link = Link(head.seq + 1, work.now, actor.name, action, subject, detail_id, sealed, head.hash)
    entry = AuditEntry(**link._asdict(), hash=link_hash(work.vault.audit_key, link))
    work.session.add(entry)
    head.seq, head.hash = entry.seq, entry.hash
    head.seal = head_seal(work.vault.audit_key, head.seq, head.hash)
    work.session.flush()


def verify(work: Work) -> Broken | None:
    """The first broken entry of the chain, or None where it holds from the first entry to the head.

    Entries that are written meanwhile are checked too and hold nobody up.
    """
    end, end_hash, seal = store.head(work.session)
    seq, previous = 0, START
    for entry in store.entries_in_order(work.session):
        if broken := _broken(work, entry, seq, previous):
            return broken
        seq, previous = entry.seq, entry.hash
        if seq == end and previous != end_hash:
            return _head_disagrees(seq)
    if seq < end:
        return Broken(seq + 1, f"entry {seq + 1} is missing: the head stands at {end}")
    if end and seal != head_seal(work.vault.audit_key, end, end_hash):
        return Broken(end + 1, f"the head was set back or changed: entry {end + 1} may be missing")
    # An entry past the head that was read first: then the head must have moved on with it by now.
    return _head_disagrees(seq) if store.head(work.session)[0] < seq else None


def _broken(work: Work, entry: AuditEntry, seq: int, previous: bytes) -> Broken | None:
    if entry.seq != seq + 1:
        return Broken(seq + 1, f"entry {seq + 1} is missing; the next one there is {entry.seq}")
    if entry.previous != previous:
        return Broken(entry.seq, f"entry {entry.seq} does not follow the entry before it")
    if link_hash(work.vault.audit_key, _link(entry)) != entry.hash:
        return Broken(entry.seq, f"entry {entry.seq} was changed")
    return None


def _head_disagrees(seq: int) -> Broken:
    return Broken(seq, f"the head does not agree with entry {seq}")


def length(work: Work) -> int:
    """How many entries the chain has."""
    return store.head(work.session)[0]


def _link(entry: AuditEntry) -> Link:
    return Link(**{name: getattr(entry, name) for name in Link._fields})


def read(work: Work, *, subject: str | None = None, before: int | None = None, limit: int = 50) -> list[Told]:
    """Entries, newest first, with what can still be read of their details."""
    entries = store.newest(work.session, subject=subject, before=before, limit=limit)
    keys = work.vault.open(entry.detail_id for entry in entries)
    return [_told(work, entry, keys.get(entry.detail_id)) for entry in entries]


def _told(work: Work, entry: AuditEntry, key: bytes | None) -> Told:
    detail = None
    if key is not None:
        detail = json.loads(work.vault.unseal(key, f"audit_entry.detail:{entry.detail_id}", entry.detail))
    return Told(entry.seq, entry.at, entry.actor, entry.action, entry.subject, detail)


def readable_before(work: Work, moment: datetime, limit: int) -> list[UUID]:
    """Up to `limit` details (their key owners) that were written before `moment` and can still be read."""
    return store.readable_before(work.session, moment, limit)


def among(work: Work, owners: Sequence[UUID]) -> list[UUID]:
    """Which of these owners of sealing keys are details of entries."""
    return store.among(work.session, owners)


def forget(work: Work, details: Sequence[UUID]) -> int:
    """Makes details unreadable for good; the entries stay, and the chain holds. How many there were."""
    return work.vault.destroy(details)
