"""What bites now, for all senders at once: what the policy service and the connectors work from."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from app.enforcement import store
from app.enforcement.domain import STOPPING, ActionKind, Measure, Scope, ScopeKind
from app.enforcement.models import Action
from app.senders import service as senders
from app.senders.domain import IdentityFact, IdentityKind, SenderStatus
from app.senders.logins_service import domain_owners
from app.uow import Work
from app.values import dataclass


@dataclass(frozen=True, slots=True)
class Login:
    """A login of a sender, lower case, and the stream it sends."""

    name: str
    sender: str
    stream: str = ""


@dataclass(frozen=True, slots=True)
class Standing:
    """What bites now for one sender, and what of it a mail server knows the sender by. shared: those of its domains,
    and of those that its measures name, that other senders have now, with it or in its place."""

    sender: str
    uid: bytes
    measures: tuple[Measure, ...]
    logins: tuple[Login, ...]
    domains: tuple[str, ...]
    shared: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SuspendedLogin:
    """A login that may not submit mail at all, and the case that says why (None: no case)."""

    login: str
    sender: str
    case_number: int | None


def version(work: Work) -> str:
    """Another text after each change of actions; cheap enough to be asked twice a second."""
    return str(store.version(work.session))


def standing(work: Work, wanted: Sequence[str] | None = None) -> dict[str, Standing]:
    """Sender → what bites now, of all senders for whom anything does; or of the `wanted`, also where nothing does.

    Also of senders that the roster brought as suspended.
    """
    measures: dict[str, list[Measure]] = {each: [] for each in wanted or ()}
    for row in store.biting(work.session, work.now, wanted):
        measures.setdefault(row.sender_id, []).append(measure_of(row))
    for sender in _suspended_by_roster(work):
        if (wanted is None or sender in measures) and not _stopped(measures.get(sender, ())):
            measures.setdefault(sender, []).append(_by_roster(work, sender))
    return _standing(work, measures)


def _suspended_by_roster(work: Work) -> list[str]:
    """Suspended senders that are so without any action; an action that is over by the clock may not be ended yet."""
    suspended = senders.with_status(work, SenderStatus.SUSPENDED)
    # Only what stops all of a sender is a reason for its status; where something else stands, the roster is one.
    stops = (
        row for row in store.active_of(work.session, suspended) if row.kind in STOPPING and row.since is not None
    )
    base = {row.sender_id: row.base_status for row in stops if row.scope_kind is ScopeKind.SENDER}
    return [each for each in suspended if base.get(each, SenderStatus.SUSPENDED) == SenderStatus.SUSPENDED]


def _standing(work: Work, measures: dict[str, list[Measure]]) -> dict[str, Standing]:
    found = senders.found(work, list(measures))
    facts = senders.identities_of(work, list(measures))
    domains = {sender: _domains(work, facts, sender, some) for sender, some in measures.items() if some}
    owners = domain_owners(work, sorted(set().union(*domains.values())))
    return {
        sender: Standing(
            sender,
            found[sender].uid.bytes,
            tuple(some),
            tuple(Login(each.value, sender, each.stream) for each in _now(work, facts, sender, IdentityKind.LOGIN)),
            tuple(each.value for each in _now(work, facts, sender, IdentityKind.DOMAIN)),
            tuple(sorted(each for each in domains.get(sender, ()) if owners.get(each, set()) - {sender})),
        )
        for sender, some in measures.items()
        if sender in found
    }


def _domains(work: Work, facts: dict[str, list[IdentityFact]], sender: str, measures: Iterable[Measure]) -> set[str]:
    named = {each.scope.value for each in measures if each.scope.kind is ScopeKind.DOMAIN}
    return named | {each.value for each in _now(work, facts, sender, IdentityKind.DOMAIN)}


def _now(work: Work, facts: dict[str, list[IdentityFact]], sender: str, kind: IdentityKind) -> Iterable[IdentityFact]:
    return (each for each in facts.get(sender, ()) if each.kind is kind and each.holds(work.now))


def _stopped(measures: Iterable[Measure]) -> bool:
    return any(each.kind in STOPPING and each.scope.kind is ScopeKind.SENDER for each in measures)


def _by_roster(work: Work, sender: str) -> Measure:
    fact = senders.find(work, sender)
    return Measure(fact.uid, ActionKind.SUSPEND, Scope(), fact.created_at)


def measure_of(row: Action) -> Measure:
    """An action that has begun, as a mail server needs to know it."""
    assert row.since is not None
    scope = Scope(row.scope_kind, row.scope_value)
    return Measure(row.id, row.kind, scope, row.since, row.until, row.per_hour, row.case_number)


def suspended_logins(work: Work) -> tuple[SuspendedLogin, ...]:
    """Every login, lower case, that may not submit any mail now."""
    return tuple(found for each in standing(work).values() for found in stopped_logins(each))


def stopped_logins(of: Standing) -> tuple[SuspendedLogin, ...]:
    """The logins of a sender that may not submit any mail: all of them, those of a stream, or single ones."""
    found = []
    for login in of.logins:
        said = {ScopeKind.SENDER: "", ScopeKind.STREAM: login.stream, ScopeKind.LOGIN: login.name}
        stop = next(
            (m for m in of.measures if m.kind in STOPPING and said.get(m.scope.kind) == m.scope.value),
            None,
        )
        if stop is not None:
            found.append(SuspendedLogin(login.name, of.sender, stop.case_number))
    return tuple(found)
