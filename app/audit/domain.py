"""Actors and the chain of audit entries (pure)."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import NamedTuple
from uuid import UUID

from app.values import dataclass

START = bytes(32)
"""What the first entry follows."""


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts. name: a staff member's sign-in address, or `system` for what the product does by itself, or
    `operator` for a command without a named person. staff_id: the staff member's row, None for the others."""

    name: str
    staff_id: int | None = None


SYSTEM = Actor("system")
OPERATOR = Actor("operator")


class Link(NamedTuple):
    """The part of an entry that the chain covers. detail: the sealed bytes, so that forgetting their key
    leaves the chain whole."""

    seq: int
    at: datetime
    actor: str
    action: str
    subject: str
    detail_id: UUID
    detail: bytes
    previous: bytes


def link_hash(key: bytes, link: Link) -> bytes:
    """HMAC-SHA-256 over every part of the link, each preceded by its length so that parts cannot run together."""
    digest = hmac.new(key, digestmod=hashlib.sha256)
    for part in _parts(link):
        digest.update(len(part).to_bytes(8, "big"))
        digest.update(part)
    return digest.digest()


def head_seal(key: bytes, seq: int, last: bytes) -> bytes:
    """HMAC-SHA-256 of where the chain ends: number and hash of its last entry. Not the hash of any entry."""
    return hmac.digest(key, b"head" + seq.to_bytes(8, "big") + last, hashlib.sha256)


def _parts(link: Link) -> Iterable[bytes]:
    yield str(link.seq).encode()
    # The database gives a moment back in its own time zone: in the chain it always stands in UTC.
    yield link.at.astimezone(UTC).isoformat(timespec="microseconds").encode()
    yield link.actor.encode()
    yield link.action.encode()
    yield link.subject.encode()
    yield link.detail_id.bytes
    yield link.detail
    yield link.previous
