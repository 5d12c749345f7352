"""The worksheet of the law on the case page, as staff see and judge it."""

from __future__ import annotations

import re

import pytest

from app.audit import service as audit
from app.intake import store as intake_store
from app.staff.domain import Permission, Role, permitted
from app.triage import service
from app.triage.queue import Row
from app.triage.showing import marked_source, source_text
from tests.factories.sites import faults
from tests.triage.scene import Scene
from tests.triage.staffed import Enter, desk, desk_site, enter, said, scene

__all__ = ["desk", "desk_site", "enter", "scene"]


def paths(scene: Scene, row: Row) -> tuple[str, str]:
    """The case's page, and where the lines of its newest report's first message are judged."""
    with scene.desk.work() as work:
        report = service.reports(work, row)[0].id
    return f"/cases/{row.number}", f"/cases/{row.number}/reports/{report}/law/0"


def line_of(page: str, title: str) -> str:
    """The words of the line with this title."""
    rows = [said(row) for row in re.findall(r"<tr>.*?</tr>", page, re.DOTALL)]
    (found,) = (row for row in rows if row.strip().startswith(title))
    return found


def test_the_law_is_told_between_message_and_reports(enter: Enter, scene: Scene) -> None:
    page = enter().get(paths(scene, scene.phish)[0]).text

    assert page.index('id="message"') < page.index('id="law"') < page.index('id="reports"')
    assert "a country that nothing tells" in said(page)
    assert "met" in line_of(page, "From is true")
    assert "unknown" in line_of(page, "Sender is the sender's")


def test_what_is_breached_comes_first_and_what_is_unknown_is_folded(enter: Enter, scene: Scene) -> None:
    staff, (path, law) = enter(), paths(scene, scene.phish)
    page = staff.get(path).text

    told, folded = page[page.index('id="law"') : page.index('id="reports"')].split("<summary>Not known")
    findings = re.findall(r"(\w+)</span></td>", told)
    assert findings == sorted(findings) and set(findings) == {"breached", "met"}
    assert "Postal address" in told and "From is true" in told and "Sender is the sender" in said(folded)

    staff.post(f"{law}/can-spam.1.sender", path, **{"law-opinion": "agree"})
    told = staff.get(path).text.split("<summary>Not known")[0]
    assert "Sender is the sender" in said(told[told.index('id="law"') :])


def test_a_quote_leads_to_its_line_in_the_source(enter: Enter, scene: Scene) -> None:
    page = enter().get(paths(scene, scene.phish)[0]).text

    linked = set(re.findall(r'href="#(byte-\d+-\d+)"', page))
    assert linked
    assert linked <= set(re.findall(r'<span id="(byte-\d+-\d+)">', page))
    assert re.search(r'<span id="byte-0-\d+">From:', page)


def test_marking_the_source_changes_nothing_in_it() -> None:
    raw = b"From: a\r\nSubject: \xff b\r\n\r\nBody one\r\nBody two" + b"x" * 300_000
    pieces, whole = marked_source(raw, [3, 14, 30, 299_999, 10**9])

    assert ("".join(first + rest for _, first, rest in pieces), whole) == source_text(raw)
    assert [start for start, _, _ in pieces if start is not None] == [0, 9, 25, 35]


@pytest.mark.parametrize("raw", [b"", b"\n", b"x"])
def test_little_source_is_marked_too(raw: bytes) -> None:
    assert "".join(first + rest for _, first, rest in marked_source(raw, [0])[0]) == source_text(raw)[0]


def test_the_recipient_stays_masked_in_the_law(enter: Enter, scene: Scene) -> None:
    page = enter().get(paths(scene, scene.phish)[0]).text

    assert "dee@home.test" not in page
    assert "dee%40home.test" not in page


def test_what_staff_say_to_a_line_is_shown_and_on_the_record(enter: Enter, scene: Scene) -> None:
    staff, (path, law) = enter(name="kim"), paths(scene, scene.phish)
    told = {"law-opinion": "disagree", "law-note": "It is a <private> letter."}
    answer = staff.post(f"{law}/can-spam.4", path, **told)

    assert answer.status_code == 303
    line = line_of(staff.get(path).text, "Postal address")
    assert "disagree kim@desk.example" in line
    assert "It is a <private> letter." in line
    with scene.desk.work() as work:
        entry = audit.read(work, limit=1)[0]
    assert (entry.actor, entry.action) == ("kim@desk.example", "law.judge")


def test_a_disagreement_without_a_reason_comes_back_open(enter: Enter, scene: Scene) -> None:
    staff, (path, law) = enter(), paths(scene, scene.phish)
    answer = staff.post(f"{law}/can-spam.4", path, **{"law-opinion": "disagree", "law-note": " "})

    assert answer.status_code == 422
    assert faults(answer) == ["Say why you disagree."]
    assert answer.text.count('id="law-note"') == 1


def test_a_corrected_country_changes_which_laws_apply(enter: Enter, scene: Scene) -> None:
    staff, (path, law) = enter(name="kim"), paths(scene, scene.phish)
    staff.post(f"{law}/country", path, **{"country-country": "AU"})

    page = staff.get(path).text
    assert "The recipient lives in Australia , says kim@desk.example" in said(page)
    assert page.index("Claims consent") < page.index("Laws that do not apply there")
    staff.post(f"{law}/country", path, **{"country-country": ""})
    assert "a country that nothing tells" in said(staff.get(path).text)


@pytest.mark.parametrize(
    ("place", "fields", "status"),
    [
        ("/no.such", {"law-opinion": "agree"}, 404),
        ("/can-spam.4", {"law-opinion": "perhaps"}, 422),
        ("/country", {"country-country": "XX"}, 400),
    ],
)
def test_what_cannot_be_said_is_refused(
    enter: Enter, scene: Scene, place: str, fields: dict[str, str], status: int
) -> None:
    path, law = paths(scene, scene.phish)

    assert enter().post(f"{law}{place}", path, **fields).status_code == status


def test_a_line_of_another_case_or_message_is_not_there(enter: Enter, scene: Scene) -> None:
    staff, (path, law) = enter(), paths(scene, scene.phish)
    foreign = law.replace(str(scene.phish.number), str(scene.foreign.number), 1)

    for place in (f"{foreign}/can-spam.4", f"{law[:-1]}7/can-spam.4"):
        assert staff.post(place, path, **{"law-opinion": "agree"}).status_code == 404, place


def test_a_message_that_is_gone_has_no_worksheet(enter: Enter, scene: Scene) -> None:
    path, law = paths(scene, scene.phish)
    staff = enter()
    with scene.desk.work() as work:
        intake_store.delete_raw(work.session, [service.reports(work, scene.phish)[0].id])

    assert 'id="law"' not in staff.get(path).text
    assert staff.post(f"{law}/can-spam.4", path, **{"law-opinion": "agree"}).status_code == 404


@pytest.mark.parametrize("role", list(Role))
def test_only_who_may_judges_and_is_offered_to(enter: Enter, scene: Scene, role: Role) -> None:
    staff, (path, law) = enter(role), paths(scene, scene.phish)
    may = Permission.JUDGE_LAW in permitted(frozenset({role}))

    assert (f'action="{law}/' in staff.get(path).text) is may
    for place, fields in ((f"{law}/can-spam.4", {"law-opinion": "agree"}), (f"{law}/country", {})):
        assert (staff.post(place, path, **fields).status_code != 403) is may, place
