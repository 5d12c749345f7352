"""A watcher's notice on its whole way: it opens a case at once, and notices of one host share it."""

from __future__ import annotations

import pytest
from sqlmodel import select

from app.audit.domain import OPERATOR
from app.bootstrap import Desk
from app.intake import service as intake
from app.intake.domain import Arrival, Door, ReportState
from app.mail.domain import Kind
from app.pipeline import work_off
from app.senders.roster import read_roster
from app.senders.service import import_roster
from app.triage.domain import CaseKind
from app.triage.models import Case

ROSTER = '{"senders": [{"id": "acme", "identities": [{"kind": "domain", "value": "links.acme.test"}]}]}'


def notice(subject: str, page: str) -> bytes:
    return (
        f"From: noreply@watch.test\r\nAuto-Submitted: auto-generated\r\nSubject: {subject}\r\n\r\n"
        f"This is an automated notification. A page on your network:\r\nURL: hxxp://{page}\r\n"
    ).encode()


def arrive(desk: Desk, *raws: bytes) -> list[Case]:
    with desk.work() as work:
        stored = [intake.store(work, Arrival(raw, Door.LMTP)) for raw in raws]
    work_off(desk, 10)
    with desk.work() as work:
        for each in stored:
            report = intake.find(work, each.report)
            assert (report.state, report.kind) == (ReportState.ACCEPTED, Kind.NOTICE)
        return list(work.session.exec(select(Case)).all())


@pytest.mark.parametrize(
    ("subject", "kind"),
    [
        ("[INC-20411] Phishing page", CaseKind.FRAUD),
        ("[INC-20411] Malware download", CaseKind.MALWARE),
        ("[INC-20411] Unwanted page", CaseKind.OTHER),
    ],
)
def test_a_notice_opens_a_case_at_once_and_points_to_whose_page_it_is(
    desk: Desk, subject: str, kind: CaseKind
) -> None:
    with desk.work() as work:
        import_roster(work, OPERATOR, read_roster(ROSTER))

    (case,) = arrive(desk, notice(subject, "links.acme.test/c/1"))

    assert (case.kind, case.sender_id) == (kind, "acme")


def test_notices_of_one_host_are_one_case_those_of_two_are_two(desk: Desk) -> None:
    same = [notice(f"[INC-2041{number}] Phishing page", f"www.shop[.]test/{number}") for number in range(3)]

    cases = arrive(desk, *same, notice("[INC-777] Phishing page", "other[.]test/x"))

    assert sorted(case.report_count for case in cases) == [1, 3]
    assert {case.sender_id for case in cases} == {None}
