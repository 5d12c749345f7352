"""What a journey needs: a mailbox, a browser, processes of our own, a sender whose mail can be proven."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from app.audit.domain import OPERATOR
from app.bootstrap import Desk
from app.senders.roster import read_roster
from app.senders.service import import_roster
from tests.factories.signed import key_pair
from tests.services.chromium import chromium
from tests.services.dovecot import Dovecot
from tests.services.processes import Processes
from workers.stage.cast import Customer

__all__ = ["chromium"]

ROSTER = """{"senders": [
  {"id": "acme", "name": "Acme Shop", "contact": "post@acme.test", "identities": [
    {"kind": "dkim", "value": "acme.test", "selector": "d1"}, {"kind": "login", "value": "mailer@acme.test"}]},
  {"id": "bravo", "name": "Bravo Books", "contact": "post@bravo.test", "identities": [
    {"kind": "dkim", "value": "bravo.test", "selector": "d1"}, {"kind": "login", "value": "mailer@bravo.test"}]}
]}"""


@pytest.fixture
def dovecot() -> Iterator[Dovecot]:
    with Dovecot() as running:
        yield running


@pytest.fixture
def processes(desk: Desk) -> Iterator[Processes]:
    found = Processes(desk.settings)
    yield found
    found.end()


@pytest.fixture
def acme(desk: Desk, zone: Callable[[str], None]) -> Customer:
    """One of two senders; its key is in DNS."""
    pair = key_pair()
    zone(f"d1._domainkey.acme.test\tv=DKIM1; k=rsa; p={pair.public}")
    with desk.work() as work:
        import_roster(work, OPERATOR, read_roster(ROSTER))
    return Customer("acme", "Acme Shop", "news", "198.51.100.9", pair.private, "")
