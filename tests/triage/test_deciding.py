"""What staff do with a case, and what is written down of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlmodel import col, select

from app.attribution.domain import Verdict
from app.audit import service as audit
from app.audit.domain import OPERATOR, Actor
from app.bootstrap import Desk
from app.enforcement import service as enforcement
from app.enforcement.domain import ActionKind
from app.enforcement.service import Decision
from app.errors import Conflict, NotFound, Rejected
from app.infra.sealing import SealingKey
from app.staff.models import Staff
from app.triage import service
from app.triage.domain import EventKind, Outcome
from app.triage.models import Case, CaseEvent, CaseReport
from app.uow import Work
from tests.triage.arriving import PERSON, STRANGER, SetClock, arrive

CASE = 1001


@pytest.fixture
def lee(desk: Desk) -> Actor:
    return member(desk, "lee@desk.example")


@pytest.fixture
def kim(desk: Desk) -> Actor:
    return member(desk, "kim@desk.example")


def member(desk: Desk, email: str) -> Actor:
    with desk.work() as work:
        staff = Staff(email=email, created_at=work.now)
        work.session.add(staff)
        work.session.flush()
        return Actor(email, staff.id)


def case(desk: Desk) -> Case:
    with desk.work() as work:
        return work.session.exec(select(Case).where(Case.number == CASE)).one()


def newest_line(desk: Desk) -> service.Line:
    with desk.work() as work:
        found = work.session.exec(select(Case).where(Case.number == CASE)).one()
        return service.timeline(work, found.id)[0]


def done(desk: Desk) -> list[str]:
    with desk.work() as work:
        return [entry.action for entry in audit.read(work)][::-1]


@pytest.fixture(autouse=True)
def _case(desk: Desk, clock: SetClock) -> None:
    arrive(desk, PERSON, reporter="jane.doe@home.example")
    clock.move(timedelta(minutes=5))


def test_a_claimed_case_has_an_owner(desk: Desk, lee: Actor) -> None:
    with desk.work() as work:
        service.claim(work, lee, CASE)
    assert case(desk).assignee_id == lee.staff_id
    assert newest_line(desk).kind is EventKind.CLAIMED
    assert done(desk) == ["case.claim"]


def test_claiming_twice_changes_nothing(desk: Desk, lee: Actor) -> None:
    with desk.work() as work:
        service.claim(work, lee, CASE)
        service.claim(work, lee, CASE)
    assert done(desk) == ["case.claim"]


@pytest.mark.parametrize(
    "act",
    [
        lambda work, actor: service.claim(work, actor, CASE),
        lambda work, actor: service.release(work, actor, CASE),
        lambda work, actor: service.suspend(work, actor, CASE, "spam"),
        lambda work, actor: service.resolve(work, actor, CASE, Outcome.NO_ACTION, "fine"),
    ],
    ids=["claim", "release", "suspend", "resolve"],
)
def test_a_case_of_somebody_else_is_left_alone(
    desk: Desk, lee: Actor, kim: Actor, act: Callable[[Work, Actor], None]
) -> None:
    with desk.work() as work:
        service.claim(work, lee, CASE)
    with pytest.raises(Conflict, match="claimed by somebody else"), desk.work() as work:
        act(work, kim)
    assert done(desk) == ["case.claim"]


@pytest.mark.parametrize(
    "act",
    [
        lambda work, actor: service.claim(work, actor, CASE),
        lambda work, actor: service.suspend(work, actor, CASE, "spam"),
        lambda work, actor: service.resolve(work, actor, CASE, Outcome.NO_ACTION, "fine"),
    ],
    ids=["claim", "suspend", "resolve"],
)
def test_a_resolved_case_is_left_alone(desk: Desk, lee: Actor, act: Callable[[Work, Actor], None]) -> None:
    with desk.work() as work:
        service.resolve(work, lee, CASE, Outcome.NOT_ABUSE, "asked for it")
    with pytest.raises(Conflict, match="resolved already"), desk.work() as work:
        act(work, lee)


def test_a_released_case_is_free_again(desk: Desk, lee: Actor, kim: Actor) -> None:
    with desk.work() as work:
        service.claim(work, lee, CASE)
        service.release(work, lee, CASE)
        service.claim(work, kim, CASE)
    assert case(desk).assignee_id == kim.staff_id


def test_a_case_without_owner_cannot_be_released(desk: Desk, lee: Actor) -> None:
    with pytest.raises(Conflict, match="nobody"), desk.work() as work:
        service.release(work, lee, CASE)


def test_only_staff_can_claim(desk: Desk) -> None:
    with pytest.raises(Rejected, match="staff"), desk.work() as work:
        service.claim(work, OPERATOR, CASE)


def test_a_note_is_read_again_as_written_and_stands_sealed_in_the_database(desk: Desk, lee: Actor) -> None:
    with desk.work() as work:
        service.note(work, lee, CASE, "Spoke to bob@acme.example.\0")
    assert newest_line(desk).words == "Spoke to bob@acme.example."
    with desk.work() as work:
        kept = work.session.exec(select(CaseEvent.text).where(CaseEvent.kind == EventKind.NOTED)).one()
    assert kept is not None
    assert b"bob" not in kept


@pytest.mark.parametrize("text", ["", " \n\t", "x" * 4_001])
def test_a_note_needs_words_and_not_too_many(desk: Desk, lee: Actor, text: str) -> None:
    with pytest.raises(Rejected), desk.work() as work:
        service.note(work, lee, CASE, text)


def test_a_note_is_found_by_the_addresses_in_it_and_can_be_forgotten(desk: Desk, lee: Actor) -> None:
    with desk.work() as work:
        service.note(work, lee, CASE, "Spoke to Bob@acme.example.")
    with desk.work() as work:
        owners = work.vault.mentioning("bob@acme.example")
        assert service.forget_events(work, owners) == 1
        assert work.session.get(SealingKey, owners[0]) is None
    line = newest_line(desk)
    assert (line.kind, line.words) == (EventKind.NOTED, None)


def test_words_are_forgotten_their_time_after_the_case_was_resolved(desk: Desk, lee: Actor, clock: SetClock) -> None:
    with desk.work() as work:
        service.note(work, lee, CASE, "old")
        service.resolve(work, lee, CASE, Outcome.NO_ACTION, "done")
    clock.move(timedelta(days=400))
    with desk.work() as work:
        service.note(work, lee, CASE, "new")
        assert service.forget_events(work, service.worded_before(work, work.now - timedelta(days=365), 10)) == 2
    assert newest_line(desk).words == "new"


def test_words_of_an_open_case_stay(desk: Desk, lee: Actor, clock: SetClock) -> None:
    with desk.work() as work:
        service.note(work, lee, CASE, "old")
    clock.move(timedelta(days=400))
    with desk.work() as work:
        assert service.worded_before(work, work.now - timedelta(days=365), 10) == []
    assert newest_line(desk).words == "old"


def test_a_suspension_from_a_case_stops_its_sender_and_names_the_case(desk: Desk, lee: Actor) -> None:
    with desk.work() as work:
        service.suspend(work, lee, CASE, "phishing for bank log-ins")
    with desk.work() as work:
        active = enforcement.active_suspension(work, "acme")
    assert active is not None
    assert (active.case_number, active.by, active.reason) == (CASE, "lee@desk.example", "phishing for bank log-ins")
    assert (newest_line(desk).kind, newest_line(desk).words) == (EventKind.SUSPENDED, "phishing for bank log-ins")
    assert done(desk) == ["sender.suspend", "case.suspend"]


@pytest.mark.parametrize("verdict", [Verdict.UNPROVEN, Verdict.CONTRADICTED])
def test_a_suspension_needs_a_verdict_that_is_at_least_likely(desk: Desk, lee: Actor, verdict: Verdict) -> None:
    with desk.work() as work:
        work.session.execute(sa.update(Case).values(verdict=verdict))
    with pytest.raises(Conflict, match="at least likely"), desk.work() as work:
        service.suspend(work, lee, CASE, "spam")
    with desk.work() as work:
        assert enforcement.active_suspension(work, "acme") is None


def test_nobody_is_suspended_for_a_case_without_a_sender(desk: Desk, lee: Actor) -> None:
    (number,) = arrive(desk, STRANGER)
    with pytest.raises(Conflict, match="No sender is known"), desk.work() as work:
        service.suspend(work, lee, number, "spam")


def test_a_second_suspension_leaves_no_trace(desk: Desk, lee: Actor) -> None:
    with desk.work() as work:
        service.suspend(work, lee, CASE, "spam")
    with pytest.raises(Conflict, match="suspended already"), desk.work() as work:
        service.suspend(work, lee, CASE, "spam")
    assert done(desk) == ["sender.suspend", "case.suspend"]


def test_a_sender_is_reinstated_from_its_resolved_case(desk: Desk, lee: Actor) -> None:
    with desk.work() as work:
        service.suspend(work, lee, CASE, "spam")
        service.resolve(work, lee, CASE, Outcome.SUSPENDED, "spam")
    with desk.work() as work:
        service.reinstate(work, lee, CASE, "list cleaned")
    with desk.work() as work:
        assert enforcement.active_suspension(work, "acme") is None
    assert newest_line(desk).kind is EventKind.REINSTATED


def test_a_case_whose_limit_stands_is_not_told_of_a_reinstatement(desk: Desk, lee: Actor) -> None:
    (other,) = arrive(desk, replace(PERSON, campaign=b"other"))
    with desk.work() as work:
        service.act(work, lee, other, Decision(ActionKind.THROTTLE, "slow", per_hour=9))
        service.suspend(work, lee, CASE, "spam")
    with desk.work() as work:
        service.reinstate(work, lee, CASE, "list cleaned")
        told = [each.kind for each in service.timeline(work, service.case(work, other).id)]

    assert EventKind.REINSTATED not in told


def test_a_reinstatement_in_no_case_is_told_in_the_one_that_stopped_the_sender(desk: Desk, lee: Actor) -> None:
    with desk.work() as work:
        service.suspend(work, lee, CASE, "spam")
    with desk.work() as work:
        assert len(service.reinstate_sender(work, lee, "acme", "list cleaned")) == 1

    assert newest_line(desk).kind is EventKind.REINSTATED


def test_a_case_cannot_say_suspended_while_the_sender_sends(desk: Desk, lee: Actor) -> None:
    with pytest.raises(Conflict, match="not suspended"), desk.work() as work:
        service.resolve(work, lee, CASE, Outcome.SUSPENDED, "spam")


def test_a_resolved_case_has_outcome_reason_and_time(desk: Desk, lee: Actor, clock: SetClock) -> None:
    with desk.work() as work:
        service.resolve(work, lee, CASE, Outcome.WARNED, "first time")
    resolved = case(desk)
    assert (resolved.outcome, resolved.resolved_at) == (Outcome.WARNED, clock.now())
    line = newest_line(desk)
    assert (line.kind, line.outcome, line.words) == (EventKind.RESOLVED, Outcome.WARNED, "first time")


def test_an_unmasked_reporter_is_on_the_record(desk: Desk, lee: Actor) -> None:
    with desk.work() as work:
        report = work.session.exec(select(CaseReport.report_id)).one()
        assert service.unmask(work, lee, CASE, report, "asked us to call back") == "jane.doe@home.example"
    assert newest_line(desk).words == "asked us to call back"
    assert done(desk) == ["case.unmask"]


def test_a_reporter_is_unmasked_only_from_a_case_of_that_report(desk: Desk, lee: Actor) -> None:
    (other,) = arrive(desk, STRANGER)
    with desk.work() as work:
        report = work.session.exec(
            select(CaseReport.report_id)
            .join(Case, col(Case.id) == col(CaseReport.case_id))
            .where(Case.number == other)
        ).one()
    with pytest.raises(NotFound), desk.work() as work:
        service.unmask(work, lee, CASE, report, "curious")


def test_acts_on_a_case_that_is_not_there_say_so(desk: Desk, lee: Actor) -> None:
    with pytest.raises(NotFound, match="C4711"), desk.work() as work:
        service.claim(work, lee, 4711)


def test_the_reporter_learns_the_outcome_and_nothing_of_staff_or_sender(desk: Desk, lee: Actor) -> None:
    with desk.work() as work:
        report = work.session.exec(select(CaseReport.report_id)).one()
        assert service.reporter_view(work, report) == (None, None)
        service.suspend(work, lee, CASE, "secret words")
        service.resolve(work, lee, CASE, Outcome.SUSPENDED, "secret words")
    with desk.work() as work:
        decided_at, outcome = service.reporter_view(work, report)
    assert decided_at is not None
    assert outcome is not None
    assert not {"secret", "acme", "Acme", "lee"} & set(outcome.replace(".", "").split())


def test_every_outcome_has_words_for_the_reporter(desk: Desk, lee: Actor, clock: SetClock) -> None:
    for outcome in set(Outcome) - {Outcome.SUSPENDED}:
        (number,) = arrive(desk, replace(PERSON, campaign=outcome.encode()))
        with desk.work() as work:
            service.resolve(work, lee, number, outcome, "because")
            found = select(CaseReport.report_id).join(Case, col(Case.id) == col(CaseReport.case_id))
            report = work.session.exec(found.where(Case.number == number)).one()
            assert service.reporter_view(work, report).outcome
