"""Turns what bites into orders for mail servers: the whole of what one is to do with one sender's mail."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from app.enforcement import store
from app.enforcement.domain import STOPPING, Measure, Queued, ScopeKind, refusal
from app.enforcement.probing import probe_local
from app.enforcement.proof import digest
from app.enforcement.service.standing import Standing
from app.ports import Order, OrderLine
from app.uow import Work


def key_of(of: Standing) -> str:
    """The key of the order for this sender: another for each content."""
    return digest(of.measures, [f"{each.name}:{each.stream}" for each in of.logins])


def order_of(work: Work, of: Standing, *, held: Sequence[str] = (), applied_at: datetime | None = None) -> Order:
    """The order for this sender. held: queue ids on hold for it there. applied_at: when an order was taken last."""
    return Order(
        sender=of.sender,
        key=key_of(of),
        logins=tuple(each.name for each in of.logins),
        domains=of.domains,
        lines=tuple(_line(of, each) for each in of.measures),
        kept_since=store.kept_since(work.session, of.sender, applied_at),
        held=tuple(held),
        discard=store.last_queued(work.session, of.sender, work.now) == Queued.DISCARD,
        probes=_probes(of),
    )


def covered(of: Standing, measure: Measure) -> tuple[str, ...]:
    """The logins that a measure covers; none for a domain, which is told by the envelope alone."""
    scope = measure.scope
    if scope.kind is ScopeKind.SENDER:
        return tuple(each.name for each in of.logins)
    if scope.kind is ScopeKind.STREAM:
        return tuple(each.name for each in of.logins if each.stream == scope.value)
    return (scope.value,) if scope.kind is ScopeKind.LOGIN else ()


def _line(of: Standing, measure: Measure) -> OrderLine:
    return OrderLine(
        kind=measure.kind,
        scope=measure.scope.kind,
        value=measure.scope.value,
        logins=covered(of, measure),
        per_hour=measure.per_hour,
        text=refusal(measure.case_number, measure.kind),
        since=measure.since,
        until=measure.until,
        case_number=measure.case_number,
    )


def _probes(of: Standing) -> tuple[str, ...]:
    """One for each login and domain that is stopped; where nothing is, for each login, which must be let through."""
    stopping = [each for each in of.measures if each.kind in STOPPING]
    if of.measures and not stopping:
        return ()
    names = {name for each in stopping for name in covered(of, each)}
    names |= {each.scope.value for each in stopping if each.scope.kind is ScopeKind.DOMAIN}
    if not stopping:
        names = {each.name for each in of.logins}
    return tuple(probe_local(of.uid, name) for name in sorted(names))
