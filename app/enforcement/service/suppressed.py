"""Who is suppressed: counts, pages and single questions; opens the addresses and forgets them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from uuid import UUID

from app.audit.domain import Actor
from app.audit.service import record
from app.enforcement import later_store
from app.enforcement import suppression_store as store
from app.enforcement.models import Suppression
from app.enforcement.pulling import Place, going_on
from app.enforcement.service.suppressing import address_in, place
from app.enforcement.suppression import SuppressionFact
from app.errors import NotFound
from app.senders import service as senders
from app.senders.sent_service import recipient_key
from app.uow import UnitOfWork, Work
from app.values import dataclass

PAGE = 500


@dataclass(frozen=True, slots=True)
class Page:
    """Suppressions in the order of their changes. next: where to go on; more: whether there are others already."""

    rows: tuple[SuppressionFact, ...]
    next: Place
    more: bool


def suppressed_count(work: Work, sender: str) -> int:
    """How many recipients the sender may not write to."""
    return store.count(work.session, sender)


def suppressions(
    work: Work,
    *,
    sender: str | None = None,
    after: Place | None = None,
    limit: int = PAGE,
    lifted: bool = False,
) -> Page:
    """Up to `limit` suppressions behind `after`, of all senders or of one; lifted: those that are lifted, too."""
    end = store.settled_at(
        work.session, work.now
    )  # before the list is read: what commits meanwhile may be in neither
    rows = store.page(work.session, sender, after, limit + 1, lifted=lifted)
    more, rows = len(rows) > limit, rows[:limit]
    last = Place(rows[-1].changed_at, rows[-1].id) if rows else None
    return Page(_facts(work, rows), going_on(last, after, end, more=more), more)


def suppressed(work: Work, sender: str, addresses: Iterable[str]) -> frozenset[str]:
    """Those of the addresses, as they were given, that the sender may not write to. One look-up for all."""
    keys = {address: recipient_key(work, address) for address in addresses}
    found = store.of_pairs(work.session, sender, sorted(set(keys.values())))
    refused = {bytes(row.recipient_key) for row in found if row.lifted_at is None}
    return frozenset(address for address, key in keys.items() if key in refused)


def is_suppressed(work: Work, sender: str, address: str) -> bool:
    """Whether the sender may not write to this address."""
    return bool(suppressed(work, sender, [address]))


def suppression(work: Work, sender: str, address: str) -> SuppressionFact:
    """The suppression of this address for the sender, lifted or not. Raises NotFound, Rejected for no address."""
    rows = store.of_pairs(work.session, sender, [recipient_key(work, address_in(address))])
    if not rows:
        raise NotFound("This sender's mail to this address is not suppressed.")
    return _facts(work, rows)[0]


def exported(open_work: UnitOfWork, by: Actor, sender: str | None = None) -> Iterator[SuppressionFact]:
    """Everything in force, addresses in clear; that it was asked for is on the record before any of it is given.

    Raises NotFound for a sender there is not.
    """
    with open_work() as work:
        if sender is not None:
            senders.find(work, sender)
        record(work, by, "suppression.export", f"sender:{sender}" if sender else "senders")
    yield from every(open_work, sender)


def every(open_work: UnitOfWork, sender: str | None = None, *, lifted: bool = False) -> Iterator[SuppressionFact]:
    """All suppressions, a page a unit of work: whoever takes them slowly holds nobody up."""
    after: Place | None = None
    more = True
    while more:
        with open_work() as work:
            page = suppressions(work, sender=sender, after=after, lifted=lifted)
        yield from page.rows
        after, more = page.next, page.more


def suppressions_among(work: Work, owners: Sequence[UUID]) -> list[UUID]:
    """Which of these owners of sealing keys are suppressions."""
    return store.existing(work.session, owners)


def forget_addresses(work: Work, ids: Sequence[UUID]) -> int:
    """Destroys the addresses of suppressions for good, and what is known of later mail to them; the suppressions
    stay in force by the keyed hash. How many."""
    store.empty_addresses(work.session, ids)
    later_store.delete_of(work.session, ids)
    return work.vault.destroy(ids)


def _facts(work: Work, rows: Sequence[Suppression]) -> tuple[SuppressionFact, ...]:
    keys = work.vault.open([row.id for row in rows if row.address is not None])
    return tuple(_fact(work, row, keys.get(row.id)) for row in rows)


def _fact(work: Work, row: Suppression, key: bytes | None) -> SuppressionFact:
    address = None
    if key is not None and row.address is not None:
        address = work.vault.unseal(key, place(row.id), row.address).decode()
    return SuppressionFact(
        id=row.id,
        sender=row.sender_id,
        address=address,
        cause=row.cause,
        by=row.by,
        since=row.since,
        due=row.due,
        lifted_at=row.lifted_at,
    )
