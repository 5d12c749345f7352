"""Which queued mail an order keeps back, and which it lets go (pure).

A refusal at submission does not stop what was accepted before. Mail on hold does not say who held it, so ours is told
by the queue ids that were noted, or by its arrival while we kept mail of the sender back. Everything else on hold was
put there by somebody else and is left alone.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime

from app.ports import Order, OrderLine
from app.values import dataclass


@dataclass(frozen=True, slots=True)
class Queued:
    """A mail in the queue. arrived: Unix time, whole seconds. login, domain (of the envelope sender): lower case,
    empty where there is none. noted: whether we noted that we put it on hold. more: other domains that the envelope
    sender may be read to have, as the policy service reads it."""

    id: str
    arrived: int
    on_hold: bool
    login: str
    domain: str
    noted: bool = False
    more: tuple[str, ...] = ()

    @property
    def domains(self) -> tuple[str, ...]:
        """All that its envelope sender may be read to have."""
        return (self.domain, *self.more)


@dataclass(frozen=True, slots=True)
class Sweep:
    """What is to be done. hold: to be put on hold. The others are queue ids of mail on hold: kept is ours and to
    stay, release and discard are ours and kept by no line any more, covered is what a line keeps and somebody else
    put there."""

    hold: tuple[Queued, ...] = ()
    kept: tuple[str, ...] = ()
    release: tuple[str, ...] = ()
    discard: tuple[str, ...] = ()
    covered: tuple[str, ...] = ()


class Mails:
    """The mail in the queue, so that an order need not go through all of it."""

    def __init__(self, mails: Iterable[Queued]) -> None:
        self._by_id: dict[str, Queued] = {}
        self._by_login: defaultdict[str, list[str]] = defaultdict(list)
        self._by_domain: defaultdict[str, list[str]] = defaultdict(list)
        for mail in mails:
            self._by_id[mail.id] = mail
            self._by_login[mail.login].append(mail.id)
            for domain in mail.domains:
                self._by_domain[domain].append(mail.id)

    def about(self, order: Order) -> list[Queued]:
        """The mails that the order may say anything of, oldest first."""
        logins = {*order.logins, *(login for line in order.lines for login in line.logins)} - {""}
        domains = {*order.domains, *(line.value for line in order.lines if line.scope == "domain")} - {""}
        names = {name for login in logins for name in self._by_login.get(login, ())}
        names |= {name for domain in domains for name in self._by_domain.get(domain, ())}
        names |= self._by_id.keys() & set(order.held)
        return sorted((self._by_id[name] for name in names), key=lambda mail: (mail.arrived, mail.id))


def sweep(order: Order, mails: Iterable[Queued]) -> Sweep:
    """What the order asks of these mails in the queue."""
    hold: list[Queued] = []
    kept: list[str] = []
    free: list[Queued] = []
    covered: list[str] = []
    for mail in mails:
        lines = [line for line in order.lines if _may_cover(order, line, mail)]
        if not mail.on_hold:
            hold += [mail] if lines else []
        elif _is_ours(order, lines, mail):
            if lines or _stays(order, mail):
                kept.append(mail.id)
            else:
                free.append(mail)
        elif lines:
            covered.append(mail.id)
    thrown = tuple([mail.id for mail in free if _is_thrown_away(order, mail)])
    let_go = tuple([mail.id for mail in free if mail.id not in thrown])
    return Sweep(tuple(hold), tuple(kept), let_go, thrown, tuple(covered))


def _stays(order: Order, mail: Queued) -> bool:
    """Whether a line kept it that covers it no more: a login or domain may be another's by now, or nobody's."""
    held = mail.id in order.held
    return held and any(line.keeps and (line.scope == "sender" or _names(line, mail)) for line in order.lines)


def _is_thrown_away(order: Order, mail: Queued) -> bool:
    """As was chosen when the last line that kept it ended; where none is known it is let go."""
    held = mail.id in order.held
    kept = (each for each in order.ended if _may_cover(order, each.line, mail) or (held and _names(each.line, mail)))
    return next((each.discard for each in kept), False)


def _names(line: OrderLine, mail: Queued) -> bool:
    return line.value in {"login": (mail.login,), "domain": mail.domains}.get(line.scope, ())


def _covers(order: Order, line: OrderLine, mail: Queued) -> bool:
    if not line.keeps:
        return False
    if line.scope == "domain":
        # Another customer may write this domain into his envelope, or have it, too: his mail is not this sender's.
        ours = mail.login in order.logins if mail.login else line.value not in order.shared
        return line.value in mail.domains and ours
    return mail.login in line.logins


def _may_cover(order: Order, line: OrderLine, mail: Queued) -> bool:
    """Also where the line may be why it is on hold: the queue does not tell the stream that Postfix told the policy
    service. What we put on hold from the queue had been let pass."""
    holds = line.kind == "hold" and mail.on_hold and not mail.noted and _second(line.since) <= mail.arrived
    return _covers(order, line, mail) or (holds and mail.login in line.maybe)


def _is_ours(order: Order, lines: Sequence[OrderLine], mail: Queued) -> bool:
    """Whether we put it on hold: what is written down or noted, and what came while our policy service said HOLD."""
    if mail.id in order.held:
        return True
    known = mail.login in order.logins or (not mail.login and any(each in order.domains for each in mail.domains))
    if mail.noted and (known or lines):
        return True
    holding = [(line.since, None) for line in lines if line.kind == "hold"]
    over = (each for each in order.ended if each.line.kind == "hold" and _may_cover(order, each.line, mail))
    spans = [*holding, *((each.line.since, each.at) for each in over)]
    return known and any(
        _second(since) <= mail.arrived and (end is None or mail.arrived <= _second(end)) for since, end in spans
    )


def _second(moment: datetime) -> int:
    """The whole second: Postfix tells an arrival no finer, and what came within it counts."""
    return int(moment.timestamp())
