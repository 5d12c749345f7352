"""What an action on a sender would hit, told before it is decided."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

from app.enforcement.service.proofs import Queued, queued
from app.senders import sent_service
from app.senders import service as senders
from app.senders.domain import IdentityKind, SenderFact
from app.uow import Work
from app.values import dataclass

CAMPAIGNS = 5
TRANSACTIONAL = frozenset({"transactional", "transaction", "txn", "system", "receipts", "alerts"})
"""Streams that people wait for: a receipt, a password, an alarm."""


@dataclass(frozen=True, slots=True)
class Preview:
    """What of a sender there is to be hit.

    queued: its mail in the queues. volume: stream → mails delivered yesterday and today (UTC); "" where the stream is
    not told. campaigns: those of the last day with most mails, each with how many. parent, siblings, children: the
    accounts around it. logins, domains, addresses: what it is known by now.
    """

    queued: tuple[Queued, ...]
    volume: dict[str, int]
    campaigns: tuple[tuple[str, int], ...]
    parent: SenderFact | None
    siblings: tuple[SenderFact, ...]
    children: tuple[SenderFact, ...]
    logins: tuple[str, ...]
    streams: tuple[str, ...]
    domains: tuple[str, ...]
    addresses: tuple[str, ...]

    @property
    def delivered(self) -> int:
        return sum(self.volume.values())

    @property
    def transactional(self) -> float | None:
        """The share of transactional mail, 0 to 1; None where nothing was delivered or no stream is told."""
        told = {stream: count for stream, count in self.volume.items() if stream}
        if not told or not self.delivered:
            return None
        return sum(count for stream, count in told.items() if stream in TRANSACTIONAL) / self.delivered


def preview(work: Work, sender: str) -> Preview:
    """What an action on this sender would hit. Raises NotFound."""
    fact = senders.find(work, sender)
    now = [each for each in senders.identities(work, sender) if each.holds(work.now)]
    around = senders.children(work, fact.parent) if fact.parent else []
    return Preview(
        queued=queued(work, sender),
        volume=_volume(work, sender),
        campaigns=tuple(sent_service.campaigns(work, sender, work.now - timedelta(days=1), CAMPAIGNS)),
        parent=senders.find(work, fact.parent) if fact.parent else None,
        siblings=tuple(each for each in around if each.id != sender),
        children=tuple(senders.children(work, sender)),
        logins=tuple(each.value for each in now if each.kind is IdentityKind.LOGIN),
        streams=tuple(sorted({each.stream for each in now if each.stream})),
        domains=tuple(sorted({e.value for e in now if e.kind in (IdentityKind.DOMAIN, IdentityKind.DKIM)})),
        addresses=tuple(each.value for each in now if each.kind is IdentityKind.IP),
    )


def _volume(work: Work, sender: str) -> dict[str, int]:
    today = work.now.date()
    counted: Counter[str] = Counter()
    for each in sent_service.volumes(work, sender, today - timedelta(days=1), today + timedelta(days=1)):
        counted[each.stream] += each.delivered
    return dict(counted.most_common())
