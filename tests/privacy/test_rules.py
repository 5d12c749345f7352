"""What is forgotten when, how much of it, what stays, and what is left as the record of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

import pytest
import sqlalchemy as sa

from app.audit import service as audit
from app.audit.domain import OPERATOR
from app.bootstrap import Desk
from app.enforcement import service as enforcement
from app.errors import Rejected
from app.intake import service as intake
from app.intake.domain import Arrival, Category, Door
from app.notices import service as notices
from app.privacy import service
from app.triage import service as triage
from app.triage.domain import Outcome
from app.uow import Work
from tests.privacy.planted import CASE, LEE, Planted
from tests.triage.arriving import SetClock

NOTHING = {
    "raw messages": 0,
    "reports": 0,
    "timeline lines": 0,
    "suspensions": 0,
    "notices": 0,
    "audit details": 0,
    "sent mails": 0,
    "later mails": 0,
    "daily volumes": 0,
}
PLANTED = {
    "raw messages": 3,
    "reports": 3,
    "timeline lines": 1,
    "suspensions": 1,
    "notices": 1,
    "law notes": 1,
    "audit details": 2,
    "suppressed addresses": 0,
    "others": 0,
    "sent mails": 0,
}


def forgettings(desk: Desk) -> list[tuple[str, str, dict[str, int]]]:
    with desk.engine.connect() as connection:
        return [(by, cause, counts) for by, cause, counts in connection.execute(FORGETTINGS)]


FORGETTINGS = sa.text("select by, cause, counts from forgetting order by at")


def everything(desk: Desk) -> list[tuple[object, ...]]:
    """All rows of all tables, to see whether anything changed."""
    with desk.engine.connect() as connection:
        tables = connection.execute(sa.text("select tablename from pg_tables where schemaname = 'public' order by 1"))
        names = [name for (name,) in tables]
        return [
            (name, *row) for name in names for row in connection.execute(sa.text(f'select t::text from "{name}" t'))
        ]


def write_in(desk: Desk, reporter: str) -> Arrival:
    """Another person's report, not yet read."""
    arrival = Arrival(f"Subject: from {reporter}\r\n\r\ntext\r\n".encode(), Door.FORM, Category.SPAM, reporter)
    with desk.work() as work:
        intake.store(work, arrival)
    return arrival


def test_nothing_is_forgotten_before_its_time(desk: Desk, planted: Planted, clock: SetClock) -> None:
    clock.move(timedelta(days=89, hours=23))

    assert service.retain(desk.work) == NOTHING
    assert forgettings(desk) == []


def test_raw_messages_go_first(desk: Desk, planted: Planted, clock: SetClock) -> None:
    clock.move(timedelta(days=90, seconds=1))

    assert service.retain(desk.work) == NOTHING | {"raw messages": 3}
    with desk.work() as work:
        assert intake.raw_of(work, planted.form) is None
        assert intake.reporters(work, [intake.find(work, planted.form)]) == {planted.form: planted.address}


def test_everything_personal_goes_after_a_year_but_for_open_cases(
    desk: Desk, planted: Planted, clock: SetClock
) -> None:
    clock.move(timedelta(days=366))

    counts = service.retain(desk.work)

    assert (counts["reports"], counts["suspensions"], counts["notices"], counts["timeline lines"]) == (3, 1, 1, 0)
    with desk.work() as work:
        [noted] = [line.words for line in triage.timeline(work, triage.case(work, CASE).id) if line.words]
    assert planted.address in noted


def test_the_words_of_a_case_go_a_year_after_it_was_resolved(desk: Desk, planted: Planted, clock: SetClock) -> None:
    clock.move(timedelta(days=300))
    with desk.work() as work:
        triage.resolve(work, LEE, CASE, Outcome.NO_ACTION, "done")
    clock.move(timedelta(days=300))
    assert service.retain(desk.work)["timeline lines"] == 0
    clock.move(timedelta(days=66))

    assert service.retain(desk.work)["timeline lines"] == 2


def test_a_dry_run_says_what_is_due_and_changes_nothing(desk: Desk, planted: Planted, clock: SetClock) -> None:
    clock.move(timedelta(days=366))
    before = everything(desk)

    told = service.retain(desk.work, dry_run=True)

    assert everything(desk) == before
    assert told == service.retain(desk.work)


def test_a_second_run_finds_nothing_but_the_first_runs_own_entry_later(
    desk: Desk, planted: Planted, clock: SetClock
) -> None:
    clock.move(timedelta(days=366))
    service.retain(desk.work)

    assert service.retain(desk.work) == NOTHING
    assert len(forgettings(desk)) == 1


def test_many_are_forgotten_in_small_steps(desk: Desk, clock: SetClock, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(7):
        write_in(desk, f"p{number}@people.example")
    monkeypatch.setattr(service, "STEP", 2)
    clock.move(timedelta(days=366))

    assert service.retain(desk.work) == NOTHING | {"raw messages": 7, "reports": 7}


def test_a_run_that_died_halfway_is_finished_by_the_next(
    desk: Desk, clock: SetClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(5):
        write_in(desk, f"p{number}@people.example")
    monkeypatch.setattr(service, "STEP", 2)
    clock.move(timedelta(days=366))
    steps = iter([True, True])
    [raw, *others] = service.RULES

    def dies(work: Work, reports: Sequence[UUID]) -> int:
        if not next(steps, False):
            raise RuntimeError("killed")
        return raw.forget(work, reports)

    with monkeypatch.context() as patched, pytest.raises(RuntimeError):
        patched.setattr(service, "RULES", (service.Rule(raw.name, raw.days, raw.due, dies), *others))
        service.retain(desk.work)

    assert service.retain(desk.work) == NOTHING | {"raw messages": 1, "reports": 5}


def test_retention_leaves_a_record_with_counts_only(desk: Desk, planted: Planted, clock: SetClock) -> None:
    clock.move(timedelta(days=91))
    service.retain(desk.work)

    assert forgettings(desk) == [("system", "retention", NOTHING | {"raw messages": 3})]
    with desk.work() as work:
        newest = audit.read(work, limit=1)[0]
    assert (newest.actor, newest.action) == ("system", "privacy.retention")


def test_erasure_counts_what_it_forgot(desk: Desk, planted: Planted) -> None:
    assert service.erase(desk.work, OPERATOR, planted.address) == service.Erased(PLANTED, 0)


@pytest.mark.parametrize("written", ["{}", " {} ", "<{}>", "Karl <{}>"])
def test_an_address_counts_however_it_is_written(desk: Desk, planted: Planted, written: str) -> None:
    erased = service.erase(desk.work, OPERATOR, written.format(planted.address.upper()), dry_run=True)

    assert erased.counts == PLANTED


def test_an_erasure_in_small_steps_forgets_as_much(
    desk: Desk, planted: Planted, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "STEP", 1)

    assert service.erase(desk.work, OPERATOR, planted.address).counts == PLANTED


def test_a_dry_erasure_changes_nothing(desk: Desk, planted: Planted) -> None:
    before = everything(desk)

    assert service.erase(desk.work, OPERATOR, planted.address, dry_run=True).counts == PLANTED
    assert everything(desk) == before


def test_an_erasure_is_on_the_record_without_saying_whose(desk: Desk, planted: Planted) -> None:
    service.erase(desk.work, LEE, planted.address)

    assert forgettings(desk) == [(LEE.name, "erasure", PLANTED)]
    with desk.work() as work:
        entry = audit.read(work, limit=1)[0]
        hashed = work.vault.look_up_key("address", planted.address)
    assert (entry.actor, entry.action, entry.subject) == (LEE.name, "privacy.erase", "privacy")
    assert entry.detail == {name: str(number) for name, number in PLANTED.items()}
    assert hashed.hex() not in repr(everything(desk))


def test_a_second_erasure_finds_nothing_and_says_so(desk: Desk, planted: Planted) -> None:
    service.erase(desk.work, OPERATOR, planted.address)

    assert not any(service.erase(desk.work, OPERATOR, planted.address).counts.values())
    assert len(forgettings(desk)) == 2


def test_other_peoples_reports_stay(desk: Desk, planted: Planted) -> None:
    arrival = write_in(desk, "lena@people.example")

    service.erase(desk.work, OPERATOR, planted.address)

    with desk.work() as work:
        [other] = [each for each in intake.page(work) if each.id not in planted.reports]
        assert intake.reporters(work, [other]) == {other.id: "lena@people.example"}
        assert intake.raw_of(work, other.id) == arrival.raw


def test_reports_that_nobody_read_yet_are_told_of(desk: Desk, planted: Planted) -> None:
    write_in(desk, "lena@people.example")
    write_in(desk, "nina@people.example")

    assert service.erase(desk.work, OPERATOR, "lena@people.example").unread == 1


def test_a_reporter_is_known_by_the_form_before_anybody_read_the_report(desk: Desk) -> None:
    with desk.work() as work:
        words = {"what": "Ask my neighbour Nina@people.example."}
        intake.store(work, Arrival(b"Subject: x\r\n\r\n", Door.FORM, Category.SPAM, "lena@people.example", words))

    for address in ("lena@people.example", "nina@people.example"):
        assert service.erase(desk.work, OPERATOR, address, dry_run=True).counts["reports"] == 1


def test_the_same_complaint_may_come_again_after_it_was_forgotten(desk: Desk) -> None:
    arrival = write_in(desk, "lena@people.example")
    service.erase(desk.work, OPERATOR, "lena@people.example")

    with desk.work() as work:
        assert not intake.store(work, arrival).duplicate


def test_what_is_erased_while_it_waits_is_not_worked_off_any_more(desk: Desk) -> None:
    write_in(desk, "lena@people.example")
    service.erase(desk.work, OPERATOR, "lena@people.example")

    with desk.work() as work:
        assert intake.claim(work, 10) == []


def test_a_suspension_stays_in_force_when_its_reason_is_forgotten(desk: Desk, planted: Planted) -> None:
    service.erase(desk.work, OPERATOR, planted.address)

    with desk.work() as work:
        assert [each.login for each in enforcement.suspended_logins(work)] == ["mailer@acme.test"]


def test_a_notice_that_was_still_to_be_sent_goes_nowhere_once_its_recipient_is_forgotten(
    desk: Desk, planted: Planted
) -> None:
    service.erase(desk.work, OPERATOR, planted.address)

    assert notices.notify(desk.work, desk.mailer) == notices.Sent()
    with desk.work() as work:
        suspension = enforcement.active_suspension(work, "acme")
        assert suspension is not None
        [notice] = notices.of_actions(work, [suspension.id])[suspension.id]
    assert (notice.state, notice.said) == ("not-sent", "The contact it was to go to was forgotten.")


@pytest.mark.parametrize("written", ["", "karl", "@", "<>"])
def test_what_is_no_address_is_refused(desk: Desk, written: str) -> None:
    with pytest.raises(Rejected, match="not an e-mail address"):
        service.erase(desk.work, OPERATOR, written)
