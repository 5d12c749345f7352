"""KumoMTA, node by node: a stop is a rule on the sender's tenant at the node's HTTP listener (docs/connectors.md).

    hold, suspend   POST /api/admin/suspend/v1: delivery pauses; mail is still taken, and stays in the queue
    terminate       POST /api/admin/bounce/v1: what is queued or handed in is thrown away, for good

Refusing mail when it is handed in is not in this API: that needs a hook in the operator's own policy. A stream is not
taken for a campaign: a campaign is a label that the sender gives, and who is to be stopped would choose another.

Rules live in a node's memory: they end after LEASE, and at once when the node restarts. So every look asks the node
what it has, and `apply` asks anew for what ends within RENEW: it must run more often than that.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import timedelta
from http import HTTPStatus

from app.errors import Rejected, Unavailable
from app.infra.clock import SystemClock
from app.infra.connectors.kumomta_rules import Changes, Kind, Rule, changes, duration, in_force, lacking
from app.infra.http_exchange import TIMEOUT_SECONDS, Service, in_time
from app.ports import Applied, Clock, Connector, Observed, Order, Waiting
from app.settings import Settings

ANSWER_BYTES = 16 * 1024 * 1024
"""A list of bounces counts them queue by queue."""

HEADERS = {"Content-Type": "application/json", "Accept": "application/json"}
CRITERIA = ("campaign", "domain", "routing_domain")


class KumoMta:
    """One node; see `app.ports.Connector`. url: of its HTTP listener, which must trust this machine."""

    name = "kumomta"

    def __init__(self, url: str, clock: Clock, timeout: float = TIMEOUT_SECONDS) -> None:
        """Raises Rejected for a URL that nothing can be sent to."""
        self._service = Service(url, "KumoMTA", timeout, ANSWER_BYTES)
        self.node = self._service.node
        self._clock = clock

    def apply(self, orders: Sequence[Order], standing: Sequence[Order]) -> Mapping[str, Applied]:
        """Raises Unavailable where the node does not answer, does not trust us or is not understood."""
        if not orders:
            return {}
        rules = self._rules()
        return {each.sender: self._apply(each, rules) for each in in_time(orders)}

    def observe(self, orders: Sequence[Order]) -> Mapping[str, Observed]:
        """Raises Unavailable as `apply` does."""
        if not orders:
            return {}
        rules = self._rules()
        return {each.sender: self._observed(each, rules) for each in orders}

    def waiting(self, logins: Mapping[str, str]) -> Mapping[str, Waiting]:
        """Empty: KumoMTA knows its mail by tenant, not by login."""
        return {}

    def _apply(self, order: Order, rules: Sequence[Rule]) -> Applied:
        todo = changes(order, rules, self._clock.now())
        refused = self._change(todo)
        if refused or (lack := lacking(order)):
            return Applied(False, refused or lack)
        done = "KumoMTA has it." if order.lines else "KumoMTA lets the sender through."
        return Applied(True, f"{done} A rule that was not ours gave way." if todo.foreign else done)

    def _change(self, todo: Changes) -> str:
        """Carries it out; what the node refused, empty where nothing."""
        for wanted in todo.post:
            status = self._send("POST", wanted.kind, wanted.request())
            if status != HTTPStatus.OK:
                return f"KumoMTA does not take the rule ({status})."
        for rule in todo.delete:
            status = self._send("DELETE", rule.kind, {"id": rule.id})
            if status not in (HTTPStatus.OK, HTTPStatus.NOT_FOUND):  # not found: it ended meanwhile
                return f"KumoMTA does not end the rule ({status})."
        return ""

    def _observed(self, order: Order, rules: Sequence[Rule]) -> Observed:
        if not in_force(order, rules, self._clock.now()):
            there = "does not have it" if order.lines else "still stops the sender"
            return Observed(False, f"KumoMTA {there}.")
        if lack := lacking(order):
            return Observed(None, lack)
        return Observed(True, "KumoMTA has it." if order.lines else "KumoMTA lets the sender through.")

    def _send(self, method: str, kind: Kind, body: Mapping[str, str]) -> int:
        answer = self._service.ask(method, json.dumps(body).encode("ascii"), HEADERS, below=kind)
        if answer.status >= 500:
            raise Unavailable(f"KumoMTA answers {answer.status}.")
        return answer.status

    def _rules(self) -> tuple[Rule, ...]:
        return tuple(rule for kind in Kind for rule in self._listed(kind))

    def _listed(self, kind: Kind) -> list[Rule]:
        answer = self._service.ask("GET", None, HEADERS, below=kind)
        if answer.status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
            raise Unavailable(f"KumoMTA does not trust this machine ({answer.status}): see trusted_hosts.")
        if answer.status != HTTPStatus.OK:
            raise Unavailable(f"KumoMTA answers {answer.status}.")
        listed = self._service.read_json(answer.body)
        try:
            if not isinstance(listed, list):
                raise ValueError("not a list")
            return [_rule(kind, each) for each in listed]
        except ValueError as fault:
            raise self._service.not_understood() from fault


def _rule(kind: Kind, row: object) -> Rule:
    """A rule of the list; fields that are not known to us are passed over. Raises ValueError."""
    if not isinstance(row, dict):
        raise ValueError("not a rule")
    tenant, criteria = _text(row, "tenant"), [_text(row, name) for name in CRITERIA]
    identity, reason, left = _text(row, "id"), _text(row, "reason"), row.get("duration")
    if identity is None or reason is None:
        raise ValueError("a rule without id or reason")
    only = tenant is not None and not any(each is not None for each in criteria)
    return Rule(identity, kind, tenant, only, reason, timedelta() if left is None else duration(left))


def _text(row: Mapping[str, object], name: str) -> str | None:
    said = row.get(name)
    if said is not None and not isinstance(said, str):
        raise ValueError(f"{name} is no text")
    return said


def from_settings(settings: Settings) -> tuple[Connector, ...]:
    """A connector for each node in the settings.

    Raises Rejected for an address that nothing can be sent to, and for two that are told apart by their paths alone:
    nodes go by host and port, so the second would never be told of anything, and nobody would see it.
    """
    nodes = {
        each.node: each for each in (KumoMta(url, SystemClock()) for url in dict.fromkeys(settings.kumomta_urls))
    }
    if len(nodes) < len({*settings.kumomta_urls}):
        raise Rejected("Two addresses of ABUSEDESK_KUMOMTA_URLS have the same host and port: give each node its own.")
    return tuple(nodes.values())
