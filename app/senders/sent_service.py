"""The send log: takes in what was sent, counts it, answers whose a mail was, forgets.

What is kept of a mail are keyed hashes of its Message-ID and recipient; whoever has the database alone can look
nobody up.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import field
from datetime import date, datetime, timedelta
from itertools import islice
from typing import Any
from uuid import UUID

from app.audit.domain import Actor
from app.audit.service import record
from app.mail.fields.address import readings
from app.ports import SentFact, SentQuestion
from app.senders import sent_store, service
from app.senders.domain import IdentityFact, IdentityKind
from app.senders.roster import Fault
from app.senders.sent import Sent
from app.senders.span_service import note_span
from app.senders.volumes import Total
from app.uow import UnitOfWork, Work
from app.values import dataclass

BATCH = 5_000
FAULTS = 100
"""How many faults are told in full; all are counted."""

AHEAD = timedelta(days=1)
BEFORE, AFTER = timedelta(days=1), timedelta(days=5)
"""How far from the time of a Received line its mail may have been delivered: clocks differ, mail waits in queues."""

RECIPIENTS = 100
RECIPIENT = "sent-recipient"
"""The purpose of recipients' keyed hashes."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of an import's lines.

    new: rows written. known: there already. old: older than the log is kept. unknown: their login, if any, was no
    sender's then. faults: lines that cannot be read, the first FAULTS in `told`.
    """

    new: int = 0
    known: int = 0
    old: int = 0
    unknown: int = 0
    faults: int = 0
    told: tuple[Fault, ...] = field(default=())

    def __add__(self, other: Taken) -> Taken:
        return Taken(
            self.new + other.new,
            self.known + other.known,
            self.old + other.old,
            self.unknown + other.unknown,
            self.faults + other.faults,
            (self.told + other.told)[:FAULTS],
        )


@dataclass(frozen=True, slots=True)
class Volume:
    """How many mails of a sender a mailbox provider took on one day (UTC); stated: the operator gave the total."""

    day: date
    stream: str
    provider: str
    delivered: int
    stated: bool


def import_sent(open_work: UnitOfWork, actor: Actor, found: Iterable[Sent | Fault]) -> Taken:
    """Writes what a log says, BATCH lines a transaction; the same log again adds nothing.

    The last transaction leaves the audit entry. An import that was cut off is finished by doing it again.
    """
    rows, total = iter(found), Taken()
    while True:
        batch = list(islice(rows, BATCH))
        with open_work() as work:
            total += take(work, batch)
            if len(batch) < BATCH:
                counts = {name: str(getattr(total, name)) for name in ("new", "known", "old", "unknown", "faults")}
                record(work, actor, "senders.sent", "senders", counts)
                return total


def take(work: Work, found: Sequence[Sent | Fault]) -> Taken:
    """Writes mails and counts them as delivered, in one unit of work."""
    faults = [each for each in found if isinstance(each, Fault)]
    told = [each for each in found if isinstance(each, Sent)]
    oldest, newest = work.now - timedelta(days=work.settings.retention_sent_days), work.now + AHEAD
    faults += [Fault(each.line, "The time is in the future.") for each in told if each.at > newest]
    fitting = [each for each in told if oldest <= each.at <= newest]
    old = sum(1 for each in told if each.at < oldest)
    owned = _owned(work, fitting)
    known = service.found(work, sorted({each.sender for each in owned if each.sender}))
    faults += [Fault(each.line, f"There is no sender {each.sender}.") for each in owned if each.sender not in known]
    listed = [each for each in owned if each.sender in known]
    new = sent_store.put_sent(work.session, _rows(work, listed))
    if new:
        note_span(work, [each.at for each in listed])
    faults.sort(key=lambda fault: fault.line)
    return Taken(new, len(listed) - new, old, len(fitting) - len(owned), len(faults), tuple(faults[:FAULTS]))


def _owned(work: Work, found: Sequence[Sent]) -> list[Sent]:
    """The mails with their senders, by login where the log tells no account; without those of nobody."""
    logins = sorted({each.login for each in found if each.sender is None and each.login})
    if not logins and all(each.sender is not None for each in found):
        return list(found)
    held: dict[str, list[IdentityFact]] = {}
    for fact in service.known_identities(work, {IdentityKind.LOGIN: logins}):
        held.setdefault(fact.value, []).append(fact)
    named = [
        each if each.sender is not None else each._replace(sender=_holder(held.get(each.login, ()), each.at))
        for each in found
    ]
    return [each for each in named if each.sender is not None]


def _holder(facts: Sequence[IdentityFact], at: datetime) -> str | None:
    """The one sender who had a login at that time."""
    holders = {fact.sender for fact in facts if fact.holds(at)}
    return holders.pop() if len(holders) == 1 else None


def _rows(work: Work, found: Sequence[Sent]) -> list[dict[str, Any]]:
    """In one order, so that two imports of the same mails wait for each other instead of both failing."""
    return sorted((_row(work, each) for each in found), key=lambda row: row["id"].bytes)


def _row(work: Work, sent: Sent) -> dict[str, Any]:
    message = work.vault.look_up_key("message-id", sent.message_id) if sent.message_id else None
    recipient = recipient_key(work, sent.recipient) if sent.recipient else None
    return {
        "id": line_id(sent, message, recipient),
        "message_key": message,
        "queue_id": sent.queue_id or None,
        "sender_id": sent.sender,
        "stream": sent.stream,
        "campaign": sent.campaign,
        "recipient_key": recipient,
        "provider": sent.provider,
        "at": sent.at,
    }


def recipient_key(work: Work, recipient: str) -> bytes:
    """The keyed hash of a recipient, of a purpose of its own: it joins with suppressions and with nothing else."""
    return work.vault.look_up_key(RECIPIENT, readings(recipient)[0])


def line_id(sent: Sent, message_key: bytes | None, recipient: bytes | None) -> UUID:
    """What makes two lines the same mail: sender, second, queue id, Message-ID and recipient, missing or not.

    Stream and campaign are left out: a later export that names them adds no second row.
    """
    parts = f"{sent.sender}\0{int(sent.at.timestamp())}\0{sent.queue_id}\0".encode()
    keys = (b"\1" + message_key if message_key else b"\0") + (b"\1" + recipient if recipient else b"\0")
    return UUID(bytes=hashlib.blake2b(parts + keys, digest_size=16).digest())


def sent_answers(work: Work, questions: Sequence[SentQuestion]) -> list[tuple[SentFact, ...]]:
    """What our own log knows for each question, in their order; () where nothing is. One statement for all.

    One fact for each sender, stream and campaign. A queue id counts only from BEFORE to AFTER `at`: short ones are
    used again. to_asked is None where no recipient was asked for. Recipients are never told, only whether one that
    was asked for is among them, at most RECIPIENTS of a question.
    """
    answers: list[tuple[SentFact, ...]] = [()] * len(questions)
    asked = [_asked(work, n, each) for n, each in enumerate(questions)]
    asked = [each for each in asked if each["message_key"] is not None or each["queue_id"] is not None]
    if not asked:
        return answers
    recipients = [
        (row["n"], recipient_key(work, each))
        for row in asked
        for each in sorted(questions[row["n"]].recipients)[:RECIPIENTS]
    ]
    for row in sent_store.matches(work.session, asked, recipients):
        fact = SentFact(
            sender=row.sender_id,
            stream=row.stream,
            campaign=row.campaign,
            at=row.at,
            by_message_id=row.by_message,
            by_queue_id=row.by_queue,
            to_asked=row.to_asked if questions[row.n].recipients else None,
        )
        answers[row.n] += (fact,)
    return answers


def _asked(work: Work, n: int, question: SentQuestion) -> dict[str, Any]:
    timed = question.queue_id and question.at
    return {
        "n": n,
        "message_key": work.vault.look_up_key("message-id", question.message_id) if question.message_id else None,
        "queue_id": question.queue_id if timed else None,
        "since": question.at - BEFORE if question.at and timed else None,
        "until": question.at + AFTER if question.at and timed else None,
    }


def state_volumes(open_work: UnitOfWork, actor: Actor, found: Iterable[Total | Fault]) -> Taken:
    """Writes ready-made totals, each in the place of the figure of that day; the same again changes nothing.

    `new` counts the totals that were written.
    """
    rows, total = iter(found), Taken()
    while True:
        batch = list(islice(rows, BATCH))
        with open_work() as work:
            total += _state(work, batch)
            if len(batch) < BATCH:
                record(
                    work, actor, "senders.volumes", "senders", {"new": str(total.new), "faults": str(total.faults)}
                )
                return total


def _state(work: Work, found: Sequence[Total | Fault]) -> Taken:
    faults = [each for each in found if isinstance(each, Fault)]
    totals = [each for each in found if isinstance(each, Total)]
    known = service.found(work, sorted({each.sender for each in totals}))
    faults += [Fault(each.line, f"There is no sender {each.sender}.") for each in totals if each.sender not in known]
    last = {(each.sender, each.day, each.stream, each.provider): each for each in totals if each.sender in known}
    names = ("sender_id", "day", "stream", "provider")
    rows = [
        dict(zip(names, key, strict=True)) | {"counted": 0, "stated": last[key].delivered} for key in sorted(last)
    ]
    sent_store.state_volumes(work.session, rows)
    return Taken(new=len(rows), faults=len(faults), told=tuple(faults[:FAULTS]))


def volumes(work: Work, sender: str, since: date, until: date) -> list[Volume]:
    """What was delivered for the sender from the day `since` to before `until` (UTC), by day, stream, provider.

    Where the operator stated a day's total it is that, else what was counted from the log.
    """
    return [
        Volume(
            row.day,
            row.stream,
            row.provider,
            row.counted if row.stated is None else row.stated,
            row.stated is not None,
        )
        for row in sent_store.volumes(work.session, sender, since, until)
    ]


def campaigns(work: Work, sender: str, since: datetime, limit: int) -> list[tuple[str, int]]:
    """The sender's campaigns with most mails since then, each with how many; mail without one is left out."""
    return sent_store.campaigns(work.session, sender, since, limit)


def sent_before(work: Work, moment: datetime, limit: int) -> list[UUID]:
    """Up to `limit` lines of the log from before `moment`."""
    return sent_store.older_than(work.session, moment, limit)


def count_sent_before(work: Work, moment: datetime) -> int:
    """How many lines of the log are from before `moment`; there may be millions."""
    return sent_store.count_older(work.session, moment)


def sent_to(work: Work, address: str, limit: int) -> list[UUID]:
    """Up to `limit` lines of the log of mail to this address."""
    return sent_store.to_recipient(work.session, recipient_key(work, address), limit)


def forget_sent(work: Work, lines: Sequence[UUID]) -> int:
    """Deletes lines of the log, for good; the volumes stay. How many there were."""
    return sent_store.delete_sent(work.session, lines)


def volumes_before(work: Work, moment: datetime, limit: int) -> list[UUID]:
    """Up to `limit` daily volumes from before the day of `moment`."""
    return sent_store.volumes_before(work.session, moment.date(), limit)


def forget_volumes(work: Work, volumes: Sequence[UUID]) -> int:
    """Deletes daily volumes; how many there were."""
    return sent_store.delete_volumes(work.session, volumes)
