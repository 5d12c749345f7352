"""What every send log answers, our own table and a provider's over HTTP alike."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from app.audit.domain import OPERATOR
from app.bootstrap import Desk
from app.infra.sent_http import HttpSentLog
from app.ports import SentFact, SentQuestion
from app.senders.sent import Sent, provider_for
from app.senders.sent_service import import_sent, sent_answers
from tests.factories.customers import customers

Answers = Callable[[Sequence[SentQuestion]], Sequence[tuple[SentFact, ...]]]
READER, OTHER = "karl@mailbox.test", "lena@mailbox.test"


def mails(now: datetime) -> list[Sent]:
    hour, week = now - timedelta(hours=1), now - timedelta(days=7)
    return [
        Sent(1, "acme", "", hour, "1@acme.test", "B3F0A", READER, provider_for(READER), "marketing", "spring"),
        Sent(2, "acme", "", hour, "1@acme.test", "B3F0B", OTHER, provider_for(OTHER), "marketing", "spring"),
        Sent(3, "shop", "", week, "2@shop.test", "B3F0A", OTHER, provider_for(OTHER)),
        Sent(4, "shop", "", hour, "same@both.test", "C1", OTHER, provider_for(OTHER)),
        Sent(5, "acme", "", hour, "same@both.test", "C2", OTHER, provider_for(OTHER)),
    ]


@contextmanager
def own_table(desk: Desk, now: datetime) -> Iterator[Answers]:
    customers(desk, acme=[], shop=[])
    import_sent(desk.work, OPERATOR, mails(now))

    def answers(questions: Sequence[SentQuestion]) -> Sequence[tuple[SentFact, ...]]:
        with desk.work() as work:
            return sent_answers(work, questions)

    yield answers


@contextmanager
def over_http(desk: Desk, now: datetime) -> Iterator[Answers]:
    """A provider's service as docs/send-log.md describes it, over a list of mails."""

    class Service(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            body = json.dumps({"answers": [_known(mails(now), each) for each in asked["questions"]]}).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Service) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield HttpSentLog(f"http://127.0.0.1:{server.server_port}/sent", None).answers
        server.shutdown()


def _known(log: list[Sent], question: dict[str, Any]) -> list[dict[str, Any]]:
    facts: dict[tuple[str, str, str], dict[str, Any]] = {}
    for each in log:
        by_message = each.message_id == question["message_id"]
        by_queue = bool(question["at"]) and each.queue_id == question["queue_id"]
        by_queue = by_queue and abs(each.at - datetime.fromisoformat(question["at"])) < timedelta(days=1)
        if by_message or by_queue:
            fact = facts.setdefault(
                (each.sender or "", each.stream, each.campaign),
                {"at": each.at.isoformat(), "by_message_id": False, "by_queue_id": False, "recipients": []},
            )
            fact["by_message_id"] |= by_message
            fact["by_queue_id"] |= by_queue
            fact["recipients"].append(each.recipient)
    return [{"sender": key[0], "stream": key[1], "campaign": key[2]} | fact for key, fact in sorted(facts.items())]


@pytest.fixture
def now(desk: Desk) -> datetime:
    return desk.clock.now().replace(microsecond=0)


@pytest.fixture(params=[own_table, over_http])
def answers(request: pytest.FixtureRequest, desk: Desk, now: datetime) -> Iterator[Answers]:
    with request.param(desk, now) as made:
        yield made


def told(facts: Sequence[SentFact]) -> list[tuple[str, bool, bool, bool | None]]:
    return [(each.sender, each.by_message_id, each.by_queue_id, each.to_asked) for each in facts]


def test_each_question_is_answered_in_its_place(answers: Answers, now: datetime) -> None:
    hour = now - timedelta(hours=1)
    asked: dict[str, tuple[SentQuestion, list[tuple[str, bool, bool, bool | None]]]] = {
        "nothing known": (SentQuestion(message_id="9@acme.test", queue_id="D1", at=now), []),
        "nothing asked": (SentQuestion(), []),
        "message": (SentQuestion(message_id="1@acme.test"), [("acme", True, False, None)]),
        "and recipient": (
            SentQuestion(message_id="1@acme.test", recipients=frozenset({READER, "x@y.test"})),
            [("acme", True, False, True)],
        ),
        "another recipient": (
            SentQuestion(message_id="1@acme.test", recipients=frozenset({"x@y.test"})),
            [("acme", True, False, False)],
        ),
        "queue id": (SentQuestion(queue_id="B3F0A", at=hour), [("acme", False, True, None)]),
        "a week ago": (SentQuestion(queue_id="B3F0A", at=now - timedelta(days=7)), [("shop", False, True, None)]),
        "no time": (SentQuestion(queue_id="B3F0A"), []),
        "both": (
            SentQuestion(message_id="1@acme.test", queue_id="B3F0A", at=hour, recipients=frozenset({READER})),
            [("acme", True, True, True)],
        ),
        "two senders": (
            SentQuestion(message_id="same@both.test"),
            [("acme", True, False, None), ("shop", True, False, None)],
        ),
    }

    found = answers([question for question, _ in asked.values()])

    assert dict(zip(asked, map(told, found), strict=True)) == {name: facts for name, (_, facts) in asked.items()}


def test_a_fact_names_stream_campaign_and_time(answers: Answers, now: datetime) -> None:
    [[fact]] = answers([SentQuestion(message_id="1@acme.test")])

    assert (fact.stream, fact.campaign, fact.at) == ("marketing", "spring", now - timedelta(hours=1))


def test_no_question_gets_no_answer(answers: Answers) -> None:
    assert list(answers([])) == []
