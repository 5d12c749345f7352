"""Sees whether Postfix does what an order says: the floor by look-up, the rest by a probe, holding by asking.

    floor    what Postfix finds in its tables, by its own `postmap`
    probe    what the mail server answers the probe account in a sender's place; only this sees a stop from outside
    asking   what our policy service would have held; a limit cannot be seen at all

An order is in force where all that can be seen agrees. Where a probe account is set, no stop counts as seen
without it; while it is stopped itself, as the self-test does, one that was seen before is looked at later.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from itertools import count

from app.errors import Unavailable
from app.infra.connectors.postfix_asking import ask
from app.infra.connectors.postfix_probe import Answer, Kind, Probe
from app.infra.connectors.postfix_tables import FROZEN, SUSPENDED, Folder, fits, frozen_domains, refused_logins
from app.ports import Observed, Order
from app.settings import Address
from app.values import dataclass

MOST_PROBES = 20
"""Of one order at a time; the next look tries the next ones."""

MOST_QUESTIONS = 20


@dataclass(frozen=True, slots=True)
class Found:
    """What Postfix finds in its tables."""

    suspended: Mapping[str, str]
    frozen: Mapping[str, str]


class Sight:
    """folder, probe: None where the settings name none. policy: where our policy service listens. wanted: which
    names the tables were told to hold last, and for whom."""

    def __init__(self, folder: Folder | None, probe: Probe | None, policy: Address) -> None:
        self._folder, self._probe, self._policy = folder, probe, policy
        self._turn = count()
        self.wanted: Mapping[str, Set[str]] = {}

    def observe(self, orders: Sequence[Order]) -> dict[str, Observed]:
        """What is in force of each order. Raises Unavailable where Postfix's tables cannot be read."""
        found = self._found(orders)
        turn, away, seen = next(self._turn), "", {}
        for order in orders:
            parts = [_floor(order, found, self.wanted)] if found else []
            parts += [_NO_LOGIN] if _stops_nothing(order) else []
            if self._probe is not None and order.probes:
                stopped = self._is_stopped(self._probe, order, found)
                probed = _LATER if stopped else Observed(None, away) if away else self._probed(order, turn)
                # One that does not answer costs its patience once, not for each sender.
                away = probed.said if probed.in_force is None and probed.said.endswith(_AWAY) else away
                parts.append(probed)
                if probed.in_force is None and _stops(order):
                    parts = [each for each in parts if each.in_force is not True]
            parts.append(self._asked(order))
            seen[order.sender] = _all_of(parts)
        return seen

    def _found(self, orders: Sequence[Order]) -> Found | None:
        if self._folder is None:
            return None
        logins = {login for order in orders for login in (*order.logins, *refused_logins(order))}
        if self._probe is not None:
            logins.add(self._probe.login)
        domains = {f"@{name}" for order in orders for name in (*order.domains, *frozen_domains(order))}
        return Found(self._folder.look_up(SUSPENDED, sorted(logins)), self._folder.look_up(FROZEN, sorted(domains)))

    def _is_stopped(self, probe: Probe, order: Order, found: Found | None) -> bool:
        """Whether the probe account itself is stopped, so that no probe of another sender tells anything."""
        return found is not None and probe.login in found.suspended and probe.login not in order.logins

    def _probed(self, order: Order, turn: int) -> Observed:
        assert self._probe is not None
        texts = [line.text for line in order.lines if line.stops]
        start = turn * MOST_PROBES % len(order.probes) if len(order.probes) > MOST_PROBES else 0
        chosen = (*order.probes[start:], *order.probes[:start])[:MOST_PROBES]
        try:
            answers = list(self._probe.answers(chosen, texts))
        except Unavailable as fault:
            return Observed(None, f"{fault}{_AWAY}")
        found = _of_answers(answers, wanted=Kind.REFUSED if texts else Kind.LET_THROUGH)
        if texts and found.in_force is False and ask(self._policy, [("", "")]) is None:
            return Observed(False, f"The policy service does not answer. {found.said}")
        return found

    def _asked(self, order: Order) -> Observed:
        """What the policy service says of mail that is to be held, or of a sender that nothing is to be done with."""
        holding = [line for line in order.lines if line.kind == "hold"]
        questions = [(login, "") for line in holding for login in line.logins]
        questions += [
            (order.logins[0], f"postmaster@{line.value}") for line in holding if not line.logins and order.logins
        ]
        if not order.lines:
            questions = [(login, "") for login in order.logins]
        if not questions:
            return Observed(None, "A limit cannot be seen from outside." if _limits(order) else "")
        actions = ask(self._policy, questions[:MOST_QUESTIONS])
        if actions is None:
            return Observed(None, "The policy service does not answer." if holding else "")
        return _of_actions(actions, holding=bool(holding))


_NO_LOGIN = Observed(True, "The login that is stopped is not the sender's any more.")
_AWAY = " Nothing was tried out."
_LATER = Observed(None, "The probe account is stopped itself: nothing can be tried out now.", later=True)


def _floor(order: Order, found: Found, wanted: Mapping[str, Set[str]]) -> Observed:
    """wanted: name → who is stopped by it: a login or domain may be another sender's, too."""
    refused = list(refused_logins(order))
    frozen = [f"@{domain}" for domain in frozen_domains(order)]
    if unfit := sum(not fits(name) for name in (*refused, *frozen)):
        return Observed(False, f"{unfit} of its names cannot be written to Postfix's tables.")
    missing = [login for login in refused if login not in found.suspended]
    if missing:
        return Observed(False, f"Postfix's table refuses {len(refused) - len(missing)} of {len(refused)} logins.")
    if any(domain not in found.frozen for domain in frozen):
        return Observed(False, "Postfix's table does not freeze its queued mail.")
    over = {*found.suspended} & {*order.logins} - {*refused} | {*found.frozen} & _domains(order) - {*frozen}
    if any(not wanted.get(name, set()) - {order.sender} for name in over):
        return Observed(False, "Postfix's tables still stop what nothing is to stop.")
    if refused:
        return Observed(True, f"Postfix's table refuses {len(refused)} of {len(refused)} logins.")
    return Observed(None if order.lines else True, "" if order.lines else "Postfix's tables stop none of its logins.")


def _domains(order: Order) -> set[str]:
    return {f"@{domain}" for domain in order.domains}


def _of_answers(answers: Sequence[Answer], *, wanted: Kind) -> Observed:
    tried, met = len(answers), sum(each.kind is wanted for each in answers)
    other = next((each for each in answers if each.kind is Kind.OTHER), None)
    against = next((each for each in answers if each.kind not in (wanted, Kind.OTHER)), None)
    if against is not None and wanted is Kind.REFUSED:
        return Observed(False, f"{tried - met} of {tried} probes let through at DATA: mail may still leave.")
    if against is not None:
        return Observed(False, f"A probe that should be let through is refused ({against.code}).")
    if other is not None:
        return Observed(None, f"A probe is answered {other.code}, not in our words: that proves nothing.")
    return Observed(True, f"{met} of {tried} probes {wanted}.")


def _of_actions(actions: Sequence[str], *, holding: bool) -> Observed:
    stopped = sum(each in ("HOLD", "REJECT") or each[:1] == "5" for each in actions)
    if holding:
        return Observed(stopped == len(actions), f"The policy service keeps back {stopped} of {len(actions)}.")
    if stopped:
        return Observed(False, f"The policy service still stops {stopped} of {len(actions)} logins.")
    return Observed(True, "The policy service lets it through.")


def _all_of(parts: Sequence[Observed]) -> Observed:
    """What disagrees decides, then what was seen to be so."""
    for verdict in (False, True, None):
        said = [part.said for part in parts if part.in_force is verdict]
        if said and (verdict is not None or any(said)):
            later = verdict is None and any(part.later for part in parts)
            return Observed(verdict, " ".join(each for each in said if each), later)
    return Observed(None, "It cannot be seen from outside.")


def _stops(order: Order) -> bool:
    return any(line.stops for line in order.lines)


def _stops_nothing(order: Order) -> bool:
    """Whether all that is stopped are logins that the sender has no more."""
    return _stops(order) and all(line.scope == "login" and not line.logins for line in order.lines if line.stops)


def _limits(order: Order) -> bool:
    return any(line.kind == "throttle" for line in order.lines)
