"""What a complaint reports that somebody attached to another: a customer writes to a help desk, which forwards that.

Spam may look like a forward, too. So a mail pasted as source counts, and one that Outlook or Exchange attached, as no
spam has them; but a forward within the text only where the mail went to a desk for complaints, or to one of help and
speaks of abuse.
"""

from __future__ import annotations

import re

from app.mail.domain import Original
from app.mail.fields.address import bare_address
from app.mail.formats.bounce_words import ABUSE, DAEMONS, PLAINT
from app.mail.formats.pasted import pasted_in
from app.mail.inline.forward import read_inline
from app.mail.mime.message import Message
from app.mail.outlook.msg import read_outlook
from app.mail.outlook.winmail import read_attached, wrapped_in

_COMPLAINTS = re.compile(
    r"(?:abuse|spam|phish\w*|junk|postmaster|complaints?|fbl|reports?|reklamation)\b", re.IGNORECASE
)
_HELP = re.compile(r"(?:support|help\w*|service\w*|kunden\w*|csirt|cert|security|noc|it)\b", re.IGNORECASE)


def reported_within(mail: Message) -> tuple[Original, ...]:
    """The mails that `mail`, attached to another, reports otherwise than by attaching mails, or none.

    What a bounce quotes is not what a person complains of who attaches it.
    """
    if DAEMONS.match((bare_address(mail.head.first("from")) or "").lower()):
        return ()
    pasted = pasted_in(mail)
    if pasted:
        return pasted[0]
    wrapped = wrapped_in(mail)
    found = read_outlook(mail) or (read_attached(mail, wrapped) if wrapped else None)
    if found is None and _is_complaint(mail):
        found = read_inline(mail)
    return found.originals if found else ()


def _is_complaint(mail: Message) -> bool:
    to = bare_address(mail.head.first("to")) or ""
    if _COMPLAINTS.match(to):
        return True
    if not _HELP.match(to):
        return False
    found = read_inline(mail)
    said = f"{mail.head.first('subject') or ''}\n{found.text if found else ''}"
    return bool(ABUSE.search(said) or PLAINT.search(said))
