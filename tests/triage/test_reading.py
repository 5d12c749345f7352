"""The queue as it is asked for: filters, search, order, paging, counts."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.attribution.domain import Verdict
from app.audit.domain import Actor
from app.bootstrap import Desk
from app.errors import NotFound
from app.intake.domain import Category
from app.staff.models import Staff
from app.triage import service
from app.triage.domain import CaseKind, CaseStatus, Outcome
from app.triage.queue import Filter, number_in
from tests.triage.arriving import PERSON, STRANGER, add_sender, arrive

FRAUD = replace(PERSON, category=Category.FRAUD, campaign=b"fraud", verdict=Verdict.LIKELY)


@pytest.fixture
def lee(desk: Desk) -> Actor:
    with desk.work() as work:
        staff = Staff(email="lee@desk.example", created_at=work.now)
        work.session.add(staff)
        work.session.flush()
        return Actor(staff.email, staff.id)


@pytest.fixture(autouse=True)
def _cases(desk: Desk, lee: Actor) -> None:
    """1001 spam of acme (resolved), 1002 fraud of acme (lee's), 1003 spam of nobody known, 1004 spam of globex."""
    with desk.work() as work:
        add_sender(work, "globex", name="Globex 100% Mail")
    arrive(desk, PERSON, reporter="jane@home.example")
    arrive(desk, FRAUD)
    arrive(desk, STRANGER)
    arrive(desk, replace(PERSON, sender="globex"))
    with desk.work() as work:
        service.resolve(work, lee, 1001, Outcome.NO_ACTION, "fine")
        service.claim(work, lee, 1002)


def numbers(desk: Desk, wanted: Filter) -> list[int]:
    with desk.work() as work:
        return [row.number for row in service.queue(work, wanted).rows]


def test_the_most_urgent_case_is_first(desk: Desk) -> None:
    assert numbers(desk, Filter()) == [1002, 1004, 1003]


def test_filters_narrow_the_queue(desk: Desk, lee: Actor) -> None:
    assert numbers(desk, Filter(status=CaseStatus.RESOLVED)) == [1001]
    assert numbers(desk, Filter(kind=CaseKind.FRAUD)) == [1002]
    assert numbers(desk, Filter(verdict=Verdict.UNPROVEN)) == [1003]
    assert numbers(desk, Filter(status=None, sender="acme")) == [1002, 1001]
    assert numbers(desk, Filter(assignee=lee.staff_id)) == [1002]
    assert numbers(desk, Filter(unassigned=True)) == [1004, 1003]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("C1003", [1003]),
        ("1001", [1001]),
        ("glob", [1004]),
        ("ACME MAIL", [1002, 1001]),
        ("100%", [1004]),
        ("%", [1004]),
        ("nothing", []),
        ("99999999999999999999", []),
        ("Jane@Home.example", [1001]),
        ("john@home.example", []),
    ],
)
def test_search_finds_numbers_senders_and_addresses(desk: Desk, text: str, found: list[int]) -> None:
    assert numbers(desk, Filter(status=None, text=text)) == found


def test_pages_go_down_and_up_again(desk: Desk) -> None:
    with desk.work() as work:
        first = service.queue(work, Filter(status=None), limit=3)
        assert (first.newer, len(first.rows)) == (None, 3)
        second = service.queue(work, Filter(status=None), before=first.older, limit=3)
        assert (len(second.rows), second.older) == (1, None)
        assert service.queue(work, Filter(status=None), after=second.newer, limit=3).rows == first.rows
        assert service.queue(work, Filter(status=None), after=second.newer, limit=3).newer is None


def test_saved_views_are_counted(desk: Desk, lee: Actor) -> None:
    with desk.work() as work:
        counts = service.counts(work, lee)
    assert (counts.open, counts.mine, counts.unclaimed, counts.severe) == (3, 1, 2, 1)


def test_a_case_that_is_not_there_says_so(desk: Desk) -> None:
    with pytest.raises(NotFound, match="C4711"), desk.work() as work:
        service.case(work, 4711)


def test_reports_of_a_case_are_listed_with_their_reporters(desk: Desk) -> None:
    with desk.work() as work:
        (report,) = service.reports(work, service.case(work, 1001))
        assert report.reporter == "jane@home.example"
        assert [row.number for row in service.cases_of_report(work, report.id)] == [1001]
        assert service.report(work, report.id) == report


def test_open_cases_are_counted_by_sender(desk: Desk) -> None:
    with desk.work() as work:
        assert service.open_by_sender(work, ["acme", "globex", "other"]) == {"acme": 1, "globex": 1}


@pytest.mark.parametrize(
    ("text", "number"), [("C12", 12), (" #7 ", 7), ("7", 7), ("C", None), ("c1x", None), ("1" * 19, None)]
)
def test_case_numbers_are_understood(text: str, number: int | None) -> None:
    assert number_in(text) == number


def test_arrivals_are_paged_newest_first_without_a_gap(desk: Desk) -> None:
    with desk.work() as work:
        everything = [each.id for each in service.arrivals(work)]
        first = service.arrivals(work, limit=3)
        rest = service.arrivals(work, before=(first[-1].arrived_at, first[-1].id), limit=3)
    assert [each.id for each in (*first, *rest)] == everything
    assert len(everything) == 4
