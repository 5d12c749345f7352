"""Makes a notice of each thing that happened to a sender, and finds out whom it can go to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID, uuid4

from app.mail.fields.address import addresses_in
from app.notices import store
from app.notices.domain import State, Way, look_again_at, mailable, way_to
from app.notices.letter import message_id
from app.senders import service as senders
from app.uow import Work

STEP = 500


class _Open(NamedTuple):
    """A notice of which it is to be found out whether it can go out."""

    id: UUID
    sender: str
    made_at: datetime


def can_send(work: Work) -> bool:
    """Whether there is a mail server, and an address for mail to come from."""
    return bool(work.settings.smtp_url) and mailable(work.settings.mail_from) is not None


def write(work: Work, limit: int = STEP) -> int:
    """Writes up to `limit` notices of what happened and was not told yet; how many.

    Doing it twice, or in two processes at once, is doing it once.
    """
    made = {uuid4(): each for each in store.untold(work.session, limit)}
    if not made:
        return 0
    rows = [
        {
            "id": id_,
            "action_id": each.action,
            "event": each.event,
            "sender_id": each.sender,
            "state": State.NOT_SENT,
            "said": "",
            "tries": 0,
            "made_at": work.now,
        }
        for id_, each in made.items()
    ]
    new = store.insert(work.session, rows)
    _direct(work, [_Open(id_, each.sender, work.now) for id_, each in made.items() if id_ in new])
    return len(new)


def look_again(work: Work, limit: int = STEP) -> int:
    """Sees again whether notices that could not be sent can be now; of how many.

    Those that wait while there is no way to send anything are set aside with the others.
    """
    rows = list(store.due(work.session, State.NOT_SENT, work.now, limit))
    if not can_send(work):
        rows += store.due(work.session, State.WAITING, work.now, limit)
    seen = [_Open(row.id, row.sender_id, row.made_at) for row in rows]
    work.vault.destroy([each.id for each in seen])  # of an address that it was to go to before
    _direct(work, seen)
    return len(seen)


def _direct(work: Work, notices: Sequence[_Open]) -> None:
    """Writes whom each notice goes to, or why to nobody."""
    contacts = senders.contacts_of(work, [each.sender for each in notices])
    ways = {each.id: _way(work, each.sender, contacts.get(each.sender)) for each in notices}
    reached = {each.id: contacts[each.sender] for each in notices if ways[each.id].address}
    keys = work.vault.create(reached)
    # Erased is whoever asks by any of the forms: as the contact has the address, and as mail goes there.
    work.vault.tag({id_: {*addresses_in(text), ways[id_].address or ""} for id_, text in reached.items()})
    store.change(work.session, [_row(work, each, ways[each.id], keys) for each in notices])


def _way(work: Work, sender: str, contact: str | None) -> Way:
    settings = work.settings
    return way_to(
        contact,
        is_probe=sender == settings.probe_sender,
        server=bool(settings.smtp_url),
        mail_from=settings.mail_from,
    )


def _row(work: Work, notice: _Open, way: Way, keys: Mapping[UUID, bytes]) -> dict[str, object]:
    if way.address is None:
        again = look_again_at(notice.made_at, work.now) if way.again else None
        nobody: dict[str, object] = {"recipient": None, "message_id": None}
        return nobody | {"id": notice.id, "state": State.NOT_SENT, "said": way.why, "next_at": again}
    recipient = work.vault.seal(keys[notice.id], place(notice.id), way.address.encode())
    identifier = message_id(f"notice.{notice.id.hex}", mailable(work.settings.mail_from) or "")
    somebody: dict[str, object] = {"recipient": recipient, "message_id": identifier}
    return somebody | {"id": notice.id, "state": State.WAITING, "said": "", "next_at": work.now}


def place(notice: UUID) -> str:
    """What a recipient is sealed for."""
    return f"notice.recipient:{notice}"
