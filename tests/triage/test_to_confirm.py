"""The view of what waits for a person's word: what a rule did, and what a second person must agree to."""

from __future__ import annotations

import pytest

from app.audit.domain import Actor
from app.bootstrap import Desk
from app.enforcement import service as enforcement
from app.enforcement.automatic import rule_of
from app.enforcement.domain import ActionKind
from app.enforcement.service import Decision
from app.enforcement.service.ruling import load_rules
from app.intake import service as intake
from app.intake.domain import Arrival, Category, Door
from app.pipeline import work_off
from app.triage import service
from app.triage.domain import Outcome
from tests.factories.sites import heading
from tests.triage.scene import BODY, Scene
from tests.triage.staffed import Enter, desk, desk_site, enter, rows_of, said, scene
from tests.triage.test_backtest import PHISHING
from workers.stage.cast import customers
from workers.stage.letters import delivered

__all__ = ["desk", "desk_site", "enter", "scene"]

ANNA = Actor("anna@desk.example")


@pytest.fixture
def held(desk: Desk, scene: Scene) -> int:
    """The number of the case in which a rule held the sender."""
    with desk.work() as work:
        load_rules(work, ANNA, [rule_of(PHISHING)])
        parcel = next(each for each in customers() if each.id == "parcel")
        mail = delivered(parcel, "ed@home.test", "Your parcel waits", BODY)
        intake.store_many(work, [Arrival(mail, Door.FORM, Category.PHISHING, "ed@home.test")])
    work_off(desk, 10)
    with desk.work() as work:
        (action,) = enforcement.in_force(work, "parcel")
    assert action.case_number is not None
    return action.case_number


def test_the_queue_counts_what_a_rule_did_and_says_why_it_is_urgent(enter: Enter, held: int) -> None:
    page = enter().get("/queue")

    assert rows_of(page.text)[0] == str(held)
    assert "To confirm 1" in said(page.text)
    assert "a rule acted: confirm or undo" in said(page.text)


def test_the_view_lists_these_cases_only_and_is_a_page_like_any_other(enter: Enter, held: int) -> None:
    page = enter().get("/queue?confirm=1")

    assert rows_of(page.text) == [str(held)]
    assert 'href="/queue?confirm=1" aria-current="page"' in page.text
    assert heading(page) == "Queue"


def test_a_filter_within_the_view_stays_in_it(enter: Enter, held: int) -> None:
    staff = enter()

    assert rows_of(staff.get("/queue?confirm=1&kind=phishing&status=open").text) == [str(held)]
    assert rows_of(staff.get("/queue?confirm=1&kind=spam").text) == []
    assert "Remove: to confirm" in staff.get("/queue?confirm=1&kind=spam").text


def test_a_resolved_case_waits_there_until_somebody_says_a_word(enter: Enter, desk: Desk, held: int) -> None:
    with desk.work() as work:
        service.resolve(work, ANNA, held, Outcome.WARNED, "They know.")

    staff = enter()
    assert rows_of(staff.get("/queue?confirm=1").text) == [str(held)]
    with desk.work() as work:
        service.confirm(work, ANNA, enforcement.in_force(work, "parcel")[0].id)
    assert "To confirm 0" in said(staff.get("/queue").text)


def test_what_a_second_person_must_agree_to_waits_there_too(enter: Enter, desk: Desk, scene: Scene) -> None:
    with desk.work() as work:
        service.act(work, ANNA, scene.phish.number, Decision(ActionKind.TERMINATE, "Phishing again."))

    assert rows_of(enter().get("/queue?confirm=1").text) == [str(scene.phish.number)]
