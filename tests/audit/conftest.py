"""A chain of entries to tamper with, and the hand of somebody who may write to the database but lacks the key."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import sqlalchemy as sa

from app.audit.domain import Actor
from app.audit.service import Broken, record, verify
from app.bootstrap import Desk

ANNA = Actor("anna@desk.test", 1)
ENTRIES = 5


@pytest.fixture
def chain(desk: Desk) -> Desk:
    """The desk with five entries, each written in a unit of work of its own."""
    for number in range(1, ENTRIES + 1):
        with desk.work() as work:
            record(work, ANNA, "case.note", f"case:{number}", {"note": f"note {number}"})
    return desk


@pytest.fixture
def tamper(desk: Desk) -> Callable[..., None]:
    """Runs a statement on the table of entries with its trigger switched off, as the database's owner can."""

    def run(*statements: str, **values: object) -> None:
        with desk.engine.begin() as connection:
            connection.execute(sa.text("alter table audit_entry disable trigger user"))
            for statement in statements:
                connection.execute(sa.text(statement), values)
            connection.execute(sa.text("alter table audit_entry enable trigger user"))

    return run


@pytest.fixture
def broken(desk: Desk) -> Callable[[], Broken | None]:
    """Asks where the chain is broken."""

    def ask() -> Broken | None:
        with desk.work() as work:
            return verify(work)

    return ask
