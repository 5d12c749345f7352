"""The desk's pages as staff see them, and what each role may do there."""

from __future__ import annotations

import html
import re

import pytest

from app.audit import service as audit
from app.bootstrap import Desk
from app.enforcement import service as enforcement
from app.intake import service as intake
from app.intake import store as intake_store
from app.intake.domain import Arrival, Door, ReportState
from app.pipeline import work_off
from app.staff.domain import Permission, Role, permitted
from app.triage import service
from app.triage.domain import CaseStatus
from app.triage.queue import Row
from tests.factories.sites import Visitor, faults, heading, public_site, reporter
from tests.triage.scene import Scene
from tests.triage.staffed import Enter, case_now, desk, desk_site, enter, rows_of, said, scene

__all__ = ["desk", "desk_site", "enter", "public_site", "reporter", "scene"]


def report_of(desk: Desk, row: Row) -> service.Brief:
    with desk.work() as work:
        return service.reports(work, row)[0]


def first(desk: Desk, state: ReportState) -> service.Brief:
    with desk.work() as work:
        return service.arrivals(work, state)[0]


# Reading


def test_the_queue_shows_what_waits_the_most_urgent_first(enter: Enter, scene: Scene) -> None:
    page = enter().get("/queue")
    assert heading(page) == "Queue"
    assert rows_of(page.text) == [str(row.number) for row in (scene.phish, scene.clicks, scene.bare, scene.foreign)]
    assert "12 reports" in said(page.text)


def test_filters_and_search_narrow_the_queue(enter: Enter, scene: Scene) -> None:
    staff = enter()
    for query, row in (
        ("kind=phishing", scene.phish),
        ("q=prizes", scene.clicks),
        ("verdict=contradicted", scene.foreign),
    ):
        assert rows_of(staff.get(f"/queue?{query}").text) == [str(row.number)], query
    assert "Remove: kind: phishing" in staff.get("/queue?kind=phishing").text


def test_a_queue_without_cases_says_what_to_do(enter: Enter, scene: Scene) -> None:
    assert "No case fits." in said(enter().get("/queue?q=nothing+like+it").text)


@pytest.mark.parametrize(
    "query",
    ["status=x", "kind=%00", "before=1-", "before=x-y", "after=99999999999999999999-1", "q=%00", "sender=%00"],
)
def test_a_mistyped_address_of_the_queue_is_still_a_page(enter: Enter, scene: Scene, query: str) -> None:
    assert enter().get(f"/queue?{query}").status_code == 200


@pytest.mark.parametrize("since", ["", "yesterday", "9999-12-31T23:59:59-23:59", "0001-01-01T00:00:00+23:59"])
def test_after_no_time_that_there_is_nothing_is_new(enter: Enter, scene: Scene, since: str) -> None:
    assert enter().get("/queue/news", query_string={"since": since}).json == {"changed": 0}


def test_a_case_tells_claim_evidence_message_and_timeline(enter: Enter, scene: Scene) -> None:
    words = said(enter().get(f"/cases/{scene.phish.number}").text)
    for told in (
        "What is claimed",
        "It wants my card number.",
        "proven",
        "parcel.test (d1)",
        "Dear",
        "opened the case",
    ):
        assert told in words, told


def test_hostile_text_is_only_ever_text(enter: Enter, scene: Scene) -> None:
    staff, report = enter(), report_of(scene.desk, scene.phish)
    for path in (f"/cases/{scene.phish.number}", f"/reports/{report.id}", "/queue", "/reports", "/senders/parcel"):
        answer = staff.get(path)
        assert answer.status_code == 200, path
        page = answer.text
        assert "<script>alert" not in page, path
        assert "<img src=x" not in page, path
        assert "\u202e" not in page, path
        assert "\x07" not in page, path


def test_what_turns_the_text_around_is_shown_by_name(enter: Enter, scene: Scene) -> None:
    assert "⟨U+202E⟩" in enter().get(f"/cases/{scene.phish.number}").text


def test_the_reporter_is_masked_in_everything_that_is_shown(enter: Enter, scene: Scene) -> None:
    staff, report = enter(), report_of(scene.desk, scene.phish)
    for path in (f"/cases/{scene.phish.number}", f"/reports/{report.id}", "/reports", "/queue"):
        page = html.unescape(staff.get(path).text)
        assert "dee@home.test" not in page, path
        assert "dee%40home.test" not in page, path
    assert "d•••@home.test" in staff.get(f"/cases/{scene.phish.number}").text


def test_the_path_marks_our_own_hops(enter: Enter, scene: Scene) -> None:
    staff = enter()
    assert 'class="ours"' in staff.get(f"/cases/{scene.phish.number}").text
    assert 'class="ours"' not in staff.get(f"/cases/{scene.foreign.number}").text


def test_dkim_is_told_in_three_answers(enter: Enter, scene: Scene) -> None:
    words = said(enter().get(f"/cases/{scene.phish.number}").text)
    assert re.search(r"Headers Body Key Sum .*pass .*pass .*found .*pass", words)


def test_contradictions_come_before_everything_else(enter: Enter, scene: Scene) -> None:
    page = enter().get(f"/cases/{scene.foreign.number}").text
    strengths = re.findall(r'class="badge \w+">(proves|strong|weak|contradicts)<', page)
    assert strengths[0] == "contradicts"


def test_a_case_without_a_message_is_a_page(enter: Enter, scene: Scene) -> None:
    assert "I deleted it." in said(enter().get(f"/cases/{scene.bare.number}").text)


def test_a_case_shows_another_of_its_reports_and_no_other_case_s(enter: Enter, scene: Scene) -> None:
    staff = enter()
    other = report_of(scene.desk, scene.foreign).id
    with scene.desk.work() as work:
        last = service.reports(work, scene.clicks)[-1].id
    assert str(last) in staff.get(f"/cases/{scene.clicks.number}?report={last}").text
    assert staff.get(f"/cases/{scene.clicks.number}?report={other}").status_code == 404
    assert staff.get(f"/cases/{scene.clicks.number}?report=nonsense").status_code == 200


def test_a_message_that_is_gone_leaves_its_summary(enter: Enter, scene: Scene) -> None:

    with scene.desk.work() as work:
        intake_store.delete_raw(work.session, [report_of(scene.desk, scene.phish).id])
    words = said(enter().get(f"/cases/{scene.phish.number}").text)
    assert "The message itself is gone" in words
    assert "parcel.test" in words


@pytest.mark.parametrize(
    "path",
    [
        "/cases/4711",
        "/cases/99999999999999999999",
        "/reports/7b5b2c5e-0000-4000-8000-000000000000",
        "/senders/nobody",
        "/senders/no%00body",
        "/senders/no/body",
    ],
)
def test_what_is_not_there_is_a_page_that_says_so(enter: Enter, scene: Scene, path: str) -> None:
    assert enter().get(path).status_code == 404


def test_reports_are_listed_by_state(enter: Enter, scene: Scene) -> None:
    staff = enter()
    assert "You have won" in staff.get("/reports").text
    assert "You have won" not in staff.get("/reports?state=quarantined").text


def test_a_mail_about_joining_a_feedback_loop_has_a_list_of_its_own_and_is_shown(enter: Enter, scene: Scene) -> None:
    mail = (
        b"From: fbl@loop.test\r\nTo: abuse@relay.test\r\nSubject: Confirm your feedback loop application\r\n\r\n"
        b"Your code is 44-17. Follow https://loop.test/confirm/44-17\r\n"
    )
    with scene.desk.work() as work:
        stored = intake.store(work, Arrival(mail, Door.LMTP))
    work_off(scene.desk, 10)
    staff = enter()
    page = staff.get("/reports?kind=enrolment").text
    assert "Confirm your feedback loop application" in page and "You have won" not in page
    assert 'href="/reports?kind=enrolment" aria-current="page"' in page
    assert "https://loop.test/confirm/44-17" in staff.get(f"/reports/{stored.report}").text
    assert "Confirm your" not in staff.get("/reports?kind=enrolment&state=accepted").text


def test_what_a_notice_reports_stands_open_where_the_message_would(enter: Enter, scene: Scene) -> None:
    notice = (
        b"From: noreply@cert.test\r\nTo: abuse@relay.test\r\nAuto-Submitted: auto-generated\r\n"
        b"Subject: Phishing page on your network\r\n\r\n"
        b"We found a phishing page. Please take it down.\r\n\r\nURL: hxxps://parcel[.]test/login\r\n"
    )
    with scene.desk.work() as work:
        stored = intake.store(work, Arrival(notice, Door.LMTP))
    work_off(scene.desk, 10)
    page = enter().get(f"/reports/{stored.report}").text
    assert "What it reports stands here." in page
    fields = page[page.index("<details open><summary>Fields of the report") :]
    assert "https://parcel.test/login" in fields[: fields.index("</details>")]


def test_the_quarantine_says_why_and_reads_again(enter: Enter, scene: Scene) -> None:
    staff, report = enter(), first(scene.desk, ReportState.QUARANTINED)
    assert "so this is not a mail" in said(staff.get("/quarantine").text)
    answer = staff.post(f"/reports/{report.id}/reread", "/quarantine")
    assert answer.status_code == 303
    assert first(scene.desk, ReportState.RECEIVED).id == report.id
    assert newest_entry(scene.desk) == ("report.reread", f"report:{report.id}")


def test_senders_are_found_and_shown_with_their_cases(enter: Enter, scene: Scene) -> None:
    staff = enter()
    assert "Parcel Pilot" in staff.get("/senders?q=pilot").text
    words = said(staff.get("/senders/parcel").text)
    for told in ("mailer@parcel.test", f"C{scene.phish.number}", "Nothing so far."):
        assert told in words, told


def test_the_record_is_read_by_subject(enter: Enter, scene: Scene) -> None:
    lead = enter(Role.LEAD)
    lead.post(f"/cases/{scene.phish.number}/claim", f"/cases/{scene.phish.number}")
    assert "case.claim" in lead.get(f"/audit?subject=case:{scene.phish.number}").text
    assert "case.claim" not in lead.get("/audit?subject=case:1&before=x").text


# Deciding


def newest_entry(desk: Desk) -> tuple[str, str]:
    with desk.work() as work:
        entry = audit.read(work, limit=1)[0]
        return entry.action, entry.subject


def test_a_claimed_case_is_mine_and_given_back_is_free(enter: Enter, scene: Scene) -> None:
    staff, path = enter(name="kim"), f"/cases/{scene.phish.number}"
    assert staff.post(f"{path}/claim", path).status_code == 303
    assert case_now(scene.desk, scene.phish).assignee == "kim@desk.example"
    assert "This case is yours." in said(staff.get(path).text)
    staff.post(f"{path}/release", path)
    assert case_now(scene.desk, scene.phish).assignee is None


def test_what_was_done_is_said_once(enter: Enter, scene: Scene) -> None:
    staff, path = enter(), f"/cases/{scene.phish.number}"
    staff.post(f"{path}/claim", path)
    assert f"Case C{scene.phish.number} is yours." in said(staff.get(path).text)
    assert f"Case C{scene.phish.number} is yours." not in said(staff.get(path).text)


def test_a_case_of_a_colleague_offers_no_decision_and_takes_none(enter: Enter, scene: Scene) -> None:
    path = f"/cases/{scene.phish.number}"
    enter(name="kim").post(f"{path}/claim", path)
    other = enter(name="lee")
    assert "only they can decide it" in said(other.get(path).text)
    answer = other.post(f"{path}/resolution", path, **{"resolve-outcome": "not abuse", "resolve-reason": "fine"})
    assert answer.status_code == 409
    assert "claimed by somebody else" in said(answer.text)
    assert case_now(scene.desk, scene.phish).status is CaseStatus.OPEN


def test_a_note_stands_in_the_timeline(enter: Enter, scene: Scene) -> None:
    staff, path = enter(), f"/cases/{scene.phish.number}"
    staff.post(f"{path}/notes", path, **{"note-text": "Called <them>."})
    assert "Called <them>." in said(staff.get(path).text)


def test_a_form_that_lacks_something_comes_back_with_what_was_typed(enter: Enter, scene: Scene) -> None:
    staff, path = enter(), f"/cases/{scene.phish.number}"
    answer = staff.post(f"{path}/resolution", path, **{"resolve-outcome": "", "resolve-reason": "typed already"})
    assert answer.status_code == 422
    assert faults(answer) == ["Choose an outcome."]
    assert "typed already" in answer.text
    blank = staff.post(f"{path}/resolution", path, **{"resolve-outcome": "not abuse", "resolve-reason": " \r\n "})
    assert (blank.status_code, faults(blank)) == (422, ["Say why: it is kept on the record."])
    assert case_now(scene.desk, scene.phish).status is CaseStatus.OPEN


def test_a_suspended_sender_is_stopped_and_reinstated_from_its_page(enter: Enter, scene: Scene) -> None:
    staff, path = enter(), f"/cases/{scene.phish.number}"
    staff.post(f"{path}/suspension", path, **{"suspend-reason": "phishing"})
    with scene.desk.work() as work:
        active = enforcement.active_suspension(work, "parcel")
    assert active is not None
    assert active.case_number == scene.phish.number
    staff.post("/senders/parcel/suspension/lift", "/senders/parcel", **{"reinstate-reason": "mended"})
    with scene.desk.work() as work:
        assert enforcement.active_suspension(work, "parcel") is None


def test_a_sender_is_reinstated_from_the_case(enter: Enter, scene: Scene) -> None:
    staff, path = enter(), f"/cases/{scene.phish.number}"
    staff.post(f"{path}/suspension", path, **{"suspend-reason": "phishing"})
    assert staff.post(f"{path}/suspension/lift", path, **{"reinstate-reason": "mended"}).status_code == 303
    with scene.desk.work() as work:
        assert enforcement.active_suspension(work, "parcel") is None


def test_a_weak_verdict_offers_no_suspension(enter: Enter, scene: Scene) -> None:
    staff, path = enter(), f"/cases/{scene.bare.number}"
    assert "Suspend the sender" not in said(staff.get(path).text)
    assert staff.post(f"{path}/suspension", path, **{"suspend-reason": "spam"}).status_code == 409


def test_a_failed_act_leaves_nothing_behind(enter: Enter, scene: Scene) -> None:
    staff, path = enter(), f"/cases/{scene.phish.number}"
    staff.post(f"{path}/suspension", path, **{"suspend-reason": "phishing"})
    before = said(staff.get(path).text).count("suspended the sender")
    assert staff.post(f"{path}/suspension", path, **{"suspend-reason": "again"}).status_code == 409
    assert said(staff.get(path).text).count("suspended the sender") == before


def test_the_reporter_reads_the_outcome_and_not_the_reason(enter: Enter, scene: Scene, reporter: Visitor) -> None:
    staff, path = enter(), f"/cases/{scene.phish.number}"
    receipt = report_of(scene.desk, scene.phish).receipt
    assert "Not yet." in said(reporter.get(f"/status/{receipt}").text)
    staff.post(f"{path}/resolution", path, **{"resolve-outcome": "sender warned", "resolve-reason": "first offence"})
    words = said(reporter.get(f"/status/{receipt}").text)
    assert "We have dealt with the sender" in words
    assert "first offence" not in words
    assert "Parcel" not in words


def test_an_address_is_shown_with_a_reason_and_on_no_other_page(enter: Enter, scene: Scene) -> None:
    staff, path = enter(), f"/cases/{scene.phish.number}"
    act = f"{path}/reports/{report_of(scene.desk, scene.phish).id}/reporter"
    assert "dee@home.test" not in staff.post(act, path, **{"unmask-reason": ""}).text
    answer = staff.post(act, path, **{"unmask-reason": "call back"})
    assert "dee@home.test" in answer.text
    assert "dee@home.test" not in staff.get(path).text
    assert newest_entry(scene.desk) == ("case.unmask", f"case:{scene.phish.number}")


def test_a_change_without_its_token_does_nothing(enter: Enter, scene: Scene) -> None:
    staff = enter()
    answer = staff.client.post(f"/cases/{scene.phish.number}/claim", environ_base={"REMOTE_ADDR": staff.address})
    assert answer.status_code == 400
    assert case_now(scene.desk, scene.phish).assignee is None


ACTS = {
    "claim": (Permission.CLAIM, {}),
    "release": (Permission.CLAIM, {}),
    "notes": (Permission.NOTE, {"note-text": "x"}),
    "resolution": (Permission.RESOLVE, {"resolve-outcome": "not abuse", "resolve-reason": "x"}),
    "suspension": (Permission.SUSPEND, {"suspend-reason": "x"}),
    "suspension/lift": (Permission.REINSTATE, {"reinstate-reason": "x"}),
}


@pytest.mark.parametrize("role", list(Role))
def test_each_act_is_open_to_the_roles_that_may(enter: Enter, scene: Scene, role: Role) -> None:
    staff, path = enter(role), f"/cases/{scene.phish.number}"
    report = report_of(scene.desk, scene.phish).id
    quarantined = first(scene.desk, ReportState.QUARANTINED).id
    acts = {f"{path}/{act}": asked for act, asked in ACTS.items()} | {
        f"{path}/reports/{report}/reporter": (Permission.UNMASK, {"unmask-reason": "x"}),
        f"/reports/{quarantined}/reread": (Permission.REREAD, {}),
        "/senders/parcel/suspension/lift": (Permission.REINSTATE, {"reinstate-reason": "x"}),
        "/cases/next": (Permission.CLAIM, {}),
    }
    for act, (permission, fields) in acts.items():
        allowed = permission in permitted(frozenset({role}))
        assert (staff.post(act, path, **fields).status_code != 403) == allowed, act


@pytest.mark.parametrize("role", list(Role))
def test_a_case_offers_only_what_the_role_may(enter: Enter, scene: Scene, role: Role) -> None:
    page, may = enter(role).get(f"/cases/{scene.phish.number}").text, permitted(frozenset({role}))
    offered = {
        "/claim": Permission.CLAIM,
        "/notes": Permission.NOTE,
        "/resolution": Permission.RESOLVE,
        "/suspension": Permission.SUSPEND,
        "/reporter": Permission.UNMASK,
    }
    for act, permission in offered.items():
        assert bool(re.search(rf'action="/cases/\d+[^"]*{act}"', page)) == (permission in may), act
    assert ("Dear" in page) == (Permission.READ_RAW in may)
