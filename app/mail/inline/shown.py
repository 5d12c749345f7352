"""A forwarded mail out of its block: the fields that a client showed, and its part of the text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from app.mail.domain import Header, Original
from app.mail.fields.address import addresses_in
from app.mail.fields.local_dates import read_local_date
from app.mail.inline.block import Block
from app.mail.inline.sender import sender_of
from app.mail.inline.words import Role, folded
from app.mail.original import MAX_RECIPIENTS, message_id

_HEADERS = (Role.FROM, Role.DATE, Role.SUBJECT, Role.TO, Role.CC, Role.REPLY_TO)
_ABOVE = 200  # no longer line tells a date


def shown_original(lines: Sequence[str], block: Block, end: int, fallback: str | None) -> Original:
    """The forwarded mail; `raw` is its part of the text as it stands, quoting and all. fallback: its subject where no
    label tells one."""
    sender = block.value(Role.FROM)
    return Original(
        raw="\n".join(lines[block.start : end]).encode(),
        headers_only=False,
        headers=tuple(_headers(block)),
        message_id=_message_id(block),
        from_=sender_of(sender) if sender else None,
        subject=block.value(Role.SUBJECT) or fallback or None,
        date=read_local_date(block.value(Role.DATE) or _above(lines, block)),
        recipients=recipients_of(block)[:MAX_RECIPIENTS],
        verifiable=False,
    )


def _message_id(block: Block) -> str | None:
    """The Message-ID, which some clients show (Gnus)."""
    return next((message_id(each.value) for each in block.labels if folded(each.label) == "message-id"), None)


def recipients_of(block: Block) -> tuple[str, ...]:
    """The addresses that the mail went to, as they stand."""
    values = [block.value(role) or "" for role in (Role.TO, Role.CC)]
    found = dict.fromkeys(address for value in values for address in addresses_in(value))
    # Lotus Notes has names of its own there, `Ann Smith/ACME@ACME`.
    return tuple([each for each in found if "/" not in each or "." in each.rpartition("@")[2]])


def _above(lines: Sequence[str], block: Block) -> str | None:
    """The line above the labels, which tells the date where none of them does (Orange)."""
    line = lines[block.start - 1] if block.start else ""
    return line if len(line) < _ABOVE else None


def _headers(block: Block) -> Iterator[Header]:
    """The fields under their English names, values as they stand."""
    for role in _HEADERS:
        value = block.value(role)
        if value:
            yield Header(role.value.lower(), role.value, value.encode("utf-8", "replace"))
