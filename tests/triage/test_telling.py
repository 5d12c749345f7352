"""What is said after an act, to whom it was done, and the way back; what the queue says is new."""

from __future__ import annotations

import html
import re

import pytest

from app.bootstrap import Desk
from app.enforcement import service as enforcement
from app.intake.domain import ReportState
from app.staff.domain import PERMISSIONS, Permission, Role
from app.triage import service
from app.triage.store.cases import hold
from app.web.site import Site
from tests.factories.sites import Visitor
from tests.triage.scene import Scene
from tests.triage.staffed import Enter, case_now, desk, desk_site, enter, said, scene

__all__ = ["desk", "desk_site", "enter", "scene"]


def flash(page: str) -> str:
    """The first flash of a page, as HTML."""
    found = re.search(r'<div class="flash.*?</div>', page, re.DOTALL)
    return found.group(0) if found else ""


def test_a_claim_offers_to_be_given_back_and_is(enter: Enter, scene: Scene) -> None:
    staff, path = enter(), f"/cases/{scene.phish.number}"
    staff.post(f"{path}/claim", path)
    told = flash(staff.get(path).text)
    assert f'action="{path}/release"' in told
    assert "Undo: give it back" in said(told)
    staff.post(f"{path}/release", path)
    assert case_now(scene.desk, scene.phish).assignee is None


def test_a_suspension_names_the_sender_and_is_undone_in_one_click(enter: Enter, scene: Scene) -> None:
    staff, path = enter(), f"/cases/{scene.phish.number}"
    staff.post(f"{path}/suspension", path, **{"suspend-reason": "phishing"})
    page = staff.get(path).text
    assert "The sender Parcel Pilot is suspended" in said(flash(page))
    [undo] = re.findall(r'action="(/actions/[0-9a-f-]+/undo)"', flash(page))
    staff.post(undo, path)
    with scene.desk.work() as work:
        assert enforcement.active_suspension(work, "parcel") is None


def test_who_may_not_reinstate_is_offered_no_undo(
    enter: Enter, scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(PERMISSIONS, Role.SENIOR, PERMISSIONS[Role.SENIOR] - {Permission.REINSTATE})
    staff, path = enter(Role.SENIOR), f"/cases/{scene.phish.number}"
    staff.post(f"{path}/suspension", path, **{"suspend-reason": "phishing"})
    told = flash(staff.get(path).text)
    assert "is suspended" in said(told)
    assert "Undo" not in said(told)


def test_every_act_says_what_was_done_and_to_whom(enter: Enter, scene: Scene) -> None:
    staff, number = enter(), scene.phish.number
    path = f"/cases/{number}"
    acts = {
        "claim": ({}, f"Case C{number} is yours."),
        "notes": ({"note-text": "x"}, f"Your note is in the timeline of case C{number}."),
        "suspension": ({"suspend-reason": "x"}, "The sender Parcel Pilot is suspended"),
        "suspension/lift": ({"reinstate-reason": "x"}, f"The sender Parcel Pilot of case C{number} may send again."),
        "release": ({}, f"Case C{number} is free for others again."),
        "resolution": ({"resolve-outcome": "not abuse", "resolve-reason": "x"}, f"Case C{number} is resolved"),
    }
    for act, (fields, words) in acts.items():
        staff.post(f"{path}/{act}", path, **fields)
        assert words in said(flash(staff.get(path).text)), act


def test_reinstating_from_its_page_names_the_sender(enter: Enter, scene: Scene) -> None:
    staff, path = enter(), f"/cases/{scene.phish.number}"
    staff.post(f"{path}/suspension", path, **{"suspend-reason": "phishing"})
    staff.post("/senders/parcel/suspension/lift", "/senders/parcel", **{"reinstate-reason": "mended"})
    assert "The sender Parcel Pilot may send again." in said(staff.get("/senders/parcel").text)
    with scene.desk.work() as work:
        assert enforcement.active_suspension(work, "parcel") is None


def test_a_report_read_again_is_named(enter: Enter, scene: Scene) -> None:
    staff = enter()
    with scene.desk.work() as work:
        report = service.arrivals(work, ReportState.QUARANTINED)[0]
    staff.post(f"/reports/{report.id}/reread", "/quarantine")
    assert f"Report {report.receipt[:5]}… is being read again." in said(staff.get(f"/reports/{report.id}").text)


# What is new


def news_of(staff: Visitor, query: str = "") -> str:
    """Where the queue asks what is new."""
    found = re.search(r'data-news="([^"]+)"', staff.get(f"/queue{query}").text)
    assert found is not None
    return html.unescape(found.group(1))


def changed(staff: Visitor, news: str) -> object:
    return staff.get(news).get_json()["changed"]


def touch(desk: Desk, number: int) -> None:
    """The case changes now."""
    with desk.work() as work:
        case = hold(work.session, number)
        assert case is not None
        case.updated_at = work.now


def test_what_changes_after_the_page_was_made_is_counted(enter: Enter, scene: Scene) -> None:
    staff = enter()
    news = news_of(staff)
    assert changed(staff, news) == 0
    touch(scene.desk, scene.clicks.number)
    touch(scene.desk, scene.foreign.number)
    assert changed(staff, news) == 2
    assert changed(staff, news_of(staff)) == 0


def test_only_what_fits_the_filters_of_the_page_is_counted(enter: Enter, scene: Scene) -> None:
    staff = enter()
    phishing = news_of(staff, "?kind=phishing&before=100-9999&_external=1&endpoint=x")
    touch(scene.desk, scene.clicks.number)
    assert changed(staff, phishing) == 0
    touch(scene.desk, scene.phish.number)
    assert changed(staff, phishing) == 1


def test_a_mistyped_question_for_news_has_none(enter: Enter, scene: Scene) -> None:
    staff = enter()
    for query in ("", "?since=", "?since=now", "?since=2026-11-22T12:00:00", "?since=%00", "?since=9999"):
        assert changed(staff, f"/queue/news{query}") == 0, query


def test_news_is_for_those_who_may_read_cases(enter: Enter, desk_site: Site, scene: Scene) -> None:
    assert Visitor(desk_site.test_client()).get("/queue/news").status_code == 302
    assert enter(Role.AUDITOR).get("/queue/news").status_code == 200
