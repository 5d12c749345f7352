"""Where nobody can be told, staff are shown why; once that is mended, it is told."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from app.bootstrap import Desk
from app.notices import service
from app.notices.domain import mailable
from tests.notices.acts import CONTACT, act, notices, sender, tell
from tests.notices.conftest import FROM
from tests.services.sink import Sink
from tests.triage.arriving import SetClock

HOUR = timedelta(hours=1)


def test_without_a_contact_it_is_not_sent_until_there_is_one(desk: Desk, sink: Sink, clock: SetClock) -> None:
    sender(desk, contact="ask for Frank, +49 30 1234")
    action = act(desk)
    tell(desk)
    [notice] = notices(desk, action)
    assert (notice.state, notice.said) == ("not-sent", "The sender has no contact that mail can go to.")

    sender(desk, contact=f"Frank <{CONTACT}>, +49 30 1234")
    tell(desk)
    assert sink.mails == [], "looked at again within the hour, not at once"
    clock.move(HOUR)
    tell(desk)

    assert [mail.recipients for mail in sink.mails] == [(CONTACT,)]
    assert notices(desk, action)[0].state == "sent"


@pytest.mark.parametrize(
    ("missing", "said"),
    [
        ("smtp_url", "No mail server is set to send it by (ABUSEDESK_SMTP_URL)."),
        ("mail_from", "No address is set for it to come from (ABUSEDESK_MAIL_FROM)."),
    ],
)
def test_without_a_way_to_send_it_waits_for_one(
    desk_with: Callable[..., Desk], sink: Sink, clock: SetClock, missing: str, said: str
) -> None:
    given = {"smtp_url": sink.url, "mail_from": FROM}
    desk = desk_with(**(given | {missing: None}))
    sender(desk)
    action = act(desk)
    tell(desk)
    [notice] = notices(desk, action)
    assert (notice.state, notice.said) == ("not-sent", said)

    clock.move(HOUR)
    tell(desk_with(**given))

    assert len(sink.mails) == 1


def test_what_waited_when_the_way_was_taken_away_says_so(
    desk_with: Callable[..., Desk], desk: Desk, sink: Sink, clock: SetClock
) -> None:
    sender(desk)
    action = act(desk)
    with desk.work() as work:
        service.write(work)
    without = desk_with()
    tell(without)
    assert notices(desk, action)[0].said == "No mail server is set to send it by (ABUSEDESK_SMTP_URL)."

    clock.move(HOUR)
    tell(desk)

    assert len(sink.mails) == 1


def test_after_a_week_nobody_looks_any_more(desk: Desk, sink: Sink, clock: SetClock) -> None:
    sender(desk, contact="none")
    action = act(desk)
    tell(desk)
    for _ in range(7 * 24 + 1):
        clock.move(HOUR)
        with desk.work() as work:
            service.look_again(work)
    sender(desk)
    clock.move(HOUR)
    tell(desk)

    assert sink.mails == []
    assert notices(desk, action)[0].state == "not-sent"
    with desk.work() as work:
        assert not service.anything_due(work)


@pytest.mark.parametrize(
    ("contact", "address"),
    [
        ("post@acme.test", "post@acme.test"),
        ("Frank Acme <Post@Acme.test>, or call", "Post@acme.test"),
        ("post@bücher.example", "post@xn--bcher-kva.example"),
        ("jörg@bücher.example", "jörg@xn--bcher-kva.example"),
        ("a@acme.test b@acme.test", "a@acme.test"),
        ("", None),
        (None, None),
        ("frank", None),
        ("a..b@acme.test", None),
        ("a.@acme.test", None),
        (f"{'a' * 65}@acme.test", None),
        (f"a@{'b' * 64}.test", None),
        (f"a@{'.'.join(['bbbb'] * 60)}", None),
        ("a@[192.0.2.1]", None),
        ('<"a b"@acme.test>', None),
        ("<a@acme.test\r\nRCPT TO:<x@y.test>>", "x@y.test"),
        ("a\r\nb@acme.test", "b@acme.test"),
        ("a@acme.test\0", "a@acme.test"),
        ("<>", None),
    ],
)
def test_a_contact_is_whatever_operators_wrote(contact: str | None, address: str | None) -> None:
    assert mailable(contact) == address
