"""Weighs a case anew where something else than new complaints changed how urgent it is."""

from __future__ import annotations

from app.senders import service as senders
from app.triage.growth import weigh
from app.triage.models import Case
from app.triage.store import routing as store
from app.uow import Work


def reweigh(work: Work, case: Case) -> None:
    """Writes the priority of a case, which is held, as it stands now."""
    work.session.flush()
    standing = store.standing(work.session, case.number)
    if standing is not None:
        owner = senders.found(work, [standing.sender]).get(standing.sender) if standing.sender else None
        case.priority, reasons = weigh(standing, owner, work.now)
        case.priority_reasons = list(reasons)
