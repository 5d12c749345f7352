"""A sender is stopped and let go again, each with a reason, and the record shows it."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import sqlalchemy as sa

from app.audit.domain import Actor
from app.audit.service import read
from app.bootstrap import Desk
from app.enforcement import service
from app.enforcement.domain import ActionFact, ActionKind, case_reference
from app.enforcement.service import Decision, SuspendedLogin
from app.errors import Conflict, NotFound, Rejected
from app.senders import service as senders
from app.senders.domain import SenderStatus
from tests.factories.customers import customers

ANNA = Actor("anna@desk.test", 1)
BEN = Actor("ben@desk.test", 2)


@pytest.fixture(autouse=True)
def two_customers(desk: Desk) -> None:
    customers(
        desk,
        acme=[("login", "mailer@acme.test"), ("login", "News@Acme.test"), ("dkim", "acme.test")],
        beta=[("login", "mailer@beta.test")],
    )


def suspend(desk: Desk, sender: str = "acme", case: int | None = 1001, reason: str = "phishing") -> None:
    with desk.work() as work:
        service.act(work, ANNA, sender, Decision(ActionKind.SUSPEND, reason, case_number=case))


def reinstate(desk: Desk, sender: str = "acme", case: int | None = 1001, reason: str = "mended") -> None:
    with desk.work() as work:
        service.reinstate(work, BEN, sender, case_number=case, reason=reason)


def test_every_login_of_a_suspended_sender_is_stopped_and_no_other(desk: Desk) -> None:
    suspend(desk)

    with desk.work() as work:
        assert set(service.suspended_logins(work)) == {
            SuspendedLogin("mailer@acme.test", "acme", 1001),
            SuspendedLogin("news@acme.test", "acme", 1001),
        }


def test_a_suspension_says_who_when_why_and_in_which_case(desk: Desk) -> None:
    suspend(desk, reason="  sends phishing  ")

    with desk.work() as work:
        active = service.active_suspension(work, "acme")
        status = senders.find(work, "acme").status
    assert active is not None
    assert (active.by, active.reason, active.case_number) == (ANNA.name, "sends phishing", 1001)
    assert active.ended_at is None
    assert status is SenderStatus.SUSPENDED


def test_a_reinstated_sender_may_send_again(desk: Desk) -> None:
    suspend(desk)
    reinstate(desk)

    with desk.work() as work:
        assert service.suspended_logins(work) == ()
        assert service.active_suspension(work, "acme") is None
        assert senders.find(work, "acme").status is SenderStatus.ACTIVE


def test_the_history_holds_both_reasons(desk: Desk) -> None:
    suspend(desk, reason="first")
    reinstate(desk, reason="explained")
    suspend(desk, case=None, reason="second")

    told = [(each.reason, each.case_number, each.ended_by, each.end_reason) for each in _history(desk)]
    assert told == [("second", None, None, None), ("first", 1001, BEN.name, "explained")]


def _history(desk: Desk) -> tuple[ActionFact, ...]:
    with desk.work() as work:
        return service.history(work, "acme")


def test_the_record_shows_both(desk: Desk) -> None:
    suspend(desk)
    reinstate(desk, case=None)

    with desk.work() as work:
        newest_first = read(work, subject="sender:acme")
    assert [(each.actor, each.action, each.detail) for each in newest_first] == [
        (BEN.name, "sender.reinstate", {"reason": "mended"}),
        (ANNA.name, "sender.suspend", {"case": "C1001", "reason": "phishing"}),
    ]


def test_a_suspended_sender_cannot_be_suspended_again(desk: Desk) -> None:
    suspend(desk)

    with pytest.raises(Conflict, match="Sender acme is suspended already"):
        suspend(desk)


def test_of_many_suspending_at_once_one_succeeds(desk: Desk) -> None:
    def attempt(_: int) -> str:
        try:
            suspend(desk)
        except Conflict:
            return "refused"
        return "done"

    with ThreadPoolExecutor(6) as threads:
        assert sorted(threads.map(attempt, range(6))) == ["done"] + ["refused"] * 5


def test_a_sender_that_is_not_suspended_cannot_be_reinstated(desk: Desk) -> None:
    with pytest.raises(Conflict, match="Sender beta is not suspended"):
        reinstate(desk, "beta")


def test_a_closed_sender_is_not_suspended(desk: Desk) -> None:
    with desk.work() as work:
        senders.set_status(work, "beta", SenderStatus.CLOSED)

    with pytest.raises(Conflict, match="closed"):
        suspend(desk, "beta")


@pytest.mark.parametrize("act", [suspend, reinstate])
def test_an_unknown_sender_is_not_found(desk: Desk, act: Callable[..., None]) -> None:
    with pytest.raises(NotFound):
        act(desk, "nobody")


@pytest.mark.parametrize("act", [suspend, reinstate])
@pytest.mark.parametrize("reason", ["", " \n\t", "x" * 4001])
def test_a_reason_is_needed_and_has_a_limit(desk: Desk, act: Callable[..., None], reason: str) -> None:
    with pytest.raises(Rejected, match="reason"):
        act(desk, "acme", None, reason)


def test_what_fails_changes_nothing(desk: Desk) -> None:
    with pytest.raises(RuntimeError), desk.work() as work:
        service.act(work, ANNA, "acme", Decision(ActionKind.SUSPEND, "phishing"))
        raise RuntimeError("later on")

    with desk.work() as work:
        assert service.suspended_logins(work) == ()
        assert senders.find(work, "acme").status is SenderStatus.ACTIVE


def test_each_change_gives_another_version_and_nothing_else_does(desk: Desk) -> None:
    seen = [_version(desk)]
    for change in (suspend, reinstate, suspend):
        change(desk)
        seen.append(_version(desk))

    assert len(set(seen)) == 4
    assert _version(desk) == seen[-1]


def _version(desk: Desk) -> str:
    with desk.work() as work:
        return service.version(work)


def test_reasons_do_not_stand_in_the_database_in_clear(desk: Desk) -> None:
    suspend(desk, reason="complaint of karl")
    reinstate(desk, reason="talked to karl")

    with desk.engine.connect() as connection:
        rows = connection.execute(sa.text("select reason, end_reason from action")).all()
    assert all(b"karl" not in bytes(value) for row in rows for value in row)


def test_an_address_in_either_reason_leads_to_the_suspension(desk: Desk) -> None:
    suspend(desk, reason="see karl@example.org")
    reinstate(desk, reason="says Lena@Example.org")

    with desk.work() as work:
        for address in ("karl@example.org", "lena@example.org"):
            assert len(service.among(work, work.vault.mentioning(address))) == 1


def test_forgotten_words_leave_the_suspension_standing(desk: Desk) -> None:
    suspend(desk, reason="see karl@example.org")
    with desk.work() as work:
        words = service.worded_before(work, work.now + timedelta(seconds=1), 10)
        assert service.forget(work, words) == 1

    with desk.work() as work:
        active = service.active_suspension(work, "acme")
        assert active is not None and active.reason is None
        assert len(service.suspended_logins(work)) == 2
        assert service.worded_before(work, work.now + timedelta(seconds=1), 10) == []


def test_a_sender_whose_reason_was_forgotten_can_be_reinstated(desk: Desk) -> None:
    suspend(desk)
    with desk.work() as work:
        service.forget(work, service.worded_before(work, work.now + timedelta(seconds=1), 10))

    reinstate(desk, reason="mended")

    assert [(each.reason, each.end_reason) for each in _history(desk)] == [(None, "mended")]


def test_a_case_has_one_way_to_be_written() -> None:
    assert case_reference(1001) == "C1001"


def test_a_sender_that_the_roster_brings_as_suspended_is_stopped_and_can_be_reinstated(desk: Desk) -> None:
    customers(desk, gone=[("login", "mailer@gone.test")])
    with desk.work() as work:
        senders.set_status(work, "gone", SenderStatus.SUSPENDED)
        assert service.suspended_logins(work) == (SuspendedLogin("mailer@gone.test", "gone", None),)

    reinstate(desk, "gone", case=None)

    with desk.work() as work:
        assert service.suspended_logins(work) == ()
        assert senders.find(work, "gone").status is SenderStatus.ACTIVE
