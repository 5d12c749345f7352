"""`Next case` hands out the most urgent free case, to each who asks another one."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from app.audit.domain import OPERATOR
from app.bootstrap import Desk
from app.errors import Rejected
from app.staff.domain import Role
from app.staff.service import actor_of, members
from app.triage import service
from app.triage.queue import Filter
from app.triage.store import cases as store
from app.uow import Work
from tests.factories.sites import hire
from tests.triage.scene import Scene
from tests.triage.staffed import Enter, case_now, desk, desk_site, enter, said, scene

__all__ = ["desk", "desk_site", "enter", "scene"]


def test_the_most_urgent_free_case_becomes_mine(enter: Enter, scene: Scene) -> None:
    staff = enter(name="kim")
    answer = staff.post("/cases/next", "/queue")
    assert answer.headers["Location"] == f"/cases/{scene.phish.number}"
    assert case_now(scene.desk, scene.phish).assignee == "kim@desk.example"
    words = said(staff.get(answer.headers["Location"]).text)
    assert f"Case C{scene.phish.number} is yours." in words
    assert "claimed the case" in words


def test_it_is_on_the_record_as_a_claim(enter: Enter, scene: Scene) -> None:
    lead = enter(Role.LEAD)
    lead.post("/cases/next", "/queue")
    assert "case.claim" in lead.get(f"/audit?subject=case:{scene.phish.number}").text


def test_what_is_claimed_or_resolved_is_not_handed_out(enter: Enter, scene: Scene) -> None:
    staff, path = enter(), f"/cases/{scene.phish.number}"
    enter(name="kim").post(f"{path}/claim", path)
    path = f"/cases/{scene.clicks.number}"
    staff.post(f"{path}/resolution", path, **{"resolve-outcome": "not abuse", "resolve-reason": "asked for"})
    assert staff.post("/cases/next", "/queue").headers["Location"] == f"/cases/{scene.bare.number}"


def test_where_no_case_is_free_nothing_waits(enter: Enter, scene: Scene) -> None:
    staff = enter()
    given = [staff.post("/cases/next", "/queue").headers["Location"] for _ in range(5)]
    assert given[-1] == "/queue"
    assert len(set(given)) == 5
    assert "Nothing waits: no open case is free." in said(staff.get("/queue").text)


def test_a_case_that_somebody_is_just_claiming_is_passed_over(scene: Scene) -> None:
    with scene.desk.work() as mine, scene.desk.work() as theirs:
        held = [_held(work) for work in (mine, theirs)]
    assert held == [scene.phish.number, scene.clicks.number]


def test_two_at_the_same_moment_never_get_the_same_case(scene: Scene) -> None:
    open_cases = _open(scene.desk)
    hire(scene.desk, "kim@desk.example", Role.AGENT)
    hire(scene.desk, "lee@desk.example", Role.AGENT)
    start = threading.Barrier(2)

    def take_all(email: str) -> list[int]:
        start.wait(10)
        return list(iter(lambda: _next(scene.desk, email), None))

    with ThreadPoolExecutor(2) as pool:
        kim, lee = pool.map(take_all, ["kim@desk.example", "lee@desk.example"])
    assert sorted(kim + lee) == sorted(open_cases)


def test_only_staff_are_given_a_case(scene: Scene) -> None:
    with scene.desk.work() as work, pytest.raises(Rejected, match="Only a staff member"):
        service.claim_next(work, OPERATOR)


def _held(work: Work) -> int | None:
    found = store.hold_next(work.session)
    return found.number if found else None


def _open(desk: Desk) -> list[int]:
    with desk.work() as work:
        return [row.number for row in service.queue(work, Filter()).rows]


def _next(desk: Desk, email: str) -> int | None:
    with desk.work() as work:
        [staff] = [each for each in members(work) if each.email == email]
        return service.claim_next(work, actor_of(staff))
