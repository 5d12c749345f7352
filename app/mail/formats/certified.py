"""Italy's certified mail (posta elettronica certificata): what was written lies in its provider's envelope.

Companies there complain by it. The envelope is the provider's own signed mail, "Per conto di: …", with the message as
`postacert.eml`; receipts of it (taken, delivered) come back to whoever wrote. Both are told by header fields that
the technical rules of 2 November 2005 name: X-Trasporto and X-Ricevuta.
"""

from __future__ import annotations

from app.mail.domain import Kind, Reading
from app.mail.mime.message import Message, parse
from app.mail.report import FULL_TYPES, set_aside

_ENVELOPE, _RECEIPT = "x-trasporto", "x-ricevuta"
_MESSAGE = "postacert.eml"


def unwrapped(mail: Message) -> Message:
    """The message in a provider's envelope; `mail` itself where it is none."""
    if (mail.head.first(_ENVELOPE) or "").strip().lower() != "posta-certificata":
        return mail
    inner = (part for part in mail.leaves() if part.name in FULL_TYPES and part.filename.lower() == _MESSAGE)
    found = next(inner, None)
    return parse(found.content()) if found else mail


def read_receipt(mail: Message) -> Reading | None:
    """A provider's receipt, or None."""
    if not mail.head.has(_RECEIPT):
        return None
    return set_aside(mail, Kind.BOUNCE, "A receipt of certified mail: not a complaint.")
