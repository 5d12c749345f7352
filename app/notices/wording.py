"""What a notice says, in plain words (pure).

It is made from `Told` alone. What has no field there cannot be said: neither the reason that staff gave, nor who of
them decided, nor anything of a report or a reporter.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from textwrap import fill

from app.enforcement.domain import (
    ALL_OF_IT,
    BITING,
    KEEPING,
    ActionFact,
    ActionKind,
    Ending,
    Queued,
    Scope,
    ScopeKind,
    Waiting,
    case_reference,
)
from app.enforcement.grounds import Clause
from app.notices.domain import Event
from app.values import dataclass

WIDTH = 76
NAME_CHARS = 120

BEGUN = {
    ActionKind.WARN: "This is a warning",
    ActionKind.THROTTLE: "Your sending is limited",
    ActionKind.HOLD: "Your mail is held back",
    ActionKind.SUSPEND: "Your sending is suspended",
    ActionKind.TERMINATE: "Your account is closed",
}
MEANS = {
    ActionKind.WARN: "Nothing of your mail is stopped. We ask you to mend what is described below.",
    ActionKind.HOLD: "Mail that you hand in is accepted and kept back; it is not delivered for now.",
    ActionKind.SUSPEND: "Mail that you hand in is refused.",
    ActionKind.TERMINATE: "Mail that you hand in is refused, for good.",
}
ENDED = {
    ActionKind.WARN: "A warning is withdrawn",
    ActionKind.THROTTLE: "A limit on your sending is over",
    ActionKind.HOLD: "Your mail is no longer held back",
    ActionKind.SUSPEND: "Your sending is reinstated",
    ActionKind.TERMINATE: "Your account is open again",
}
HOW = {
    Ending.LIFTED: "We lifted the measure that is named below.",
    Ending.UNDONE: "We took back the measure that is named below.",
    Ending.EXPIRED: "The measure that is named below ended by itself, as we had told you.",
}
KEPT_BACK = {
    Queued.RELEASE: "Mail of yours that it kept back is delivered now.",
    Queued.DISCARD: "Mail of yours that it kept back was discarded.",
}
OTHERS = "Other measures that we told you of are still in force."
STILL = "One measure on your account is over, another still stands"


@dataclass(frozen=True, slots=True)
class Told:
    """What the sender may know of an action.

    account, name: the sender. facts: what staff wrote for the sender, empty where nothing. rule: whether a rule
    decided it. looked: whether a person agreed with that since. people: how many decided, where no rule did. others:
    whether anything else is in force for the sender. still: the strictest of it that is as strict as this and covers
    what this covers, so that nothing is let go by the end of this.
    """

    event: Event
    account: str
    name: str
    kind: ActionKind
    scope: Scope
    per_hour: int | None
    since: datetime
    until: datetime | None
    ended_at: datetime | None
    ending: Ending | None
    queued: Queued | None
    clauses: tuple[Clause, ...]
    facts: str
    case_number: int | None
    rule: bool
    looked: bool
    people: int
    others: bool = False
    still: ActionKind | None = None


def told_of(
    fact: ActionFact, event: Event, name: str, clauses: tuple[Clause, ...], *, others: Sequence[ActionFact] = ()
) -> Told:
    """What may be told of an action that has begun. others: what else is in force for the sender."""
    covering = [each.kind for each in others if each.scope in (ALL_OF_IT, fact.scope)]
    stricter = [each for each in covering if fact.kind in BITING and BITING.index(each) >= BITING.index(fact.kind)]
    return Told(
        event=event,
        account=fact.sender,
        name=name,
        kind=fact.kind,
        scope=fact.scope,
        per_hour=fact.per_hour,
        since=fact.since or fact.asked_at,
        until=fact.until,
        ended_at=fact.ended_at,
        ending=fact.ending,
        queued=fact.queued,
        clauses=clauses,
        facts=fact.facts or "",
        case_number=fact.case_number,
        rule=fact.rule is not None,
        looked=fact.rule is not None and fact.waiting is not Waiting.CONFIRM and fact.confirmed_by is not None,
        people=2 if fact.confirmed_by else 1,
        others=bool(others),
        still=max(stricter, key=BITING.index, default=None),
    )


def one_line(text: str) -> str:
    """`text` as one line of printable characters, at most NAME_CHARS: no breaks, nothing that turns the direction."""
    line = " ".join("".join(each if each.isprintable() else " " for each in text).split())
    return line if len(line) <= NAME_CHARS else line[: NAME_CHARS - 1] + "…"


def subject(told: Told) -> str:
    """The subject: what was done, and the case."""
    said = BEGUN[told.kind] if told.event is Event.BEGUN else _ended(told)
    return said if told.case_number is None else f"{said} (case {case_reference(told.case_number)})"


def body(told: Told, organisation: str, answer_to: str) -> str:
    """The whole text. answer_to: how the provider is reached."""
    return "\n\n".join(each for each in _parts(told, organisation, answer_to) if each) + "\n"


def _parts(told: Told, organisation: str, answer_to: str) -> Iterator[str]:
    yield fill(f"To the holder of the account {one_line(told.name)} ({told.account}):", WIDTH)
    if told.event is Event.BEGUN:
        yield fill(f"{BEGUN[told.kind]}. {_meaning(told)}", WIDTH)
        yield _table(told)
        yield _why(told.clauses)
        yield _found(told.facts)
        yield _who(told)
    else:
        yield fill(" ".join(filter(None, (f"{_ended(told)}.", _how(told), _kept_back(told)))), WIDTH)
        yield _table(told)
        yield f"{BEGUN[told.still]} as before." if told.still else OTHERS if told.others else ""
    yield _next(told, answer_to)
    yield f"-- \n{one_line(organisation)}"


def _ended(told: Told) -> str:
    return STILL if told.still else ENDED[told.kind]


def _meaning(told: Told) -> str:
    if told.kind is not ActionKind.THROTTLE:
        return MEANS[told.kind]
    recipients = "recipient" if told.per_hour == 1 else "recipients"
    return f"You can send to {told.per_hour:,} {recipients} an hour; what is over that is put off."


def _how(told: Told) -> str:
    return HOW.get(told.ending, "") if told.ending else ""


def _kept_back(told: Told) -> str:
    return KEPT_BACK[told.queued] if told.queued and told.kind in KEEPING and told.still is None else ""


def _table(told: Told) -> str:
    rows = [("Measure", _named(told)), ("Covers", _covers(told.scope)), ("From", _moment(told.since))]
    if told.kind is not ActionKind.WARN:
        rows.append(("Until", _until(told)))
    if told.case_number is not None:
        rows.append(("Case", case_reference(told.case_number)))
    return "\n".join(f"    {name + ':':<10}{value}" for name, value in rows)


def _named(told: Told) -> str:
    names = {
        ActionKind.WARN: "warning",
        ActionKind.THROTTLE: f"at most {told.per_hour or 0:,} recipients an hour",
        ActionKind.HOLD: "mail held back",
        ActionKind.SUSPEND: "sending suspended",
        ActionKind.TERMINATE: "account closed",
    }
    return names[told.kind]


def _covers(scope: Scope) -> str:
    return {
        ScopeKind.SENDER: "the whole account",
        ScopeKind.STREAM: f"the stream {scope.value}",
        ScopeKind.DOMAIN: f"mail that comes from the domain {scope.value}",
        ScopeKind.LOGIN: f"mail that is handed in as {scope.value}",
    }[scope.kind]


def _until(told: Told) -> str:
    if told.ended_at is not None:
        over = "" if told.event is Event.ENDED else ", when it ended; another notice tells how"
        return _moment(told.ended_at) + over
    if told.until is not None:
        return f"{_moment(told.until)}, when it ends by itself"
    return "for good" if told.kind is ActionKind.TERMINATE else "we lift it"


def _moment(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def _why(clauses: tuple[Clause, ...]) -> str:
    """The rules it rests on: title and text of each."""
    if not clauses:
        return ""
    rules = (_indented(one_line(each.title)) + (f"\n{_indented(each.text)}" if each.text else "") for each in clauses)
    return "\n\n".join(["It rests on these rules of our acceptable-use policy:", *rules])


def _found(facts: str) -> str:
    return f"What we found:\n\n{_indented(facts)}" if facts.strip() else ""


def _indented(text: str) -> str:
    """Each line of `text`, cleaned and folded, four blanks to the right: nothing in it can pose as a part of ours."""
    margin = "    "
    lines = ("".join(each if each.isprintable() else " " for each in line) for line in text.strip().splitlines())
    return "\n".join(
        fill(line, WIDTH, initial_indent=margin, subsequent_indent=margin, break_on_hyphens=False) for line in lines
    )


def _who(told: Told) -> str:
    if told.rule and told.looked:
        return "A rule of ours decided this automatically; a person has looked at it since and agrees."
    if told.rule:
        return "A rule of ours decided this automatically. A person will look at it."
    if told.people > 1:
        return "Two people decided this; it was not automatic."
    return "A person decided this; it was not automatic."


def _next(told: Told, answer_to: str) -> str:
    case = (
        f"the account {told.account}" if told.case_number is None else f"the case {case_reference(told.case_number)}"
    )
    reach = one_line(answer_to)
    if told.event is Event.ENDED:
        return fill(f"If you have a question, write to {reach}, and name {case}.", WIDTH, break_on_hyphens=False)
    asked = ""
    if told.kind is ActionKind.WARN and told.until is not None:
        asked = f"We ask for your answer by {_moment(told.until)}. "
    text = f"{asked}To answer, or where you think this is wrong, write to {reach}, and name {case}."
    return fill(text, WIDTH, break_on_hyphens=False, break_long_words=False)
