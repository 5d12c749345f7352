"""Which complaints open, join, raise and reopen cases, on a real PostgreSQL."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from threading import Barrier

import sqlalchemy as sa
from sqlmodel import col, select

from app.attribution.domain import Verdict
from app.bootstrap import Desk
from app.intake.domain import Category
from app.mail.domain import FeedbackType
from app.triage import service
from app.triage.domain import CaseKind, CaseStatus, EventKind, Incoming, Outcome
from app.triage.models import Case, CaseEvent, CaseReport
from tests.triage.arriving import CLICK, PERSON, STRANGER, SetClock, add_sender, arrive, counted, stored


def cases(desk: Desk) -> list[Case]:
    with desk.work() as work:
        return list(work.session.exec(select(Case).order_by(col(Case.number))).all())


def only_case(desk: Desk) -> Case:
    (case,) = cases(desk)
    return case


def told(desk: Desk, number: int) -> list[tuple[EventKind, int]]:
    with desk.work() as work:
        lines = select(CaseEvent).join(Case, col(Case.id) == CaseEvent.case_id).where(Case.number == number)
        return [(each.kind, each.reports) for each in work.session.exec(lines.order_by(col(CaseEvent.at)))]


def resolve(desk: Desk, number: int) -> None:
    with desk.work() as work:
        work.session.execute(
            sa.update(Case)
            .where(col(Case.number) == number)
            .values(status=CaseStatus.RESOLVED, resolved_at=work.now, outcome=Outcome.NO_ACTION)
        )


def test_a_person_opens_a_case_at_once(desk: Desk) -> None:
    assert arrive(desk, PERSON) == [1001]
    case = only_case(desk)
    assert (case.kind, case.sender_id, case.verdict, case.report_count) == (CaseKind.SPAM, "acme", Verdict.PROVEN, 1)


def test_complaints_about_one_campaign_share_a_case(desk: Desk) -> None:
    assert arrive(desk, PERSON) == arrive(desk, PERSON, PERSON) == [1001]
    assert only_case(desk).report_count == 3
    assert told(desk, 1001) == [(EventKind.OPENED, 1), (EventKind.JOINED, 2)]


def test_what_joins_within_an_hour_is_one_line_of_the_timeline(desk: Desk, clock: SetClock) -> None:
    for _ in range(3):
        arrive(desk, PERSON)
    clock.move(timedelta(hours=1))
    arrive(desk, PERSON)
    assert told(desk, 1001) == [(EventKind.OPENED, 1), (EventKind.JOINED, 2), (EventKind.JOINED, 1)]


def test_two_campaigns_are_two_cases(desk: Desk) -> None:
    assert arrive(desk, PERSON, replace(PERSON, campaign=b"other")) == [1001, 1002]


def test_mail_of_nobody_known_is_grouped_by_kind_and_origin(desk: Desk) -> None:
    fraud = replace(STRANGER, category=Category.FRAUD)
    assert len(arrive(desk, STRANGER, STRANGER, fraud, replace(STRANGER, origin="bank.example"))) == 3


def test_mail_that_is_not_ours_has_one_case_of_low_priority(desk: Desk) -> None:
    foreign = replace(STRANGER, verdict=Verdict.CONTRADICTED, category=Category.PHISHING)
    assert arrive(desk, foreign) == arrive(desk, foreign) == [1001]
    assert only_case(desk).priority < 10


def test_a_case_takes_the_most_severe_kind_and_the_best_verdict(desk: Desk) -> None:
    arrive(desk, replace(PERSON, verdict=Verdict.UNPROVEN))
    before = only_case(desk).priority
    arrive(desk, replace(PERSON, category=Category.PHISHING, verdict=Verdict.LIKELY))
    arrive(desk, replace(PERSON, verdict=Verdict.UNPROVEN))
    case = only_case(desk)
    assert (case.kind, case.verdict) == (CaseKind.PHISHING, Verdict.LIKELY)
    assert case.priority > before


def test_clicks_below_the_line_are_only_counted(desk: Desk) -> None:
    assert arrive(desk, *[CLICK] * 4) == []
    assert cases(desk) == []
    assert counted(desk) == 4


def test_the_click_that_reaches_the_line_opens_one_case_and_more_join(desk: Desk) -> None:
    arrive(desk, *[CLICK] * 4)
    assert arrive(desk, CLICK) == [1001]
    assert arrive(desk, replace(CLICK, campaign=b"another")) == [1001]
    case = only_case(desk)
    assert (case.kind, case.clicks, case.raised_at) == (CaseKind.FEEDBACK, 6, None)


def test_a_click_about_a_mailing_with_an_open_case_joins_it_and_is_counted_all_the_same(desk: Desk) -> None:
    arrive(desk, PERSON)

    assert arrive(desk, replace(CLICK, campaign=PERSON.campaign)) == [1001]

    assert only_case(desk).report_count == 2
    assert counted(desk) == 1


def test_a_click_does_not_open_or_reopen_the_case_of_a_mailing(desk: Desk) -> None:
    arrive(desk, PERSON)
    resolve(desk, 1001)

    assert arrive(desk, replace(CLICK, campaign=PERSON.campaign)) == []
    assert only_case(desk).status is CaseStatus.RESOLVED


def test_clicks_of_all_providers_and_days_of_the_week_count_together(desk: Desk, clock: SetClock) -> None:
    arrive(desk, CLICK, CLICK)
    clock.move(timedelta(days=6))
    assert arrive(desk, *[replace(CLICK, provider="other.example")] * 3) == [1001]


def test_clicks_of_more_than_a_week_ago_do_not_open_a_case(desk: Desk, clock: SetClock) -> None:
    arrive(desk, *[CLICK] * 4)
    clock.move(timedelta(days=7))
    assert arrive(desk, CLICK) == []


def test_many_clicks_raise_the_case_once(desk: Desk) -> None:
    arrive(desk, *[CLICK] * 9)
    before = only_case(desk).priority
    arrive(desk, CLICK)
    arrive(desk, CLICK)
    assert only_case(desk).priority >= before + 25
    assert [kind for kind, _ in told(desk, 1001)].count(EventKind.RAISED) == 1


def test_a_severe_click_opens_a_case_of_its_own_at_once(desk: Desk) -> None:
    assert arrive(desk, replace(CLICK, feedback_type=FeedbackType.VIRUS)) == [1001]
    assert only_case(desk).kind is CaseKind.MALWARE
    assert counted(desk) == 1


def test_a_click_about_nobody_or_about_foreign_mail_is_in_no_case(desk: Desk) -> None:
    nobody = replace(CLICK, sender=None, verdict=Verdict.UNPROVEN)
    foreign = replace(CLICK, verdict=Verdict.CONTRADICTED, feedback_type=FeedbackType.FRAUD)
    assert arrive(desk, *[nobody] * 20, *[foreign] * 20) == []
    assert counted(desk) == 0


def test_opt_out_and_not_spam_are_no_complaints(desk: Desk) -> None:
    arrive(
        desk, replace(CLICK, feedback_type=FeedbackType.NOT_SPAM), replace(CLICK, feedback_type=FeedbackType.OPT_OUT)
    )
    assert counted(desk) == 0


def test_new_evidence_reopens_a_case_that_was_just_resolved(desk: Desk, clock: SetClock) -> None:
    arrive(desk, PERSON)
    resolve(desk, 1001)
    clock.move(timedelta(days=29))
    assert arrive(desk, PERSON) == [1001]
    case = only_case(desk)
    assert (case.status, case.outcome, case.resolved_at, case.report_count) == (CaseStatus.OPEN, None, None, 2)
    assert told(desk, 1001)[-1] == (EventKind.REOPENED, 1)


def test_new_evidence_a_month_later_is_a_new_case(desk: Desk, clock: SetClock) -> None:
    arrive(desk, PERSON)
    resolve(desk, 1001)
    clock.move(timedelta(days=31))
    assert arrive(desk, PERSON) == [1002]


def test_clicks_that_were_decided_on_do_not_reopen_their_case(desk: Desk, clock: SetClock) -> None:
    arrive(desk, *[CLICK] * 8)
    resolve(desk, 1001)
    clock.move(timedelta(days=1))
    assert arrive(desk, *[CLICK] * 4) == []
    assert arrive(desk, CLICK) == [1001]
    assert (only_case(desk).clicks, only_case(desk).raised_at) == (5, None)


def test_one_report_with_two_messages_counts_once_in_a_case(desk: Desk) -> None:
    with desk.work() as work:
        (first,) = stored(work, [PERSON])
        service.route(work, [first, replace(first, position=1)])
    assert only_case(desk).report_count == 1


def test_a_new_account_weighs_more(desk: Desk) -> None:
    with desk.work() as work:
        add_sender(work, "fresh", days=3)
    arrive(desk, PERSON, replace(PERSON, sender="fresh"))
    old, new = cases(desk)
    assert new.priority > old.priority
    assert "new sender, 3 days old" in new.priority_reasons


def test_two_workers_make_one_case_of_one_group_and_lose_no_count(desk: Desk) -> None:
    add = [replace(PERSON, campaign=str(number).encode()) for number in range(20)]
    together = Barrier(4)

    def work_off(turn: int) -> None:
        complaints: Sequence[Incoming] = [*add, *[CLICK] * 10]
        with desk.work() as work:
            mine = stored(work, complaints if turn % 2 else complaints[::-1])
        together.wait(30)
        with desk.work() as work:
            service.route(work, mine)

    with ThreadPoolExecutor(4) as workers:
        list(workers.map(work_off, range(4)))
    made = cases(desk)
    assert len(made) == 21
    assert {case.report_count for case in made if case.kind is CaseKind.SPAM} == {4}
    assert [case.clicks for case in made if case.kind is CaseKind.FEEDBACK] == [40]
    assert counted(desk) == 40


def test_the_number_of_statements_does_not_grow_with_the_batch(desk: Desk) -> None:
    with desk.work() as work:
        few = stored(work, [PERSON, CLICK])
        many = stored(work, [*(replace(PERSON, campaign=bytes([n])) for n in range(200)), *[CLICK] * 200])

    def statements(complaints: Sequence[Incoming]) -> int:
        said: list[object] = []
        sa.event.listen(desk.engine, "before_cursor_execute", lambda *rest: said.append(rest))
        with desk.work() as work:
            service.route(work, complaints)
        return len(said)

    assert statements(many) <= statements(few) + 4


def test_every_report_is_in_its_case(desk: Desk) -> None:
    arrive(desk, PERSON, PERSON, STRANGER)
    with desk.work() as work:
        assert len(work.session.exec(select(CaseReport)).all()) == 3


def test_replayed_mail_is_one_case_of_its_own_and_is_not_held_against_the_sender(desk: Desk) -> None:
    replayed = replace(CLICK, campaign=b"sale", replayed=True)
    assert set(arrive(desk, *[replayed] * 30, replace(PERSON, replayed=True))) == {1001}
    assert (only_case(desk).kind, only_case(desk).report_count) == (CaseKind.REPLAY, 31)
    assert counted(desk) == 0


def test_replayed_mail_does_not_join_what_the_sender_really_sent(desk: Desk) -> None:
    assert arrive(desk, PERSON, replace(PERSON, replayed=True)) == [1001, 1002]
