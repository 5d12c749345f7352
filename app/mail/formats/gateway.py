"""A mail that a gateway of ours wrapped, as filters do to warn of it: a banner of theirs, and the mail as it came."""

from __future__ import annotations

from app.mail.mime.message import Message, parse
from app.mail.report import FULL_TYPES


def unbannered(mail: Message) -> Message:
    """The mail below a gateway's banner; `mail` itself where it is none. Both have one Message-ID: what a person
    attaches has another than what they write."""
    whole = [part for part in mail.top.children if part.name in FULL_TYPES]
    own = (mail.head.first("message-id") or "").strip()
    others = [part.name for part in mail.top.children if part not in whole]
    if len(whole) != 1 or not own or not all(name.startswith("text/") for name in others):
        return mail
    inner = parse(whole[0].content())
    return inner if (inner.head.first("message-id") or "").strip() == own else mail
