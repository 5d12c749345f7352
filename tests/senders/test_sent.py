"""The send log in the database: nothing doubles, nothing stands in clear, what is delivered is counted once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from app.audit import service as audit
from app.audit.domain import OPERATOR
from app.bootstrap import Desk, wire
from app.ports import SentQuestion
from app.privacy.service import erase, retain
from app.senders import sent_service
from app.senders.sent import Sent, provider_for
from app.senders.sent_service import Taken, import_sent, sent_answers, state_volumes, volumes
from app.senders.volumes import Total
from app.settings import Settings
from tests.factories.customers import customers
from tests.triage.arriving import SetClock

READER = "karl@mailbox.test"


@pytest.fixture
def clock() -> SetClock:
    return SetClock(datetime(2026, 11, 22, 12, tzinfo=UTC))


@pytest.fixture
def desk(settings: Settings, clock: SetClock) -> Iterator[Desk]:
    wired = wire(settings, clock=clock)
    yield wired
    wired.close()


@pytest.fixture(autouse=True)
def known(desk: Desk) -> None:
    customers(desk, acme=[("login", "mailer@acme.test")], shop=[("login", "post@shop.test")])


def mail(desk: Desk, number: int = 1, **changes: Any) -> Sent:
    """A mail of acme's to READER, sent an hour ago."""
    recipient = changes.get("recipient", READER)
    at = desk.clock.now().replace(microsecond=0) - timedelta(hours=1)
    sent = Sent(number, "acme", "", at, f"{number}@acme.test", "B3F0A", recipient, provider_for(recipient))
    return sent._replace(**changes)


def take(desk: Desk, found: Iterable[Sent]) -> Taken:
    return import_sent(desk.work, OPERATOR, found)


def rows(desk: Desk, statement: str) -> list[tuple[Any, ...]]:
    with desk.engine.connect() as connection:
        return [tuple(row) for row in connection.execute(sa.text(statement))]


def counted(desk: Desk) -> list[tuple[str, str, int]]:
    """Sender, provider and delivered of every day, from the beginning of time."""
    with desk.work() as work:
        found = {sender: volumes(work, sender, date.min, date.max) for sender in ("acme", "shop")}
    return [(sender, each.provider, each.delivered) for sender, days in found.items() for each in days]


def test_the_same_lines_again_add_nothing_and_count_nothing(desk: Desk) -> None:
    mails = [mail(desk, number) for number in range(3)]

    first, again = take(desk, mails), take(desk, [*mails, *mails])

    assert (first.new, first.known) == (3, 0)
    assert (again.new, again.known) == (0, 6)
    assert counted(desk) == [("acme", "mailbox.test", 3)]


@pytest.mark.parametrize("missing", ["message_id", "queue_id", "recipient"])
def test_a_line_that_lacks_something_is_the_same_line_too(desk: Desk, missing: str) -> None:
    lacking = mail(desk, **{missing: ""})

    assert [take(desk, [lacking]).new, take(desk, [lacking]).new, take(desk, [mail(desk)]).new] == [1, 0, 1]


@pytest.mark.parametrize(
    "change",
    [{"recipient": "b@mailbox.test"}, {"message_id": "other@acme.test"}, {"queue_id": "B4"}, {"sender": "shop"}],
)
def test_another_recipient_message_queue_id_or_sender_is_another_mail(desk: Desk, change: dict[str, Any]) -> None:
    assert take(desk, [mail(desk), mail(desk, **change)]).new == 2


def test_naming_the_campaign_later_adds_no_second_row(desk: Desk) -> None:
    assert take(desk, [mail(desk), mail(desk, campaign="spring", stream="marketing")]).new == 1


def test_an_import_of_many_batches_leaves_one_audit_entry(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sent_service, "BATCH", 2)

    done = take(desk, [mail(desk, number) for number in range(5)])

    assert done.new == 5
    with desk.work() as work:
        [entry] = [each for each in audit.read(work) if each.action == "senders.sent"]
        assert entry.detail == {"new": "5", "known": "0", "old": "0", "unknown": "0", "faults": "0"}


def test_an_unknown_sender_is_a_fault_and_the_others_are_kept(desk: Desk) -> None:
    done = take(desk, [mail(desk, 1), mail(desk, 2, sender="nobody")])

    assert (done.new, done.faults) == (1, 1)
    assert [(each.line, each.text) for each in done.told] == [(2, "There is no sender nobody.")]


def test_what_is_too_old_or_in_the_future_is_not_kept(desk: Desk) -> None:
    now = desk.clock.now()
    ages = (timedelta(days=31), timedelta(days=29), timedelta(days=-2))

    done = take(desk, [mail(desk, number, at=now - age) for number, age in enumerate(ages)])

    assert (done.new, done.old, done.faults) == (1, 1, 1)


def test_a_login_is_the_senders_who_had_it_then(desk: Desk) -> None:
    with desk.engine.begin() as connection:
        moved = desk.clock.now() - timedelta(days=2)
        connection.execute(sa.text("update identity set since = :moved where sender_id = 'acme'"), {"moved": moved})
        connection.execute(
            sa.text(
                "insert into identity (id, sender_id, kind, value, until) values "
                "(gen_random_uuid(), 'shop', 'login', 'mailer@acme.test', :moved)"
            ),
            {"moved": moved},
        )
    ago = [desk.clock.now() - timedelta(days=days) for days in (1, 3)]
    mails = [mail(desk, n, sender=None, login="mailer@acme.test", at=at) for n, at in enumerate(ago)]

    done = take(desk, [*mails, mail(desk, 7, sender=None, login="who@else.test"), mail(desk, 8, sender=None)])

    assert (done.new, done.unknown) == (2, 2)
    assert counted(desk) == [("acme", "mailbox.test", 1), ("shop", "mailbox.test", 1)]


def test_neither_address_nor_message_id_stands_in_clear(desk: Desk) -> None:
    take(desk, [mail(desk)])

    [(row,)] = rows(desk, "select t::text from sent t")
    for secret in (b"karl", b"1@acme.test"):
        assert secret.decode() not in row
        assert secret.hex() not in row


def test_a_complaint_joins_its_mail(desk: Desk) -> None:
    take(desk, [mail(desk)])

    with desk.work() as work:
        key = work.vault.look_up_key("message-id", "1@acme.test")
    assert rows(desk, "select message_key from sent") == [(key,)]


def test_a_stated_total_stands_in_place_of_the_counted(desk: Desk) -> None:
    take(desk, [mail(desk), mail(desk, 2)])
    day = (desk.clock.now() - timedelta(hours=1)).date()
    total = Total(1, day, "acme", "", "mailbox.test", 900)

    for stated in (total, total, total._replace(delivered=1200)):
        state_volumes(desk.work, OPERATOR, [stated])
    take(desk, [mail(desk, 3)])

    assert counted(desk) == [("acme", "mailbox.test", 1200)]
    assert rows(desk, "select counted, stated from delivered") == [(3, 1200)]


def test_a_total_of_an_unknown_sender_is_a_fault(desk: Desk) -> None:
    done = state_volumes(desk.work, OPERATOR, [Total(4, date(2026, 1, 1), "nobody", "", "google", 1)])

    assert (done.new, [each.text for each in done.told]) == (0, ["There is no sender nobody."])


def test_volumes_are_of_the_days_asked_for(desk: Desk) -> None:
    days = [date(2026, 1, day) for day in (1, 2, 3)]
    state_volumes(desk.work, OPERATOR, [Total(1, day, "acme", "news", "google", 10) for day in days])

    with desk.work() as work:
        assert [each.day for each in volumes(work, "acme", days[1], days[2])] == [days[1]]


def test_an_erased_person_is_nowhere_in_the_log_but_the_figures_stay(desk: Desk) -> None:
    take(desk, [mail(desk), mail(desk, 2), mail(desk, 3, recipient="lena@mailbox.test")])

    assert erase(desk.work, OPERATOR, f" {READER.upper()}", dry_run=True).counts["sent mails"] == 2
    assert erase(desk.work, OPERATOR, READER.upper()).counts["sent mails"] == 2

    assert len(rows(desk, "select 1 from sent")) == 1
    assert counted(desk) == [("acme", "mailbox.test", 3)]


def test_the_log_goes_after_its_days_and_the_volumes_later(desk: Desk, clock: SetClock) -> None:
    take(desk, [mail(desk, number) for number in range(3)])

    clock.move(timedelta(days=29))
    assert retain(desk.work)["sent mails"] == 0
    clock.move(timedelta(days=1))
    assert retain(desk.work, dry_run=True)["sent mails"] == 3
    assert retain(desk.work)["sent mails"] == 3
    assert counted(desk) == [("acme", "mailbox.test", 3)]
    assert take(desk, [mail(desk, at=clock.now() - timedelta(days=31))]).old == 1
    clock.move(timedelta(days=380))
    assert retain(desk.work)["daily volumes"] == 1
    assert counted(desk) == []


def test_a_recipient_is_found_among_all_of_a_mailing(desk: Desk) -> None:
    """A mailing that has one Message-ID for all: the recipient asked for is found, whatever the others are."""
    take(desk, [mail(desk, n, message_id="all@acme.test", recipient=f"r{n}@mailbox.test") for n in range(3000)])
    question = SentQuestion(message_id="all@acme.test", recipients=frozenset({"r2999@mailbox.test"}))

    with desk.work() as work:
        [[fact], [other]] = sent_answers(work, [question, replace(question, recipients=frozenset({"x@y.test"}))])

    assert (fact.to_asked, other.to_asked, fact.recipients) == (True, False, ())
