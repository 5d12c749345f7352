"""Whatever platform an operator has: each order is posted, signed, to an address of his (docs/connectors.md).

What is posted is the whole of what is to be done with one sender's mail, never a change to it: whoever does what it
says is right, however often and after whatever was lost. Whether it is done can only be asked of the receiver itself.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import TypeVar

from app.errors import Rejected, Unavailable
from app.infra.http_exchange import Service, in_time, one_line
from app.infra.poster import CALLED, poster_from, timestamp
from app.ports import Applied, Connector, Observed, Order, OrderLine, Poster, Waiting
from app.settings import Settings

UNANSWERED_MOST = 3
"""After so many orders in a row without an answer the others of the round are not tried: each costs a time-out."""

NOT_UNDERSTOOD = f"{CALLED} answers something that cannot be understood."

Verdict = TypeVar("Verdict", Applied, Observed)


class Webhook:
    """The connector behind ABUSEDESK_HOOK_URL; see `app.ports.Connector`."""

    name = "webhook"
    node = ""

    def __init__(self, url: str, poster: Poster) -> None:
        self._url, self._poster = url, poster

    def apply(self, orders: Sequence[Order], standing: Sequence[Order]) -> Mapping[str, Applied]:
        """Raises Unavailable where no order had an answer."""
        return self._each(orders, "apply", _applied, partial(Applied, False))

    def observe(self, orders: Sequence[Order]) -> Mapping[str, Observed]:
        """Raises Unavailable where no order had an answer."""
        return self._each(orders, "observe", _observed, partial(Observed, None))

    def waiting(self, logins: Mapping[str, str]) -> Mapping[str, Waiting]:
        """Empty: a receiver is not asked for its queue."""
        return {}

    def _each(
        self,
        orders: Sequence[Order],
        do: str,
        read: Callable[[Mapping[str, object]], Verdict],
        failed: Callable[[str], Verdict],
    ) -> dict[str, Verdict]:
        """One order that the receiver chokes on must not keep the others back; a receiver that is away may, and
        one that is slow keeps them for the next round."""
        found: dict[str, Verdict] = {}
        answered, silent = False, list[Unavailable]()
        for order in in_time(orders):
            if len(silent) == UNANSWERED_MOST:
                found[order.sender] = failed(str(silent[-1]))
                continue
            try:
                found[order.sender] = read(self._post(do, order))
            except Unavailable as fault:
                silent.append(fault)
                found[order.sender] = failed(str(fault))
                continue
            except Rejected as fault:
                found[order.sender] = failed(str(fault))
            answered, silent = True, []
        if silent and not answered:
            raise silent[0]
        return found

    def _post(self, do: str, order: Order) -> Mapping[str, object]:
        return self._poster.post(self._url, f"{do}-{order.key}", _body(do, order))


def _applied(answer: Mapping[str, object]) -> Applied:
    ok = answer.get("ok", True)
    if not isinstance(ok, bool):
        return Applied(False, NOT_UNDERSTOOD)
    return Applied(ok, _said(answer) or (f"{CALLED} took it." if ok else f"{CALLED} did not do it."))


def _observed(answer: Mapping[str, object]) -> Observed:
    seen = answer.get("in_force")
    if seen is not None and not isinstance(seen, bool):
        return Observed(None, NOT_UNDERSTOOD)
    words = {True: "that it is so", False: "that it is not so", None: "nothing about it"}
    return Observed(seen, _said(answer) or f"{CALLED} says {words[seen]}.")


def _said(answer: Mapping[str, object]) -> str:
    said = one_line(answer.get("said"))
    return f"{CALLED}: {said}" if said else ""


def _body(do: str, order: Order) -> dict[str, object]:
    return {
        "do": do,
        "sender": order.sender,
        "key": order.key,
        "lines": [_line(each) for each in order.lines],
        "logins": list(order.logins),
        "domains": list(order.domains),
        "shared": list(order.shared),
        "kept_since": _moment(order.kept_since),
        "discard": order.discard,
    }


def _line(line: OrderLine) -> dict[str, object]:
    return {
        "kind": line.kind,
        "scope": line.scope,
        "value": line.value,
        "logins": list(line.logins),
        "per_hour": line.per_hour,
        "text": line.text,
        "since": _moment(line.since),
        "until": _moment(line.until),
        "case": line.case_number,
    }


def _moment(moment: datetime | None) -> str | None:
    return None if moment is None else timestamp(moment)


def from_settings(settings: Settings) -> tuple[Connector, ...]:
    """The connector for the address in the settings, none where there is none.

    Raises Rejected for an address without a key, and for one that nothing can be sent to.
    """
    poster = poster_from(settings)
    if settings.hook_url is None or poster is None:
        return ()
    Service(settings.hook_url, "The receiver of ABUSEDESK_HOOK_URL")  # for its check of the address
    return (Webhook(settings.hook_url, poster),)
