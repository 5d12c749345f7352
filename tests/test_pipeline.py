"""The whole way of a complaint, from stored bytes to verdict and case."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from uuid import uuid4

import pytest

from app.attribution import loops_service as loops
from app.attribution import service as attribution
from app.attribution.domain import Verdict
from app.attribution.loops import UNSIGNED_CFBL, Loop
from app.audit.domain import OPERATOR
from app.bootstrap import Desk
from app.intake import service as intake
from app.intake.domain import Arrival, Category, Door, ReportState, Stored
from app.intake.service.working import within
from app.mail.dkim.signing import signed
from app.mail.domain import KeyAnswer, KeyState, Kind
from app.pipeline import work_off
from app.senders.roster import read_roster
from app.senders.service import import_roster
from tests.factories.signed import key_pair
from workers.stage.cast import Customer
from workers.stage.letters import clicked, delivered, forwarded


@pytest.fixture
def acme(desk: Desk, zone: Callable[[str], None]) -> Customer:
    """A sender whose mail is signed with a key that DNS has."""
    pair = key_pair()
    zone(f"d1._domainkey.acme.test\tv=DKIM1; k=rsa; p={pair.public}")
    roster = '{"senders": [{"id": "acme", "identities": [{"kind": "dkim", "value": "acme.test"}]}]}'
    with desk.work() as work:
        import_roster(work, OPERATOR, read_roster(roster))
    return Customer("acme", "Acme", "news", "198.51.100.9", pair.private, "")


def store(desk: Desk, raw: bytes, door: Door = Door.LMTP, **more: object) -> Stored:
    with desk.work() as work:
        return intake.store(work, Arrival(raw, door, **more))  # type: ignore[arg-type]


def outcome(desk: Desk, stored: Stored) -> tuple[ReportState, Kind | None, str]:
    with desk.work() as work:
        report = intake.find(work, stored.report)
        return report.state, report.kind, report.reason


def headline(desk: Desk, stored: Stored) -> attribution.Headline:
    with desk.work() as work:
        return attribution.headlines(work, [stored.report])[stored.report]


def test_a_click_about_a_signed_mail_is_proven(desk: Desk, acme: Customer) -> None:
    stored = store(desk, clicked(delivered(acme, "a@loop.test", "News", "Hello"), acme, "loop.test"))

    assert work_off(desk, 10) == 1

    assert outcome(desk, stored)[:2] == (ReportState.ACCEPTED, Kind.ARF)
    assert headline(desk, stored).verdict is Verdict.PROVEN
    assert headline(desk, stored).sender == "acme"


def test_a_form_report_with_pasted_source_is_proven(desk: Desk, acme: Customer) -> None:
    source = delivered(acme, "a@home.test", "News", "Hello")
    stored = store(desk, source, Door.FORM, category=Category.SPAM, reporter="a@home.test", words={"text": "Stop"})

    work_off(desk, 10)

    assert headline(desk, stored).verdict is Verdict.PROVEN


def test_a_form_report_of_words_alone_is_accepted(desk: Desk) -> None:
    stored = store(desk, b"", Door.FORM, category=Category.SPAM, words={"text": "Someone sends me advertising."})

    work_off(desk, 10)

    assert outcome(desk, stored)[0] is ReportState.ACCEPTED
    assert headline(desk, stored).verdict is Verdict.UNPROVEN


def test_what_is_no_complaint_is_set_aside_with_its_reason(desk: Desk, acme: Customer) -> None:
    original = delivered(acme, "a@loop.test", "News", "Hello")
    pleased = store(desk, clicked(original, acme, "loop.test", "not-spam"))

    work_off(desk, 10)

    state, kind, reason = outcome(desk, pleased)
    assert (state, kind) == (ReportState.SET_ASIDE, Kind.ARF) and reason.endswith(".")


def test_what_cannot_be_read_goes_to_the_quarantine_and_its_batch_goes_on(desk: Desk, acme: Customer) -> None:
    junk = store(desk, bytes(range(256)) * 4)
    good = store(desk, forwarded(delivered(acme, "a@home.test", "News", "Hello"), "a@home.test", "Look"))

    work_off(desk, 10)

    state, _, reason = outcome(desk, junk)
    assert state is ReportState.QUARANTINED and reason.endswith(".")
    assert headline(desk, good).verdict is Verdict.PROVEN


def test_a_fault_while_reading_one_report_is_that_reports_fate_alone(
    desk: Desk, acme: Customer, monkeypatch: pytest.MonkeyPatch
) -> None:
    from app import pipeline

    bad = store(desk, b"From: bad@home.test\r\n\r\nbad")
    good = store(desk, forwarded(delivered(acme, "a@home.test", "News", "Hello"), "a@home.test", "Look"))
    reading = pipeline.read

    def fails_on_bad(raw: bytes) -> object:
        if raw.startswith(b"From: bad"):
            raise RuntimeError
        return reading(raw)

    monkeypatch.setattr(pipeline, "read", fails_on_bad)
    work_off(desk, 10)

    assert outcome(desk, bad)[0] is ReportState.QUARANTINED
    assert headline(desk, good).verdict is Verdict.PROVEN


def test_working_off_again_changes_nothing(desk: Desk, acme: Customer) -> None:
    stored = store(desk, clicked(delivered(acme, "a@loop.test", "News", "Hello"), acme, "loop.test"))
    work_off(desk, 10)
    before = figures(desk)

    with desk.work() as work:
        intake.reread(work, stored.report)
    assert work_off(desk, 10) == 1
    assert work_off(desk, 10) == 0

    assert figures(desk) == before
    assert outcome(desk, stored)[0] is ReportState.ACCEPTED


def test_the_same_report_twice_is_one(desk: Desk, acme: Customer) -> None:
    raw = clicked(delivered(acme, "a@loop.test", "News", "Hello"), acme, "loop.test")

    first = store(desk, raw)
    second = store(desk, b"Received: from another by us; Mon, 2 Mar 2026 10:00:00 +0000\r\n" + raw, Door.MAILBOX)

    assert second.duplicate and second.report == first.report and second.receipt == first.receipt


def test_a_dns_that_does_not_answer_lets_the_report_wait(desk: Desk, acme: Customer) -> None:
    from dataclasses import replace

    from app.mail.domain import KeyAnswer, KeyState

    class Silent:
        def look_up(self, names: object) -> dict[str, KeyAnswer]:
            return {name: KeyAnswer(KeyState.DNS_FAILED) for name in names}  # type: ignore[attr-defined]

    stored = store(desk, clicked(delivered(acme, "a@loop.test", "News", "Hello"), acme, "loop.test"))

    assert work_off(replace(desk, resolver=Silent()), 10) == 1

    assert outcome(desk, stored)[0] is ReportState.RECEIVED
    assert figures(desk)["complaint"] == 0


def test_a_key_seen_once_still_proves_after_it_is_gone_from_dns(desk: Desk, acme: Customer) -> None:
    store(desk, clicked(delivered(acme, "a@loop.test", "News", "Hello"), acme, "loop.test"))
    work_off(desk, 10)
    assert desk.settings.dns_zone is not None
    desk.settings.dns_zone.write_text("")

    later = store(desk, clicked(delivered(acme, "b@loop.test", "News", "Hello"), acme, "loop.test"))
    work_off(desk, 10)

    assert headline(desk, later).verdict is Verdict.PROVEN
    with desk.work() as work:
        assert attribution.explained(work, later.report)[0].dkim[0]["key"] == "cached"


def test_the_case_that_clicks_open_begins_with_the_clicks_before_it(desk: Desk, acme: Customer) -> None:
    for number in range(desk.settings.clicks_open):
        store(desk, clicked(delivered(acme, f"a{number}@loop.test", "News", "Hello"), acme, "loop.test"))
    while work_off(desk, 10):
        pass

    with desk.engine.connect() as connection:
        counts = connection.exec_driver_sql('select report_count, clicks from "case"').all()
        joined = connection.exec_driver_sql("select count(*) from case_report").scalar_one()
    assert counts == [(desk.settings.clicks_open, desk.settings.clicks_open)]
    assert joined == desk.settings.clicks_open


def test_a_batch_of_large_messages_is_cut_by_their_bytes() -> None:
    one, two, three = uuid4(), uuid4(), uuid4()

    assert within([(one, 50), (two, 40), (three, 20)], 100) == [one, two]
    assert within([(one, 500), (two, 1)], 100) == [one]
    assert within([], 100) == []


def figures(desk: Desk) -> dict[str, int]:
    """Rows of each table that the pipeline writes, and what is counted."""
    tables = ("report", "complaint", '"case"', "case_report", "complaint_count")
    with desk.engine.connect() as connection:
        rows = {name: connection.exec_driver_sql(f"select count(*) from {name}").scalar_one() for name in tables}
        counted = connection.exec_driver_sql("select coalesce(sum(complaints), 0) from complaint_count").scalar_one()
    return rows | {"counted": int(counted)}


def loop_signed(report: bytes, domain: str) -> bytes:
    return signed(report, domain, "d1", key_pair().private)


@pytest.mark.parametrize(
    ("by", "verdict"), [("loop.test", Verdict.LIKELY), ("other.test", Verdict.UNPROVEN), (None, Verdict.UNPROVEN)]
)
def test_what_a_known_loop_shows_unsigned_is_likely(
    desk: Desk, acme: Customer, zone: Callable[[str], None], by: str | None, verdict: Verdict
) -> None:
    for domain in ("loop.test", "other.test"):
        zone(f"d1._domainkey.{domain}\tv=DKIM1; k=rsa; p={key_pair().public}")
    roster = '{"senders": [{"id": "acme", "identities": [{"kind": "feedback-id", "value": "c-acme"}]}]}'
    with desk.work() as work:
        import_roster(work, OPERATOR, read_roster(roster))
        loops.put(work, OPERATOR, Loop("box", "Box", ("loop.test",), ("loop.test",)))
    report = clicked(delivered(acme, "a@loop.test", "News", "Hello", sign=False), acme, "loop.test")
    stored = store(desk, loop_signed(report, by) if by else report)

    work_off(desk, 10)

    assert (headline(desk, stored).verdict, headline(desk, stored).sender) == (verdict, "acme")


@pytest.mark.parametrize("by", ["loop.test", "other.test", None])
def test_a_report_to_a_cfbl_address_is_acted_on_only_when_its_from_signed_it(
    desk: Desk, acme: Customer, zone: Callable[[str], None], by: str | None
) -> None:
    for domain in ("loop.test", "other.test"):
        zone(f"d1._domainkey.{domain}\tv=DKIM1; k=rsa; p={key_pair().public}")
    original = b"CFBL-Address: abuse@relay.demo.test; report=arf\r\n" + delivered(
        acme, "a@loop.test", "News", "Hello"
    )
    report = clicked(original, acme, "loop.test")
    stored = store(desk, loop_signed(report, by) if by else report)

    work_off(desk, 10)

    state, _, reason = outcome(desk, stored)
    assert (state is ReportState.ACCEPTED) == (by == "loop.test")
    assert by == "loop.test" or reason == UNSIGNED_CFBL


def test_a_report_whose_own_signature_awaits_dns_is_tried_again(desk: Desk, acme: Customer) -> None:
    class Silent:
        def look_up(self, names: Iterable[str]) -> Mapping[str, KeyAnswer]:
            return {name: KeyAnswer(KeyState.DNS_FAILED) for name in names}

    original = b"CFBL-Address: abuse@relay.demo.test\r\n" + delivered(
        acme, "a@loop.test", "News", "Hello", sign=False
    )
    stored = store(desk, loop_signed(clicked(original, acme, "loop.test"), "loop.test"))

    work_off(replace(desk, resolver=Silent()), 10)

    assert outcome(desk, stored)[0] is ReportState.RECEIVED
