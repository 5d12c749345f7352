"""Mail to people who opted out, found in the send log: a proven case, or none while it was still in time."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from rq import Queue

from app.attribution.domain import Verdict
from app.audit.domain import Actor
from app.bootstrap import Desk, wire
from app.enforcement.service import suppressed, suppressing
from app.enforcement.service.later import LaterCount, later_counts
from app.enforcement.suppression import Cause, Wish
from app.intake import service as intake
from app.intake.domain import Arrival, Door
from app.jobs import OPT_OUTS, QUEUE
from app.senders.sent import Sent
from app.senders.sent_service import take
from app.settings import Settings
from app.triage import service as triage
from app.triage.domain import CaseKind, CaseStatus, EventKind, Outcome
from app.triage.queue import Row
from app.triage.service import unhonoured
from app.triage.service.unhonoured import Looked
from tests.factories.customers import customers
from tests.triage.arriving import SetClock
from workers import jobs

ASKED = datetime(2026, 11, 2, 12, tzinfo=UTC)
LATE = ASKED + timedelta(days=10)
"""A German recipient's wish is due after two days."""
ANNA = Actor("anna@desk.test", 1)
JO, AL = "jo@home.de", "al@home.de"


@pytest.fixture
def clock() -> SetClock:
    return SetClock(ASKED)


@pytest.fixture
def desk(settings: Settings, clock: SetClock) -> Iterator[Desk]:
    wired = wire(settings, clock=clock)
    customers(wired, acme=[], beta=[])
    yield wired
    wired.close()


@pytest.fixture(autouse=True)
def opted_out(desk: Desk, clock: SetClock) -> None:
    """Jo opted out by a report, Al by phone; ten days later it is."""
    with desk.work() as work:
        report = intake.store(work, Arrival(b"Subject: stop\r\n\r\nno more\r\n", Door.LMTP)).report
        suppressing.suppress(work, [Wish("acme", JO, Cause.OPT_OUT, report, ASKED)])
        suppressing.add(work, ANNA, "acme", [AL])
    clock.move(timedelta(days=11))


def sent(desk: Desk, *mails: tuple[str, datetime], sender: str = "acme") -> None:
    with desk.work() as work:
        lines = [Sent(number, sender, "", at, f"{at}{to}", "", to, "x") for number, (to, at) in enumerate(mails, 1)]
        assert take(work, lines).faults == 0


def look(desk: Desk) -> Looked:
    with desk.work() as work:
        return unhonoured.look(work)


def cases(desk: Desk) -> list[Row]:
    with desk.work() as work:
        return [
            triage.case(work, number)
            for number in work.session.execute(sa.text('select number from "case"')).scalars()
        ]


def lines(desk: Desk) -> list[tuple[EventKind, str | None]]:
    with desk.work() as work:
        (case,) = work.session.execute(sa.text('select id from "case"')).scalars()
        return [(each.kind, each.words) for each in reversed(triage.timeline(work, case))]


def test_a_mail_that_was_sent_too_late_opens_a_proven_case_about_its_sender(desk: Desk) -> None:
    sent(desk, (JO, LATE))

    assert look(desk) == Looked(senders=1, late=1)

    (case,) = cases(desk)
    assert (case.kind, case.verdict, case.sender_id) == (CaseKind.UNSUBSCRIBE_IGNORED, Verdict.PROVEN, "acme")
    assert (case.status, case.reports) == (CaseStatus.OPEN, 1)
    assert "1 mail after an opt-out" in case.reasons and "sender proven" in case.reasons
    assert lines(desk) == [
        (
            EventKind.OPENED,
            "1 mail was sent to 1 person who had asked for no more, after the last moment at which that is still in "
            "time. The first was sent on 12 Nov 2026, 12:00 UTC. Known from suppressions and the send log.",
        )
    ]


def test_between_the_wish_and_its_due_mail_is_counted_and_opens_nothing(desk: Desk) -> None:
    sent(desk, (JO, ASKED + timedelta(hours=1)), (AL, ASKED + timedelta(days=2)), (JO, ASKED - timedelta(hours=1)))

    assert look(desk) == Looked(senders=1, grace=2)
    assert cases(desk) == []
    with desk.work() as work:
        assert later_counts(work, ["acme", "beta"]) == {"acme": LaterCount(grace=2)}


def test_the_very_moment_it_is_due_is_too_late_and_the_second_before_is_not(desk: Desk) -> None:
    with desk.work() as work:
        due = suppressed.suppression(work, "acme", JO).due
    sent(desk, (JO, due), (JO, due - timedelta(seconds=1)))

    assert look(desk) == Looked(senders=1, grace=1, late=1)


def test_more_of_it_joins_the_open_case_and_no_line_counts_twice(desk: Desk) -> None:
    sent(desk, (JO, LATE))
    look(desk)
    sent(desk, (JO, LATE), (AL, LATE), (AL, LATE + timedelta(hours=1)))

    assert look(desk) == Looked(senders=1, late=2)
    assert look(desk) == Looked()

    (case,) = cases(desk)
    assert case.reports == 1 and "3 mails after an opt-out" in case.reasons
    assert [kind for kind, _ in lines(desk)] == [EventKind.OPENED, EventKind.JOINED]
    assert (lines(desk)[1][1] or "").startswith("2 mails were sent to 1 person who had asked for no more")


def test_a_case_that_was_decided_is_opened_again_by_another_mail(desk: Desk, clock: SetClock) -> None:
    sent(desk, (JO, LATE))
    look(desk)
    with desk.work() as work:
        triage.resolve(work, ANNA, cases(desk)[0].number, Outcome.WARNED, "They will mend it.")
    clock.move(timedelta(days=1))
    sent(desk, (JO, clock.now()))
    look(desk)

    (case,) = cases(desk)
    assert (case.status, case.outcome) == (CaseStatus.OPEN, None)
    assert [kind for kind, _ in lines(desk)][-1] is EventKind.REOPENED


def test_only_staff_knew_of_it_then_the_case_has_no_report(desk: Desk) -> None:
    sent(desk, (AL, LATE))
    look(desk)

    (case,) = cases(desk)
    assert (case.reports, case.sample) == (0, None)


def test_each_sender_has_a_case_of_its_own_and_others_may_write(desk: Desk) -> None:
    sent(desk, (JO, LATE), sender="beta")
    sent(desk, ("eve@home.de", LATE))
    assert look(desk) == Looked()

    with desk.work() as work:
        suppressing.suppress(work, [Wish("beta", JO, Cause.COMPLAINT, None, ASKED)])
    sent(desk, (JO, LATE))
    assert look(desk) == Looked(senders=2, late=2)
    assert sorted(str(case.sender_id) for case in cases(desk)) == ["acme", "beta"]


def test_while_it_was_lifted_mail_was_allowed(desk: Desk, clock: SetClock) -> None:
    with desk.work() as work:
        suppressing.lift(work, ANNA, suppressed.suppression(work, "acme", JO).id, "Jo asked for it")
    sent(desk, (JO, clock.now() + timedelta(hours=1)))
    assert look(desk) == Looked()

    again = clock.now() + timedelta(hours=2)
    with desk.work() as work:
        suppressing.suppress(work, [Wish("acme", JO, Cause.COMPLAINT, None, again)])
    assert look(desk) == Looked()


def test_a_suppression_that_is_newer_than_the_lines_finds_them_too(desk: Desk, clock: SetClock) -> None:
    sent(desk, ("eve@home.de", LATE))
    assert look(desk) == Looked()
    clock.move(timedelta(hours=1))

    with desk.work() as work:  # a report that waited for days in the quarantine
        suppressing.suppress(work, [Wish("acme", "eve@home.de", Cause.COMPLAINT, None, ASKED)])

    assert look(desk) == Looked(senders=1, late=1)


def test_an_import_asks_for_the_look_and_the_job_does_it(desk: Desk) -> None:
    sent(desk, (JO, LATE))
    queue = Queue(QUEUE, connection=desk.redis, serializer="json")
    assert OPT_OUTS.function in [job.func_name for job in queue.jobs]

    jobs.serving.set(desk)
    jobs.opt_outs()

    assert len(cases(desk)) == 1


def test_a_look_that_fails_leaves_everything_to_the_next(desk: Desk) -> None:
    sent(desk, (JO, LATE))
    with pytest.raises(RuntimeError), desk.work() as work:
        unhonoured.look(work)
        raise RuntimeError

    assert look(desk) == Looked(senders=1, late=1)
