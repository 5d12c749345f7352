"""Reads what the policy service knows, in few statements and without an object a row: there may be many."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from app.enforcement import snapshot_store
from app.enforcement.domain import STOPPING, ActionKind, Measure, Scope, ScopeKind
from app.enforcement.snapshot import Owner, Snapshot, probe_names
from app.enforcement.snapshot_store import ActionRow
from app.enforcement.suppression import Pairs, numbers
from app.enforcement.suppression_store import settled_at
from app.senders import logins_service as senders
from app.senders.domain import SenderStatus
from app.uow import Work


def snapshot(work: Work, before: Snapshot, *, changed: bool) -> Snapshot:
    """What is so now, of all but suppressions; `before` itself where nothing is otherwise.

    changed: whether actions may have changed since. Logins, domains and the roster's own suspensions are compared
    by their mark. Says of each sender what `standing` says.
    """
    mark = senders.fingerprint(work)
    if mark == before.mark and not changed:
        return before
    logins = before.logins if mark == before.mark else _logins(work)
    measures = _measures(work)
    domains = senders.domains_now(work, [UUID(bytes=each) for each in measures])
    names = probe_names(logins, ((name, uid.bytes) for name, uid in domains), measures)
    return replace(before, logins=logins, measures=measures, names=names, mark=mark)


def _logins(work: Work) -> dict[str, tuple[Owner, ...]]:
    """Login → who has it. Logins of one sender and stream share one tuple."""
    alone: dict[Owner, tuple[Owner, ...]] = {}
    logins: dict[str, tuple[Owner, ...]] = {}
    for login, uid, stream in senders.logins_now(work):
        owner = Owner(uid.bytes, stream)
        others = logins.get(login, ())
        if owner not in others:
            logins[login] = (*others, owner) if others else alone.setdefault(owner, (owner,))
    return logins


def _measures(work: Work) -> dict[bytes, tuple[Measure, ...]]:
    stops: dict[UUID, list[ActionRow]] = {}
    measures: dict[bytes, tuple[Measure, ...]] = {}
    for row in snapshot_store.begun(work.session):
        _add(measures, row.sender, _measure(row))
        if row.kind in STOPPING and row.scope_kind is ScopeKind.SENDER:
            stops.setdefault(row.sender, []).append(row)
    for sender, known_since in senders.suspended_now(work):
        since = _suspended_since(stops.get(sender, ()), known_since)
        if since is not None:
            _add(measures, sender, Measure(sender, ActionKind.SUSPEND, Scope(), since))
    return measures


def _add(measures: dict[bytes, tuple[Measure, ...]], sender: UUID, one: Measure) -> None:
    measures[sender.bytes] = (*measures.get(sender.bytes, ()), one)


def _measure(row: ActionRow) -> Measure:
    scope = Scope(row.scope_kind, row.scope_value)
    return Measure(row.id, row.kind, scope, row.since, row.until, row.per_hour, row.case_number)


def _suspended_since(stops: Sequence[ActionRow], known_since: datetime) -> datetime | None:
    """From when the sender is suspended without any action of ours; None: it is by our actions alone.

    Where the roster's suspension lies under one of ours it counts as begun at the end of that, so that until then the
    case is told; what is over by the clock may not have been ended in the table yet.
    """
    if not stops:
        return known_since
    if all(row.base_status != SenderStatus.SUSPENDED for row in stops):
        return None
    ends = [row.until for row in stops]
    return max((each for each in ends if each is not None), default=None) if None not in ends else None


def suppressed(work: Work) -> tuple[Pairs, datetime]:
    """All suppressions in force, and from when on to follow them."""
    settled = settled_at(work.session, work.now)
    return Pairs.of_sorted(snapshot_store.pairs(work.session)), settled


def follow(work: Work, pairs: Pairs, since: datetime) -> datetime:
    """Brings `pairs` up to date with what was written after `since`; from when on to follow them next."""
    settled = settled_at(work.session, work.now)
    there, gone = snapshot_store.pairs_changed(work.session, since)
    pairs.change(numbers(there), numbers(gone))
    return settled
