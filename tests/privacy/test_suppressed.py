"""A person is forgotten, and still gets no more mail; a suppression outlives every retention."""

from __future__ import annotations

import secrets
from datetime import timedelta
from uuid import uuid4

import pytest
import sqlalchemy as sa

from app.audit.domain import OPERATOR, Actor
from app.bootstrap import Desk
from app.enforcement.service import suppressed, suppressing
from app.enforcement.service.later import LaterCount, later_counts
from app.privacy import service
from app.senders.sent import Sent
from app.senders.sent_service import take
from app.triage.service import unhonoured
from tests.factories.customers import customers
from tests.privacy.planted import Planted
from tests.privacy.test_gone import dump, found
from tests.triage.arriving import SetClock

ANNA = Actor("anna@desk.test", 1)


@pytest.fixture
def planted(desk: Desk, clock: SetClock) -> Planted:
    """A person who opted out of two senders' mail, one of whom went on; nothing else is known of the person."""
    customers(desk, acme=[], beta=[])
    address = f"karl{secrets.token_hex(12)}@victim.de"
    with desk.work() as work:
        suppressing.add(work, ANNA, "acme", [address, "other@home.example"])
        suppressing.add(work, ANNA, "beta", [address])
    clock.move(timedelta(days=5))
    mail(desk, address)
    return Planted(address, uuid4(), uuid4(), uuid4())


def mail(desk: Desk, address: str) -> None:
    with desk.work() as work:
        take(work, [Sent(1, "acme", "", work.now, f"{work.now}", "", address, "x")])
    with desk.work() as work:
        unhonoured.look(work)


def later(desk: Desk) -> LaterCount | None:
    with desk.work() as work:
        return later_counts(work, ["acme"]).get("acme")


def test_the_address_is_in_no_dump_before_and_its_key_is_gone_after(desk: Desk, planted: Planted) -> None:
    with desk.work() as work:
        owners = work.vault.mentioning(planted.address)
        assert len(owners) == 2
    assert found(planted, dump(desk)) == []

    erased = service.erase(desk.work, OPERATOR, planted.address)

    assert (erased.counts["suppressed addresses"], erased.counts["sent mails"], erased.counts["others"]) == (2, 1, 0)
    assert found(planted, dump(desk)) == []
    with desk.work() as work:
        assert work.vault.mentioning(planted.address) == [] and work.vault.open(owners) == {}
        known = [each.address for each in suppressed.suppressions(work).rows]
        assert sorted(map(str, known)) == ["None", "None", "other@home.example"]


def test_a_dry_run_says_how_many_there_are(desk: Desk, planted: Planted) -> None:
    assert service.erase(desk.work, OPERATOR, planted.address, dry_run=True).counts["suppressed addresses"] == 2
    with desk.work() as work:
        assert suppressed.suppression(work, "acme", planted.address).address == planted.address


def test_the_wish_is_still_honoured_and_who_ignores_it_is_still_found(
    desk: Desk, planted: Planted, clock: SetClock
) -> None:
    service.erase(desk.work, OPERATOR, planted.address)
    assert later(desk) is None

    with desk.work() as work:
        assert suppressed.is_suppressed(work, "acme", planted.address)
        assert suppressed.suppressed_count(work, "beta") == 1
    clock.move(timedelta(days=1))
    mail(desk, planted.address)
    assert later(desk) == LaterCount(late=1)


def test_no_retention_ends_a_suppression_and_what_is_known_of_later_mail_goes_with_the_log(
    desk: Desk, planted: Planted, clock: SetClock
) -> None:
    assert later(desk) == LaterCount(late=1)
    clock.move(timedelta(days=30, seconds=1))

    assert service.retain(desk.work)["later mails"] == 1

    assert later(desk) is None
    clock.move(timedelta(days=4_000))
    service.retain(desk.work)
    with desk.work() as work:
        assert suppressed.suppression(work, "acme", planted.address).address == planted.address
        assert work.session.execute(sa.text("select count(*) from later_mail")).scalar() == 0
