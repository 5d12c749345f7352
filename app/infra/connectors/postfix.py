"""Postfix on this machine, by three ways at once: a table it refuses by, its queue, and a table that freezes mail.

    1 frozen      lets go whom no order freezes any more, before mail of theirs is taken: qmgr remembers for half a
                  minute how it last resolved a recipient, and kept mail that was taken a moment too early that long
    2 suspended   refuses at the next message, also with all of ours dead (the policy service adds what is finer)
    3 queue       mail accepted before is put on hold; before the freezing table, for what qmgr remembers let three
                  queued mails go after the table had changed
    4 frozen      catches what was being handed in meanwhile
    5 queue       what no order keeps back any more is let go, or discarded

What a setting does not name is left out: `postfix_maps` the tables, `postfix_config` the queue, `probe_url` the
probe. What cannot be done, a full disk's table, keeps none of the others from stopping; but nothing is let go then,
for a table as it was might still return it.
"""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from app.errors import Rejected, Unavailable
from app.infra.connectors.postfix_notes import Notes
from app.infra.connectors.postfix_probe import Probe
from app.infra.connectors.postfix_programs import Programs
from app.infra.connectors.postfix_queue import MailQueue
from app.infra.connectors.postfix_sight import Sight
from app.infra.connectors.postfix_sweep import Mails, sweep
from app.infra.connectors.postfix_tables import FROZEN, SUSPENDED, Folder, Tables, tables_of, wanted_by
from app.ports import Applied, Connector, Observed, Order, Waiting
from app.settings import Settings

LOOKS = 3
"""Times that the queue is gone through: mail whose DATA was allowed a moment ago comes into it a moment later, and
mail that Postfix moves from one of its queues to another while they are listed is in neither."""

LOOKING_SECONDS = 3.0
"""Where going through it takes longer, once has to do: what was missed is frozen, and found at the next look."""

NOTES = "postfix-held"


@dataclass
class _Swept:
    """What came of going through the queue. held: sender → queue ids on hold for it. fault: why it was not done.
    unwritten: why a table was not written."""

    held: dict[str, tuple[str, ...]] = field(default_factory=dict)
    release: list[str] = field(default_factory=list)
    discard: list[str] = field(default_factory=list)
    fault: str = ""
    unwritten: str = ""


class Postfix:
    """The connector of a Postfix; see `app.ports.Connector`. folder, queue: None where the settings name none. node:
    its name, empty for the host's: its tables and its queue are this machine's."""

    name = "postfix"

    def __init__(self, folder: Folder | None, queue: MailQueue | None, sight: Sight, node: str = "") -> None:
        self.node = node or socket.gethostname()
        self._folder, self._queue, self._sight = folder, queue, sight

    def apply(self, orders: Sequence[Order], standing: Sequence[Order]) -> Mapping[str, Applied]:
        """Raises Unavailable where a table cannot be written and there is no queue; else that is said, and so is a
        queue that cannot be gone through."""
        whole = {each.sender: each for each in (*standing, *orders)}
        tables = tables_of(whole.values())
        self._sight.wanted = wanted_by(whole.values())
        faults = [self._written(lambda folder: folder.take_out(FROZEN, tables.frozen))]
        faults += [self._written(lambda folder: folder.write(SUSPENDED, tables.suspended))]
        swept = self._swept(orders, standing)
        faults += [self._written(lambda folder: folder.write(FROZEN, tables.frozen))]
        swept.unwritten = next((each for each in faults if each), "")
        if swept.unwritten and self._queue is None:
            raise Unavailable(swept.unwritten)
        self._let_go(swept)
        return {each.sender: self._applied(each, tables, swept) for each in orders}

    def observe(self, orders: Sequence[Order]) -> Mapping[str, Observed]:
        """Raises Unavailable where Postfix's tables cannot be read."""
        return self._sight.observe(orders)

    def waiting(self, logins: Mapping[str, str]) -> Mapping[str, Waiting]:
        """Empty where the queue is not looked into. Raises Unavailable where it cannot be read."""
        found: dict[str, Waiting] = {}
        for mail in self._queue.mails() if self._queue is not None else ():
            if (sender := logins.get(mail.login)) is not None:
                sofar = found.get(sender, Waiting(0, 0))
                found[sender] = Waiting(sofar.waiting + (not mail.on_hold), sofar.held + mail.on_hold)
        return found

    def _written(self, write: Callable[[Folder], object]) -> str:
        """Does it, where there are tables; why it could not be done, empty where it could."""
        try:
            if self._folder is not None:
                write(self._folder)
        except Unavailable as fault:
            return str(fault)
        return ""

    def _swept(self, orders: Sequence[Order], standing: Sequence[Order]) -> _Swept:
        """Puts on hold what the orders keep back, until nothing new comes."""
        swept = _Swept()
        if self._queue is None:
            return swept
        keeps = any(line.keeps for order in orders for line in order.lines)
        enough = time.monotonic() + LOOKING_SECONDS
        try:
            for look in range(LOOKS):
                fresh = self._swept_once(self._queue, orders, standing, swept)
                if time.monotonic() > enough or (not fresh and (look or not keeps)):
                    break
        except Unavailable as fault:
            swept.fault = str(fault)
        return swept

    @staticmethod
    def _swept_once(queue: MailQueue, orders: Sequence[Order], standing: Sequence[Order], swept: _Swept) -> bool:
        """Whether anything was put on hold."""
        mails = Mails(queue.mails())
        whole = {each.sender: each for each in (*standing, *orders)}
        found = {sender: sweep(order, mails.about(order)) for sender, order in whole.items()}
        mine = {order.sender: found[order.sender] for order in orders}
        # What another order keeps is not let go, whatever this one says of it.
        kept = {name for each in found.values() for name in (*each.kept, *each.covered)}
        swept.release = [name for each in mine.values() for name in each.release if name not in kept]
        swept.discard = [name for each in mine.values() for name in each.discard if name not in kept]
        fresh = {mail.id: mail for each in found.values() for mail in each.hold}
        queue.hold([*fresh.values()])
        swept.held = {sender: (*each.kept, *(mail.id for mail in each.hold)) for sender, each in mine.items()}
        return bool(fresh)

    def _let_go(self, swept: _Swept) -> None:
        if self._queue is None or swept.fault or swept.unwritten:
            return
        try:
            self._queue.release(swept.release)
            self._queue.discard(swept.discard)
        except Unavailable as fault:
            swept.fault = str(fault)

    def _applied(self, order: Order, tables: Tables, swept: _Swept) -> Applied:
        said = [swept.unwritten] if swept.unwritten else []
        if self._folder is not None and not swept.unwritten:
            refused = sum(login in tables.suspended for login in order.logins)
            said.append(f"The table refuses {refused} of {len(order.logins)} logins.")
        unfit = tables.unfit.get(order.sender, 0) if self._folder is not None else 0
        if unfit:
            said.append(f"{unfit} of its names cannot be written to a table: blanks or control characters.")
        if swept.fault:
            return Applied(False, " ".join([*said, f"The queue was not gone through: {swept.fault}"]))
        held = swept.held.get(order.sender, ()) if self._queue is not None else None
        if held is not None:
            said.append(f"On hold: {len(held)}.")
        return Applied(not (unfit or swept.unwritten), " ".join(said), held)


def from_settings(settings: Settings) -> tuple[Connector, ...]:
    """The Postfix that the settings name, if any. Raises Rejected for a probe account that cannot sign in."""
    if not (settings.postfix_maps or settings.postfix_config or settings.probe_url):
        return ()
    programs = Programs(settings.postfix_config)
    folder = Folder(settings.postfix_maps, programs) if settings.postfix_maps else None
    notes = Notes(settings.data / NOTES)
    queue = MailQueue(programs, notes) if settings.postfix_config else None
    sight = Sight(folder, _probe(settings), settings.policy)
    return (Postfix(folder, queue, sight, settings.postfix_node),)


def _probe(settings: Settings) -> Probe | None:
    if not settings.probe_url:
        return None
    try:
        return Probe(settings.probe_url)
    except ValueError as fault:
        raise Rejected("ABUSEDESK_PROBE_URL needs a login, a password and a host.") from fault
