"""How far decisions reached the mail servers, and what waits there, as pages and commands show it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from app.enforcement import proof_store, store
from app.enforcement.domain import BITING
from app.enforcement.models import Application
from app.enforcement.proof import LEAK_AFTER, UNATTENDED, UNATTENDED_AFTER, Proof, Stage
from app.enforcement.service.alarms import clear, raise_
from app.senders import service as senders
from app.uow import Work
from app.values import dataclass

UNATTENDED_ALARM = "unattended"
SOME = "the mail servers"
"""How a mail server is called of which nothing is known."""


@dataclass(frozen=True, slots=True)
class Try:
    """One try to bring a state to a mail server (apply), or to see whether it is in force there (observe)."""

    at: datetime
    connector: str
    node: str
    what: str
    ok: bool
    said: str


@dataclass(frozen=True, slots=True)
class Queued:
    """A sender's mail in the queue of one mail server, as it was at `at`."""

    connector: str
    node: str
    waiting: int
    held: int
    at: datetime


def proofs(work: Work, wanted: Sequence[str]) -> dict[str, tuple[Proof, ...]]:
    """Sender → how far its state reached each mail server; left out are senders that nothing was asked for, and those
    who are only let through and were seen to be.

    What nobody looks after is told so, and as leaking where mail should be stopped: not proven is not stopped.
    """
    found: dict[str, list[Proof]] = {}
    newest = _newest(work, wanted)
    for row in proof_store.of_senders(work.session, wanted):
        since = newest.get(row.sender_id)
        if since is None and row.stage is Stage.PROVEN and not row.stops:
            continue
        proof = _proof(row, work.now)
        # What was decided a moment ago nobody has been told of yet.
        unknown = row.newest is None or (since is not None and since > row.newest)
        is_new = since is not None and unknown and proof.stage is Stage.PROVEN
        found.setdefault(row.sender_id, []).append(replace(proof, stage=Stage.ASKED) if is_new else proof)
    for (name, node), sender, since in _untold(work):
        if sender in wanted:
            others = [each for each in found.get(sender, ()) if (each.connector, each.node) != (name, node)]
            found[sender] = [_of_nobody(name, node, sender, since), *others]
    return {sender: tuple(some) for sender, some in found.items()}


def _newest(work: Work, wanted: Sequence[str]) -> dict[str, datetime]:
    """Sender → since when the newest of what is in force bites."""
    actions = store.active_of(work.session, wanted)
    begun = [(each.sender_id, each.since) for each in actions if each.kind in BITING and each.since is not None]
    return dict(sorted(begun, key=lambda each: each[1]))


def _proof(row: Application, now: datetime) -> Proof:
    unattended = row.next_at < now - UNATTENDED_AFTER
    stage = row.stage if not unattended else Stage.LEAKING if row.stops else Stage.ASKED
    return Proof(
        row.connector,
        row.node,
        row.sender_id,
        stage,
        row.stops,
        row.asked_at,
        row.applied_at,
        row.proven_at,
        UNATTENDED if unattended else row.said,
    )


def _untold(work: Work) -> list[tuple[tuple[str, str], str, datetime]]:
    """Stopped senders that a mail server was not told of, with which and since when: one that was told of others
    before, or any of a sort that is set."""
    found = proof_store.untold(work.session, _places(work), work.now - LEAK_AFTER, work.now)
    return [((SOME, "") if node is None else (name, node), sender, since) for name, node, sender, since in found]


def _places(work: Work) -> set[tuple[str, str | None]]:
    """Connector and node of each mail server that must be told; node None: any, of a sort of which none is known."""
    chosen = work.settings
    known: set[tuple[str, str | None]] = {*proof_store.places(work.session)}
    there = {
        "postfix": chosen.postfix_maps or chosen.postfix_config or chosen.probe_url,
        "kumomta": chosen.kumomta_urls,
        "webhook": chosen.hook_url,
    }
    sorts = {name for name, _ in known}
    return known | {(name, None) for name, is_set in there.items() if is_set and name not in sorts}


def _of_nobody(name: str, node: str, sender: str, since: datetime) -> Proof:
    return Proof(name, node, sender, Stage.LEAKING, True, since, None, None, UNATTENDED)


def leaking(work: Work) -> frozenset[str]:
    """The senders whose stop does not bite at some mail server, or is looked after by nobody."""
    late = work.now - UNATTENDED_AFTER
    return frozenset({*proof_store.leaking(work.session, late), *(sender for _, sender, _ in _untold(work))})


def watch(work: Work) -> None:
    """Raises an alarm where mail servers are looked after by nobody, and ends it where they are again.

    For a process other than the enforcer, whose own silence this is about.
    """
    late = proof_store.late(work.session, work.now - UNATTENDED_AFTER)
    if late or _untold(work):
        raise_(work, UNATTENDED_ALARM, UNATTENDED)
    else:
        clear(work, [UNATTENDED_ALARM])


def note_queue(work: Work, connector: str, node: str, found: Mapping[str, tuple[int, int]]) -> None:
    """Writes how much of each sender's mail waits at a mail server: (waiting, held)."""
    known = senders.found(work, list(found))
    rows = [
        {
            "connector": connector,
            "node": node,
            "sender_id": sender,
            "waiting": some[0],
            "held": some[1],
            "at": work.now,
        }
        for sender, some in sorted(found.items())
        if sender in known
    ]
    proof_store.write_figures(work.session, connector, node, rows)


def attempts(work: Work, sender: str, limit: int = 50) -> tuple[Try, ...]:
    """The newest tries for a sender, newest first."""
    rows = proof_store.attempts(work.session, sender, limit)
    return tuple(Try(row.at, row.connector, row.node, row.what, row.ok, row.said) for row in rows)


def queued(work: Work, sender: str) -> tuple[Queued, ...]:
    """A sender's mail in the queues, where they were looked into."""
    rows = proof_store.figures(work.session, sender)
    return tuple(Queued(row.connector, row.node, row.waiting, row.held, row.at) for row in rows)
