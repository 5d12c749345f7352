"""A signed mail of a sender of ours that somebody else sends on to strangers: told apart, and held against nobody."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
import sqlalchemy as sa
from sqlmodel import select

from app.attribution import service as attribution
from app.attribution.domain import Verdict
from app.bootstrap import Desk
from app.intake import service as intake
from app.intake.domain import Arrival, Door
from app.mail.original import original_from
from app.pipeline import work_off
from app.senders.sent import Sent
from app.senders.sent_service import take
from app.triage.domain import CaseKind
from app.triage.models import Case, ComplaintCount
from tests.test_pipeline import acme
from workers.stage.cast import Customer
from workers.stage.letters import clicked, delivered

__all__ = ["acme"]

READER = "reader@home.test"


@pytest.fixture
def letter(desk: Desk, acme: Customer) -> bytes:
    """A mail to one reader as the send log knows it: signed, without any trace of its way."""
    mail = delivered(acme, READER, "News", "Hello")
    mail = mail[mail.index(b"DKIM-Signature:") :]
    original = original_from(mail)
    assert original is not None and original.message_id
    sent = Sent(1, "acme", "", datetime.now(UTC), original.message_id, "4XyZ1", READER, "home.test", "bulk")
    with desk.work() as work:
        assert take(work, [sent]).new == 1
    return mail


def complained(desk: Desk, acme: Customer, letter: bytes, recipient: str, number: int) -> None:
    """A feedback loop's report about the letter as it came to the recipient, from an address that is not ours."""
    host = recipient.rpartition("@")[2]
    trace = (
        f"Delivered-To: {recipient}\r\nReceived: from h{number}.elsewhere.test (h{number}.elsewhere.test "
        f"[203.0.113.{number}])\r\n\tby mx.{host} with ESMTP id {number} for <{recipient}>;"
        f" {datetime.now(UTC):%a, %d %b %Y %H:%M:%S +0000}\r\n"
    ).encode()
    report = clicked(trace + letter, acme, host).replace(
        f"Source-IP: {acme.address}".encode(), b"Source-IP: 203.0.113.9"
    )
    with desk.work() as work:
        intake.store(work, Arrival(report, Door.LMTP))


def figures(desk: Desk) -> tuple[int, int]:
    """Complaints counted against anybody, and reports that a case of clicks would begin with."""
    with desk.work() as work:
        counted = work.session.exec(select(sa.func.coalesce(sa.func.sum(ComplaintCount.complaints), 0))).one()
        return int(counted), len(attribution.clicked_reports(work, "acme", datetime(2020, 1, 1, tzinfo=UTC), 100))


@pytest.mark.parametrize("cut", [False, True])
def test_fifty_strangers_make_one_case_and_leave_the_senders_figures_alone(
    desk: Desk, acme: Customer, letter: bytes, cut: bool
) -> None:
    complained(desk, acme, letter, READER, 200)
    work_off(desk, 100)
    before = figures(desk)
    assert before == (1, 1)

    for number in range(50):
        mail = letter[: letter.index(b"\r\n\r\n") + 4] + b"cut" if cut else letter
        complained(desk, acme, mail, f"victim{number}@box{number % 7}.test", number)
    while work_off(desk, 20):
        pass

    assert figures(desk) == before
    with desk.work() as work:
        (case,) = work.session.exec(select(Case)).all()
    assert (case.kind, case.sender_id, case.report_count) == (CaseKind.REPLAY, "acme", 50)
    assert case.verdict is Verdict.PROVEN


def test_a_persons_complaint_about_a_replayed_mail_joins_the_same_case(
    desk: Desk, acme: Customer, letter: bytes
) -> None:
    complained(desk, acme, letter, "victim@box.test", 1)
    with desk.work() as work:
        source = b"Delivered-To: other@box.test\r\n" + letter
        intake.store(work, Arrival(source, Door.FORM, reporter="other@box.test", words={"text": "Spam"}))
    work_off(desk, 100)

    with desk.work() as work:
        (case,) = work.session.exec(select(Case)).all()
    assert (case.kind, case.report_count) == (CaseKind.REPLAY, 2)
    assert figures(desk) == (0, 0)
