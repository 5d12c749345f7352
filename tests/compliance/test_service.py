"""What staff say to a worksheet is kept, sealed, on the record, and forgotten with its report."""

from __future__ import annotations

from uuid import UUID

import pytest

from app.audit import service as audit
from app.audit.domain import Actor
from app.bootstrap import Desk
from app.compliance import service
from app.compliance.domain import NOTE_CHARS, Applies, Basis, Facts, Finding, Law, Opinion
from app.compliance.service import Sheet
from app.errors import NotFound, Rejected
from app.intake import service as intake
from app.intake.domain import Arrival, Category, Door
from app.pipeline import work_off
from app.privacy import service as privacy
from tests.compliance.letters import PLAIN, letter, original
from tests.factories.customers import customers

KIM = Actor("kim@desk.test", None)
RAW = letter(f"{PLAIN}Yours, Acme\n", From="news@acme.example", To="jo@home.de")


@pytest.fixture
def report(desk: Desk) -> UUID:
    """A judged report about a message of the customer `acme`."""
    customers(desk, acme=[("domain", "acme.example")])
    with desk.work() as work:
        stored = intake.store(work, Arrival(RAW, Door.FORM, Category.SPAM))
    while work_off(desk, 10):
        pass
    return stored.report


def sheet(desk: Desk, report: UUID) -> Sheet:
    with desk.work() as work:
        (found,) = service.sheets(work, report, [(original(RAW), Facts("jo@home.de"))])
        return found


def judge(desk: Desk, report: UUID, opinion: Opinion, note: str = "", rule: str = "can-spam.4") -> None:
    line = sheet(desk, report).line(rule)
    with desk.work() as work:
        service.judge(work, KIM, report, 0, line, opinion, note)


def test_the_account_it_came_from_is_looked_up(desk: Desk, report: UUID) -> None:
    line = sheet(desk, report).line("can-spam.6")

    assert line.finding is Finding.MET
    assert "Acme" in line.sentence


def test_the_last_word_counts_and_the_finding_of_then_stays(desk: Desk, report: UUID) -> None:
    judge(desk, report, Opinion.AGREE)
    judge(desk, report, Opinion.DISAGREE, "The address is in the picture.")

    said = sheet(desk, report).said["can-spam.4"]

    assert (said.opinion, said.finding, said.by) == (Opinion.DISAGREE, Finding.BREACHED, KIM.name)
    assert said.note == "The address is in the picture."


def test_it_is_on_the_record(desk: Desk, report: UUID) -> None:
    judge(desk, report, Opinion.AGREE)

    with desk.work() as work:
        entry = audit.read(work, limit=1)[0]
    assert (entry.actor, entry.action, entry.subject) == (KIM.name, "law.judge", f"report:{report}")
    assert entry.detail == {"message": "1", "rule": "can-spam.4", "finding": "breached", "opinion": "agree"}


@pytest.mark.parametrize(("opinion", "note"), [(Opinion.DISAGREE, " \0"), (Opinion.AGREE, "x" * (NOTE_CHARS + 1))])
def test_an_unfit_note_is_refused(desk: Desk, report: UUID, opinion: Opinion, note: str) -> None:
    with pytest.raises(Rejected):
        judge(desk, report, opinion, note)

    assert sheet(desk, report).said == {}


def test_a_line_that_is_none_cannot_be_judged(desk: Desk, report: UUID) -> None:
    with pytest.raises(NotFound):
        judge(desk, report, Opinion.AGREE, rule="can-spam.99")


def test_a_corrected_country_counts_until_it_is_taken_back(desk: Desk, report: UUID) -> None:
    assert sheet(desk, report).worksheet.jurisdiction.basis is Basis.DOMAIN
    for country, applies in (("AU", Applies.YES), ("US", Applies.NO), ("", Applies.NO)):
        with desk.work() as work:
            service.correct(work, KIM, report, 0, country)
        found = sheet(desk, report)
        assert found.line("spam-act.consent").applies is applies
        assert found.corrected == (KIM.name if country else None)
    assert sheet(desk, report).worksheet.jurisdiction.basis is Basis.DOMAIN


def test_a_country_that_is_no_choice_is_refused(desk: Desk, report: UUID) -> None:
    with desk.work() as work, pytest.raises(Rejected):
        service.correct(work, KIM, report, 0, "XX")


def test_a_note_is_forgotten_with_its_report_the_opinion_stays(desk: Desk, report: UUID) -> None:
    judge(desk, report, Opinion.DISAGREE, "Spoke to the reporter.")
    with desk.work() as work:
        assert service.forget(work, [report]) == 1

    said = sheet(desk, report).said["can-spam.4"]

    assert (said.opinion, said.note) == (Opinion.DISAGREE, None)


def test_a_note_that_names_a_person_is_forgotten_with_the_person(desk: Desk, report: UUID) -> None:
    judge(desk, report, Opinion.DISAGREE, "ann@other.example knows better.")

    counts = privacy.erase(desk.work, KIM, "ann@other.example").counts

    assert counts["law notes"] == 1
    assert sheet(desk, report).said["can-spam.4"].note is None
    with desk.work() as work:
        assert work.vault.mentioning("ann@other.example") == []


def test_the_laws_keep_their_names(desk: Desk, report: UUID) -> None:
    assert {line.law for line in sheet(desk, report).worksheet.lines} == set(Law)
