"""Reading Postfix's log: lines that belong together, in any order, with queue ids used again."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from app.senders import sent_postfix
from app.senders.roster import Fault
from app.senders.sent import Sent, lines_of
from app.senders.sent_postfix import PostfixReader

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


def mail(queue: str, number: int, login: str = "mailer@acme.test", at: str = "Nov 23 03:00:00") -> list[str]:
    """The lines of one mail in their order."""
    return [
        f"{at} mx postfix/submission/smtpd[9]: {queue}: client=h[::1], sasl_method=PLAIN, sasl_username={login}",
        f"{at} mx postfix/cleanup[9]: {queue}: message-id=<{number}@acme.test>",
        f"{at} mx postfix/qmgr[9]: {queue}: from=<bounce@acme.test>, size=300, nrcpt=1 (queue active)",
        f"{at} mx postfix/smtp[9]: {queue}: to=<r{number}@mailbox.test>, relay=mx[192.0.2.9]:25, delay=0.1, "
        "delays=0/0/0/0.1, dsn=2.0.0, status=sent (250 2.0.0 Ok)",
        f"{at} mx postfix/qmgr[9]: {queue}: removed",
    ]


def read(lines: list[str], reader: PostfixReader | None = None) -> list[Sent | Fault]:
    reader = reader or PostfixReader(NOW)
    stream = io.BytesIO("".join(f"{line}\n" for line in lines).encode())
    return [*reader.read(lines_of(stream)), *reader.end()]


def told(found: list[Sent | Fault]) -> list[tuple[str, str, str]]:
    return [(each.login, each.message_id, each.recipient) for each in found if isinstance(each, Sent)]


ONE = ("mailer@acme.test", "1@acme.test", "r1@mailbox.test")


def test_a_delivery_is_joined_with_its_login_and_message_id() -> None:
    [sent] = read(mail("B3F0A", 1))

    assert isinstance(sent, Sent)
    assert told([sent]) == [ONE]
    assert (sent.sender, sent.queue_id, sent.at) == (None, "B3F0A", datetime(2026, 11, 23, 3, tzinfo=UTC))


@pytest.mark.parametrize(
    "order", [(3, 0, 1, 2, 4), (1, 3, 0, 4, 2), (4, 3, 2, 1, 0), (0, 1, 4, 3, 2), (3, 4, 1, 0, 2)]
)
def test_the_order_of_lines_does_not_matter(order: tuple[int, ...]) -> None:
    lines = mail("B3F0A", 1)

    assert told(read([lines[each] for each in order])) == [ONE]


def test_a_queue_id_that_is_used_again_is_another_mail() -> None:
    later = mail("B3F0A", 2, "post@shop.test", "Nov 23 03:00:09")

    assert told(read(mail("B3F0A", 1) + later)) == [ONE, ("post@shop.test", "2@acme.test", "r2@mailbox.test")]


def test_a_bounces_queue_id_used_again_lends_the_bounce_no_login() -> None:
    bounce = [line for line in mail("B3F0A", 1) if "smtpd" not in line]

    found = told(read(bounce + mail("B3F0A", 2, at="Nov 23 03:00:09")))

    assert found == [("", "1@acme.test", "r1@mailbox.test"), ("mailer@acme.test", "2@acme.test", "r2@mailbox.test")]


@pytest.mark.parametrize("status", ["deferred", "bounced", "expired"])
def test_only_what_was_sent_counts(status: str) -> None:
    assert read([line.replace("status=sent", f"status={status}") for line in mail("B3F0A", 1)]) == []


def test_each_recipient_is_a_mail() -> None:
    lines = mail("B3F0A", 1)
    other = lines[3].replace("to=<r1@", "to=<R2@").replace("postfix/smtp", "postfix/lmtp")

    assert [recipient for _, _, recipient in told(read([*lines[:4], other, lines[4]]))] == [
        "r1@mailbox.test",
        "r2@mailbox.test",
    ]


def test_lines_of_others_are_passed_over() -> None:
    noise = [
        "Nov 23 03:00:00 mx postfix/smtpd[9]: connect from h[192.0.2.1]",
        "Nov 23 03:00:00 mx postfix/smtpd[9]: NOQUEUE: reject: RCPT from h[192.0.2.1]: 554 5.7.1 no",
        "Nov 23 03:00:00 mx sshd[9]: B3F0A: client=h, sasl_username=root@acme.test",
        "Nov 23 03:00:00 mx postfix/local[9]: B3F0A: to=<root@mx>, relay=local, status=sent (delivered)",
        "junk",
        "",
    ]

    assert told(read(noise + mail("B3F0A", 1) + noise)) == [ONE]


def test_times_of_rfc_3339_and_of_another_zone() -> None:
    [with_zone] = read(mail("B3F0A", 1, at="2026-11-23T03:00:00.123456+01:00"))
    [in_berlin] = read(mail("B3F0A", 1), PostfixReader(NOW, ZoneInfo("Europe/Berlin")))

    assert isinstance(with_zone, Sent)
    assert isinstance(in_berlin, Sent)
    assert with_zone.at.replace(microsecond=0) == in_berlin.at == datetime(2026, 11, 23, 2, tzinfo=UTC)


@pytest.mark.parametrize(
    ("written", "newest", "year"),
    [
        ("Dec 31 23:59:59", datetime(2026, 1, 1, 0, 5, tzinfo=UTC), 2025),
        ("Jan  1 00:00:01", datetime(2025, 12, 31, 23, 59, tzinfo=UTC), 2026),
        ("Feb 29 12:00:00", datetime(2026, 3, 1, tzinfo=UTC), 2024),
    ],
)
def test_the_year_is_the_latest_that_is_not_ahead(written: str, newest: datetime, year: int) -> None:
    [sent] = read(mail("B3F0A", 1, at=written), PostfixReader(newest))

    assert isinstance(sent, Sent)
    assert sent.at.year == year


def test_a_time_that_is_none_is_a_fault() -> None:
    assert all(isinstance(each, Fault) for each in read(mail("B3F0A", 1, at="Feb 31 03:00:00")))


def test_what_is_open_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sent_postfix, "OPEN", 10)
    reader = PostfixReader(NOW)
    lines = [line for number in range(100) for line in mail(f"B3F{number:03}", number)[:3]]

    list(reader.read(lines_of(io.BytesIO("\n".join(lines).encode()))))

    assert len(reader.open["mails"]) == 10


def test_what_was_removed_is_let_go_after_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sent_postfix, "GRACE_LINES", 20)
    reader = PostfixReader(NOW)
    lines = [line for number in range(100) for line in mail(f"B3F{number:03}", number)]

    found = list(reader.read(lines_of(io.BytesIO("\n".join(lines).encode()))))

    assert (len(found), len(reader.open["mails"]) <= 6) == (100, True)


@pytest.mark.parametrize("cut", range(6))
def test_another_reader_goes_on_where_one_stopped(cut: int) -> None:
    lines = mail("B3F0A", 1)
    first, second = PostfixReader(NOW), PostfixReader(NOW + timedelta(seconds=1))
    stream = io.BytesIO("\n".join(lines[:cut]).encode())

    found = list(first.read(lines_of(stream)))
    second.take_up(json.loads(json.dumps(first.open)))

    assert told(found + read(lines[cut:], second)) == [ONE]
