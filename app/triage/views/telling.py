"""Says on the next page what was just done and to whom, with the way back where there is one."""

from __future__ import annotations

from flask import flash, url_for

from app.enforcement.domain import case_reference
from app.staff.domain import Permission
from app.staff.guards import permissions
from app.triage.queue import Row
from app.triage.showing import line


def tell(text: str, undo: dict[str, str] | None = None) -> None:
    """Says `text` once. undo: `words`, and either `post`, the address that undoes it at once, or `form`, the address
    of the form that asks for what is needed first."""
    flash({"text": text, "undo": undo} if undo else text, "success")  # type: ignore[arg-type]  # any JSON may be told


def tell_claimed(number: int) -> None:
    """The case is the reader's now, and can be given back."""
    back = url_for("triage.release", number=number)
    tell(f"Case {case_reference(number)} is yours.", {"words": "Undo: give it back", "post": back})


def tell_suspended(case: Row) -> None:
    """The case's sender is stopped; who may can reinstate it."""
    form = {
        "words": "Undo: reinstate",
        "form": url_for("triage.case", number=case.number, _anchor="reinstate-reason"),
    }
    tell(
        f"The sender {named(case)} is suspended, with case {case_reference(case.number)} as the reason. "
        "The mail servers refuse its mail now.",
        form if Permission.REINSTATE in permissions() else None,
    )


def named(case: Row) -> str:
    """The case's sender as a sentence names it."""
    return line(case.sender_name or case.sender_id, 80)
