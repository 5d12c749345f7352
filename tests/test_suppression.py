"""From a report to a suppression: who is certainly meant gets no more mail of that sender, nobody else."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa

from app.attribution import loops_service as loops
from app.attribution.domain import Verdict
from app.attribution.loops import Loop
from app.audit.domain import OPERATOR, Actor
from app.bootstrap import Desk
from app.enforcement.service import suppressed, suppressing
from app.enforcement.suppression import Cause, SuppressionFact
from app.intake import service as intake
from app.intake.domain import Category, Door, ReportState
from app.mail.dkim.signing import signed
from app.pipeline import work_off
from app.senders import service as senders
from app.senders import tokens
from app.senders.sent import Sent
from app.senders.sent_service import take
from tests.factories.signed import key_pair
from tests.test_pipeline import acme, headline, outcome, store
from workers.stage.cast import Customer
from workers.stage.letters import clicked, delivered, forwarded

__all__ = ["acme"]

JO = "jo@loop.test"


def suppressions(desk: Desk) -> list[SuppressionFact]:
    work_off(desk, 50)
    with desk.work() as work:
        return list(suppressed.suppressions(work).rows)


def whom(desk: Desk) -> list[tuple[str, str | None, Cause]]:
    return [(each.sender, each.address, each.cause) for each in suppressions(desk)]


def without_trace(mail: bytes) -> bytes:
    """The mail as it was sent, without what the servers on its way wrote on top."""
    return mail[mail.index(b"DKIM-Signature:") :]


def hidden(mail: bytes) -> bytes:
    return mail.replace(b"jo@loop.test", b"redacted@loop.test")


def naming(report: bytes, *recipients: str) -> bytes:
    """A feedback report that names these recipients in its fields."""
    lines = "".join(f"Original-Rcpt-To: <{each}>\r\n" for each in recipients).encode()
    return report.replace(b"Feedback-Type:", lines + b"Feedback-Type:", 1)


def test_a_click_suppresses_the_recipient_for_the_sender_of_the_mail(desk: Desk, acme: Customer) -> None:
    stored = store(desk, clicked(delivered(acme, JO, "News", "Hello"), acme, "loop.test"))

    (found,) = suppressions(desk)

    assert (found.sender, found.address, found.cause, found.by) == ("acme", JO, Cause.COMPLAINT, "system")
    with desk.work() as work:
        assert found.since == intake.find(work, stored.report).arrived_at
        assert work.session.execute(sa.text("select report_id from suppression")).scalar() == stored.report


def test_an_opt_out_of_a_feedback_loop_suppresses_and_stays_no_complaint(desk: Desk, acme: Customer) -> None:
    stored = store(desk, clicked(delivered(acme, JO, "News", "Hello"), acme, "loop.test", "opt-out"))

    assert whom(desk) == [("acme", JO, Cause.OPT_OUT)]
    assert outcome(desk, stored)[0] is ReportState.SET_ASIDE


@pytest.mark.parametrize("kind", ["not-spam", "auth-failure"])
def test_who_is_pleased_and_what_only_failed_to_verify_suppress_nobody(desk: Desk, acme: Customer, kind: str) -> None:
    store(desk, clicked(delivered(acme, JO, "News", "Hello"), acme, "loop.test", kind))

    assert whom(desk) == []


def test_mail_that_is_not_ours_suppresses_nobody(desk: Desk, acme: Customer) -> None:
    store(desk, clicked(delivered(acme, JO, "News", "Hello", sign=False), acme, "loop.test"))

    assert whom(desk) == []


def test_mail_that_others_sent_on_suppresses_nobody(desk: Desk, acme: Customer) -> None:
    mail = delivered(acme, "first@loop.test", "News", "Hello")
    message_id = re.search(rb"Message-ID: <([^>]*)>", mail)
    assert message_id
    with desk.work() as work:
        at = work.now - timedelta(minutes=5)
        take(work, [Sent(1, "acme", "", at, message_id[1].decode(), "", "first@loop.test", "loop.test", "")])
    elsewhere = b"Delivered-To: victim@loop.test\r\n" + without_trace(mail)
    stored = store(desk, clicked(elsewhere, acme, "loop.test"))

    assert whom(desk) == []
    assert headline(desk, stored).verdict is Verdict.PROVEN


def test_the_one_recipient_that_the_report_names_is_suppressed_though_the_mail_hides_it(
    desk: Desk, acme: Customer
) -> None:
    mail = hidden(without_trace(delivered(acme, JO, "News", "Hello")))
    store(desk, naming(clicked(mail, acme, "loop.test"), "JO@loop.test"))

    assert whom(desk) == [("acme", JO, Cause.COMPLAINT)]


def test_of_several_recipients_that_may_be_meant_none_is_suppressed(desk: Desk, acme: Customer) -> None:
    mail = hidden(without_trace(delivered(acme, JO, "News", "Hello")))
    store(desk, naming(clicked(mail, acme, "loop.test"), JO, "al@loop.test"))

    assert whom(desk) == []


def test_a_recipient_whom_the_mail_does_not_name_counts_only_from_a_loop_we_know(
    desk: Desk, acme: Customer, zone: Callable[[str], None]
) -> None:
    zone(f"d1._domainkey.loop.test\tv=DKIM1; k=rsa; p={key_pair().public}")
    with desk.work() as work:
        loops.put(work, OPERATOR, Loop("box", "Box", ("loop.test",), ("loop.test",)))
    mail = without_trace(delivered(acme, "alias@home.test", "News", "Hello"))
    report = naming(clicked(mail, acme, "loop.test"), JO)

    store(desk, report)
    assert whom(desk) == []
    store(desk, signed(report + b"\r\n", "loop.test", "d1", key_pair().private))
    assert whom(desk) == [("acme", JO, Cause.COMPLAINT)]


def test_what_microsoft_told_of_the_recipient_counts(desk: Desk, acme: Customer) -> None:
    mail = hidden(without_trace(delivered(acme, JO, "News", "Hello")))
    store(desk, clicked(b"X-HmXmrOriginalRecipient: <Jo@Loop.test>\r\n" + mail, acme, "loop.test"))

    assert whom(desk) == [("acme", JO, Cause.COMPLAINT)]


def test_a_person_whom_the_mail_was_sent_to_is_suppressed_and_one_who_forwards_it_is_not(
    desk: Desk, acme: Customer
) -> None:
    mail = without_trace(delivered(acme, JO, "News", "Hello"))
    store(desk, forwarded(mail, "postmaster@loop.test", "One of ours complains."))
    assert whom(desk) == []

    store(desk, forwarded(mail, "Jo@loop.test", "Stop this."))
    assert whom(desk) == [("acme", JO, Cause.COMPLAINT)]


def test_who_says_in_the_form_that_unsubscribing_did_not_help_has_opted_out(desk: Desk, acme: Customer) -> None:
    mail = without_trace(delivered(acme, JO, "News", "Hello"))
    words = {"text": "I unsubscribed twice."}
    store(desk, mail, Door.FORM, category=Category.UNSUBSCRIBE_IGNORED, reporter=JO, words=words)

    assert whom(desk) == [("acme", JO, Cause.OPT_OUT)]


def test_the_send_log_tells_that_the_one_named_is_meant(desk: Desk, acme: Customer) -> None:
    mail = without_trace(delivered(acme, JO, "News", "Hello"))
    message_id = re.search(rb"Message-ID: <([^>]*)>", mail)
    assert message_id
    store(desk, clicked(mail, acme, "loop.test"))
    assert whom(desk) == []  # To alone names a list as easily as a person

    with desk.work() as work:
        take(work, [Sent(1, "acme", "", work.now, message_id[1].decode(), "", JO, "loop.test", "bulk")])
    store(desk, clicked(mail, acme, "loop.test"))
    assert whom(desk) == [("acme", JO, Cause.COMPLAINT)]


def unsubscribe(to: str, subject: str = "unsubscribe", more: str = "") -> bytes:
    return f"From: Jo <jo@loop.test>\r\nTo: <{to}>\r\nSubject: {subject}\r\n{more}\r\n\r\n".encode()


def token(desk: Desk) -> str:
    with desk.work() as work:
        return tokens.make(work.vault.token_keys, senders.find(work, "acme").uid, work.now)


@pytest.mark.parametrize("place", ["to", "subject", "references"])
def test_an_unsubscribe_mail_with_our_token_suppresses_who_wrote_it(desk: Desk, acme: Customer, place: str) -> None:
    ours = token(desk)
    raw = {
        "to": unsubscribe(f"unsubscribe+{ours}@relay.test"),
        "subject": unsubscribe("lists@relay.test", f"unsubscribe {ours}"),
        "references": unsubscribe("news@acme.test", "Re: unsubscribe", f"References: <{ours}@relay.test>\r\n"),
    }[place]
    stored = store(desk, raw)

    assert whom(desk) == [("acme", JO, Cause.OPT_OUT)]
    assert outcome(desk, stored)[0] is ReportState.SET_ASIDE
    assert headline(desk, stored).verdict is Verdict.PROVEN


def test_an_unsubscribe_mail_to_a_senders_own_list_address_suppresses_and_one_to_nobodys_does_not(
    desk: Desk, acme: Customer
) -> None:
    from tests.factories.customers import customers

    customers(desk, beta=[("token", "c-beta-17")])
    store(desk, unsubscribe("unsubscribe+c-beta-17@relay.test"))
    store(desk, unsubscribe("unsubscribe+c-gamma-18@relay.test"))

    assert whom(desk) == [("beta", JO, Cause.OPT_OUT)]


def test_a_token_that_is_not_made_with_our_key_suppresses_nobody(desk: Desk, acme: Customer) -> None:
    forged = token(desk)[:-4] + "aaaa"
    store(desk, unsubscribe(f"unsubscribe+{forged}@relay.test"))

    assert whom(desk) == []


def test_reading_a_report_again_does_not_undo_what_staff_lifted(desk: Desk, acme: Customer) -> None:
    stored = store(desk, clicked(delivered(acme, JO, "News", "Hello"), acme, "loop.test"))
    (found,) = suppressions(desk)
    with desk.work() as work:
        suppressing.lift(work, Actor("anna@desk.test", 1), found.id, "Jo asked for it by phone")

    with desk.work() as work:
        intake.reread(work, stored.report)

    assert whom(desk) == []


def test_a_batch_takes_as_many_statements_for_forty_recipients_as_for_two(desk: Desk, acme: Customer) -> None:
    counted: list[str] = []
    sa.event.listen(desk.engine, "before_cursor_execute", lambda *given: counted.append(given[2]))

    def statements(reports: int, name: str) -> int:
        for number in range(reports):
            mail = delivered(acme, f"{name}{number}@loop.test", "News", "Hello")
            store(desk, clicked(mail, acme, "loop.test"))
        counted.clear()
        work_off(desk, 50)
        return len(counted)

    statements(30, "warm")  # keys are noted once a day, and thirty clicks have opened their case
    assert statements(2, "a") == statements(40, "b")
    with desk.work() as work:
        assert suppressed.suppressed_count(work, "acme") == 72
