"""What is done to senders, what of it bites now, and what the mail server says of it (pure).

Actions lie on top of each other; none replaces another. What bites is the strictest of those that hold now, so
ending one leaves exactly what the others say: that is the whole of undo.

    note, warn          nothing bites; a warning asks for an answer by a date
    throttle            so many recipients an hour; the lowest limit governs
    hold                mail is accepted and kept back
    suspend, terminate  mail is refused
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from app.errors import Rejected
from app.values import dataclass

BELL = "enforcement"
"""Rings after each change of enforcement state."""

WORDS_CHARS = 4_000
"""How long a reason, or facts told to the sender, may be."""

MOST_PER_HOUR = 1_000_000


class ActionKind(StrEnum):
    """Mildest first."""

    NOTE = "note"
    WARN = "warn"
    THROTTLE = "throttle"
    HOLD = "hold"
    SUSPEND = "suspend"
    TERMINATE = "terminate"


BITING = (ActionKind.THROTTLE, ActionKind.HOLD, ActionKind.SUSPEND, ActionKind.TERMINATE)
"""What changes what a mail server does, mildest first."""

KEEPING = (ActionKind.HOLD, ActionKind.SUSPEND, ActionKind.TERMINATE)
"""Those that keep accepted mail back."""

STOPPING = (ActionKind.SUSPEND, ActionKind.TERMINATE)


class ScopeKind(StrEnum):
    """What of a sender an action is about."""

    SENDER = "sender"
    STREAM = "stream"
    DOMAIN = "domain"
    LOGIN = "login"


class Ending(StrEnum):
    """How an action ended."""

    DONE = "done"
    LIFTED = "lifted"
    UNDONE = "undone"
    EXPIRED = "expired"
    DECLINED = "declined"


class Waiting(StrEnum):
    """Whom an action waits for before it bites: the second of two people. `CONFIRM` bites already: a person is to
    say whether what a rule did was right."""

    SECOND = "second"
    CONFIRM = "confirm"


class Queued(StrEnum):
    """What becomes of mail that was kept back when an action ends."""

    RELEASE = "release"
    DISCARD = "discard"


@dataclass(frozen=True, slots=True)
class Scope:
    """What of a sender: all of it (value empty), or one stream, sending domain or login (lower case)."""

    kind: ScopeKind = ScopeKind.SENDER
    value: str = ""

    def __str__(self) -> str:
        return f"{self.kind}:{self.value}" if self.value else self.kind


ALL_OF_IT = Scope()


def scope_of(text: str) -> Scope:
    """The scope that `text` names: `sender`, `stream:news`, `domain:acme.example`, `login:mailer@acme.example`.

    Raises Rejected.
    """
    kind, _, value = text.strip().lower().partition(":")
    value = value.strip()
    if kind not in list(ScopeKind) or bool(value) == (kind == ScopeKind.SENDER) or not value.isprintable():
        raise Rejected("A scope is sender, stream:NAME, domain:NAME or login:NAME.")
    if len(value) > 320 or any(each.isspace() for each in value):
        raise Rejected("A scope's name has no blanks and at most 320 characters.")
    return Scope(ScopeKind(kind), value)


@dataclass(frozen=True, slots=True)
class Measure:
    """An action that has begun, as a mail server needs to know it: while it holds, this is to be done.

    per_hour: recipients, of a throttle. since: by the clock of who decided, which may be ahead of ours. until: when
    it ends by itself.
    """

    action: UUID
    kind: ActionKind
    scope: Scope
    since: datetime
    until: datetime | None = None
    per_hour: int | None = None
    case_number: int | None = None

    def holds(self, at: datetime) -> bool:
        """Whether it bites at `at`."""
        return self.until is None or at < self.until


@dataclass(frozen=True, slots=True)
class ActionFact:
    """One action.

    reason: for staff; facts: what the sender is told; None where forgotten. asked_at: when it was entered; since:
    from when it bites, None while it waits for a second person. rule: the rule that did it, None for a person.
    ended_at: None while it holds. queued: what became of the mail kept back.
    """

    id: UUID
    sender: str
    kind: ActionKind
    scope: Scope
    per_hour: int | None
    grounds: tuple[str, ...]
    case_number: int | None
    by: str
    rule: str | None
    waiting: Waiting | None
    confirmed_by: str | None
    reason: str | None
    facts: str | None
    asked_at: datetime
    since: datetime | None
    until: datetime | None
    ended_at: datetime | None = None
    ended_by: str | None = None
    ending: Ending | None = None
    end_reason: str | None = None
    queued: Queued | None = None

    @property
    def bites(self) -> bool:
        """Whether it is of a kind that a mail server acts on, has begun and has not been ended."""
        return self.kind in BITING and self.since is not None and self.ended_at is None


@dataclass(frozen=True, slots=True)
class Message:
    """What is known of a mail that is being handed in. All lower case; empty where it is not known."""

    login: str
    stream: str = ""
    domain: str = ""


def touches(scope: Scope, message: Message) -> bool:
    """Whether the mail is within the scope of its sender."""
    said = {
        ScopeKind.STREAM: message.stream,
        ScopeKind.DOMAIN: message.domain,
        ScopeKind.LOGIN: message.login,
    }
    return scope.kind is ScopeKind.SENDER or said[scope.kind] == scope.value


def strictest(measures: Iterable[Measure], message: Message, at: datetime) -> Measure | None:
    """What is to be done with this mail of the sender whose measures these are; None: let it through.

    Of several throttles the lowest limit governs; of equals the one that began first.
    """
    return hardest(biting(measures, message, at))


def biting(measures: Iterable[Measure], message: Message, at: datetime) -> list[Measure]:
    """Those of the measures that this mail of their sender meets."""
    return [each for each in measures if each.holds(at) and touches(each.scope, message)]


def hardest(measures: Iterable[Measure]) -> Measure | None:
    """The strictest of measures that all bite; None where there is none."""
    return min(measures, key=_order, default=None)


def _order(measure: Measure) -> tuple[int, int, datetime]:
    return -BITING.index(measure.kind), measure.per_hour or 0, measure.since


def case_reference(number: int) -> str:
    """How a case is called wherever people read it: `C1001`."""
    return f"C{number}"


def refusal(case_number: int | None, kind: ActionKind = ActionKind.SUSPEND) -> str:
    """What the mail server tells the client of a stopped sender, one line of printable ASCII."""
    text = "Sending is suspended for this account" if kind is ActionKind.SUSPEND else "This account is closed"
    return text if case_number is None else f"{text}, case {case_reference(case_number)}"
