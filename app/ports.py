"""What is outside, as Protocols; `infra/` has the adapters and `bootstrap.py` chooses among them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from email.message import EmailMessage
from typing import Protocol
from uuid import UUID

from app.mail.domain import KeyAnswer
from app.values import dataclass


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


@dataclass(frozen=True, slots=True)
class OrderLine:
    """One thing that a mail server is to do with a sender's mail.

    kind: throttle, hold, suspend or terminate. scope: sender, stream, domain or login, with its `value` (empty for
    the sender). logins: those that the scope covers, lower case; none for a domain. per_hour: recipients, of a
    throttle. text: what a refused client is told, one line of printable ASCII. since, until: aware UTC. maybe: logins
    of which some mail may be in the scope, as only the policy service is told: those of no stream, for a stream.
    """

    kind: str
    scope: str
    value: str
    logins: tuple[str, ...]
    per_hour: int | None
    text: str
    since: datetime
    until: datetime | None = None
    case_number: int | None = None
    maybe: tuple[str, ...] = ()

    @property
    def stops(self) -> bool:
        """Whether mail is refused, not only slowed or kept back."""
        return self.kind in ("suspend", "terminate")

    @property
    def keeps(self) -> bool:
        """Whether mail that was accepted is kept back."""
        return self.stops or self.kind == "hold"


@dataclass(frozen=True, slots=True)
class Ended:
    """A line that kept mail back and is over. at: when it ended, aware UTC. discard: whether what it kept is to be
    thrown away."""

    line: OrderLine
    at: datetime
    discard: bool = False


@dataclass(frozen=True, slots=True)
class Order:
    """The whole of what a mail server is to do with one sender's mail; without lines: nothing, let it through.

    key: another for each content, so that doing it twice is doing it once. logins, domains: all that the sender is
    known by, lower case. held: queue ids that this mail server put on hold for this sender. ended: lines that kept
    mail back and ended lately, the last first: they say what becomes of mail that no line keeps any more. probes:
    local parts of envelope senders under which mail of the probe account is treated as this sender's, one for each
    login or domain that a line covers. shared: domains, of the sender or of a line, that others have, too.
    """

    sender: str
    key: str
    logins: tuple[str, ...]
    domains: tuple[str, ...]
    lines: tuple[OrderLine, ...]
    held: tuple[str, ...] = ()
    ended: tuple[Ended, ...] = ()
    probes: tuple[str, ...] = ()
    shared: tuple[str, ...] = ()

    @property
    def kept_since(self) -> datetime | None:
        """Since when mail may have been kept back by what stands or ended lately, None where nothing kept any."""
        lines = (*self.lines, *(each.line for each in self.ended))
        return min((line.since for line in lines if line.keeps), default=None)

    @property
    def discard(self) -> bool:
        """Whether what ended last said to throw mail away: for who cannot tell what each line kept."""
        return bool(self.ended) and self.ended[0].discard


@dataclass(frozen=True, slots=True)
class Applied:
    """What a mail server made of an order. said: one line, nothing personal. held: the queue ids that are on hold for
    this sender now, None where that is not known there."""

    ok: bool
    said: str
    held: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Observed:
    """What was seen at a mail server. in_force: whether it does what the order says; None: that cannot be seen.

    later: it could have been seen, but for something of ours that passes; what was seen before stands meanwhile.
    """

    in_force: bool | None
    said: str
    later: bool = False


@dataclass(frozen=True, slots=True)
class Waiting:
    """Mail of a sender in a mail server's queue: waiting to be delivered, and on hold."""

    waiting: int
    held: int


class Connector(Protocol):
    """A mail server or platform that does what we decide. What is to be is ours; it only has a copy.

    name: the kind, `postfix`. node: which of several, empty where there is one for all.
    """

    name: str
    node: str

    def apply(self, orders: Sequence[Order], standing: Sequence[Order]) -> Mapping[str, Applied]:
        """Brings the mail server to these orders, the first ones first; the answer for each sender. Doing it again
        changes nothing. Who is not in the answer was not come to in good time, and is to be told in the next round.

        standing: the orders of all senders that have any line, for a connector that writes them as a whole.
        Raises Unavailable where the mail server as a whole does not answer; nothing else.
        """

    def observe(self, orders: Sequence[Order]) -> Mapping[str, Observed]:
        """What the mail server really does for these senders, seen as far as possible from outside; who is not in the
        answer was not come to in good time.

        Raises Unavailable where it does not answer; nothing else.
        """

    def waiting(self, logins: Mapping[str, str]) -> Mapping[str, Waiting]:
        """Sender → its mail in the queue, for logins → sender; empty where that cannot be told.

        Raises Unavailable where the mail server does not answer; nothing else.
        """


class Mailer(Protocol):
    """Hands mail to a mail server."""

    def send(self, message: EmailMessage, sender: str, recipient: str) -> None:
        """Hands one message over; sender may be empty (RFC 5321 null reverse-path).

        Raises Unavailable for what may work later, Rejected for what will not.
        """


class Poster(Protocol):
    """Posts signed JSON to an address of the operator's."""

    def post(self, url: str, key: str, body: Mapping[str, object]) -> Mapping[str, object]:
        """The JSON object that came back, {} where the answer had none. key: the same for the same content.

        Raises Unavailable for what may work later, Rejected for an answer that says no (status 4xx).
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
