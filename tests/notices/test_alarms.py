"""An alarm reaches people by mail and webhook, once each, and so does that it is over."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
import sqlalchemy as sa

from app.bootstrap import Desk
from app.enforcement.service.alarms import clear as clear_alarms
from app.enforcement.service.alarms import raise_
from app.infra.poster import signature
from app.notices import service
from app.notices.service.alarms import LEASE, RETRY
from tests.logs import Log
from tests.notices.acts import Dying, sender
from tests.notices.conftest import FROM
from tests.services.programs import free_port
from tests.services.sink import Sink
from tests.triage.arriving import SetClock

KEY, SAID = "a shared key", "Mail of acme still leaves by postfix mx1."
ANNA, BERT = "anna@desk.test", "bert@desk.test"


@dataclass
class Receiver:
    """What listens behind `alarm_url`. status: what it answers."""

    status: int = 200
    took: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    def __post_init__(self) -> None:
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                right = signature(KEY.encode(), self.headers["Abusedesk-Timestamp"], body)
                assert self.headers["Abusedesk-Signature"] == right
                if receiver.status == 200:
                    receiver.took.append((self.headers["Idempotency-Key"], json.loads(body)))
                self.send_response(receiver.status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Says nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.02,))
        self.thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_address[1]}/alarms"

    def end(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    found = Receiver()
    yield found
    found.end()


@pytest.fixture
def desk(desk_with: Callable[..., Desk], sink: Sink, receiver: Receiver) -> Desk:
    made = desk_with(
        smtp_url=sink.url,
        mail_from=FROM,
        alarm_to=(ANNA, BERT),
        alarm_url=receiver.url,
        hook_key=KEY,
        desk_url="https://desk.provider.test",
    )
    sender(made)
    return made


def raise_alarm(desk: Desk) -> None:
    with desk.work() as work:
        assert raise_(work, "leak acme", SAID, sender="acme", case_number=1001)


def clear(desk: Desk) -> None:
    with desk.work() as work:
        clear_alarms(work, ["leak acme"])


def tell(desk: Desk) -> int:
    return service.tell_alarms(desk.work, desk.mailer, desk.poster)


def told(desk: Desk) -> tuple[bool, bool]:
    """Whether all were told that it is, and that it is over."""
    with desk.engine.connect() as connection:
        [row] = connection.execute(sa.text("select told_at is not null, over_told_at is not null from alarm"))
    return row[0], row[1]


def recipients(sink: Sink) -> list[str]:
    return sorted(each for mail in sink.mails for each in mail.recipients)


def test_everybody_is_told_at_once_and_once(desk: Desk, sink: Sink, receiver: Receiver) -> None:
    raise_alarm(desk)
    tell(desk)
    tell(desk)

    assert recipients(sink) == [ANNA, BERT]
    mail = sink.mails[0]
    assert mail.message["Subject"] == f"Alarm: {SAID}"
    assert mail.message["Auto-Submitted"] == "auto-generated"
    assert "https://desk.provider.test/cases/1001" in mail.text and "2026-03-02 12:00:00 UTC" in mail.text
    [(key, body)] = receiver.took
    assert key == f"alarm-{body['alarm']}-raised"
    assert body == {
        "alarm": body["alarm"],
        "said": SAID,
        "sender": "acme",
        "case": 1001,
        "raised_at": "2026-03-02T12:00:00.000Z",
        "over_at": None,
    }
    assert told(desk) == (True, False)


def test_that_it_is_over_is_told_too(desk: Desk, sink: Sink, receiver: Receiver, clock: SetClock) -> None:
    raise_alarm(desk)
    tell(desk)
    clock.move(timedelta(minutes=3))
    clear(desk)
    tell(desk)
    tell(desk)

    assert [mail.message["Subject"] for mail in sink.mails[2:]] == [f"Over: {SAID}"] * 2
    assert sink.mails[2].message["In-Reply-To"] == sink.mails[0].message["Message-ID"]
    assert [(key.rpartition("-")[2], body["over_at"]) for key, body in receiver.took] == [
        ("raised", None),
        ("over", "2026-03-02T12:03:00.000Z"),
    ]
    assert told(desk) == (True, True)


def test_who_did_not_take_it_is_told_again_and_the_others_are_not(
    desk: Desk, sink: Sink, receiver: Receiver, clock: SetClock
) -> None:
    sink.answers[BERT] = "450 4.2.0 later"
    receiver.status = 503
    raise_alarm(desk)
    tell(desk)
    assert (recipients(sink), receiver.took, told(desk)) == ([ANNA], [], (False, False))

    receiver.status = 200
    tell(desk)
    assert receiver.took == [], "not before its time"
    clock.move(timedelta(seconds=RETRY[0]))
    tell(desk)
    del sink.answers[BERT]
    clock.move(timedelta(seconds=RETRY[1]))
    tell(desk)

    assert (recipients(sink), len(receiver.took), told(desk)) == ([ANNA, BERT], 1, (True, False))


def test_one_that_always_says_no_keeps_it_from_nobody_else(
    desk: Desk, sink: Sink, receiver: Receiver, clock: SetClock
) -> None:
    sink.answers[BERT] = "550 5.1.1 unknown"
    raise_alarm(desk)
    for _ in range(20):
        tell(desk)
        clock.move(timedelta(seconds=RETRY[-1]))
    clear(desk)
    tell(desk)

    assert recipients(sink) == [ANNA, ANNA]
    assert len(receiver.took) == 2


def test_an_alarm_that_was_over_before_anybody_could_be_told_is_told_as_over(
    desk: Desk, sink: Sink, receiver: Receiver, clock: SetClock
) -> None:
    sink.answers["RCPT"] = "450 4.2.0 later"
    receiver.status = 500
    raise_alarm(desk)
    tell(desk)
    clear(desk)
    receiver.status = 200
    del sink.answers["RCPT"]
    tell(desk)

    assert {mail.message["Subject"] for mail in sink.mails} == {f"Over: {SAID}"}
    assert [body["over_at"] is None for _, body in receiver.took] == [False]
    assert told(desk) == (True, True)


def test_cleared_while_it_is_being_told_it_is_told_as_over_next(desk: Desk, sink: Sink, receiver: Receiver) -> None:
    raise_alarm(desk)
    sink.on_data = lambda _mail: clear(desk)
    tell(desk)
    tell(desk)

    assert [key.rpartition("-")[2] for key, _ in receiver.took] == ["raised", "over"]
    assert told(desk) == (True, True)


def test_killed_while_telling_it_the_same_mail_goes_once_more(desk: Desk, sink: Sink, clock: SetClock) -> None:
    raise_alarm(desk)
    with pytest.raises(KeyboardInterrupt):
        service.tell_alarms(desk.work, Dying(desk.mailer), desk.poster)
    tell(desk)
    assert recipients(sink) == [ANNA], "whoever tells it may still be at it"
    clock.move(LEASE)
    tell(desk)

    assert recipients(sink) == [ANNA, ANNA, BERT]
    assert len({mail.message["Message-ID"] for mail in sink.mails}) == 1


def test_where_the_mail_server_is_away_each_address_is_tried_once_a_round(
    desk_with: Callable[..., Desk], receiver: Receiver, log: Log
) -> None:
    desk = desk_with(
        smtp_url=f"smtp://127.0.0.1:{free_port()}",
        mail_from=FROM,
        alarm_to=(ANNA,),
        alarm_url=receiver.url,
        hook_key=KEY,
    )
    sender(desk)
    with desk.work() as work:
        for number in range(3):
            raise_(work, f"leak {number}", SAID)
    assert tell(desk) == 3

    assert len(receiver.took) == 3
    [line] = log.events("alarm.not_taken")
    assert (line["by"], line["error"]) == ("mail", "The mail server does not answer.")
    assert ANNA not in log.text


def test_where_there_is_nobody_to_tell_the_log_says_so(desk_with: Callable[..., Desk], log: Log) -> None:
    desk = desk_with(alarm_to=(ANNA,))
    sender(desk)
    raise_alarm(desk)
    tell(desk)
    tell(desk)

    assert [each["event"] for each in log.lines] == ["alarm.nobody_to_tell"]
    assert told(desk) == (False, False)


def test_who_is_set_later_is_told_what_still_stands_and_not_what_is_over(
    desk_with: Callable[..., Desk], sink: Sink, clock: SetClock
) -> None:
    deaf = desk_with(alarm_to=(ANNA,))
    sender(deaf)
    raise_alarm(deaf)
    with deaf.work() as work:
        raise_(work, "another", SAID)
        clear_alarms(work, ["another"])
    assert tell(deaf) == 2
    clock.move(LEASE)

    assert tell(desk_with(smtp_url=sink.url, mail_from=FROM, alarm_to=(ANNA,))) == 1

    assert recipients(sink) == [ANNA]
