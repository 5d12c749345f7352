"""A rule in words, for whoever is to confirm or undo what it did (pure)."""

from __future__ import annotations

from app.enforcement.automatic import Then, When

_KINDS = {
    "feedback": "many complaint clicks",
    "unsubscribe-ignored": "an unsubscribe that was ignored",
    "other": "something else",
}


def deed(then: Then) -> str:
    """What a rule does: `hold for 24 hours`, `throttle to 120 recipients an hour for 1 hour`."""
    limit = f" to {_many(then.per_hour, 'recipient')} an hour" if then.per_hour else ""
    return f"{then.action}{limit} for {_many(then.hours, 'hour')}"


def conditions(when: When) -> tuple[str, ...]:
    """What must all hold for a rule, each a few words."""
    said = [f"whose mail it was is {when.verdict}" + ("" if when.verdict == "proven" else " or proven")]
    if when.kinds:
        said.append(f"the case is about {_or([_KINDS.get(each, each) for each in sorted(when.kinds)])}")
    if when.account_younger_than_days is not None:
        said.append(f"the account is younger than {_many(when.account_younger_than_days, 'day')}")
    if when.reports_at_least is not None:
        said.append(f"the case has at least {_many(when.reports_at_least, 'report')}")
    if when.complaints_over is not None:
        said.append(f"more than {_many(when.complaints_over, 'complaint')} in seven days")
    if when.rate_over is not None:
        mails = f"of at least {when.minimum_delivered:,} mails in seven days"
        said.append(f"surely more than {when.rate_over * 100:g} % {mails} were complained about")
    return tuple(said)


def _many(number: int, what: str) -> str:
    return f"{number:,} {what}" if number == 1 else f"{number:,} {what}s"


def _or(words: list[str]) -> str:
    return " or ".join([*([", ".join(words[:-1])] if words[:-1] else []), words[-1]])
