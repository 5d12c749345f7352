"""Makes trace tokens for senders, and tells whose a token is."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from app.errors import NotFound
from app.senders import store, tokens
from app.senders.tokens import SENDER_BYTES, Token
from app.uow import Work


def make(work: Work, sender: str, *, stream: str = "", campaign: str = "", at: datetime | None = None) -> str:
    """A trace token for mail of this sender, of now unless `at` says otherwise. Raises NotFound, Rejected."""
    row = store.by_id(work.session, [sender]).get(sender)
    if row is None:
        raise NotFound("There is no sender with this id.")
    return tokens.make(work.vault.token_keys, row.uid, at or work.now, stream=stream, campaign=campaign)


def owners(work: Work, found: Iterable[Token]) -> dict[bytes, str]:
    """What tokens name a sender by → the sender's id, for those that there are; one look-up for all."""
    starts = sorted({token.sender for token in found})
    rows = store.by_uid_start(work.session, starts) if starts else ()
    return {uid.bytes[:SENDER_BYTES]: sender for sender, uid in rows}
