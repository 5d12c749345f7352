"""The pages by which staff act on a sender: what each role may do, what lacks, what is undone, who must agree."""

from __future__ import annotations

import pytest

from app.enforcement import service as enforcement
from app.enforcement.domain import ActionFact, ActionKind, Waiting
from app.staff.domain import Role
from tests.factories.sites import Visitor, faults
from tests.triage.scene import Scene
from tests.triage.staffed import Enter, desk, desk_site, enter, said, scene

__all__ = ["desk", "desk_site", "enter", "scene"]


def act(staff: Visitor, number: int, kind: str, **given: str) -> int:
    return act_at(staff, f"/cases/{number}", kind, **given)


def act_at(staff: Visitor, page: str, kind: str, **given: str) -> int:
    fields = {"act-kind": kind, "act-scope": "sender", "act-span": "", "act-reason": "too many complaints"}
    more = {f"act-{name}": value for name, value in given.items()}
    return staff.post(f"{page}/actions", page, **(fields | more)).status_code


def in_force(scene: Scene, sender: str = "parcel") -> list[ActionFact]:
    with scene.desk.work() as work:
        return list(enforcement.in_force(work, sender))


def test_a_throttle_has_its_scope_limit_end_grounds_and_facts(enter: Enter, scene: Scene) -> None:
    staff = enter(Role.AGENT)
    code = act(
        staff,
        scene.phish.number,
        "throttle",
        scope="login:mailer@parcel.test",
        per_hour="50",
        span="4h",
        grounds="complaints",
        facts="Twelve reports since Monday.",
    )
    assert code == 303
    [fact] = in_force(scene)
    assert (fact.kind, str(fact.scope), fact.per_hour) == (ActionKind.THROTTLE, "login:mailer@parcel.test", 50)
    assert (fact.grounds, fact.facts) == (("complaints",), "Twelve reports since Monday.")
    assert fact.until is not None and fact.since is not None
    assert (fact.until - fact.since).total_seconds() == 4 * 3600
    page = said(staff.get(f"/cases/{scene.phish.number}").text)
    assert "throttle to 50 recipients an hour (login:mailer@parcel.test)" in page
    assert "Too many complaints" in page


@pytest.mark.parametrize(
    ("kind", "given", "fault"),
    [
        ("throttle", {}, "Say how many recipients an hour."),
        ("throttle", {"per_hour": "0"}, "A limit is 1 to 1,000,000 recipients an hour."),
        ("hold", {"reason": " "}, "Say why: it is kept on the record."),
        ("hold", {"scope": "login:mailer@prizes.test"}, "Not a valid choice."),
    ],
)
def test_what_lacks_is_said_and_nothing_is_done(
    enter: Enter, scene: Scene, kind: str, given: dict[str, str], fault: str
) -> None:
    staff, path = enter(), f"/cases/{scene.phish.number}"
    fields = {"act-kind": kind, "act-scope": "sender", "act-span": "", "act-reason": "why"}
    answer = staff.post(f"{path}/actions", path, **(fields | {f"act-{k}": v for k, v in given.items()}))
    assert (answer.status_code, faults(answer)) == (422, [fault])
    assert in_force(scene) == []


def test_facts_with_an_address_are_refused(enter: Enter, scene: Scene) -> None:
    assert act(enter(), scene.phish.number, "warn", facts="dee@home.test complained") == 400


@pytest.mark.parametrize(("role", "kinds"), [(Role.AGENT, 3), (Role.SENIOR, 5), (Role.LEAD, 6)])
def test_a_role_is_offered_what_it_may_do(enter: Enter, scene: Scene, role: Role, kinds: int) -> None:
    page = enter(role).get(f"/cases/{scene.phish.number}").text
    start = page.index('name="act-kind"')
    assert page[start : page.index("</select>", start)].count("<option") == kinds


def test_a_kind_that_a_role_is_not_offered_is_not_taken(enter: Enter, scene: Scene) -> None:
    assert act(enter(Role.AGENT), scene.phish.number, "suspend") == 422
    assert in_force(scene) == []


def test_the_auditor_sees_what_is_in_force_and_can_do_nothing(enter: Enter, scene: Scene) -> None:
    act(enter(), scene.phish.number, "hold")
    auditor = enter(Role.AUDITOR)
    page = said(auditor.get("/senders/parcel").text)
    assert "Mail held back" in page and "End it" not in page
    [fact] = in_force(scene)
    assert auditor.post(f"/actions/{fact.id}/undo", "/account").status_code == 403


def test_an_action_is_undone_in_one_click_and_what_stood_before_stands(enter: Enter, scene: Scene) -> None:
    staff = enter()
    act(staff, scene.phish.number, "throttle", per_hour="50")
    act(staff, scene.phish.number, "suspend")
    stop = in_force(scene)[-1]
    staff.post(f"/actions/{stop.id}/undo", f"/cases/{scene.phish.number}")
    assert [each.kind for each in in_force(scene)] == [ActionKind.THROTTLE]
    assert "active" in said(staff.get("/senders/parcel").text)


def test_an_action_ends_with_a_reason_and_a_choice_for_kept_mail(enter: Enter, scene: Scene) -> None:
    staff = enter()
    act(staff, scene.phish.number, "hold")
    [hold] = in_force(scene)
    path = f"/actions/{hold.id}/end"
    staff.post(path, "/senders/parcel", **{f"end-{hold.id}-reason": "", f"end-{hold.id}-queued": "discard"})
    assert in_force(scene) == [hold]
    staff.post(path, "/senders/parcel", **{f"end-{hold.id}-reason": "mended", f"end-{hold.id}-queued": "discard"})
    with scene.desk.work() as work:
        [ended] = enforcement.history(work, "parcel")
    assert (ended.end_reason, ended.queued) == ("mended", "discard")


def test_closing_an_account_waits_for_another_lead(enter: Enter, scene: Scene) -> None:
    first, second = enter(Role.LEAD, "ann"), enter(Role.LEAD, "ben")
    act(first, scene.phish.number, "terminate")
    [waits] = in_force(scene)
    assert waits.waiting is Waiting.SECOND and not waits.bites
    path, page = f"/actions/{waits.id}/confirmation", f"/cases/{scene.phish.number}"
    assert path not in first.get(page).text and path in second.get(page).text
    assert first.post(path, page).status_code == 403
    assert second.post(path, page).status_code == 303
    [closed] = in_force(scene)
    assert closed.bites and closed.confirmed_by == "ben@desk.example"
    for page in ("/senders/parcel", f"/cases/{scene.phish.number}"):
        shown = second.get(page).text
        assert "Two people closed it." in said(shown)
        assert "/suspension/lift" not in shown and f"/actions/{closed.id}/end" in shown


def test_a_second_person_may_say_no(enter: Enter, scene: Scene) -> None:
    act(enter(Role.LEAD, "ann"), scene.phish.number, "terminate")
    [waits] = in_force(scene)
    given = {f"refuse-{waits.id}-reason": "too early"}
    enter(Role.LEAD, "ben").post(f"/actions/{waits.id}/refusal", f"/cases/{scene.phish.number}", **given)
    assert in_force(scene) == []


def test_a_weak_verdict_can_be_overridden_by_two_people(enter: Enter, scene: Scene) -> None:
    staff, number = enter(Role.LEAD, "ann"), scene.clicks.number
    with scene.desk.engine.begin() as connection:
        connection.exec_driver_sql(f"update \"case\" set verdict = 'unproven' where number = {number}")
    assert act(staff, number, "suspend") == 409
    assert act(staff, number, "suspend", override="y") == 303
    [waits] = in_force(scene, "prizes")
    assert waits.waiting is Waiting.SECOND
    enter(Role.SENIOR, "ben").post(f"/actions/{waits.id}/confirmation", f"/cases/{number}")
    with scene.desk.work() as work:
        assert enforcement.active_suspension(work, "prizes") is not None


def test_the_page_says_what_an_action_would_hit(enter: Enter, scene: Scene) -> None:
    page = said(enter().get(f"/cases/{scene.phish.number}").text)
    assert "What an action would hit" in page
    assert "Delivered since yesterday" in page and "parcel.test" in page


def test_a_sender_is_slowed_on_its_own_page_in_no_case(enter: Enter, scene: Scene) -> None:
    staff = enter(Role.AGENT)
    assert act_at(staff, "/senders/parcel", "throttle", per_hour="50") == 303
    [fact] = in_force(scene)
    assert (fact.per_hour, fact.case_number, fact.bites) == (50, None, True)
    page = said(staff.get("/senders/parcel").text)
    assert "Done: throttle Parcel Pilot." in page and "throttle to 50 recipients an hour" in page


@pytest.mark.parametrize("kind", ["hold", "suspend"])
def test_in_no_case_mail_is_stopped_by_two_people(enter: Enter, scene: Scene, kind: str) -> None:
    first = enter(Role.SENIOR, "ann")
    assert act_at(first, "/senders/parcel", kind) == 303
    assert f"A second person must agree to: {kind} Parcel Pilot." in said(first.get("/senders/parcel").text)
    [waits] = in_force(scene)
    assert waits.waiting is Waiting.SECOND and not waits.bites
    second = enter(Role.SENIOR, "ben")
    assert f"waits for a second person {kind} parcel" in said(second.get("/queue").text)
    second.post(f"/actions/{waits.id}/confirmation", "/senders/parcel")
    [agreed] = in_force(scene)
    assert agreed.bites
    assert "waits for a second person" not in said(second.get("/queue").text)


@pytest.mark.parametrize(
    ("role", "kind", "given", "code"),
    [
        (Role.AGENT, "suspend", {}, 422),
        (Role.SENIOR, "hold", {"reason": " "}, 422),
        (Role.SENIOR, "warn", {"facts": "dee@home.test complained"}, 400),
    ],
)
def test_what_does_not_fit_is_not_done_to_a_sender(
    enter: Enter, scene: Scene, role: Role, kind: str, given: dict[str, str], code: int
) -> None:
    assert act_at(enter(role), "/senders/parcel", kind, **given) == code
    assert in_force(scene) == []


def test_a_sender_s_page_offers_an_auditor_no_action(enter: Enter, scene: Scene) -> None:
    auditor = enter(Role.AUDITOR)
    assert "Act without a case" not in auditor.get("/senders/parcel").text
    assert auditor.post("/senders/parcel/actions", "/account").status_code == 403
