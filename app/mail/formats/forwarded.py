"""A mail forwarded as an attachment: message/rfc822, or an .eml under any other type, also in a zip file.

The best evidence a person can give: the bytes are mostly what was sent. What is forwarded may itself be a forward
(a customer writes to a help desk, which forwards to us): the innermost mail is the reported one and comes first. Of
a feedback loop's report it is what the report holds: the loop did nothing wrong.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import islice

from app.mail import limits
from app.mail.domain import FeedbackType, Kind, Original, Reading
from app.mail.formats.aggregate import is_statistics
from app.mail.formats.arf import read_arf
from app.mail.formats.bounce_words import ABUSE, COMPLAINT, PLAINT
from app.mail.formats.jmrp import read_jmrp
from app.mail.formats.notice_words import FORWARDED
from app.mail.formats.pasted import sources_in
from app.mail.formats.within import reported_within
from app.mail.inline.whose import people_of
from app.mail.mime.enclosed import is_mailbox, mails_of_mailbox
from app.mail.mime.message import Message, Part, parse
from app.mail.mime.source import as_mail
from app.mail.mime.text import human_text, text_of_html
from app.mail.mime.zipped import files_in, is_zip
from app.mail.original import original_from
from app.mail.report import (
    FULL_TYPES,
    HEADER_TYPES,
    holds_mail,
    is_to_a_role,
    original_in,
    reading,
    without_heads,
    writer_of,
)

_SNIFFED = frozenset(
    ("application/octet-stream", "application/eml", "application/x-eml", "application/mail", "application/mbox")
)
_NAMES = (".eml", ".emlx", ".email", ".mbox")
_TEXT_FILE = re.compile(r".*\.(?:txt|log|md)|(?:mail|message|e-?mail)?[ _-]?(?:headers?|source)")
_PAGE = re.compile(r"\.x?html?\Z", re.IGNORECASE)
"""A page on which a webmail shows a mail's source, saved as it is."""
_WITHIN = 2
"""How deep a mail that is attached alone is looked into for what it holds otherwise than attached."""
_REPORTED_AS = re.compile(
    r"\s*(?:([123])\|(?=[0-9a-f]{8}-)|((?:not[ -]?)?junk|not[ -]?spam|phishing)\s*:)", re.IGNORECASE
)
_TYPES = {
    **dict.fromkeys(("1", "junk"), FeedbackType.ABUSE),
    **dict.fromkeys(("2", "notjunk", "notspam"), FeedbackType.NOT_SPAM),
    **dict.fromkeys(("3", "phishing"), FeedbackType.FRAUD),
}
"""In words or numbers, as Microsoft's documentation of user-reported messages has them."""
_FROM_LINE = b"From "
_WORDS_CHARS = 1_000
_TEXT_BYTES = 1_048_576
_SNIFF_BYTES = 65_536


def read_forwarded(mail: Message) -> Reading | None:
    """The complaint with the mails attached to it and, where its subject says so, its type; None where no mail is
    attached."""
    originals = without_heads(list(islice(_attached(mail, 0), limits.ORIGINALS)))
    if not originals:
        return None
    return reading(mail, Kind.FORWARDED, feedback_type=_reported_as(mail), originals=originals)


def _reported_as(mail: Message) -> FeedbackType | None:
    """What the button in Outlook or of a gateway wrote before the subject of a mail that somebody reported by it."""
    said = _REPORTED_AS.match(mail.head.first("subject") or "")
    return _TYPES[re.sub(r"[ -]", "", (said[1] or said[2]).lower())] if said else None


def attached_mails(mail: Message) -> tuple[bytes, ...]:
    """The bytes of each mail attached to `mail` itself, not of those within them."""
    return tuple(part.content() for part in mail.leaves() if part is not mail.top and is_mail(part))


def is_mail(part: Part) -> bool:
    """Whether a part holds a mail: it says so, or it is named like one or has no telling type, and starts as one."""
    if part.name in FULL_TYPES:
        return True
    name = part.filename.lower()
    named = name.endswith(_NAMES) or (name.endswith(".txt") and part.is_attachment)
    if not named and part.name not in _SNIFFED:
        return False
    return holds_mail(part.content(_SNIFF_BYTES).lstrip())


def is_report_of_a_mail(mail: Message) -> bool:
    """Whether the subject says that spam or abuse is reported, and a mail is attached: whoever wrote it complains."""
    return bool(COMPLAINT.match(mail.head.first("subject") or "")) and any(map(is_mail, mail.leaves()))


def _attached(mail: Message, depth: int) -> Iterator[Original]:
    attached = tuple(islice(originals_attached(mail), limits.ORIGINALS))
    people = people_of(mail)
    for original in attached:
        if depth < limits.FORWARDS:
            inner = parse(original.raw)
            reported = _reported(inner)
            if reported:
                yield from reported
                continue
            if is_statistics(inner):
                continue
            if not _is_machine_report(inner):
                within = tuple(_attached(inner, depth + 1))
                within = within if _may_report(inner, within) else ()
                within = within or (reported_within(inner) if len(attached) == 1 and depth < _WITHIN else ())
                yield from within
                if not depth and people.sent(original) and is_to_a_role(inner):
                    continue  # who complains again attaches what they wrote before, and so may a filter of ours
        yield original


def originals_attached(mail: Message) -> Iterator[Original]:
    """The mails attached to `mail` itself, also in a zip file or as source that was saved as text or as a page."""
    for part in mail.leaves():
        if is_mailbox(part):
            mails = (original_from(each) for each in mails_of_mailbox(part.content()))
            yield from (original for original in mails if original)
        elif is_mail(part) or (part.name in HEADER_TYPES and part is not mail.top):
            found = original_in(part)
            if found:
                yield found
        elif is_zip(part):
            for content in files_in(part):
                yield from _in_file(content)
        elif part.is_attachment and _may_be_source(part):
            yield from _in_source(part.content(_TEXT_BYTES))
        elif part.is_attachment and _PAGE.search(part.filename):
            page = sources_in(text_of_html(part.text(_TEXT_BYTES)))
            yield from page[0] if page else ()


def _in_file(content: bytes) -> Iterator[Original]:
    """The mails in a file out of an archive: a file of mails, a mail, or its source with some words above it."""
    if content.startswith(_FROM_LINE):
        mails = (original_from(each) for each in mails_of_mailbox(content) if holds_mail(each))
        yield from (original for original in mails if original)
    elif holds_mail(content):
        original = original_from(content)
        yield from (original,) if original else ()
    else:
        yield from _in_source(content[:_TEXT_BYTES])


def _in_source(content: bytes) -> Iterator[Original]:
    """The mail whose source was saved as text."""
    source = as_mail(content)
    original = original_from(source) if holds_mail(source) else None
    if original:
        yield original


def _may_be_source(part: Part) -> bool:
    """Whether an attached file may be a mail's source by its name; plain text may have any that tells nothing."""
    name = part.filename.lower()
    return bool(_TEXT_FILE.fullmatch(name)) or (part.name == "text/plain" and "." not in name)


def _may_report(mail: Message, attached: Sequence[Original]) -> bool:
    """Whether a mail that is attached may complain of those attached to it: it went to a role, speaks of abuse or
    forwards, or its writer got one of them. Spam may have a mail attached, too."""
    subject, writer = mail.head.first("subject") or "", (writer_of(mail.head) or "").lower()
    said = f"{subject}\n{human_text(mail)[:_WORDS_CHARS]}"
    speaks = FORWARDED.match(subject) or ABUSE.search(said) or PLAINT.search(said)
    return is_to_a_role(mail) or bool(speaks) or any(writer in map(str.lower, each.recipients) for each in attached)


def _reported(mail: Message) -> tuple[Original, ...]:
    """The mails in a feedback loop's complaint; none where `mail` is none, or one about something else."""
    if not mail.top.children:  # one in which nothing is attached: what is in it need not be copied out once more
        return ()
    report = read_arf(mail) or read_jmrp(mail)
    return report.originals if report and report.is_complaint else ()


def _is_machine_report(mail: Message) -> bool:
    """A bounce holds the mail that bounced: that one is not what a person complains of."""
    return mail.top.name == "multipart/report"
