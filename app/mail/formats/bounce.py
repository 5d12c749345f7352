"""Bounces: delivery status notifications (RFC 3464) and the many that keep to no standard.

A bounce says that our customer's mail could not be delivered. Nobody complains.
"""

from __future__ import annotations

import re

from app.mail.domain import Kind, Reading
from app.mail.fields.address import bare_address
from app.mail.formats.answer_words import OF_ONESELF
from app.mail.formats.bounce_words import (
    ABUSE,
    DAEMON_NAMES,
    DAEMONS,
    FILTER,
    PLAINT,
    PROGRAMS,
    SAYS,
    SUBJECT,
    TO_SENDER,
)
from app.mail.formats.forwarded import is_mail, is_report_of_a_mail
from app.mail.mime.message import Message
from app.mail.mime.text import human_text
from app.mail.report import set_aside

_STATUS_PARTS = frozenset(("message/delivery-status", "message/global-delivery-status", "text/delivery-status"))
_PASSED_ON = re.compile(r"\s*(?:fwd?|wg|tr|rv|enc|doorst)\s*:", re.IGNORECASE)
_NULL_PATH = re.compile(r"\s*<(?:mailer-daemon(?:@[^<>\s]*)?)?>\s*\Z", re.IGNORECASE)
_SAID_CHARS = 3_000
_NEAR_START = 12
_START_CHARS = 500


def read_bounce(mail: Message) -> Reading | None:
    """The bounce in `mail`, or None."""
    if _is_status_report(mail):
        return set_aside(mail, Kind.BOUNCE, "A bounce (RFC 3464): not a complaint.")
    if _is_disposition_report(mail):
        return set_aside(mail, Kind.AUTO_REPLY, "A read receipt (RFC 8098): not a complaint.")
    if _looks_like_bounce(mail) and not is_report_of_a_mail(mail):
        return set_aside(mail, Kind.BOUNCE, "A bounce in a form of its own: not a complaint.")
    return None


def is_null_sender(mail: Message) -> bool:
    """Whether the mail came with an empty envelope sender, as every automatic answer should (RFC 5321 §4.5.5).

    Postfix writes MAILER-DAEMON for it when it stores a mail.
    """
    path = mail.head.first("return-path")
    return path is not None and bool(_NULL_PATH.match(path))


def _is_status_report(mail: Message) -> bool:
    kind = mail.top.type
    if kind.name == "multipart/report":
        named = kind.parameters.get("report-type", "").lower()
        if named == "delivery-status" or (not named and any(_signs(mail)) and not _is_disposition_report(mail)):
            return True
    told = [part for part in mail.leaves() if part.name in _STATUS_PARTS]
    return any(not part.is_attachment for part in told) or bool(told and any(_signs(mail)))


def _is_disposition_report(mail: Message) -> bool:
    return any(part.name == "message/disposition-notification" for part in mail.leaves())


def _looks_like_bounce(mail: Message) -> bool:
    """X-Failed-Recipients alone; else two of three: from a mail system, a bounce's subject, from the null sender.

    A postmaster is a person too, who writes about deliveries: then the subject must begin so, and nobody complain.
    Where the text says so, one sign is enough: the null sender, a program's address, a subject that begins so.
    """
    if mail.head.has("x-failed-recipients") or _tells_sender(mail):
        return True
    is_daemon, has_subject, is_null = _signs(mail)
    is_program = _is_program(mail)
    if is_null and (is_daemon or has_subject):
        return True
    starts_so = has_subject and _starts_so(mail) and not _complains(mail)
    if starts_so and not is_daemon and any(map(is_mail, mail.leaves())):
        starts_so = False  # a person who attaches it may have named the mail after what is in it
    if (is_daemon and starts_so) or (is_program and has_subject):
        return True
    return (is_null or is_program or starts_so) and _says_so(mail)


def _complains(mail: Message) -> bool:
    """Whether it does; of abuse a bounce speaks only beside the words that say why nothing was delivered."""
    text = f"{mail.head.first('subject') or ''}\n{human_text(mail)[:_START_CHARS]}"
    return bool(PLAINT.search(text) or (ABUSE.search(text) and not SAYS.search(text)))


def _tells_sender(mail: Message) -> bool:
    """Whether its text begins as a machine's that tells what became of your mail; a person tells of their own."""
    text = human_text(mail)[:_START_CHARS]
    return bool(TO_SENDER.search(text)) and not (
        _complains(mail) or OF_ONESELF.search(text) or _speaks_of_abuse(text)
    )


def _speaks_of_abuse(text: str) -> bool:
    return bool(ABUSE.search(FILTER.sub("", text)))


def _says_so(mail: Message) -> bool:
    """Whether the text says so, above what it may quote where no program wrote it, and nothing speaks of abuse."""
    text = human_text(mail)[:_SAID_CHARS]
    if not (is_null_sender(mail) or _is_program(mail)):
        text = text.split("\n--", 1)[0]
    start = f"{mail.head.first('subject') or ''}\n{text[:_START_CHARS]}"
    return bool(SAYS.search(text)) and not _speaks_of_abuse(start)


def _signs(mail: Message) -> tuple[bool, bool, bool]:
    return _is_from_daemon(mail), _has_subject(mail), is_null_sender(mail)


def _has_subject(mail: Message) -> bool:
    subject = mail.head.first("subject") or ""
    return not _PASSED_ON.match(subject) and bool(SUBJECT.search(subject))


def _starts_so(mail: Message) -> bool:
    """Whether its subject is not only about deliveries, but begins with that."""
    found = SUBJECT.search(mail.head.first("subject") or "")
    return bool(found and found.start() <= _NEAR_START)


def _is_from_daemon(mail: Message) -> bool:
    sender = mail.head.first("from") or ""
    return bool(DAEMONS.match(_local_part(sender)) or DAEMON_NAMES.search(sender.partition("<")[0]))


def _is_program(mail: Message) -> bool:
    """Whether its address is one that no person has, or none at all."""
    sender = mail.head.first("from") or ""
    return sender.endswith("<>") or bool(PROGRAMS.match(_local_part(sender)))


def _local_part(sender: str) -> str:
    return (bare_address(sender) or "").lower()
