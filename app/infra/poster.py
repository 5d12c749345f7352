"""Signed JSON, posted to an address of the operator's: enforcement orders and alarms (docs/connectors.md).

    Abusedesk-Timestamp   when it was signed, RFC 3339 in UTC with milliseconds
    Abusedesk-Signature   v1= and the HMAC-SHA-256 of timestamp, a dot and the body, in hexadecimal
    Idempotency-Key       the same for the same content

A receiver takes a signature for five minutes. The timestamp is made anew for each try, so a late try is no replay.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import UTC, datetime

from app.errors import Rejected, Unavailable
from app.infra.clock import SystemClock
from app.infra.http_exchange import TIMEOUT_SECONDS, Answer, Service, one_line
from app.ports import Clock
from app.settings import Settings

ANSWER_BYTES = 64 * 1024
CALLED = "The receiver"


class SignedPoster:
    """The Poster of `app.ports`. secret: the key both sides know. timeout: seconds for a whole exchange."""

    def __init__(self, secret: str, clock: Clock, timeout: float = TIMEOUT_SECONDS) -> None:
        self._secret, self._clock, self._timeout = secret.encode(), clock, timeout

    def post(self, url: str, key: str, body: Mapping[str, object]) -> Mapping[str, object]:
        """The JSON object that came back, {} where the answer had none. key: visible ASCII.

        Raises Unavailable where no answer came in time, for a status of 1xx, 3xx or 5xx and for an answer that is no
        JSON object; Rejected for a status of 4xx, with what the receiver said, and for a URL that is none.
        """
        sent = json.dumps(body, separators=(",", ":")).encode("ascii")
        service = Service(url, CALLED, self._timeout, ANSWER_BYTES)
        answer = service.ask("POST", sent, self._headers(key, sent))
        if 400 <= answer.status < 500:
            raise Rejected(_no(service, answer))
        if not 200 <= answer.status < 300:
            raise Unavailable(f"{CALLED} answers {answer.status}.")
        return _object(service, answer)

    def _headers(self, key: str, sent: bytes) -> dict[str, str]:
        stamp = timestamp(self._clock.now())
        return {
            "Content-Type": "application/json",
            "Accept": "application/json",
            "Abusedesk-Timestamp": stamp,
            "Abusedesk-Signature": signature(self._secret, stamp, sent),
            "Idempotency-Key": key,
        }


def timestamp(moment: datetime) -> str:
    """The moment (aware) as the header has it: `2026-11-23T12:00:00.000Z`."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def signature(secret: bytes, stamp: str, body: bytes) -> str:
    """What the signature header says for this body, sent at `stamp`."""
    return "v1=" + hmac.new(secret, stamp.encode("ascii") + b"." + body, hashlib.sha256).hexdigest()


def _object(service: Service, answer: Answer) -> Mapping[str, object]:
    if not answer.body.strip():
        return {}
    said = service.read_json(answer.body)
    if not isinstance(said, dict):
        raise service.not_understood()
    return said


def _no(service: Service, answer: Answer) -> str:
    try:
        said = one_line(_object(service, answer).get("said"))
    except Unavailable:
        said = ""
    return f"{CALLED} says no ({answer.status})" + (f": {said}" if said else ".")


def poster_from(settings: Settings, clock: Clock | None = None) -> SignedPoster | None:
    """The poster for the addresses in the settings, None where there is none.

    Raises Rejected where there is one and no key: nothing is posted unsigned.
    """
    if not settings.hook_url and not settings.alarm_url:
        return None
    if not settings.hook_key:
        raise Rejected("ABUSEDESK_HOOK_KEY is needed for ABUSEDESK_HOOK_URL and ABUSEDESK_ALARM_URL.")
    return SignedPoster(settings.hook_key, clock or SystemClock())
