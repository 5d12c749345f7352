"""What is outside, as Protocols; `infra/` has the adapters and `bootstrap.py` chooses among them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
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


@dataclass(frozen=True, slots=True)
class SentQuestion:
    """What a complaint knows of the mail it is about, to be looked up in the send log.

    message_id: without the angle brackets. queue_id: of our own server's Received line, with that line's time in
    `at`. recipients: addresses, lower case, that the mail may have gone to.
    """

    message_id: str | None = None
    queue_id: str | None = None
    at: datetime | None = None
    recipients: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class SentFact:
    """A mail (or mailing) of the send log that answers a question.

    at: when it was sent. by_message_id, by_queue_id: what it was found by. to_asked: whether it went to one of the
    recipients asked for, None where none was. recipients: the addresses it went to, where the log tells them in
    clear; our own keeps only keyed hashes.
    """

    sender: str
    stream: str
    campaign: str
    at: datetime
    by_message_id: bool
    by_queue_id: bool
    to_asked: bool | None
    recipients: tuple[str, ...] = ()


class SentLog(Protocol):
    """Which mail we sent: our own table, or the provider's database over HTTP."""

    def answers(self, questions: Sequence[SentQuestion]) -> Sequence[tuple[SentFact, ...]]:
        """What is known for each question, in their order; () where nothing is. One look-up for all.

        Raises Unavailable where the log does not answer.
        """


class Queue(Protocol):
    """The wake-up of workers. Losing what is in it loses nothing: the database is the truth."""

    def enqueue(self, job: str, *arguments: str) -> None:
        """Asks for the job named `job` (see `app.jobs`) to be run soon; does not raise when Redis is away."""


class Bell(Protocol):
    """Tells running processes at once that something changed."""

    def ring(self, name: str) -> None:
        """Rings `name`; does not raise when Redis is away, whoever listens also looks by himself."""


class Vault(Protocol):
    """Sealing with a key per owner (a report, its raw message, a case, an audit entry), in one unit of work.

    The keys are rows of `sealing_key`, wrapped by the master key. Destroying a key makes whatever was sealed
    under it unreadable for good.
    """

    def create(self, owners: Iterable[UUID]) -> dict[UUID, bytes]:
        """A fresh key for each owner, its wrapped form added to the unit of work."""

    def tag(self, addresses: Mapping[UUID, Iterable[str]]) -> None:
        """Notes with each owner's key, as keyed hashes, which e-mail addresses its sealed values mention."""

    def mentioning(self, address: str) -> list[UUID]:
        """The owners whose sealed values mention the address."""

    def open(self, owners: Iterable[UUID]) -> dict[UUID, bytes]:
        """The keys of those owners that still have one; the others are left out."""

    def destroy(self, owners: Iterable[UUID]) -> int:
        """Destroys the keys of the owners; how many there were."""

    def seal(self, key: bytes, place: str, value: bytes) -> bytes:
        """`value` under `key`, bound to `place` (`table.column:row`)."""

    def unseal(self, key: bytes, place: str, sealed: bytes) -> bytes:
        """The value. Raises Rejected where it was changed or stands in another place."""

    def look_up_key(self, purpose: str, value: str) -> bytes:
        """A keyed hash of `value`, 16 bytes, for equality look-ups; `purpose` keeps the uses apart."""

    @property
    def token_keys(self) -> Mapping[int, bytes]:
        """The keys of trace tokens by their id (1 to 255); the highest makes, all of them check."""

    @property
    def audit_key(self) -> bytes:
        """The key of the audit chain, so that who writes to the database alone cannot mend a broken one."""
