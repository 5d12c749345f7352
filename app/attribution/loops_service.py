"""The feedback loops that staff say we know."""

from __future__ import annotations

import re
from datetime import datetime

from app.attribution import loops_store as store
from app.attribution.loops import Loop
from app.attribution.models import FeedbackLoop
from app.audit.domain import Actor
from app.audit.service import record
from app.errors import NotFound, Rejected
from app.uow import Work
from app.values import dataclass

LINES = 20
"""Domains, and senders, that one loop may have."""
NAME_CHARS, NOTE_CHARS = 80, 500

_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
_DOMAIN = re.compile(r"(?=.{4,253}\Z)(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{1,62}")
_ADDRESS = re.compile(r"[^\s@<>\"(),:;]{1,64}@(.+)")


@dataclass(frozen=True, slots=True)
class Kept:
    """A loop as staff see it. changed_by: None where it was there from the start."""

    loop: Loop
    changed_at: datetime | None
    changed_by: str | None


def known(work: Work) -> tuple[Loop, ...]:
    """The loops whose reports count as authenticated."""
    return tuple([each for each in map(_loop, store.loops(work.session)) if each.active])


def kept(work: Work) -> list[Kept]:
    """Every loop, those that are switched off too, by name."""
    return [Kept(_loop(row), row.changed_at, row.changed_by) for row in store.loops(work.session)]


def find(work: Work, id_: str) -> Loop:
    """The loop. Raises NotFound."""
    row = store.loop(work.session, id_)
    if row is None:
        raise NotFound("There is no feedback loop with this id.")
    return _loop(row)


def put(work: Work, actor: Actor, loop: Loop) -> Loop:
    """Adds a loop, or changes the one that has its id; as it is kept.

    Raises Rejected with a sentence for what cannot be: an id, a name, a domain or a sender that is none.
    """
    tidy = _tidied(loop)
    row = {
        "id": tidy.id,
        "name": tidy.name,
        "domains": list(tidy.domains),
        "senders": list(tidy.senders),
        "active": tidy.active,
        "note": tidy.note,
        "changed_at": work.now,
        "changed_by": actor.name,
    }
    before = store.loop(work.session, tidy.id)
    if before is not None and _loop(before) == tidy:
        return tidy
    store.put(work.session, row)
    told = {"name": tidy.name, "domains": " ".join(tidy.domains), "senders": " ".join(tidy.senders)}
    record(work, actor, "loop.change", f"loop:{tidy.id}", told | {"active": "yes" if tidy.active else "no"})
    return tidy


def _tidied(loop: Loop) -> Loop:
    if not _ID.fullmatch(loop.id):
        raise Rejected("An id is up to 40 small letters, digits and hyphens.")
    name, note = " ".join(loop.name.split()), loop.note.strip()
    if not 0 < len(name) <= NAME_CHARS:
        raise Rejected(f"A name has 1 to {NAME_CHARS} characters.")
    if len(note) > NOTE_CHARS:
        raise Rejected(f"A note may have at most {NOTE_CHARS} characters.")
    domains = _each(loop.domains, "signing domain")
    senders = _each(loop.senders, "sender")
    for domain in domains:
        _refuse_no_domain(domain, domain)
    for sender in senders:
        address = _ADDRESS.fullmatch(sender)
        _refuse_no_domain(sender, address[1] if address else sender)
    return Loop(loop.id, name, domains, senders, loop.active, note)


def _each(lines: tuple[str, ...], what: str) -> tuple[str, ...]:
    tidy = tuple(dict.fromkeys(line.strip().lower().lstrip("@").rstrip(".") for line in lines if line.strip()))
    if not tidy:
        raise Rejected(f"Give at least one {what}: without it anybody could write as this loop.")
    if len(tidy) > LINES:
        raise Rejected(f"There is room for {LINES} {what}s.")
    return tidy


def _refuse_no_domain(written: str, domain: str) -> None:
    if not _DOMAIN.fullmatch(domain):
        raise Rejected(f"{written[:80]} is neither a domain nor an address.")


def _loop(row: FeedbackLoop) -> Loop:
    return Loop(row.id, row.name, tuple(row.domains), tuple(row.senders), row.active, row.note)
