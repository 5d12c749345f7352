"""The words of actions: sealed under the key of the action, which knows the addresses in them."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from app.enforcement.models import Action
from app.mail.fields.address import addresses_in
from app.uow import Work

PLACES = {"reason": "suspension.reason", "facts": "action.facts", "end_reason": "suspension.lift_reason"}
"""Column → the place its words are sealed for. The first words were those of suspensions, and stay readable."""


def seal_into(
    work: Work, action: UUID, words: Mapping[str, str], *, earlier: Action | None = None
) -> dict[str, bytes | None]:
    """The words sealed, by column; empty ones are None. earlier: the row, where it has words of other columns."""
    # Where the first words were forgotten meanwhile, so was their key: new words get a new one.
    keys = (work.vault.open([action]) if earlier else {}) or work.vault.create([action])
    before = [said(work, keys, earlier, column) or "" for column in PLACES] if earlier else []
    addresses = {found for text in (*before, *words.values()) for found in addresses_in(text)}
    work.vault.tag({action: addresses})
    return {
        column: work.vault.seal(keys[action], _place(column, action), text.encode()) if text else None
        for column, text in words.items()
    }


def said(work: Work, keys: Mapping[UUID, bytes], row: Action, column: str) -> str | None:
    """The words of a column; None where there are none, or where they were forgotten."""
    sealed: bytes | None = getattr(row, column)
    if sealed is None or row.id not in keys:
        return None
    return work.vault.unseal(keys[row.id], _place(column, row.id), sealed).decode()


def _place(column: str, action: UUID) -> str:
    return f"{PLACES[column]}:{action}"
