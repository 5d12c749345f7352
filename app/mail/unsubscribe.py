"""Mails that ask for no more mail: the mailto: of List-Unsubscribe (RFC 2369), Apple Mail's, and by hand.

Honouring the wish is the customer's duty; it is no complaint of abuse.
"""

from __future__ import annotations

import re

from app.mail.address import bare_address
from app.mail.domain import Kind, Reading
from app.mail.message import Message
from app.mail.report import set_aside
from app.mail.text import human_text

_ADDRESSED = re.compile(r"(?:list-?)?(?:unsub(?:scribe)?|opt-?out|remove|leave)[-+.=_@]")
_SUBJECT = re.compile(
    r"\s*(?:re:\s*)?(?:unsubscribe(?: me)?|opt[- ]?out|remove(?: me)?|list-unsubscribe|abmelden|d[ée]sabonner"
    r"|d[ée]sinscription|desinscribir|cancelar suscripci[oó]n|uitschrijven|disiscriviti|отписаться)"
    r"(?:[\s:.-]+(?P<token>\S*))?\s*\Z",
    re.IGNORECASE,
)
_TOKEN = re.compile(r"\S*[\d@=_:+]\S*\Z|\Z")
_SHORT = 400


def read_unsubscribe(mail: Message) -> Reading | None:
    """The wish in `mail`, or None. A longer text is a person's complaint, whatever its subject."""
    if not _is_unsubscribe(mail):
        return None
    return set_aside(mail, Kind.UNSUBSCRIBE, "An unsubscribe request: not a complaint.")


def _is_unsubscribe(mail: Message) -> bool:
    if mail.head.has("x-apple-unsubscribe"):
        return True
    recipient = (bare_address(mail.head.first("to")) or "").lower()
    subject = _SUBJECT.match(mail.head.first("subject") or "")
    told = bool(subject and _TOKEN.match(subject["token"] or ""))
    return (told or bool(_ADDRESSED.match(recipient))) and len(human_text(mail)) <= _SHORT
