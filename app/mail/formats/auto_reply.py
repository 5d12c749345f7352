"""Automatic answers (RFC 3834): out of office, tickets opened, mailboxes moved.

`Auto-Submitted: auto-generated` alone is none: notices of abuse come with it. Subjects count last.
"""

from __future__ import annotations

import re

from app.mail.domain import Kind, Reading
from app.mail.fields.address import addresses_in
from app.mail.formats.absence_words import ABSENT, MOVED, SAYS_SO, WANTS
from app.mail.formats.answer_words import ANSWERED_ABOUT, ANSWERS, MACHINE, OF_ONESELF, REST
from app.mail.formats.bounce import is_null_sender
from app.mail.formats.bounce_words import (
    ABUSE,
    AUTO_REPLY,
    COMPLAINT,
    PLAINT,
    READ,
    READ_SUBJECT,
    RECEIPT,
    TAKEN,
    YOURS,
)
from app.mail.formats.forwarded import is_mail, is_report_of_a_mail
from app.mail.inline.above import written_above
from app.mail.mime.message import Message
from app.mail.mime.text import human_text
from app.mail.report import is_to_a_role, set_aside, writer_of

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
_WEAK = re.compile(r"\s*(?:auto\s*:|on vacation\s+\w|(?:ich bin )?im urlaub\s+\w|nicht im haus\b)", re.IGNORECASE)
"""What a person's own subject may begin with."""
_AUTO = re.compile(r"\s*auto\s*:", re.IGNORECASE)
_QUOTED = re.compile(r"^[ \t]*>.*", re.MULTILINE)
_SUBJECT_CHARS = 60
_SUPPRESSED = "x-auto-response-suppress"
_ANSWERED = re.compile(r"[^:：]{4,40}[:：]\s*\S")
_HANDED_ON = re.compile(r"\s*(?:fwd?|wg|tr|rv|vs|enc|doorst|i)\s*:", re.IGNORECASE)
_ANSWER = re.compile(r"\s*(?:re|aw)\s*:|.*\bautoreply\b", re.IGNORECASE)


def read_auto_reply(mail: Message) -> Reading | None:
    """The automatic answer in `mail`, or None."""
    if not _is_auto_reply(mail) or is_report_of_a_mail(mail):
        return None
    return set_aside(mail, Kind.AUTO_REPLY, "An automatic reply (RFC 3834): not a complaint.")


def read_unasked_reply(mail: Message) -> Reading | None:
    """What nothing else was found in and what came from the null sender, as answers of machines do, or None.

    Not where it complains or speaks of abuse or offers: a form of somebody else's site may send so. Where it says as
    well that it answers a mail and was not written by a person, it may quote what it likes.
    """
    if _is_absence(mail):
        return set_aside(mail, Kind.AUTO_REPLY, "Somebody tells that they are away: not a complaint.")
    if _is_machines(mail):
        return set_aside(mail, Kind.AUTO_REPLY, "A machine's answer, as its text says: not a complaint.")
    if _is_answer(mail):
        return set_aside(mail, Kind.AUTO_REPLY, "An answer to what a desk was sent: not a complaint.")
    if not is_null_sender(mail):
        return None
    if _complains(mail, WANTS) and not (_says_automatic(mail) and mail.head.has("in-reply-to")):
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
    if _says_automatic(mail) and _says_taken(mail, subject):
        return True
    if READ_SUBJECT.match(subject) and READ.search(human_text(mail)[:_START_CHARS]):
        return True
    return bool(AUTO_REPLY.match(subject)) and not any(map(is_mail, mail.leaves())) and not _is_by_hand(mail, subject)


def _says_automatic(mail: Message) -> bool:
    """Whether it says that no person sent it (RFC 3834 §5)."""
    return (mail.head.first("auto-submitted") or "").strip().lower().startswith("auto-")


def _is_by_hand(mail: Message, subject: str) -> bool:
    """Whether nothing but its subject says that a machine answers, and that may be what a person complains of."""
    if mail.head.has(_SUPPRESSED) or _says_automatic(mail) or is_null_sender(mail):
        return False
    if _ANSWER.match(subject):
        return True  # a machine writes its words first: somebody answers a machine
    if mail.head.has("in-reply-to", "references"):
        return False
    if _ANSWERED.match(subject) and ABSENT.search(text := _QUOTED.sub("", human_text(mail)[:_START_CHARS])):
        return bool(ABUSE.search(text) or PLAINT.search(text))  # what it names may be the subject of a mail of ours
    is_weak = _WEAK.match(subject) and not (_AUTO.match(subject) and ABSENT.search(subject[:_SUBJECT_CHARS]))
    return bool(is_weak) or _complains(mail)


def _is_absence(mail: Message) -> bool:
    """Whether subject and text both say so, or the subject of a mail that a machine sent; nobody complains in it."""
    subject = (mail.head.first("subject") or "")[:_SUBJECT_CHARS]
    text = _QUOTED.sub("", human_text(mail)[:_START_CHARS]).strip()
    if _HANDED_ON.match(subject) or any(words.search(f"{subject}\n{text}") for words in (ABUSE, PLAINT, WANTS)):
        return False
    if is_null_sender(mail) or _says_automatic(mail):
        return bool(ABSENT.search(subject) or MOVED.search(subject))
    says_so = ABSENT.search(text) if mail.head.has(_SUPPRESSED) else SAYS_SO.match(text)
    return bool(says_so and ABSENT.search(subject))


def _is_answer(mail: Message) -> bool:
    """Whether somebody's desk says what became of what it was sent, and speaks of no abuse but that.

    It is written to a desk: offers and phishing that were handed on speak of requests, too.
    """
    if not (is_to_a_role(mail) or mail.head.has("in-reply-to", "references") or _is_of_our_list(mail)):
        return False
    subject, text = mail.head.first("subject") or "", human_text(mail)[:_START_CHARS]
    if _ANSWER.match(subject):
        subject = ""  # what is answered was ours
    if not ANSWERS.search(f"{subject}\n{text}"):
        return False
    own = written_above(REST.split(text, maxsplit=1)[0])
    said = ANSWERED_ABOUT.sub("", own)
    complains = any(words.search(said) for words in (PLAINT, YOURS, OF_ONESELF, ABUSE))
    return bool(ANSWERS.search(f"{subject}\n{own}")) and not complains


def _is_of_our_list(mail: Message) -> bool:
    """Whether the desk wrote it, whose address is a mailing list that a copy of it went to."""
    lists = (mail.head.first(name) or "" for name in ("x-beenthere", "mailing-list"))
    writer = (writer_of(mail.head) or "").lower()
    return any(each.lower() == writer for value in lists for each in addresses_in(value))


def _is_machines(mail: Message) -> bool:
    """Whether the text says so, or asks who wrote to prove to be a person; such texts speak of spam, too."""
    own = " ".join(written_above(human_text(mail)[:_START_CHARS]).split())  # such phrases are long, and wrapped
    return bool(MACHINE.search(own)) and not (PLAINT.search(own) or YOURS.search(own))


def _complains(mail: Message, *besides: re.Pattern[str]) -> bool:
    text = f"{mail.head.first('subject') or ''}\n{human_text(mail)[:_START_CHARS]}"
    return any(words.search(text) for words in (ABUSE, PLAINT, *besides))


def _is_of_desk(mail: Message, subject: str) -> bool:
    """Whether a ticket system wrote it on its desk's behalf: RT calls all its mails automatic replies."""
    return mail.head.has(*_TICKETS) and not (_ANSWER.match(subject) or _says_taken(mail, subject))


def _says_taken(mail: Message, subject: str) -> bool:
    """Whether a help desk tells who wrote to it, and not its own people about a complaint, that a mail was taken."""
    text = human_text(mail)[:_START_CHARS]
    if any(map(is_mail, mail.leaves())):
        return False
    if RECEIPT.match(text):
        return True
    if COMPLAINT.match(subject) or YOURS.search(f"{subject}\n{text}"):
        return False
    return bool(TAKEN.search(subject) or (TAKEN.search(text) and not PLAINT.search(_QUOTED.sub("", text))))


def _is_calendars(mail: Message) -> bool:
    """Whether it is an answer to an invitation (RFC 6047)."""
    method = (
        part.type.parameters.get("method", "").lower() for part in mail.leaves() if part.name == "text/calendar"
    )
    return any(each in ("reply", "counter", "declinecounter") for each in method)
