"""A mail server made up for tests: it does what it is told, unless it is told to lie, to forget or to be away."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from app.errors import Unavailable
from app.ports import Applied, Observed, Order, Waiting


class MadeUp:
    """A Connector. lies: it says yes and does nothing. away: it does not answer. busy: it can be looked at later.
    slow: it comes to one order a round. done: sender → lines in force."""

    def __init__(self, name: str = "madeup", node: str = "") -> None:
        self.name, self.node = name, node
        self.done: dict[str, Order] = {}
        self.lies = self.away = self.blind = self.busy = self.slow = False
        self.told: list[str] = []

    def apply(self, orders: Sequence[Order], standing: Sequence[Order]) -> Mapping[str, Applied]:
        if self.away:
            raise Unavailable("It is away.")
        orders = orders[:1] if self.slow else orders
        self.told += [each.key for each in orders]
        if not self.lies:
            self.done |= {each.sender: each for each in orders}
        return {each.sender: Applied(True, "taken") for each in orders}

    def observe(self, orders: Sequence[Order]) -> Mapping[str, Observed]:
        if self.away:
            raise Unavailable("It is away.")
        if self.blind:
            return {each.sender: Observed(None, "cannot be seen") for each in orders}
        if self.busy:
            return {each.sender: Observed(None, "not now", later=True) for each in orders}
        return {each.sender: self._seen(each) for each in (orders[:1] if self.slow else orders)}

    def _seen(self, order: Order) -> Observed:
        there = self.done.get(order.sender)
        lines = there.lines if there else ()
        same = lines == order.lines
        return Observed(same, "refused" if same and lines else "let through" if not lines else "something else")

    def waiting(self, logins: Mapping[str, str]) -> Mapping[str, Waiting]:
        return {sender: Waiting(3, 1) for sender in logins.values()}
