"""A KumoMTA node as far as its administrative rules go, over real HTTP on the loopback.

    with KumoMta(clock) as node:
        connector = KumoMtaConnector(node.url, clock)

It keeps what KumoMTA documents: rules are in memory, of this node alone, end by themselves (after five minutes where
nothing is asked for), are gone after a restart; a rule with the criteria of another takes its place; a rule without
any criterion is about all mail; unknown fields are refused; only trusted hosts may ask. `post` makes a rule as an
operator beside us would. `lies`: it answers that it did what it was told to, and does nothing.
"""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self
from uuid import UUID, uuid4

from app.ports import Clock

SUSPEND, BOUNCE = "/api/admin/suspend/v1", "/api/admin/bounce/v1"
FIELDS = {"campaign", "tenant", "domain", "reason", "duration", "expires", "queue_names"}
MORE = {SUSPEND: set[str](), BOUNCE: {"routing_domain", "suppress_logging"}}
CRITERIA = ("campaign", "tenant", "domain", "routing_domain")
SECONDS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}


@dataclass(frozen=True)
class Entry:
    path: str
    criteria: dict[str, Any]
    reason: str
    expires: datetime
    id: str = field(default_factory=lambda: str(uuid4()))

    def matches(self, queue: dict[str, Any]) -> bool:
        return all(value is None or queue.get(name) == value for name, value in self.criteria.items())


class Refused(Exception):
    """An HTTP status other than 200."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class KumoMta:
    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._entries: list[Entry] = []
        self.lies, self.trusts = False, True
        self.asked: list[tuple[str, str, Any]] = []
        self.answered: list[tuple[str, int]] = []

    def __enter__(self) -> Self:
        self._server = _server(self)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()
        self._runs = True
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """From now on nobody listens."""
        if self._runs:
            self._runs = False
            self._server.shutdown()
            self._server.server_close()

    def restart(self) -> None:
        """Loses all that was in memory."""
        self._entries.clear()

    def entries(self, path: str) -> list[Entry]:
        self._entries = [each for each in self._entries if each.expires > self._clock.now()]
        return [each for each in self._entries if each.path == path]

    def delivers(self, queue_name: str) -> bool:
        """Whether mail of a scheduled queue, `campaign:tenant@domain`, leaves."""
        return not any(each.matches(components(queue_name)) for each in self.entries(SUSPEND) + self.entries(BOUNCE))

    def bounces(self, queue_name: str) -> bool:
        """Whether mail of a scheduled queue is thrown away."""
        return any(each.matches(components(queue_name)) for each in self.entries(BOUNCE))

    def answer(self, method: str, path: str, body: Any) -> Any:
        """What the node answers with; None: an empty page. Raises Refused."""
        self.asked.append((method, path, body))
        if not self.trusts:
            raise Refused(401)
        if path not in MORE:
            raise Refused(404)
        return {"GET": self._list, "POST": self.post, "DELETE": self._delete}[method](path, body)

    def post(self, path: str, body: Any) -> Any:
        """Makes a rule; its id."""
        if not isinstance(body, dict) or not body.keys() <= FIELDS | MORE[path] or not body.get("reason"):
            raise Refused(422)
        entry = Entry(
            path, {name: body.get(name) for name in CRITERIA}, body["reason"], self._clock.now() + _duration(body)
        )
        if not self.lies:
            self._entries = [
                each for each in self._entries if each.path != path or each.criteria != entry.criteria
            ] + [entry]
        return {"id": entry.id}

    def _delete(self, path: str, body: Any) -> None:
        if not isinstance(body, dict) or body.keys() != {"id"}:
            raise Refused(422)
        wanted = str(UUID(body["id"]))
        if wanted not in {each.id for each in self.entries(path)}:
            raise Refused(404)
        if not self.lies:
            self._entries = [each for each in self._entries if each.id != wanted]

    def _list(self, path: str, body: Any) -> list[dict[str, Any]]:
        criteria = CRITERIA if path == BOUNCE else CRITERIA[:3]
        more: dict[str, Any] = {"bounced": {}, "total_bounced": 0} if path == BOUNCE else {}
        return [
            {name: each.criteria[name] for name in criteria}
            | {"id": each.id, "reason": each.reason, "duration": _written(each.expires - self._clock.now())}
            | more
            for each in self.entries(path)
        ]


def components(queue_name: str) -> dict[str, Any]:
    """`campaign:tenant@domain!routing_domain` taken apart."""
    before, at, domain = queue_name.partition("@")
    domain, _, routing = (domain if at else before).partition("!")
    campaign, colon, tenant = (before if at else "").partition(":")
    if not colon:
        campaign, tenant = "", campaign
    return {
        "campaign": campaign or None,
        "tenant": tenant or None,
        "domain": domain,
        "routing_domain": routing or None,
    }


def _duration(body: dict[str, Any]) -> timedelta:
    said = body.get("duration", "5m")
    if not isinstance(said, str) or said[-1] not in SECONDS or not said[:-1].isdigit():
        raise Refused(422)
    return timedelta(seconds=int(said[:-1]) * SECONDS[said[-1]])


def _written(left: timedelta) -> str:
    hours, rest = divmod(int(left.total_seconds()), 3_600)
    parts = {"h": hours, "m": rest // 60, "s": rest % 60, "ms": left.microseconds // 1_000}
    return " ".join(f"{number}{unit}" for unit, number in parts.items() if number) or "0s"


def _server(node: KumoMta) -> ThreadingHTTPServer:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._respond()

        def do_POST(self) -> None:
            self._respond()

        def do_DELETE(self) -> None:
            self._respond()

        def _respond(self) -> None:
            raw = self.rfile.read(int(self.headers.get("Content-Length", "0")))
            try:
                if raw and self.headers["Content-Type"] != "application/json":
                    raise Refused(415)
                said = node.answer(self.command, self.path, json.loads(raw) if raw else None)
            except Refused as no:
                node.answered.append((self.command, no.status))
                self.send_response(no.status)
                self.end_headers()
                return
            node.answered.append((self.command, 200))
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"removed" if said is None else json.dumps(said).encode())

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    return server
