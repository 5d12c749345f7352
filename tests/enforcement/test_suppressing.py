"""Who complains or opts out is suppressed at once, and stays so until staff say otherwise."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from app.audit.domain import SYSTEM, Actor
from app.audit.service import read
from app.bootstrap import Desk, wire
from app.enforcement.service import suppressed, suppressing
from app.enforcement.suppression import Cause, SuppressionFact, Wish, pair
from app.errors import Conflict, Forbidden, NotFound, Rejected
from app.senders import service as senders
from app.senders.sent_service import recipient_key
from app.settings import Settings
from tests.factories.customers import customers
from tests.triage.arriving import SetClock

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
ANNA = Actor("anna@desk.test", 1)
JO = "jo@home.example"


@pytest.fixture
def clock() -> SetClock:
    return SetClock(NOW)


@pytest.fixture
def desk(settings: Settings, clock: SetClock) -> Iterator[Desk]:
    wired = wire(settings, clock=clock)
    customers(wired, acme=[], beta=[])
    yield wired
    wired.close()


def wish(address: str = JO, sender: str = "acme", at: datetime = NOW, cause: Cause = Cause.COMPLAINT) -> Wish:
    return Wish(sender, address, cause, None, at)


def suppress(desk: Desk, *wishes: Wish) -> tuple[Wish, ...]:
    with desk.work() as work:
        return suppressing.suppress(work, wishes)


def known(desk: Desk, address: str = JO, sender: str = "acme") -> SuppressionFact:
    with desk.work() as work:
        return suppressed.suppression(work, sender, address)


def lift(desk: Desk, actor: Actor = ANNA, reason: str = "they asked for it") -> None:
    with desk.work() as work:
        suppressing.lift(work, actor, suppressed.suppression(work, "acme", JO).id, reason)


def refused(desk: Desk, address: str = JO, sender: str = "acme") -> bool:
    with desk.work() as work:
        return suppressed.is_suppressed(work, sender, address)


def test_a_complaint_suppresses_this_recipient_for_this_sender_and_nobody_else(desk: Desk) -> None:
    assert suppress(desk, wish()) == (wish(),)

    assert refused(desk, "Jo@Home.Example")
    assert not refused(desk, sender="beta") and not refused(desk, "al@home.example")
    fact = known(desk)
    assert (fact.address, fact.cause, fact.by, fact.since) == (JO, Cause.COMPLAINT, SYSTEM.name, NOW)


def test_the_mail_server_is_told_the_pair_and_the_table_holds_no_address(desk: Desk) -> None:
    suppress(desk, wish())

    with desk.work() as work:
        key = recipient_key(work, JO)
        row = work.session.execute(sa.text("select pair, recipient_key, address from suppression")).one()
        assert row.pair == pair(senders.find(work, "acme").uid.bytes, key)
    assert bytes(row.recipient_key) == key and b"jo@" not in bytes(row.address)


def test_the_same_wish_again_changes_nothing_and_the_earliest_time_stands(desk: Desk) -> None:
    suppress(desk, wish())
    before = known(desk)

    assert suppress(desk, wish(at=NOW + timedelta(days=3), cause=Cause.OPT_OUT)) == ()
    assert known(desk) == before
    assert suppress(desk, wish(at=NOW - timedelta(days=1))) == ()
    assert (known(desk).since, known(desk).due < before.due) == (NOW - timedelta(days=1), True)


def test_many_wishes_of_one_batch_are_one_suppression_each_the_earliest_first(desk: Desk) -> None:
    later, earlier = wish(at=NOW), wish(at=NOW - timedelta(hours=1))

    assert set(suppress(desk, later, earlier, wish("al@home.example"))) == {earlier, wish("al@home.example")}


def test_a_wish_about_a_sender_that_there_is_not_is_passed_over(desk: Desk) -> None:
    assert suppress(desk, wish(sender="nobody")) == ()


def test_the_number_of_statements_does_not_grow_with_the_wishes(desk: Desk) -> None:
    counted: list[str] = []
    sa.event.listen(desk.engine, "before_cursor_execute", lambda *given: counted.append(given[2]))

    suppress(desk, wish())
    one, counted[:] = len(counted), []
    suppress(desk, *(wish(f"p{number}@home.example") for number in range(300)))

    assert len(counted) == one


def test_two_workers_that_suppress_the_same_at_once_write_it_once(desk: Desk) -> None:
    wishes = [wish(f"p{number}@home.example") for number in range(50)]

    with ThreadPoolExecutor(4) as threads:
        fresh = list(threads.map(lambda some: suppress(desk, *some), [wishes, wishes[::-1]] * 4))

    assert sum(map(len, fresh)) == 50
    with desk.work() as work:
        assert suppressed.suppressed_count(work, "acme") == 50
        assert len(work.vault.mentioning("p7@home.example")) == 1


def test_staff_lift_with_a_reason_that_is_on_the_record(desk: Desk) -> None:
    suppress(desk, wish())
    lift(desk)

    assert not refused(desk)
    assert known(desk).lifted_at == NOW
    with desk.work() as work:
        (entry,) = read(work, subject="sender:acme")
        assert suppressed.suppressed_count(work, "acme") == 0
    assert (entry.actor, entry.action) == (ANNA.name, "suppression.lift")
    assert entry.detail == {"suppression": str(known(desk).id), "reason": "they asked for it"}


def test_nobody_but_staff_lifts_and_never_without_a_reason(desk: Desk) -> None:
    suppress(desk, wish())

    with pytest.raises(Forbidden, match="Only staff lift a suppression"):
        lift(desk, SYSTEM)
    with pytest.raises(Rejected, match="Give a reason"):
        lift(desk, reason=" ")
    lift(desk)
    with pytest.raises(Conflict, match="lifted already"):
        lift(desk)
    with pytest.raises(NotFound):
        known(desk, sender="beta")


def test_a_complaint_after_the_lift_suppresses_again_and_one_from_before_does_not(
    desk: Desk, clock: SetClock
) -> None:
    suppress(desk, wish())
    clock.move(timedelta(days=1))
    lift(desk)

    assert suppress(desk, wish()) == () and not refused(desk)
    again = wish(at=NOW + timedelta(days=2), cause=Cause.OPT_OUT)
    assert suppress(desk, again) == (again,)
    assert suppress(desk, wish()) == ()
    fact = known(desk)
    assert (fact.since, fact.lifted_at, fact.cause, fact.address) == (again.at, None, Cause.OPT_OUT, JO)


def test_an_address_that_was_forgotten_is_known_again_by_a_new_complaint_after_a_lift(
    desk: Desk, clock: SetClock
) -> None:
    suppress(desk, wish())
    with desk.work() as work:
        suppressed.forget_addresses(work, work.vault.mentioning(JO))
    assert refused(desk) and known(desk).address is None
    clock.move(timedelta(days=1))
    lift(desk)

    suppress(desk, wish(at=clock.now() + timedelta(hours=1)))

    assert known(desk).address == JO
    with desk.work() as work:
        assert work.vault.mentioning(JO) == [known(desk).id]


def test_an_operator_adds_on_the_record_all_or_none(desk: Desk) -> None:
    with desk.work() as work:
        suppressing.add(work, ANNA, "acme", ["Jo <Jo@home.example>", "al@home.example"])
    with pytest.raises(Rejected, match="not an e-mail address"), desk.work() as work:
        suppressing.add(work, ANNA, "acme", ["eve@home.example", "nothing"])

    assert refused(desk) and not refused(desk, "eve@home.example")
    with desk.work() as work:
        (entry,) = read(work, subject="sender:acme")
    assert (entry.action, entry.detail) == ("suppression.add", {"cause": "staff", "recipients": "2"})


def test_pages_go_on_where_they_ended_and_lifted_ones_show_where_asked(desk: Desk) -> None:
    suppress(desk, *(wish(f"p{number}@home.example") for number in range(5)), wish(sender="beta"))
    lift_one = known(desk, "p0@home.example").id
    with desk.work() as work:
        suppressing.lift(work, ANNA, lift_one, "mistake")

    seen: list[SuppressionFact] = []
    with desk.work() as work:
        page = suppressed.suppressions(work, sender="acme", limit=2, lifted=True)
        seen += page.rows
        while page.more:
            page = suppressed.suppressions(work, sender="acme", limit=2, after=page.next, lifted=True)
            seen += page.rows
        in_force = suppressed.suppressions(work, limit=100)

    assert sorted(str(each.address) for each in seen) == [f"p{number}@home.example" for number in range(5)]
    assert [each.id for each in seen if each.lifted_at] == [lift_one]
    assert len(in_force.rows) == 5 and not in_force.more
