"""What a person's complaint names: of phishing or malware the page, its host and the address that has it; of spam the
address that sent it.

People write of links for many reasons, so only what is written as reported counts: behind a label in a line of its
own or below it, or so that nobody clicks on it. The last is so plain that it counts whatever the complaint is about,
but for spam. What lies at the writer's own domain or at that of the desk does not, nor what stands in a signature or
a quotation, nor an address without a page. Of spam only the subject's address counts, and what a sentence or a list
says it came from: no mail was found that would tell. An answer is left alone: there a customer may speak of a page
that is gone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import chain

from app.mail.domain import FeedbackType, Kind, Reading
from app.mail.fields.address import addresses_in, domain_of
from app.mail.formats.defanged import in_one_line, is_defanged
from app.mail.formats.notice import sort_of
from app.mail.formats.notice_words import PASSED_ON
from app.mail.formats.reported import (
    Targets,
    addresses_named,
    in_text,
    targets_of,
    without_headers,
    without_inner,
    without_lookups,
)
from app.mail.formats.reported_alone import alone_in
from app.mail.formats.reported_spoken import hosted_in, senders_in
from app.mail.inline.above import written_above
from app.mail.mime.message import Message
from app.mail.mime.text import human_text
from app.mail.outlook.msg import unread_msg
from app.mail.report import reading

_CHARS = 8_000
_SEVERE = (FeedbackType.FRAUD, FeedbackType.VIRUS)
_SIGNATURE = re.compile(
    r"^[ \t]{0,4}(?:--[ ]?|_{5,80}|(?:(?:kind|best|warm) )?regards\b[^\n]{0,20}"
    r"|(?:mit freundlichen|cordialement|sincerely|saludos|cordiali|met vriendelijke)[^\n]{0,20})$",
    re.IGNORECASE | re.MULTILINE,
)
_ASKS = re.compile(
    r"(?:\A|[\s\]])(?:re|aw|antw|sv|rv|r)[ ]?:|\b(?:my|our|meine?r?|unsere?r?|notre|mon|nuestr[ao]|nostr[ao])\b"
    r"|block|de-?list|remov|(?:white|black)-?list|listed|reject|bounc|refus|appeal",
    re.IGNORECASE,
)
"""In a subject: it answers, or it is about an address of the writer's that others take for a source of spam."""
_PEOPLE = ("from", "reply-to", "x-original-from", "x-original-sender", "to", "cc")


def read_told(mail: Message) -> Reading | None:
    """The complaint of a person with what it reports by ARF's names and its type; None where it names nothing.

    Where its words say neither fraud nor virus nor spam, it has no type and only what nobody should click on.
    """
    subject = mail.head.first("subject") or ""
    text = _own_words(human_text(mail)[:_CHARS])
    sort = sort_of(subject, text)
    if PASSED_ON.match(subject):
        return None
    if sort is FeedbackType.ABUSE:
        return _told_of_spam(mail, subject, text)
    is_severe = sort in _SEVERE
    targets = _targets(subject, text, _domains(mail)) if is_severe else _targets("", _defanged(text), _domains(mail))
    if not (targets.urls or targets.hosts):
        return None
    return reading(
        mail,
        Kind.PERSON,
        feedback_type=sort if is_severe else None,
        fields=targets.fields,
        defects=unread_msg(mail),
    )


def _told_of_spam(mail: Message, subject: str, text: str) -> Reading | None:
    if _ASKS.search(subject) or mail.head.first("in-reply-to"):
        return None
    found = without_inner(targets_of(chain(addresses_named(subject), senders_in(text)), _domains(mail)))
    if not found.addresses:
        return None
    return reading(mail, Kind.PERSON, feedback_type=FeedbackType.ABUSE, fields=found.fields, defects=unread_msg(mail))


def _targets(subject: str, text: str, others: Iterator[str]) -> Targets:
    text = without_headers(text)
    found = targets_of(chain(in_text(subject, text), alone_in(text, named=True, above=subject)), others)
    if not found.addresses:
        found = replace(found, addresses=targets_of(hosted_in(text)).addresses)
    return without_lookups(found)


def _defanged(text: str) -> str:
    """The lines of a text with an address that was written so that nobody clicks on it."""
    return "\n".join(line for line in in_one_line(text).split("\n") if is_defanged(line))


def _own_words(text: str) -> str:
    """A text without what it quotes and what stands below its signature."""
    signature = _SIGNATURE.search(text)
    return written_above(text[: signature.start()] if signature else text)


def _domains(mail: Message) -> Iterator[str]:
    """Of the writer, the desk and whoever else gets the complaint."""
    for name in _PEOPLE:
        for address in addresses_in(mail.head.first(name) or ""):
            domain = domain_of(address)
            if domain:
                yield domain
