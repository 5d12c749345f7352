"""Says on the next page what was just done and to whom, with the way back where there is one."""

from __future__ import annotations

from flask import flash, url_for

from app.enforcement.domain import ALL_OF_IT, ActionFact, ActionKind, Waiting, case_reference
from app.staff.guards import permissions
from app.triage.may import TO_END
from app.triage.queue import Row
from app.triage.showing import line


def tell(text: str, undo: dict[str, str] | None = None) -> None:
    """Says `text` once. undo: `words`, and `post`, the address that undoes it at once."""
    flash({"text": text, "undo": undo} if undo else text, "success")  # type: ignore[arg-type]  # any JSON may be told


def tell_claimed(number: int) -> None:
    """The case is the reader's now, and can be given back."""
    back = url_for("triage.release", number=number)
    tell(f"Case {case_reference(number)} is yours.", {"words": "Undo: give it back", "post": back})


def tell_acted(name: str, fact: ActionFact) -> None:
    """What was done to the sender of this name; it can be undone in one click for a while."""
    if fact.waiting is Waiting.SECOND:
        return tell(f"A second person must agree to: {fact.kind} {name}. Until then nothing changes.")
    whole = fact.scope == ALL_OF_IT
    if fact.kind is ActionKind.SUSPEND and whole and fact.case_number is not None:
        told = (
            f"The sender {name} is suspended, with case {case_reference(fact.case_number)} as the reason. "
            "The mail servers refuse its mail now."
        )
        return tell(told, _way_back("Undo: reinstate", fact))
    return tell(f"Done: {fact.kind} {name}{'' if whole else f' ({fact.scope})'}.", _way_back("Undo", fact))


def _way_back(words: str, fact: ActionFact) -> dict[str, str] | None:
    may = fact.bites and TO_END[fact.kind] in permissions()
    return {"words": words, "post": url_for("triage.undo", action=fact.id)} if may else None


def named(case: Row) -> str:
    """The case's sender as a sentence names it."""
    return line(case.sender_name or case.sender_id, 80)
