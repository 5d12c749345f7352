"""A sender is told of what is done to him: once, in order, whatever dies in between."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from app.bootstrap import Desk
from app.enforcement import service as enforcement
from app.enforcement.domain import ActionKind, Queued
from app.errors import Unavailable
from app.notices import service
from app.notices.domain import LEASE, MOST_TRIES, RETRY
from tests.notices.acts import ANNA, BERT, CONTACT, Dying, act, lift, notices, sender, states, tell
from tests.notices.conftest import FROM
from tests.services.programs import free_port
from tests.services.sink import Sink
from tests.triage.arriving import SetClock

REPORTER = "karl@victim.example"


def test_a_suspended_sender_is_told_why_and_nothing_that_is_not_his_to_know(desk: Desk, sink: Sink) -> None:
    sender(desk)
    facts = "On 1 March 400 people\ncomplained about your newsletter."
    act(desk, reason=f"{REPORTER} called", facts=facts, grounds=("consent", "phishing"))
    done = tell(desk)

    assert (done.written, done.sent) == (1, 1)
    [mail] = sink.mails
    assert (mail.sender, mail.recipients) == (FROM, (CONTACT,))
    assert mail.message["Subject"] == "Your sending is suspended"
    for said in ("Acme Mailings", "Sent without permission", "you can show that", "400 people", "A person decided"):
        assert said in mail.words
    for hidden in (b"karl", b"victim.example", b"called", b"anna", b"reason"):
        assert hidden not in mail.raw


def test_what_ended_is_told_too_and_not_why(desk: Desk, sink: Sink) -> None:
    sender(desk)
    action = act(desk)
    tell(desk)
    lift(desk, action)
    tell(desk)

    _begun, ended = sink.mails
    assert ended.message["Subject"] == "Your sending is reinstated"
    assert "Mail of yours that it kept back is delivered now." in ended.words
    assert b"mending" not in ended.raw and b"bert" not in ended.raw
    assert states(desk, action) == ["sent", "sent"]


def test_discarded_mail_is_not_called_delivered(desk: Desk, sink: Sink) -> None:
    sender(desk)
    action = act(desk, ActionKind.HOLD)
    with desk.work() as work:
        enforcement.lift(work, ANNA, action, "done", Queued.DISCARD)
    tell(desk)

    assert "was discarded" in sink.mails[1].words and "delivered now" not in sink.mails[1].words


def test_what_ended_by_itself_or_was_taken_back_is_told(desk: Desk, sink: Sink, clock: SetClock) -> None:
    sender(desk)
    act(desk, ActionKind.HOLD, until=clock.at + timedelta(hours=1))
    undone = act(desk)
    with desk.work() as work:
        enforcement.undo(work, ANNA, undone)
    clock.move(timedelta(hours=2))
    with desk.work() as work:
        enforcement.expire(work, lambda _number: None, lambda _fact: None)
    tell(desk)

    told = " ".join(mail.words for mail in sink.mails)
    assert "ended by itself, as we had told you" in told
    assert "We took back the measure" in told
    assert len(sink.mails) == 4


def test_the_beginning_is_told_before_the_end(desk: Desk, sink: Sink, clock: SetClock) -> None:
    sender(desk)
    sink.answers["RCPT"] = "450 later"
    action = act(desk)
    tell(desk)
    lift(desk, action)
    del sink.answers["RCPT"]
    tell(desk)
    assert sink.mails == []

    clock.move(timedelta(seconds=RETRY[0]))
    tell(desk)

    assert [mail.message["Subject"] for mail in sink.mails] == [
        "Your sending is suspended",
        "Your sending is reinstated",
    ]
    assert "2026-03-02 12:00 UTC, when it ended; another notice tells how" in sink.mails[0].words


def test_telling_twice_is_telling_once(desk: Desk, sink: Sink) -> None:
    sender(desk)
    act(desk)
    tell(desk)

    assert tell(desk) == service.Sent()
    assert len(sink.mails) == 1


def test_a_remark_is_not_told(desk: Desk, sink: Sink) -> None:
    sender(desk)
    action = act(desk, ActionKind.NOTE)
    tell(desk)

    assert sink.mails == [] and states(desk, action) == []


def test_what_waits_for_a_second_person_is_told_once_he_agrees(desk: Desk, sink: Sink) -> None:
    sender(desk)
    closing = act(desk, ActionKind.TERMINATE)
    tell(desk)
    assert sink.mails == []

    with desk.work() as work:
        enforcement.confirm(work, BERT, closing)
    tell(desk)

    [mail] = sink.mails
    assert mail.message["Subject"] == "Your account is closed"
    assert "Two people decided this" in mail.words and b"bert" not in mail.raw


def test_what_was_declined_was_never_there_to_tell_of(desk: Desk, sink: Sink) -> None:
    sender(desk)
    closing = act(desk, ActionKind.TERMINATE)
    with desk.work() as work:
        enforcement.decline(work, BERT, closing, "no")
    tell(desk)

    assert sink.mails == []


def test_what_a_rule_did_is_said_to_be_automatic(desk: Desk, sink: Sink) -> None:
    sender(desk)
    act(desk, ActionKind.THROTTLE, per_hour=50, rule="too-many")
    tell(desk)

    text = sink.mails[0].words
    assert "A rule of ours decided this automatically. A person will look at it." in text
    assert "You can send to 50 recipients an hour" in text and "too-many" not in text


def test_other_measures_are_not_forgotten_when_one_ends(desk: Desk, sink: Sink) -> None:
    sender(desk)
    action = act(desk)
    act(desk, ActionKind.HOLD, scope="stream:news")
    lift(desk, action)
    tell(desk)

    assert "Other measures that we told you of are still in force." in sink.mails[-1].words


def test_the_probe_account_is_told_nothing_ever(desk_with: Callable[..., Desk], sink: Sink, clock: SetClock) -> None:
    desk = desk_with(smtp_url=sink.url, mail_from=FROM, probe_sender="acme")
    sender(desk)
    action = act(desk)
    tell(desk)
    desk = desk_with(smtp_url=sink.url, mail_from=FROM)
    clock.move(timedelta(hours=2))
    tell(desk)

    [notice] = notices(desk, action)
    assert sink.mails == []
    assert (notice.state, notice.said) == ("not-sent", "The probe account gets no notices.")


def test_killed_between_sending_and_noting_it_the_same_mail_goes_once_more(
    desk: Desk, sink: Sink, clock: SetClock
) -> None:
    sender(desk)
    action = act(desk)
    with pytest.raises(KeyboardInterrupt):
        service.notify(desk.work, Dying(desk.mailer))
    assert tell(desk).sent == 0, "it may still be on its way"

    clock.move(LEASE)
    tell(desk)

    first, second = sink.mails
    assert first.raw == second.raw and first.message["Message-ID"]
    assert states(desk, action) == ["sent"]
    assert tell(desk) == service.Sent()


def test_a_mail_server_that_was_away_gets_it_when_it_is_back(desk_with: Callable[..., Desk], clock: SetClock) -> None:
    port = free_port()
    desk = desk_with(smtp_url=f"smtp://127.0.0.1:{port}", mail_from=FROM)
    sender(desk)
    action = act(desk)
    assert tell(desk).put_off == 1
    [notice] = notices(desk, action)
    assert (notice.state, notice.said, notice.tries) == ("waiting", "The mail server does not answer.", 1)

    with Sink(port=port) as sink:
        assert tell(desk) == service.Sent(), "not before its time"
        clock.move(timedelta(seconds=RETRY[0]))
        tell(desk)

        assert [mail.recipients for mail in sink.mails] == [(CONTACT,)]
    [notice] = notices(desk, action)
    assert (notice.state, notice.said, notice.sent_at) == ("sent", "", clock.at)


def test_where_the_server_is_away_not_everybody_is_tried(desk_with: Callable[..., Desk]) -> None:
    desk = desk_with(smtp_url=f"smtp://127.0.0.1:{free_port()}", mail_from=FROM)
    for number in range(5):
        sender(desk, f"s{number}")
        act(desk, to=f"s{number}")

    assert tell(desk) == service.Sent(written=5, put_off=3)


def test_what_is_refused_for_good_is_not_tried_again(desk: Desk, sink: Sink, clock: SetClock) -> None:
    sender(desk)
    sink.answers["RCPT"] = f"550 5.1.1 <{CONTACT}> is unknown"
    action = act(desk)
    tell(desk)
    clock.move(timedelta(days=2))
    tell(desk)

    [notice] = notices(desk, action)
    assert (notice.state, notice.said) == ("failed", "The mail server refuses it (550 5.1.1).")
    assert notice.tries == 1


def test_after_days_it_is_given_up(desk: Desk, sink: Sink, clock: SetClock) -> None:
    sender(desk)
    sink.answers["RCPT"] = "450 4.2.0 later"
    action = act(desk)
    for _ in range(MOST_TRIES + 1):
        tell(desk)
        clock.move(timedelta(hours=1))

    [notice] = notices(desk, action)
    assert (notice.state, notice.tries) == ("failed", MOST_TRIES)
    assert notice.said == "It was given up after five days. The mail server puts it off (450 4.2.0)."


def test_one_recipient_that_is_put_off_holds_up_nobody(desk: Desk, sink: Sink) -> None:
    for name in ("acme", "beta"):
        sender(desk, name, contact=f"post@{name}.test")
        act(desk, to=name)
    sink.answers["post@acme.test"] = "450 4.2.0 later"

    assert tell(desk) == service.Sent(written=2, sent=1, put_off=1)


def test_two_jobs_at_once_tell_once(desk: Desk, sink: Sink) -> None:
    sender(desk)
    act(desk)
    other: list[service.Sent] = []
    sink.on_data = lambda _mail: other.append(tell(desk))
    tell(desk)

    assert other == [service.Sent()] and len(sink.mails) == 1


def test_a_run_that_is_to_stop_leaves_the_rest_to_the_next(desk: Desk, sink: Sink) -> None:
    for name in ("acme", "beta"):
        sender(desk, name)
        act(desk, to=name)
    service.notify(desk.work, desk.mailer, lambda: bool(sink.mails))
    assert len(sink.mails) == 1
    with desk.work() as work:
        assert service.anything_due(work)

    tell(desk)

    assert len(sink.mails) == 2


def test_while_the_policy_cannot_be_read_nothing_is_said_without_it(
    desk_with: Callable[..., Desk], desk: Desk, sink: Sink
) -> None:
    sender(desk)
    act(desk)
    blind = desk_with(smtp_url=sink.url, mail_from=FROM, clauses=desk.settings.data / "missing.json")

    with pytest.raises(Unavailable):
        tell(blind)
    assert sink.mails == []

    tell(desk)
    assert len(sink.mails) == 1
