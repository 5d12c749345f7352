"""What a person's complaint names: of phishing or malware the page, its host and the address that has it; of spam the
address that sent it.

People write of links for many reasons, so only what is written as reported counts: behind a label in a line of its
own or below it, or so that nobody clicks on it. The last is so plain that it counts whatever the complaint is about,
but for spam. What lies at the writer's own domain or at that of the desk does not, nor what stands in a signature or
a quotation, nor an address without a page but in the subject. Of spam only the subject's address counts, and what a
sentence or a list says it came from: no mail was found that would tell. An answer is left alone: there a customer may
speak of a page that is gone.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import chain

from app.mail.domain import FeedbackType, Kind, Reading
from app.mail.fields.address import addresses_in, domain_of
from app.mail.formats.defanged import in_one_line, is_defanged, undone
from app.mail.formats.notice import sort_of
from app.mail.formats.notice_words import FORWARDED, PASSED_ON
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
from app.mail.formats.reported_spoken import hosted_in, labelled_in, senders_in
from app.mail.inline.above import written_above
from app.mail.mime.message import Message
from app.mail.mime.text import human_text
from app.mail.outlook.msg import unread_msg
from app.mail.report import reading

_CHARS = 8_000
_HEAD_BYTES = 2_000
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
_ACCUSED = re.compile(
    r"\b(?:(?:spam\w{0,12}|offending|malicious|phishing|scam|fraudulent|abusive)(?:['’]?s)?"
    r" (?:web ?)?(?:url|link|site|page)s?(?:\(s\))?(?: at)?|redirect(?:s|ed)?(?: to)?)"
    r"[ \t]{0,4}:[\s-]{0,12}(https?://\S{3,2000})",
    re.IGNORECASE,
)
"""The page that a mail which is shown advertises, or that its link leads to."""
_PEOPLE = ("from", "reply-to", "x-original-from", "x-original-sender", "to", "cc")


def read_told(mail: Message) -> Reading | None:
    """The complaint of a person with what it reports by ARF's names and its type; None where it names nothing.

    Where its words say neither fraud nor virus nor spam, it has no type and only what nobody should click on.
    """
    subject = mail.head.first("subject") or ""
    text = _own_words(human_text(mail)[:_CHARS])
    sort: FeedbackType | None = sort_of(subject, text)
    if PASSED_ON.match(subject) and not FORWARDED.match(subject):
        return None
    if sort is FeedbackType.ABUSE:
        named = _sources(mail, subject, chain(senders_in(text), labelled_in(text)))
        targets = named if named.addresses else Targets()
    elif sort in _SEVERE:
        found = _targets(subject, text, _domains(mail))
        targets = found if found.urls or found.hosts else _sources(mail, subject)
    else:
        sort, targets = None, _targets("", _defanged(text), _domains(mail))
        targets = targets if targets.urls or targets.hosts else Targets()
    if not targets:
        return None
    return reading(mail, Kind.PERSON, feedback_type=sort, fields=targets.fields, defects=unread_msg(mail))


def with_places_named(found: Reading) -> Reading:
    """A person's complaint that shows a mail, with the pages by ARF's names that its own words or its subject call
    the spam's, of the desk's own domain too, and the address that they say it came from: a link in the mail may
    redirect to such a page, and of the mail not all may be shown.
    """
    if found.fields or found.kind not in (Kind.INLINE, Kind.FORWARDED) or not found.is_complaint:
        return found
    said = f"{found.subject or ''}\n{_own_words(found.text[:_CHARS])}"
    heads = (each.raw[:_HEAD_BYTES].decode("utf-8", "replace") for each in found.originals if not each.verifiable)
    sources = chain(labelled_in(said), *(labelled_in(head.partition("\n\n")[0]) for head in heads))
    named = targets_of(chain(_ACCUSED.findall(undone(said)), sources))
    return replace(found, fields=named.fields) if named else found


def _sources(mail: Message, subject: str, told: Iterable[str] = ()) -> Targets:
    """The addresses that a subject names, and those of `told`; none where it answers or asks for something."""
    if _ASKS.search(subject) or mail.head.first("in-reply-to"):
        return Targets()
    return without_inner(targets_of(chain(addresses_named(subject), told), _domains(mail)))


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
