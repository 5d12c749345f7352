"""Says on the next page what was just done and to whom, with the way back where there is one."""

from __future__ import annotations

from flask import flash, url_for

from app.enforcement.domain import ALL_OF_IT, ActionFact, ActionKind, Waiting, case_reference
from app.staff.domain import Permission
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


def tell_acted(case: Row, fact: ActionFact) -> None:
    """What was done to the case's sender; it can be undone in one click for a while."""
    if fact.kind is ActionKind.SUSPEND and fact.scope == ALL_OF_IT and fact.waiting is None:
        return tell_suspended(case, fact)
    if fact.waiting is Waiting.SECOND:
        return tell(f"A second person must agree to: {fact.kind} {named(case)}. Until then nothing changes.")
    may = fact.bites and TO_END[fact.kind] in permissions()
    undo = {"words": "Undo", "post": url_for("triage.undo", action=fact.id)} if may else None
    tell(f"Done: {fact.kind} {named(case)}{f' ({fact.scope})' if fact.scope.value else ''}.", undo)
    return None


def tell_suspended(case: Row, fact: ActionFact) -> None:
    """The case's sender is stopped; who may can undo it in one click."""
    undo = {"words": "Undo: reinstate", "post": url_for("triage.undo", action=fact.id)}
    tell(
        f"The sender {named(case)} is suspended, with case {case_reference(case.number)} as the reason. "
        "The mail servers refuse its mail now.",
        undo if Permission.REINSTATE in permissions() else None,
    )


def named(case: Row) -> str:
    """The case's sender as a sentence names it."""
    return line(case.sender_name or case.sender_id, 80)
