"""Notices: what watchers of networks, brands and works write by machine about a page, a host or an address.

No standard says how they look, so one is told by several signs that do not depend on each other, never by a list of
who sends them. A person writes about phishing pages too, with a URL and an address in the text: that stays a person's
complaint, as no machine took part, or as somebody tells what happened to them.
"""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import chain, islice

from app.mail import limits
from app.mail.domain import FeedbackType, Kind, Original, Reading
from app.mail.fields.address import bare_address, domain_of
from app.mail.fields.dates import read_date
from app.mail.formats.answer_words import ANSWERS
from app.mail.formats.bounce_words import ABUSE, PLAINT
from app.mail.formats.forwarded import originals_attached
from app.mail.formats.notice_words import (
    ABOUT,
    CLASSES,
    FORWARDED,
    GENERATED,
    LISTED,
    LOG_LINE,
    OWN_WORDS,
    PASSED_ON,
    REFERENCE,
    SAID_AT,
    SEEN_AT,
    UNATTENDED,
)
from app.mail.formats.pasted import pasted_in
from app.mail.formats.reported import (
    Targets,
    in_text,
    targets_of,
    without_headers,
    without_lookups,
    without_route,
)
from app.mail.formats.reported_alone import alone_in
from app.mail.formats.reported_spoken import behind_proxy_in, hosted_in, spoken_in
from app.mail.formats.reported_tables import in_rows, in_tables, in_xml, tables
from app.mail.formats.reported_words import is_label
from app.mail.inline.forward import read_inline
from app.mail.mime.message import Message, parse
from app.mail.mime.rows import rows_in, rows_of_text
from app.mail.mime.text import human_text
from app.mail.report import originals_in, reading
from app.values import dataclass

_CHARS = 16_000
_ENOUGH = 3
_RECORD_CHARS = 4_000
_FILES = 20
_FIELD = re.compile(r"[ \t]{0,9}([A-Za-z][\w /()-]{0,40}?)[ \t]{0,9}:[ \t]{0,9}\S")
_WITHIN_TEXT = "The notice was passed on within the text of another mail."
_XML = re.compile(r"\s*+<[?\w]")


@dataclass(frozen=True, slots=True)
class _Signs:
    """What speaks for a notice, each sign by itself.

    machine: the mail says that no person wrote it (RFC 3834 §5), nobody reads answers to it, or its subject is of a
    program that watches blocklists. words: its text says that no person wrote it. table: there is something in it
    that machines wrote for machines, lines of a log too. reference: it has a number. reports: it names a page, host
    or address where such are named. about: it speaks of abuse at a place in a network. unanswered: no program may
    answer it (MS-OXCMAIL, X-Auto-Response-Suppress), which some help desks write into what people send, too. filed: a
    PDF is attached that may say where, which nobody reads here; no sign by itself.
    """

    machine: bool
    words: bool
    table: bool
    reference: bool
    reports: bool
    about: bool
    unanswered: bool
    filed: bool

    @property
    def is_notice(self) -> bool:
        """A machine wrote it, it says what is wrong and where; its words alone are weak, as a person may use them."""
        said = (self.machine, self.words, self.table, self.reference, self.reports, self.about, self.unanswered)
        what, where = self.about or (self.table and self.reports), self.reports or self.table or self.filed
        return (
            what
            and where
            and (self.machine or self.words or self.unanswered)
            and sum(said) >= _ENOUGH + (not self.machine)
        )


def read_notice(mail: Message) -> Reading | None:
    """The notice in `mail`, or None.

    What it reports is in `fields` by ARF's names: reported-uri, reported-domain, source-ip, at most `reported.MOST`
    of each. Phishing is fraud, malware is virus, what is neither nor spam is other. Mails attached are `originals`,
    else one whose source stands in the text.
    """
    subject, text = mail.head.first("subject") or "", human_text(mail)[:_CHARS]
    return _notice(mail, subject, text) or _passed_on(mail, subject, text)


def _notice(mail: Message, subject: str, text: str) -> Reading | None:
    signs = _signs(mail, subject, text)
    if signs is None or (not _says_generated(mail) and (PASSED_ON.match(subject) or OWN_WORDS.search(text))):
        return None
    targets = _targets(mail, subject, text)
    if not replace(signs, reports=bool(targets)).is_notice:
        return None
    pasted = pasted_in(mail)
    if pasted:
        text = pasted[1][:_CHARS]
    return reading(
        mail,
        Kind.NOTICE,
        feedback_type=sort_of(subject, text),
        fields=targets.fields | _times(text),
        originals=_originals(mail, pasted[0] if pasted else ()),
        defects=() if targets else ("The notice does not name what it is about.",),
    )


def _originals(mail: Message, pasted: tuple[Original, ...]) -> tuple[Original, ...]:
    """The mails attached, else those pasted; also where no attached one says who sent it: some are cut off."""
    attached = originals_in(mail.leaves()) or tuple(islice(originals_attached(mail), limits.ORIGINALS))
    return attached if any(each.from_ for each in attached) else pasted or attached


def _passed_on(mail: Message, subject: str, text: str) -> Reading | None:
    """The notice that somebody passes on within the text, without a word of complaint, or None.

    Spam may look like a notice, and who forwards that reports it: so an address that a program has, a number and what
    is reported must all be there. From is as the text has it, so who passes it on is the reporter.
    """
    whole = f"{subject}\n{text}"
    if not (FORWARDED.match(subject) and REFERENCE.search(whole) and ABOUT.search(whole)):
        return None
    found = read_inline(mail)
    if found is None or len(found.originals) != 1 or ABUSE.search(found.text) or PLAINT.search(found.text):
        return None
    inner = _as_it_came(found.originals[0])
    named = inner.head.first("subject") or ""
    notice = _notice(inner, named, human_text(inner)[:_CHARS])
    if notice is None or not (notice.fields and _is_unattended(inner) and REFERENCE.search(f"{named}\n{text}")):
        return None
    return reading(
        mail, Kind.NOTICE, feedback_type=notice.feedback_type, fields=notice.fields, defects=(_WITHIN_TEXT,)
    )


def _as_it_came(original: Original) -> Message:
    """A mail again of what a client showed of it: who wrote it, its subject and its text."""
    shown = {"From": original.from_, "Subject": original.subject, "Content-Type": "text/plain; charset=utf-8"}
    head = "".join(f"{name}: {' '.join((value or '').split())}\r\n" for name, value in shown.items())
    return parse(f"{head}\r\n".encode("utf-8", "replace") + original.raw)


def sort_of(subject: str, text: str) -> FeedbackType:
    """The class of a notice: what its subject names, else the class that its text names first."""
    for kind, pattern in CLASSES:
        if pattern.search(subject):
            return kind
    named = [(match.start(), kind) for kind, pattern in CLASSES if (match := pattern.search(text))]
    return min(named, key=lambda each: each[0])[1] if named else FeedbackType.OTHER


def _signs(mail: Message, subject: str, text: str) -> _Signs | None:
    """The signs but for what is reported, None where they cannot suffice whatever that is: most mail ends here."""
    machine = _says_generated(mail) or _is_unattended(mail) or _is_of_a_blocklist(subject, text)
    words = bool(GENERATED.search(text))
    unanswered = mail.head.has("x-auto-response-suppress")
    if not (machine or words or unanswered):
        return None
    whole = f"{subject}\n{text}"
    signs = _Signs(
        machine=machine,
        words=words,
        table=_is_xml(text) or bool(LOG_LINE.search(text)) or _is_record(text) or bool(tables(mail)),
        reference=bool(REFERENCE.search(whole)),
        reports=True,
        about=bool(ABOUT.search(whole)),
        unanswered=unanswered,
        filed=any(part.name == "application/pdf" for part in islice(mail.leaves(), 1, _FILES)),
    )
    return signs if signs.is_notice else None


def _targets(mail: Message, subject: str, text: str) -> Targets:
    own, text = _own(mail), without_route(without_headers(text))
    found = targets_of(chain(in_text(subject, text), in_xml(text) if _is_xml(text) else (), in_tables(mail)), own)
    if not found:
        found = targets_of(in_rows(chain(rows_in(mail), rows_of_text(text))), own)
    if not found.urls:
        alone = targets_of(alone_in(text), own)
        found = replace(found, urls=alone.urls, hosts=found.hosts or alone.hosts)
    behind = targets_of(behind_proxy_in(text)).addresses
    if behind or (found and not found.addresses):
        found = replace(found, addresses=behind or targets_of(hosted_in(text)).addresses)
    return without_lookups(found) or targets_of(spoken_in(text), own)


def _own(mail: Message) -> list[str]:
    """The notifier's domains; a mailing list of ours may have written itself into From."""
    names = ("from", "reply-to", "x-original-from", "x-original-sender")
    return [domain for name in names if (domain := domain_of(bare_address(mail.head.first(name))))]


def _says_generated(mail: Message) -> bool:
    said = (mail.head.first("auto-submitted") or "").strip().lower()
    return said.startswith(("auto-generated", "auto-notified"))


def _is_unattended(mail: Message) -> bool:
    """Whether a program has the address that it comes from, or the one that answers go to."""
    addresses = (bare_address(mail.head.first(name)) or "" for name in ("from", "reply-to"))
    return any(UNATTENDED.search(each.rpartition("@")[0].replace("_", "-")) for each in addresses)


def _is_of_a_blocklist(subject: str, text: str) -> bool:
    """Whether the subject is of a program that watches blocklists, and the text does not say what became of it."""
    return bool(LISTED.search(subject)) and not ANSWERS.search(text)


def _is_xml(text: str) -> bool:
    """Whether the text itself is data: it starts as XML, or has an XML document in it."""
    return bool(_XML.match(text)) or "<?xml " in text


def _is_record(text: str) -> bool:
    """Whether there is nothing in the text but a label with its value in each line, and among them one reported."""
    lines = [line for line in text[:_RECORD_CHARS].split("\n") if line.strip()]
    fields = [match for line in lines if (match := _FIELD.match(line))]
    return len(lines) == len(fields) >= _ENOUGH - 1 and any(is_label(match[1]) for match in fields)


def _times(text: str) -> dict[str, tuple[str, ...]]:
    """When what is reported was seen, under ARF's name."""
    said_in = chain(SEEN_AT.findall(text), SAID_AT.findall(text))
    found = next((said for said in said_in if read_date(said)), None)
    return {"arrival-date": (found.strip(),)} if found else {}
