"""Suppresses: a sender may not write to a recipient any more, from the commit on; and lifts it, where staff say so.

What is kept of the recipient is the send log's keyed hash, by which mail is refused and found, and the address
itself, sealed under a key of the suppression's own: whoever pulls the list must have it, and a person's erasure finds
it. The sender's side has no way to lift anything. No audit entry says that the machine suppressed: the row names the
report, and the chain's head would be held for every batch of complaints.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID, uuid4

from app.audit.domain import SYSTEM, Actor
from app.audit.service import record
from app.enforcement import suppression_store as store
from app.enforcement.domain import BELL
from app.enforcement.due import due
from app.enforcement.models import Suppression
from app.enforcement.service.decision import fit
from app.enforcement.suppression import Cause, Wish, pair
from app.errors import Conflict, Forbidden, NotFound, Rejected
from app.mail.fields.address import bare_address
from app.senders import service as senders
from app.senders.sent_service import recipient_key
from app.uow import Work

MOST_CHARS = 254
"""How long an address may be (RFC 5321 §4.5.3.1.3, without the angle brackets)."""


def suppress(work: Work, wishes: Iterable[Wish], by: Actor = SYSTEM) -> tuple[Wish, ...]:
    """Honours the wishes; those that were not in force before, the earliest of each sender and recipient.

    The same wish again changes nothing; one that came earlier than the one known sets its time back. What staff
    lifted is in force again by a wish that came after the lift. A wish about a sender that there is not is passed
    over. The number of statements does not grow with the wishes.
    """
    earliest: dict[tuple[str, str], Wish] = {}
    for wish in sorted(wishes, key=lambda each: each.at):
        earliest.setdefault((wish.sender, wish.address), wish)
    if not earliest:
        return ()
    known = senders.found(work, sorted({sender for sender, _ in earliest}))
    meant = {
        (wish.sender, recipient_key(work, wish.address)): wish for wish in earliest.values() if wish.sender in known
    }
    # In one order, so that two workers wait for each other instead of both failing.
    rows = [
        _row(work, wish, key, pair(known[sender].uid.bytes, key), by) for (sender, key), wish in sorted(meant.items())
    ]
    return _written(work, rows, meant) if rows else ()


def _row(work: Work, wish: Wish, key: bytes, of_both: int, by: Actor) -> dict[str, Any]:
    return {
        "id": uuid4(),
        "sender_id": wish.sender,
        "recipient_key": key,
        "pair": of_both,
        "cause": wish.cause,
        "report_id": wish.report,
        "by": by.name,
        "since": wish.at,
        "due": due(wish.address, wish.at),
        "changed_at": work.now,
    }


def _written(
    work: Work, rows: Sequence[Mapping[str, Any]], meant: Mapping[tuple[str, bytes], Wish]
) -> tuple[Wish, ...]:
    store.set_back(work.session, rows)
    fresh = store.put(work.session, rows)
    if fresh:
        given = {row["id"] for row in rows}
        _seal(work, {id_: meant[both].address for both, id_ in fresh.items()}, given)
        work.ring(BELL)
    return tuple(wish for both, wish in meant.items() if both in fresh)


def _seal(work: Work, addresses: Mapping[UUID, str], given: set[UUID]) -> None:
    """Seals and tags the addresses. given: ids that were made just now and cannot have a key yet."""
    earlier = [each for each in addresses if each not in given]
    keys = work.vault.open(earlier) if earlier else {}
    keys |= work.vault.create([each for each in addresses if each not in keys])
    work.vault.tag({id_: {address} for id_, address in addresses.items()})
    sealed = {id_: work.vault.seal(keys[id_], place(id_), address.encode()) for id_, address in addresses.items()}
    store.set_addresses(work.session, sealed)


def place(suppression: UUID) -> str:
    """The place that an address is sealed for."""
    return f"suppression.address:{suppression}"


def add(work: Work, by: Actor, sender: str, addresses: Iterable[str], cause: Cause = Cause.STAFF) -> tuple[Wish, ...]:
    """Suppresses these addresses for the sender, on the record; those that were not.

    Raises NotFound for the sender, Rejected for what is no address: then none is suppressed.
    """
    senders.find(work, sender)
    wishes = [Wish(sender, address_in(each), cause, None, work.now) for each in addresses]
    fresh = suppress(work, wishes, by)
    if fresh:
        record(work, by, "suppression.add", f"sender:{sender}", {"cause": cause, "recipients": str(len(fresh))})
    return fresh


def address_in(text: str) -> str:
    """The address as it is compared, lower case. Raises Rejected for what is none."""
    address = (bare_address(text.strip()) or "").lower()
    if not address or "@" not in address or len(address) > MOST_CHARS:
        raise Rejected("This is not an e-mail address.")
    return address


def lift(work: Work, actor: Actor, suppression: UUID, reason: str) -> None:
    """Lets the sender write to the recipient again, on the record; a later complaint suppresses again.

    Raises NotFound; Conflict where it is lifted already; Rejected for an unfit reason; Forbidden for who is no staff
    member. Whether the staff member may is for the caller to ask (`Permission.MANAGE_SUPPRESSIONS`).
    """
    words = fit(reason)
    if actor.staff_id is None:
        raise Forbidden("Only staff lift a suppression.")
    row = _in_force(store.hold(work.session, suppression))
    row.lifted_at = row.last_lifted_at = row.changed_at = work.now
    row.lifted_by = actor.name
    work.session.flush()
    work.ring(BELL)
    told = {"suppression": str(suppression), "reason": words}
    record(work, actor, "suppression.lift", f"sender:{row.sender_id}", told)


def _in_force(row: Suppression | None) -> Suppression:
    if row is None:
        raise NotFound("There is no such suppression.")
    if row.lifted_at is not None:
        raise Conflict("This suppression is lifted already.")
    return row
