"""Sends notices, one after the other, each handed to the mail server outside of any transaction.

A notice belongs to who claimed it for LEASE. Killed between handing over and writing that down, it is sent once more
after that, with the same Message-ID.
"""

from __future__ import annotations

from collections.abc import Callable
from email.message import EmailMessage
from uuid import UUID

from app.enforcement import service as enforcement
from app.enforcement.domain import ActionFact
from app.enforcement.grounds import told
from app.errors import Rejected, Unavailable
from app.notices import store
from app.notices.domain import FORGOTTEN, LEASE, MOST_TRIES, TOO_LATE, State, mailable, retry_after
from app.notices.letter import write as write_letter
from app.notices.models import Notice
from app.notices.service.writing import STEP, can_send, look_again, place, write
from app.notices.wording import body, subject, told_of
from app.ports import Mailer
from app.senders import service as senders
from app.uow import UnitOfWork, Work
from app.values import dataclass

UNANSWERED_MOST = 3
"""After so many in a row that were put off, the others wait for the next run: the server is away."""


@dataclass(frozen=True, slots=True)
class Sent:
    """What a run did: notices written, sent, refused for good, put off."""

    written: int = 0
    sent: int = 0
    failed: int = 0
    put_off: int = 0


@dataclass(frozen=True, slots=True)
class _Claimed:
    notice: UUID
    mail_from: str
    recipient: str
    message: EmailMessage


def notify(open_work: UnitOfWork, mailer: Mailer | None, over: Callable[[], bool] = lambda: False) -> Sent:
    """Writes what is to be told and sends what is due, until nothing is, the server is away or `over` says so.

    Raises Unavailable where the database, or the acceptable-use policy, cannot be read.
    """
    written = _written(open_work)
    counts = dict.fromkeys(State, 0)
    silent = 0
    while mailer is not None and silent < UNANSWERED_MOST and not over():
        with open_work() as work:
            claimed = _claim(work)
        if claimed is None:
            break
        if isinstance(claimed, _Claimed):
            state = _send(open_work, mailer, claimed)
            counts[state] += 1
            silent = silent + 1 if state is State.WAITING else 0
    return Sent(written, counts[State.SENT], counts[State.FAILED], counts[State.WAITING])


def _written(open_work: UnitOfWork) -> int:
    written = 0
    while True:
        with open_work() as work:
            more = write(work)
            written += more
        if more < STEP:
            break
    with open_work() as work:
        look_again(work)
    return written


def _claim(work: Work) -> _Claimed | UUID | None:
    """The next notice that is due, as a mail; its id where nothing is left to send it to; None where none is due."""
    rows = store.due(work.session, State.WAITING, work.now, 1) if can_send(work) else ()
    if not rows:
        return None
    [row] = rows
    recipient = _recipient(work, row)
    if recipient is None:
        row.state, row.said, row.next_at = State.NOT_SENT, FORGOTTEN, None
        return row.id
    row.tries += 1
    row.next_at = work.now + LEASE
    mail_from = mailable(work.settings.mail_from) or ""
    return _Claimed(row.id, mail_from, recipient, _message(work, row, mail_from, recipient))


def _recipient(work: Work, row: Notice) -> str | None:
    key = work.vault.open([row.id]).get(row.id)
    if key is None or row.recipient is None:
        return None
    return work.vault.unseal(key, place(row.id), row.recipient).decode()


def _message(work: Work, row: Notice, mail_from: str, recipient: str) -> EmailMessage:
    action = enforcement.action(work, row.action_id)
    name = senders.find(work, action.sender).name
    clauses = told(enforcement.clauses(work), action.grounds)
    said = told_of(action, row.event, name, clauses, others=_others(work, action))
    answer_to = (work.settings.contact or "").strip() or mail_from
    return write_letter(
        identifier=row.message_id or "",
        at=row.made_at,
        organisation=work.settings.organisation,
        mail_from=mail_from,
        to=recipient,
        reply_to=answer_to,
        subject=subject(said),
        text=body(said, work.settings.organisation, answer_to),
    )


def _others(work: Work, action: ActionFact) -> list[ActionFact]:
    """What else bites now."""
    standing = (each for each in enforcement.in_force(work, action.sender) if each.bites and each.id != action.id)
    return [each for each in standing if each.until is None or work.now < each.until]


def _send(open_work: UnitOfWork, mailer: Mailer, claimed: _Claimed) -> State:
    """Hands a notice over and writes down what came of it; how it stands now."""
    try:
        mailer.send(claimed.message, claimed.mail_from, claimed.recipient)
    except Unavailable as fault:
        state, said = State.WAITING, str(fault)
    except Rejected as fault:
        state, said = State.FAILED, str(fault)
    else:
        state, said = State.SENT, ""
    with open_work() as work:
        return _note(work, claimed.notice, state, said)


def _note(work: Work, notice: UUID, state: State, said: str) -> State:
    row = store.one(work.session, notice)
    if row is None or (row.state is not State.WAITING and state is not State.SENT):  # forgotten meanwhile
        return state
    if state is State.WAITING and row.tries >= MOST_TRIES:
        state, said = State.FAILED, f"{TOO_LATE} {said}"
    row.state, row.said = state, said
    row.next_at = work.now + retry_after(row.tries) if state is State.WAITING else None
    row.sent_at = work.now if state is State.SENT else None
    return state
