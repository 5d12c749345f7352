"""The header field by which each mail says whose it is: a trace token of `app/senders/tokens.py` (pure).

    Feedback-ID: TOKEN:UID.STREAM:UID:PROVIDER
    CFBL-Feedback-ID: TOKEN

Gmail reads Feedback-ID as three ids of ours and, last, one of the provider's of 5 to 15 characters, and shows a
figure for each that has much mail: so sender, stream and provider stand beside the token, which is another each
minute. UID is what the token names the sender by, and tells nobody else anything. The colon keeps the token whole
for whoever looks for it. RFC 9477 §3.2 asks nothing of the other but that it cannot be forged.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from app.enforcement.snapshot import Owner
from app.errors import Rejected
from app.senders import tokens

FEEDBACK_ID, CFBL_FEEDBACK_ID = "feedback-id", "cfbl-feedback-id"
SHORTEST, LONGEST = 5, 15
"""Characters of a provider's id, as Gmail wants it."""

_UNFIT = re.compile(r"[^a-z0-9]")


class Stamp:
    """field: feedback-id, cfbl-feedback-id or no, as the setting. keys: of trace tokens. organisation: the provider's
    name."""

    def __init__(self, field: str, keys: Mapping[int, bytes], organisation: str) -> None:
        self._name = field
        self._keys = keys
        self._provider = provider_id(organisation)
        self._minute = -1
        self._made: dict[Owner, str] = {}

    def field(self, owner: Owner, at: datetime) -> str:
        """`Name: value` for a mail of this sender at `at`; empty where mail is not stamped."""
        # A token tells the minute, so all mails of a minute have the same.
        minute = int(at.timestamp()) // 60
        if minute != self._minute:
            self._minute, self._made = minute, {}
        made = self._made.get(owner)
        if made is None:
            made = self._made[owner] = self._field(owner, at)
        return made

    def _field(self, owner: Owner, at: datetime) -> str:
        if self._name == FEEDBACK_ID:
            token, stream = self._token(owner, at)
            uid = owner.uid[: tokens.SENDER_BYTES].hex()
            return f"Feedback-ID: {token}:{f'{uid}.{stream}' if stream else ''}:{uid}:{self._provider}"
        if self._name == CFBL_FEEDBACK_ID:
            return f"CFBL-Feedback-ID: {self._token(owner, at)[0]}"
        return ""

    def _token(self, owner: Owner, at: datetime) -> tuple[str, str]:
        """The token, and the stream as it stands in it: none where its name does not fit."""
        uid = UUID(bytes=owner.uid)
        try:
            return tokens.make(self._keys, uid, at, stream=owner.stream), owner.stream
        except Rejected:
            return tokens.make(self._keys, uid, at), ""


def provider_id(organisation: str) -> str:
    """A provider's id made of its name: small letters and digits."""
    name = _UNFIT.sub("", organisation.lower())[:LONGEST]
    return name if len(name) >= SHORTEST else "abusedesk"
