"""Any sequence of actions, expiries and undos ends in the state that its meaning says, and the mail servers agree."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from uuid import UUID

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.audit.domain import Actor
from app.bootstrap import Desk, wire
from app.enforcement import service
from app.enforcement.domain import (
    BITING,
    ActionKind,
    Ending,
    Measure,
    Message,
    Scope,
    ScopeKind,
    strictest,
)
from app.enforcement.service import Decision
from app.errors import AbuseDeskError
from app.senders import service as senders
from app.senders.domain import SenderStatus
from app.settings import Settings
from tests.enforcement.servers import MadeUp
from tests.factories.customers import customers
from tests.triage.arriving import SetClock
from workers.caretaker import Caretaker

ANNA, BEN = Actor("anna@desk.test", 1), Actor("ben@desk.test", 2)
NEWS, SHOP = "news@acme.test", "shop@acme.test"
SCOPES = (Scope(), Scope(ScopeKind.LOGIN, NEWS), Scope(ScopeKind.DOMAIN, "acme.test"))
MESSAGES = (Message(NEWS), Message(SHOP), Message(SHOP, domain="acme.test"))

decisions = st.builds(
    lambda kind, scope, per_hour, hours: ("act", kind, scope, per_hour, hours),
    st.sampled_from(list(ActionKind)),
    st.sampled_from(SCOPES),
    st.sampled_from([10, 100]),
    st.sampled_from([None, 1, 5]),
)
steps = st.lists(
    decisions
    | st.tuples(st.sampled_from(["lift", "undo", "confirm", "decline"]), st.integers(0, 5))
    | st.tuples(st.just("reinstate"))
    | st.tuples(st.just("wait"), st.sampled_from([0.25, 2.0, 6.0]))
    | st.tuples(st.just("expire")),
    max_size=14,
)


class Meaning:
    """What a sequence means, kept beside the product in the plainest way: a list of what did not end."""

    def __init__(self) -> None:
        self.there: list[tuple[UUID, Decision, datetime | None]] = []

    def begun(self, action: UUID, decision: Decision, now: datetime) -> None:
        if decision.kind in BITING:
            waits = decision.kind is ActionKind.TERMINATE
            self.there.append((action, decision, None if waits else now))

    def confirmed(self, action: UUID, now: datetime) -> None:
        self.there = [(a, d, since or now) if a == action else (a, d, since) for a, d, since in self.there]

    def ended(self, action: UUID) -> None:
        self.there = [each for each in self.there if each[0] != action]

    def over(self, now: datetime) -> None:
        self.there = [each for each in self.there if each[1].until is None or now < each[1].until]

    def says(self, message: Message, now: datetime) -> tuple[ActionKind, int | None] | None:
        """What is to be done with a mail: the strictest of all that holds."""
        measures = [
            Measure(a, d.kind, d.scope, since, d.until, d.per_hour) for a, d, since in self.there if since is not None
        ]
        found = strictest(measures, message, now)
        return (found.kind, found.per_hour) if found else None

    def status(self, now: datetime) -> SenderStatus:
        whole = {d.kind for _, d, since in self.there if since and d.scope == Scope()}
        if ActionKind.TERMINATE in whole:
            return SenderStatus.CLOSED
        return SenderStatus.SUSPENDED if ActionKind.SUSPEND in whole else SenderStatus.ACTIVE


class Play:
    """Carries a sequence out on the product and in its meaning."""

    def __init__(self, desk: Desk, clock: SetClock) -> None:
        self.desk, self.clock, self.meaning = desk, clock, Meaning()
        self.actions: list[UUID] = []

    def step(self, name: str, *given: object) -> None:
        with suppress(AbuseDeskError):  # refused: then nothing may have changed, which is what is compared
            getattr(self, name)(*given)

    def act(self, kind: ActionKind, scope: Scope, per_hour: int, hours: float | None) -> None:
        throttle, ends = kind is ActionKind.THROTTLE, kind not in (ActionKind.NOTE, ActionKind.TERMINATE)
        until = self.clock.now() + timedelta(hours=hours) if hours and ends else None
        decision = Decision(kind, "why", scope, per_hour=per_hour if throttle else None, until=until)
        with self.desk.work() as work:
            action = service.act(work, ANNA, "acme", decision)
        self.actions.append(action)
        self.meaning.begun(action, decision, self.clock.now())

    def _on(self, number: int, do: Callable[[UUID], None]) -> UUID | None:
        if not self.actions:
            return None
        action = self.actions[-1 - number % len(self.actions)]
        do(action)
        return action

    def lift(self, number: int) -> None:
        self._end(number, lambda work, action: service.lift(work, BEN, action, "why"))

    def undo(self, number: int) -> None:
        self._end(number, lambda work, action: service.undo(work, BEN, action))

    def decline(self, number: int) -> None:
        self._end(number, lambda work, action: service.decline(work, BEN, action, "why"))

    def _end(self, number: int, act: Callable[..., None]) -> None:
        def do(action: UUID) -> None:
            with self.desk.work() as work:
                act(work, action)
            self.meaning.ended(action)

        self._on(number, do)

    def confirm(self, number: int) -> None:
        def do(action: UUID) -> None:
            with self.desk.work() as work:
                service.confirm(work, BEN, action)
            self.meaning.confirmed(action, self.clock.now())

        self._on(number, do)

    def reinstate(self) -> None:
        with self.desk.work() as work:
            ended = service.reinstate(work, BEN, "acme", case_number=None, reason="why")
        for action in ended:
            self.meaning.ended(action)

    def wait(self, hours: float) -> None:
        self.clock.move(timedelta(hours=hours))

    def expire(self) -> None:
        with self.desk.work() as work:
            for fact in service.expire(work, lambda number: None, lambda fact: None):
                assert fact.ending is Ending.EXPIRED
        self.meaning.over(self.clock.now())


def _clean(desk: Desk) -> None:
    with desk.work() as work:
        for fact in service.in_force(work, "acme"):
            service.lift(work, ANNA, fact.id, "a new example")


@given(steps)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_sequence_ends_in_what_it_means(settings: Settings, sequence: list[tuple[object, ...]]) -> None:
    clock = SetClock(datetime(2026, 3, 2, 12, tzinfo=UTC))
    desk = wire(settings, clock=clock)
    try:
        customers(desk, acme=[("login", NEWS), ("login", SHOP), ("domain", "acme.test")])
        _clean(desk)
        play, server = Play(desk, clock), MadeUp()
        for name, *given_ in sequence:
            play.step(str(name), *given_)
            _agree(play, server)
        play.expire()
        _agree(play, server)
        with desk.work() as work:
            assert senders.find(work, "acme").status is play.meaning.status(clock.now())
        _undo_all(play, server)
    finally:
        desk.close()


def _agree(play: Play, server: MadeUp) -> None:
    """The product says of every mail what the sequence means, and the mail server does after one round."""
    now = play.clock.now()
    with play.desk.work() as work:
        there = service.standing(work).get("acme")
    for message in MESSAGES:
        found = strictest(there.measures, message, now) if there else None
        assert ((found.kind, found.per_hour) if found else None) == play.meaning.says(message, now)
    Caretaker(play.desk, server).step()
    done = server.done.get("acme")
    wanted = [(m.kind, m.scope.kind, m.scope.value, m.per_hour) for m in there.measures] if there else []
    told = [(line.kind, line.scope, line.value, line.per_hour) for line in done.lines] if done else []
    assert sorted(told, key=str) == sorted(wanted, key=str)


def _undo_all(play: Play, server: MadeUp) -> None:
    """Whatever was done: once everything is ended, the sender is as it was before."""
    _clean(play.desk)
    play.meaning.there.clear()
    _agree(play, server)
    with play.desk.work() as work:
        assert senders.find(work, "acme").status is SenderStatus.ACTIVE
        assert service.suspended_logins(work) == ()
