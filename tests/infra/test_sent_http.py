"""The provider's send log over HTTP: what is asked, and that whatever is not a clean answer is none."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from app.errors import Unavailable
from app.infra.sent_http import ANSWER_BYTES, HttpSentLog, sent_log_from
from app.ports import SentFact, SentQuestion
from app.settings import Settings
from tests.services.programs import free_port

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
ASKED = SentQuestion("1@acme.test", "B3F0A", NOON, frozenset({"karl@mailbox.test", "a@b.test"}))
FACT: dict[str, Any] = {
    "sender": "acme",
    "at": "2026-11-23T13:00:00+01:00",
    "by_message_id": True,
    "by_queue_id": False,
}


@dataclass
class Provider:
    """A service that says what it is told to, and keeps what it was asked."""

    port: int = 0
    status: int = 200
    body: bytes = b""
    drip: float = 0.0
    headers: dict[str, str] = field(default_factory=dict)
    asked: list[tuple[str, str | None, Any]] = field(default_factory=list)

    def log(self, timeout: float = 5.0, token: str | None = None) -> HttpSentLog:
        return HttpSentLog(f"http://127.0.0.1:{self.port}/sent?v=1", token, timeout)

    def answers(self, answer: object, **options: Any) -> list[tuple[SentFact, ...]]:
        self.body = json.dumps(answer).encode()
        return list(self.log(**options).answers([ASKED]))


@pytest.fixture
def provider() -> Iterator[Provider]:
    told = Provider()

    class Service(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            told.asked.append((self.path, self.headers["Authorization"], asked))
            self.send_response(told.status)
            for name, value in told.headers.items():
                self.send_header(name, value)
            self.end_headers()
            for at in range(0, len(told.body), 1 if told.drip else 65_536):
                try:
                    self.wfile.write(told.body[at : at + (1 if told.drip else 65_536)])
                except OSError:
                    return
                time.sleep(told.drip)

        def log_message(self, format: str, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Service) as server:
        server.daemon_threads = True
        told.port = server.server_port
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield told
        server.shutdown()


def test_one_request_asks_everything_and_carries_the_token(provider: Provider) -> None:
    provider.body = b'{"answers": [[], []]}'

    assert list(provider.log(token="s3cret").answers([ASKED, SentQuestion()])) == [(), ()]

    [(path, token, asked)] = provider.asked
    assert (path, token) == ("/sent?v=1", "Bearer s3cret")
    assert asked["questions"] == [
        {
            "message_id": "1@acme.test",
            "queue_id": "B3F0A",
            "at": "2026-11-23T12:00:00+00:00",
            "recipients": ["a@b.test", "karl@mailbox.test"],
        },
        {"message_id": None, "queue_id": None, "at": None, "recipients": []},
    ]


def test_a_fact_is_read_and_recipients_are_compared_here(provider: Provider) -> None:
    [[fact]] = provider.answers({"answers": [[FACT | {"recipients": ["Karl@mailbox.test"]}]]})

    assert fact == SentFact("acme", "", "", NOON, True, False, True, ("karl@mailbox.test",))


@pytest.mark.parametrize(
    "answer",
    [
        None,
        [],
        {"answers": []},
        {"answers": [[], []]},
        {"answers": {"0": []}},
        {"answers": [None]},
        {"answers": [[None]]},
        {"answers": [[{}]]},
        {"answers": [[FACT | {"sender": ""}]]},
        {"answers": [[FACT | {"sender": 7}]]},
        {"answers": [[FACT | {"sender": "x" * 1000}]]},
        {"answers": [[FACT | {"sender": "a\nb"}]]},
        {"answers": [[FACT | {"at": "2026-11-23T12:00:00"}]]},
        {"answers": [[FACT | {"at": 1}]]},
        {"answers": [[FACT | {"by_message_id": 1}]]},
        {"answers": [[FACT | {"by_message_id": False}]]},
        {"answers": [[FACT | {"to_asked": "yes"}]]},
        {"answers": [[FACT | {"recipients": [None]}]]},
        {"answers": [[FACT | {"recipients": ["a@b.test"] * 101}]]},
        {"answers": [[FACT | {"colour": "red"}]]},
        {"answers": [[FACT] * 101]},
    ],
)
def test_what_is_not_as_described_is_no_answer(provider: Provider, answer: object) -> None:
    with pytest.raises(Unavailable, match="cannot be understood"):
        provider.answers(answer)


@pytest.mark.parametrize("status", [204, 301, 404, 500, 503])
def test_any_other_status_is_no_answer(provider: Provider, status: int) -> None:
    provider.status = status

    with pytest.raises(Unavailable, match=str(status)):
        provider.answers({"answers": [[]]})


def test_a_redirect_is_not_followed(provider: Provider) -> None:
    provider.status, provider.headers = 307, {"Location": f"http://127.0.0.1:{provider.port}/elsewhere"}

    with pytest.raises(Unavailable):
        provider.answers({"answers": [[]]}, token="s3cret")
    assert len(provider.asked) == 1


@pytest.mark.parametrize("body", [b"", b"junk", b"\xff", b"[" * 100_000, b'{"answers": [[]]} x'])
def test_junk_is_no_answer(provider: Provider, body: bytes) -> None:
    provider.body = body

    with pytest.raises(Unavailable):
        provider.log().answers([ASKED])


def test_a_huge_answer_is_not_read_to_its_end(provider: Provider) -> None:
    provider.body = b'{"answers": [[]]}' + b" " * ANSWER_BYTES

    with pytest.raises(Unavailable, match="cannot be understood"):
        provider.log().answers([ASKED])


def test_drops_now_and_then_run_out_of_time(provider: Provider) -> None:
    provider.drip = 0.1
    began = time.monotonic()

    with pytest.raises(Unavailable):
        provider.answers({"answers": [[]], "filler": "x" * 1000}, timeout=0.5)
    assert time.monotonic() - began < 3


def test_nobody_there_is_no_answer() -> None:
    with pytest.raises(Unavailable):
        HttpSentLog(f"http://127.0.0.1:{free_port()}/", None).answers([ASKED])


def test_without_an_address_our_own_table_is_the_log() -> None:
    assert sent_log_from(Settings.from_environment({})) is None
    assert sent_log_from(Settings.from_environment({"ABUSEDESK_SENT_URL": "https://log.acme.test/"})) is not None
