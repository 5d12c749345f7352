"""Customers of the provider, imported as an operator would."""

from __future__ import annotations

import json

from app.audit.domain import OPERATOR
from app.bootstrap import Desk
from app.senders.roster import read_roster
from app.senders.service import import_roster


def customers(desk: Desk, contact: str | None = None, **identities: list[tuple[str, str]]) -> None:
    """Imports one sender for each name with its identities, (kind, value) each. contact: of all of them."""
    senders = [
        {
            "id": name,
            "name": name.capitalize(),
            "contact": contact or f"abuse@{name}.test",
            "identities": [{"kind": kind, "value": value} for kind, value in held],
        }
        for name, held in identities.items()
    ]
    with desk.work() as work:
        done = import_roster(work, OPERATOR, read_roster(json.dumps({"senders": senders})))
    assert not done.faults, done.faults
