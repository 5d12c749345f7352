"""Turns what bites into orders for mail servers: the whole of what one is to do with one sender's mail."""

from __future__ import annotations

from collections.abc import Sequence

from app.enforcement import store
from app.enforcement.domain import STOPPING, Measure, Queued, Scope, ScopeKind, refusal
from app.enforcement.models import Action
from app.enforcement.probing import probe_local
from app.enforcement.proof import digest
from app.enforcement.service.standing import Standing, measure_of
from app.ports import Ended, Order, OrderLine


def key_of(of: Standing) -> str:
    """The key of the order for this sender: another for each content."""
    logins, shared = (f"{each.name}:{each.stream}" for each in of.logins), (f"{each} shared" for each in of.shared)
    return digest(of.measures, [*logins, *of.domains, *shared])


def order_of(of: Standing, *, held: Sequence[str] = (), ended: Sequence[Action] = ()) -> Order:
    """The order for this sender. held: queue ids on hold for it there. ended: what kept mail back and ended lately,
    the last first."""
    return Order(
        sender=of.sender,
        key=key_of(of),
        logins=tuple(each.name for each in of.logins),
        domains=of.domains,
        shared=of.shared,
        lines=tuple(_line(of, each) for each in of.measures),
        held=tuple(held),
        ended=tuple(Ended(_line(of, measure_of(each)), store.end_of(each), _discards(each)) for each in ended),
        probes=_probes(of),
    )


def _discards(action: Action) -> bool:
    return action.queued == Queued.DISCARD


def covered(of: Standing, measure: Measure) -> tuple[str, ...]:
    """The logins of the sender that a measure covers; none for a domain, which is told by the envelope alone. A login
    that another has now is that one's."""
    scope = measure.scope
    if scope.kind is ScopeKind.SENDER:
        return tuple(each.name for each in of.logins)
    if scope.kind is ScopeKind.STREAM:
        return tuple(each.name for each in of.logins if each.stream == scope.value)
    return tuple(each.name for each in of.logins if scope == Scope(ScopeKind.LOGIN, each.name))


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
        maybe=tuple(each.name for each in of.logins if measure.scope.kind is ScopeKind.STREAM and not each.stream),
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
