"""Up to where a mail log was read, kept in the same transaction as the mails that were read from it.

So a follower that is killed loses nothing and doubles nothing: what is not committed is read again.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Sequence
from typing import Any
from uuid import UUID, uuid4

from app.errors import Conflict
from app.senders import sent_store
from app.senders.log_file import Place
from app.senders.roster import Fault
from app.senders.sent import Sent
from app.senders.sent_service import Taken, take
from app.uow import Work
from app.values import dataclass


@dataclass(frozen=True, slots=True)
class Kept:
    """Where a follower goes on. open_mails: for `PostfixReader.take_up`, None where they cannot be read any more."""

    place: Place
    open_mails: dict[str, Any] | None


def kept(work: Work, name: str) -> Kept | None:
    """Where the log of this name was left, None where it was never read."""
    row = sent_store.place(work.session, name)
    if row is None:
        return None
    key = work.vault.open([row.uid]).get(row.uid)
    text = zlib.decompress(work.vault.unseal(key, _where(row.uid), row.open_mails)) if key else None
    return Kept(Place(row.inode, row.offset, row.mark), json.loads(text) if text else None)


def take_and_keep(
    work: Work,
    name: str,
    before: Place | None,
    found: Sequence[Sent | Fault],
    after: Place,
    open_mails: dict[str, Any],
) -> Taken:
    """Writes the mails that were read between two places, and the place.

    Raises Conflict where the log does not stand at `before`: another process follows it, too.
    """
    row = sent_store.place(work.session, name)
    if (Place(row.inode, row.offset, row.mark) if row else None) != before:
        raise Conflict("Another process follows this log.")
    taken = take(work, found)
    uid = row.uid if row else uuid4()
    key = (work.vault.open([uid]) if row else {}).get(uid) or work.vault.create([uid])[uid]
    text = zlib.compress(json.dumps(open_mails).encode(), 1)
    placed = {"name": name, "uid": uid, "inode": after.inode, "offset": after.offset, "mark": after.mark}
    sealed = work.vault.seal(key, _where(uid), text)
    sent_store.put_place(work.session, placed | {"open_mails": sealed, "at": work.now})
    return taken


def _where(uid: UUID) -> str:
    return f"log_place.open_mails:{uid}"
