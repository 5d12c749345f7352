"""What is outside, as Protocols; `infra/` has the adapters and `bootstrap.py` chooses among them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Protocol
from uuid import UUID

from app.mail.domain import KeyAnswer


class Clock(Protocol):
    def now(self) -> datetime:
        """The time now, aware UTC."""


class KeyResolver(Protocol):
    """Looks DKIM key records up, in DNS or in a zone file."""

    def look_up(self, names: Iterable[str]) -> Mapping[str, KeyAnswer]:
        """The answer for every name (`selector._domainkey.domain`, lower case, no trailing dot).

        States given: FOUND (with `txt`), NONE (no such name or no TXT), DNS_FAILED (no answer now).
        Whether the record is revoked or unusable is for `mail.signatures` to say. Never raises.
        """


class Queue(Protocol):
    """The wake-up of workers. Losing what is in it loses nothing: the database is the truth."""

    def enqueue(self, job: str, *arguments: str) -> None:
        """Asks for the job `job` (a name of `app.jobs`) to be run soon; never raises when Redis is away."""


class Bell(Protocol):
    """Tells running processes at once that something changed (enforcement state)."""

    def ring(self, name: str) -> None:
        """Rings `name`; never raises when Redis is away."""


class Vault(Protocol):
    """Sealing with a key per owner (a report, a case, an audit entry), wrapped by the master key.

    Keys are rows of `sealing_key`; sealing the same owner again uses the same key. Destroying the key
    makes every sealed value of the owner unreadable for good, in the database and in each backup made later.
    """

    def look_up_key(self, purpose: str, value: str) -> bytes:
        """A keyed hash (16 bytes) of `value` for equality look-ups; `purpose` keeps the uses apart."""

    def new_key(self, owner: UUID) -> SealingKeyBytes:
        """A fresh key for `owner`, plain and wrapped; the caller stores the wrapped form."""

    def open_key(self, owner: UUID, wrapped: bytes) -> bytes:
        """The plain key of `owner`. Raises Unavailable where the master key is not here."""

    def seal(self, key: bytes, place: str, value: bytes) -> bytes:
        """`value` under `key`, bound to `place` (`table.column:row`), AES-256-GCM with a random nonce."""

    def unseal(self, key: bytes, place: str, sealed: bytes) -> bytes:
        """The value. Raises Rejected where it was changed or belongs to another place."""


class SealingKeyBytes(Protocol):
    plain: bytes
    wrapped: bytes


__all__ = ["Bell", "Clock", "KeyResolver", "Queue", "SealingKeyBytes", "Sequence", "Vault"]
