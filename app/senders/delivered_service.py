"""How much of several senders' mail was delivered, for whoever weighs complaints against it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from app.senders import delivered_store
from app.uow import Work


def delivered(work: Work, since: Mapping[str, date], until: date) -> dict[str, int]:
    """Sender → mails delivered from its day in `since` to before `until` (UTC); 0 where no volume is known.

    All streams and mailbox providers together. One statement, however many senders.
    """
    return dict.fromkeys(since, 0) | (delivered_store.sums(work.session, since, until) if since else {})
