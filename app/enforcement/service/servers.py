"""Which mail servers are known, and that one is no more."""

from __future__ import annotations

from app.audit.domain import Actor
from app.audit.service import record
from app.enforcement import proof_store
from app.enforcement.proof import UNATTENDED_AFTER
from app.enforcement.service.alarms import clear
from app.enforcement.service.proving import alarm_key, place
from app.errors import Conflict, NotFound
from app.uow import Work
from app.values import dataclass


@dataclass(frozen=True, slots=True)
class Server:
    """A mail server that was told of anything. senders: how many; leaking: of how many the stop does not bite there.
    attended: whether everything due there was done."""

    connector: str
    node: str
    senders: int
    leaking: int
    attended: bool


def servers(work: Work) -> tuple[Server, ...]:
    """Every mail server that was told of anything."""
    rows = proof_store.servers(work.session, work.now - UNATTENDED_AFTER)
    return tuple(Server(row.connector, row.node, row.senders, row.leaking, not row.late) for row in rows)


def forget_server(work: Work, actor: Actor, connector: str, node: str) -> int:
    """Forgets a mail server that is no more, its alarms with it; of how many senders it was told. Tries are kept, and
    what is on hold there, which is let go should it come back.

    Raises NotFound where it was told of nothing; Conflict while it is looked after: then it would be told anew.
    """
    found = next((each for each in servers(work) if (each.connector, each.node) == (connector, node)), None)
    if found is None:
        raise NotFound(f"No mail server {place(connector, node)} was told of anything.")
    if found.attended:
        raise Conflict(
            f"{place(connector, node)} is looked after, or was until a moment ago. End its enforcer, or take it out "
            "of the settings; it can be forgotten once something that is due there was not done."
        )
    told = proof_store.applications(work.session, connector, node)
    clear(work, [alarm_key(connector, node, sender) for sender in told])
    proof_store.forget_server(work.session, connector, node)
    record(work, actor, "server.forget", place(connector, node), {"senders": str(found.senders)})
    return found.senders
