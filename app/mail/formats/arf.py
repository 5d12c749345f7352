"""The Abuse Reporting Format: RFC 5965, with RFC 6591 and 9991 (authentication failures) and RFC 6692.

Tolerant where real senders are careless: the feedback part may be base64, in a multipart/mixed, or typed as plain
text; fields may be missing, doubled, misspelt or unknown; there may be several reported messages or none.
`Version` is never compared. A report is a claim, not a proof.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from difflib import get_close_matches
from email.utils import format_datetime
from functools import lru_cache

from app.mail.domain import FeedbackType, Header, Kind, Original, Reading
from app.mail.fields.dates import read_date
from app.mail.fields.local_dates import read_local_date
from app.mail.fields.received import ip_in
from app.mail.formats.jmrp import derive, is_bare_microsoft, source_in_subject
from app.mail.formats.spamcop import told_in_subject
from app.mail.formats.xarf import read_xarf
from app.mail.mime.blocks import line_blocks
from app.mail.mime.head import read_head
from app.mail.mime.message import Message, Part
from app.mail.mime.source import as_mail
from app.mail.mime.text import human_text
from app.mail.original import original_from
from app.mail.report import ORIGINAL_TYPES, Fields, holds_mail, original_in, originals_in, reading

_FEEDBACK_PART = re.compile(r"(?:message|text|application)/(?:x-)?feedback[-_]?report\Z")
_BARE_PART = "message/report"
"""What some generators call the feedback part; its own header then holds the fields."""
_TYPE_FIELD = re.compile(rb"(?:\A(?:\xef\xbb\xbf)?+|\n)[ \t]*Feedback[-_ ]?Type[ \t]*:", re.IGNORECASE)
_TYPE = re.compile(r"[a-z]+(?:[-_ ][a-z]+)*")
_ONLY_FIELDS = re.compile(
    rb"\s{0,20}(?:[A-Za-z][A-Za-z0-9_-]{2,40}[ \t]?:[^\n]{0,998}\n(?:[ \t][^\n]{0,998}\n){0,20}){3,60}\s{0,20}\Z"
)
_UNKNOWN_TYPES = ("text/plain", "application/octet-stream")
_COMMENT = re.compile(r"\([^()]*+\)")
_BLANK_LINE = re.compile(rb"\n[ \t\r]*+\n")
_ADDRESS_LINE = re.compile(rb"(:[ \t\r]*+)?\n(https?://[^\n]*+)")
"""A line that no field starts, though it has a colon; with the colon above it where that field says nothing else."""

_REQUIRED = ("feedback-type", "user-agent", "version")
_KNOWN = (
    *_REQUIRED,
    *("arrival-date", "received-date", "incidents", "original-envelope-id", "original-mail-from"),
    *("original-rcpt-to", "reporting-mta", "source-ip", "source-port", "authentication-results"),
    *("reported-domain", "reported-uri", "auth-failure", "delivery-result", "identity-alignment", "dkim-domain"),
    *("dkim-identity", "dkim-selector", "dkim-selector-dns", "dkim-adsp-dns", "dkim-canonicalized-header"),
    *("dkim-canonicalized-body", "spf-dns", "redacted-address", "removal-recipient", "original-message-id"),
    *("message-id", "abuse-type", "source", "subscription-link", "reported-subject", "original-subject"),
)
_RUN_ON = re.compile(rf"(?<![ \t])[ \t]++(?=(?:{'|'.join(_KNOWN)})[ \t]?:[ \t])".encode(), re.IGNORECASE)
"""Where the next field goes on in the same line."""
_RUN_ON_BYTES = 65_536
_GUESSES = 100  # fields whose name may be a misspelt one: a guess takes as long as reading fifty fields
_REPEATABLE = ("original-rcpt-to", "reported-domain", "reported-uri", "authentication-results")
_SENT_TWICE = ("spf-dns", "redacted-address", "removal-recipient")
_ONCE = frozenset(_KNOWN) - {*_REPEATABLE, *_SENT_TWICE}
_TYPES = {
    **{kind.value.replace("-", ""): kind for kind in FeedbackType},
    **dict.fromkeys(("spam", "junk", "complaint", "unsolicited"), FeedbackType.ABUSE),
    **{"phishing": FeedbackType.FRAUD, "malware": FeedbackType.VIRUS},
    **dict.fromkeys(("ham", "notjunk"), FeedbackType.NOT_SPAM),
    **dict.fromkeys(("optoutlist", "unsubscribe"), FeedbackType.OPT_OUT),
    **dict.fromkeys(("dkim", "dmarc"), FeedbackType.AUTH_FAILURE),
}
"""Registered types and what senders write for them, without hyphens."""
_IN_TEXT = re.compile(
    r"\breceived from (?:the )?+IP(?:[ \n](?:address|source))?+:?[ \n]([0-9A-Fa-f.:]{2,45})", re.IGNORECASE
)
"""The address in the sentence that RFC 5965 §2 has for people, and in its relatives."""
_IN_TEXT_CHARS = 2_000
_EPOCH = re.compile(r"(\d{9,10})(?:\d{3})?+(?:\.\d{1,9})?+")
"""Seconds since 1970, or thousandths of them."""
_BASIC = re.compile(r"(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)?+(?:\.\d{1,9})?+(Z|[+-]\d\d:?\d\d)?+")
_NUMBERS = re.compile(r"(\d\d?)[./-](\d\d?)[./-]\d{4}\b(.*)")
_DATE_CHARS = 60
_ADDRESS_CHARS = 45
_HALF_OF_DAY = re.compile(r"\d ?[ap]\.?m\b", re.IGNORECASE)
_MONTHS = 12


def read_arf(mail: Message) -> Reading | None:
    """The feedback report in `mail`, or None where there is none."""
    leaves = tuple(mail.leaves())
    part = _feedback_part(mail, leaves)
    if part is None:
        return None
    fields, defects = _fields_of(part)
    if fields.get("feedback-type", ("",))[0].lower() == "xarf":
        return read_xarf(mail, fields)
    kind, type_defects = _feedback_type(fields)
    originals, original_defects = _originals(part, leaves)
    defects = [*defects, *type_defects, *original_defects]
    is_bare = is_bare_microsoft(fields) and bool(originals)
    whole, derived = derive(fields, originals[0]) if is_bare else _completed(fields, mail)
    if "source-ip" not in whole and (not fields or is_bare_microsoft(fields)) and (named := _named_source(mail)):
        whole, derived = {**whole, "source-ip": (named[0],)}, {**derived, "source-ip": named[1]}
    return reading(
        mail, Kind.ARF, feedback_type=kind, fields=whole, derived=derived, originals=originals, defects=defects
    )


@lru_cache(maxsize=256)
def feedback_type(word: str) -> FeedbackType | None:
    """The feedback type that a report's word means, None for one that is not known."""
    found = _TYPE.search(_COMMENT.sub("", word).lower())
    return _TYPES.get(re.sub("[-_ ]", "", found[0])) if found else None


def readable_date(value: str) -> str:
    """`value`, written as mails write dates where it is one that they do not write: a count of seconds since 1970,
    ISO 8601 without hyphens, or numbers alone. What could be one day or another stays as it is."""
    written = value.strip()[:_DATE_CHARS]
    if epoch := _EPOCH.fullmatch(written):
        return format_datetime(datetime.fromtimestamp(int(epoch[1]), UTC))
    if basic := _BASIC.fullmatch(written):
        day, clock = "-".join(basic.group(1, 2, 3)), ":".join((*basic.group(4, 5), basic[6] or "00"))
        return f"{day}T{clock}{basic[7] or ''}"
    numbers = _NUMBERS.match(written)
    if numbers is None or not (_HALF_OF_DAY.search(numbers[3]) or max(int(numbers[1]), int(numbers[2])) > _MONTHS):
        return value
    said = read_local_date(written)
    return format_datetime(said) if said else value


def _feedback_part(mail: Message, leaves: tuple[Part, ...]) -> Part | None:
    """The part with the fields: by its type, else by its content in a report that says it has one, else an attached
    text of nothing but fields, as Exchange makes of a type that it does not know."""
    for part in leaves:
        if _FEEDBACK_PART.match(part.name) or (part.name == _BARE_PART and part.head.has("feedback-type")):
            return part
    says_so = mail.top.type.parameters.get("report-type", "").lower() == "feedback-report"
    for part in leaves if says_so else leaves[1:]:
        if part.name not in ORIGINAL_TYPES and (says_so or part.name in _UNKNOWN_TYPES):
            content = part.content(65_536 if says_so else 4_096)
            if _TYPE_FIELD.search(content) and (says_so or _ONLY_FIELDS.match(content)):
                return part
    return None


def _fields_of(part: Part) -> tuple[Fields, list[str]]:
    """The fields by name, each with its values in order, and a sentence for each fault (RFC 5965 §3)."""
    found: dict[str, list[str]] = {}
    defects: list[str] = []
    for at, field in enumerate(_raw_fields(part)):
        key, value = field.key, field.value
        if key in _REWRITTEN:
            value = _REWRITTEN[key](value)
        found.setdefault(key, []).append(value)
        meant = _meant(key) if at < _GUESSES else key
        if meant != key and meant not in found:
            found[meant] = [value]
            defects.append(f"A field is misspelt: {field.name[:40]} was read as {meant} too.")
    defects += [f"The required field {name} is missing." for name in _REQUIRED if name not in found]
    for name, values in found.items():
        if len(values) > 1 and name in _ONCE:
            defects.append(f"The field {name} is there more than once; the first counts.")
    return {name: tuple(values) for name, values in found.items()}, defects


def _raw_fields(part: Part) -> list[Header]:
    """The fields, blank lines between them passed over; out of the part's own header where no blank line ends it.

    Of a part that is only text they are the paragraph that has the type.
    """
    body = part.content() if _FEEDBACK_PART.match(part.name) else _paragraph(part.content())
    if part.encoding == "base64" and not _TYPE_FIELD.search(body) and _TYPE_FIELD.search(part.body):
        body = part.body
    body = body.strip().removeprefix(b"\xef\xbb\xbf").lstrip()
    if b"\n" not in body:
        body = _RUN_ON.sub(b"\n", body[:_RUN_ON_BYTES])
    body += b"\n"
    if b"\nhttp" in body:
        body = _ADDRESS_LINE.sub(lambda line: line[1] + b" " + line[2] if line[1] else b"", body)
    if _BLANK_LINE.search(body):
        body = b"".join(map(_without_blank_lines, line_blocks(body)))
    # With a blank line behind it, it is read as what nearly every part is: a header without faults.
    fields = read_head(body + b"\n", 0, len(body) + 1).fields
    if fields:
        return list(fields)
    return [f for f in part.head.fields if not f.key.startswith("content-") and f.key != "mime-version"]


def _paragraph(text: bytes) -> bytes:
    """The lines around the one that says the type; all of it where none does."""
    lines = text.replace(b"\r\n", b"\n")
    said = _TYPE_FIELD.search(lines)
    if said is None:
        return text
    start, end = lines.rfind(b"\n\n", 0, said.start() + 1), lines.find(b"\n\n", said.end())
    return lines[start + 2 if start >= 0 else 0 : end if end >= 0 else len(lines)]


def _without_blank_lines(block: bytes) -> bytes:
    return b"".join([line + b"\n" for line in block.split(b"\n") if line.strip(b" \t\r")])


def _source_ip(value: str) -> str:
    """Without what stands beside it, `192.0.2.1 (mail.example)` or the other way round; of a text the address in it,
    or its first word."""
    if "(" in value:
        bare = _COMMENT.sub("", value).strip()
        value = bare if ip_in(bare) else ip_in(value) or bare or value
    if len(value) <= _ADDRESS_CHARS:
        return value
    return ip_in(value) or value.partition(" ")[0][:_ADDRESS_CHARS]


def _date(value: str) -> str:
    is_usual = not value[:1].isdigit() or read_date(value)
    return value if is_usual else readable_date(value)


_REWRITTEN: dict[str, Callable[[str], str]] = {
    "source-ip": _source_ip,
    "arrival-date": _date,
    "received-date": _date,
}


def _completed(fields: Fields, mail: Message) -> tuple[Fields, dict[str, str]]:
    """`fields` with what SpamCop has in the subject alone, and for each that was added where it was found."""
    if "spamcop" not in fields.get("user-agent", ("",))[0].lower():
        return fields, {}
    told = {name: values for name, values in told_in_subject(mail).items() if not any(fields.get(name, ()))}
    return {**fields, **told}, dict.fromkeys(told, "Subject")


def _named_source(mail: Message) -> tuple[str, str] | None:
    """The address that the subject or the text for people names, and which of them does."""
    named = _IN_TEXT.search(human_text(mail)[:_IN_TEXT_CHARS])
    sources = ((source_in_subject(mail), "Subject"), (ip_in(named[1]) if named else None, "text"))
    return next(((source, where) for source, where in sources if source), None)


@lru_cache(maxsize=1024)
def _meant(key: str) -> str:
    """The known field that a misspelt name means, or the name itself."""
    tidy = key.replace("_", "-")
    if tidy in _KNOWN:
        return tidy
    close = get_close_matches(tidy[:60], _KNOWN, n=1, cutoff=0.88)
    return close[0] if close else key


def _feedback_type(fields: Fields) -> tuple[FeedbackType, list[str]]:
    """The type; an unknown one is `other` (RFC 5965 §3.1), and so is none, unless Auth-Failure tells it."""
    values = fields.get("feedback-type")
    if not fields:
        return FeedbackType.ABUSE, []  # a feedback part without a word: why else would it have come
    if not values:
        return (FeedbackType.AUTH_FAILURE if "auth-failure" in fields else FeedbackType.OTHER), []
    known = feedback_type(values[0])
    return known or FeedbackType.OTHER, [] if known else ["The feedback type is not a registered one."]


def _originals(feedback: Part, leaves: tuple[Part, ...]) -> tuple[tuple[Original, ...], list[str]]:
    """The reported messages: what is declared one, else whatever other part holds a mail's header."""
    found = originals_in(leaves)
    if found:
        return tuple([each if each.from_ else _mended(each) for each in found]), []
    for part in leaves:
        if part is not feedback and part.name not in ORIGINAL_TYPES and holds_mail(part.content(65_536)):
            original = original_in(part)
            if original:
                return (original,), ["The reported message is not declared as one."]
    if any(part.name in ORIGINAL_TYPES for part in leaves):
        return (), ["The reported message was taken out of the report."]
    return (), ["The report holds no reported message."]


def _mended(original: Original) -> Original:
    """A reported message that somebody pasted (SpamCop): its header is torn where a blank line stands inside it."""
    whole = original_from(as_mail(original.raw), headers_only=original.headers_only, verifiable=False)
    return whole if whole and whole.from_ else original
