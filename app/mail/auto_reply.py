"""Automatic answers (RFC 3834): out of office, tickets opened, mailboxes moved.

`Auto-Submitted: auto-generated` alone is none: notices of abuse come with it. Subjects count last.
"""

from __future__ import annotations

import re

from app.mail.bounce import is_null_sender
from app.mail.bounce_words import ABUSE, AUTO_REPLY, COMPLAINT, TAKEN
from app.mail.domain import Kind, Reading
from app.mail.forwarded import is_mail, is_report_of_a_mail
from app.mail.message import Message
from app.mail.report import set_aside
from app.mail.text import human_text

_MARKS = (
    "x-autoreply",
    "x-autorespond",
    "x-auto-reply-from",
    "x-autoreply-from",
    "x-autoresponder",
    "x-mail-autoreply",
)
_TICKETS = ("rt-ticket", "x-rt-ticket", "x-managed-by", "managed-by")
_PRECEDENCE = frozenset(("auto_reply", "auto-reply", "autoreply"))
_START_CHARS = 1_000
_ANSWER = re.compile(r"\s*(?:re|aw)\s*:|.*\bautoreply\b", re.IGNORECASE)


def read_auto_reply(mail: Message) -> Reading | None:
    """The automatic answer in `mail`, or None."""
    if not _is_auto_reply(mail) or is_report_of_a_mail(mail):
        return None
    return set_aside(mail, Kind.AUTO_REPLY, "An automatic reply (RFC 3834): not a complaint.")


def read_unasked_reply(mail: Message) -> Reading | None:
    """What nothing else was found in and what came from the null sender, as answers of machines do, or None.

    Not where it speaks of abuse: a form of somebody else's site may send so.
    """
    text = f"{mail.head.first('subject') or ''}\n{human_text(mail)[:_START_CHARS]}"
    if not is_null_sender(mail) or ABUSE.search(text):
        return None
    return set_aside(mail, Kind.AUTO_REPLY, "A mail from the null sender, as automatic answers are: not a complaint.")


def _is_auto_reply(mail: Message) -> bool:
    head, subject = mail.head, mail.head.first("subject") or ""
    said = (head.first("auto-submitted") or "").strip().lower()
    if head.has(*_MARKS) or (said.startswith("auto-replied") and not _is_of_desk(mail, subject)):
        return True
    if (head.first("precedence") or "").strip().lower() in _PRECEDENCE:
        return True
    if _is_calendars(mail):
        return True
    if said.startswith("auto-") and _says_taken(mail, subject):
        return True
    return bool(AUTO_REPLY.match(subject)) and not any(map(is_mail, mail.leaves()))


def _is_of_desk(mail: Message, subject: str) -> bool:
    """Whether a ticket system wrote it on its desk's behalf: RT calls all its mails automatic replies."""
    return mail.head.has(*_TICKETS) and not (_ANSWER.match(subject) or _says_taken(mail, subject))


def _says_taken(mail: Message, subject: str) -> bool:
    is_said = TAKEN.search(f"{subject}\n{human_text(mail)[:_START_CHARS]}")
    return bool(is_said) and not COMPLAINT.match(subject)


def _is_calendars(mail: Message) -> bool:
    """Whether it is an answer to an invitation (RFC 6047)."""
    method = (
        part.type.parameters.get("method", "").lower() for part in mail.leaves() if part.name == "text/calendar"
    )
    return any(each in ("reply", "counter", "declinecounter") for each in method)
