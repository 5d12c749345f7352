"""The Abuse Reporting Format: RFC 5965, with RFC 6591 and 9991 (authentication failures) and RFC 6692.

Tolerant where real senders are careless: the feedback part may be base64, in a multipart/mixed, or typed as plain
text; fields may be missing, doubled, misspelt or unknown; there may be several reported messages or none.
`Version` is never compared. A report is a claim, not a proof.
"""

from __future__ import annotations

import re
from difflib import get_close_matches
from functools import lru_cache

from app.mail.domain import FeedbackType, Header, Kind, Original, Reading
from app.mail.fields.received import ip_in
from app.mail.formats.jmrp import derive, is_bare_microsoft
from app.mail.formats.xarf import read_xarf
from app.mail.mime.blocks import line_blocks
from app.mail.mime.head import read_head
from app.mail.mime.message import Message, Part
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
_GUESSES = 100  # fields whose name may be a misspelt one: a guess takes as long as reading fifty fields
_REPEATABLE = ("original-rcpt-to", "reported-domain", "reported-uri", "authentication-results")
_SENT_TWICE = ("spf-dns", "redacted-address", "removal-recipient")
_ONCE = frozenset(_KNOWN) - {*_REPEATABLE, *_SENT_TWICE}
_TYPES = {
    **{kind.value.replace("-", ""): kind for kind in FeedbackType},
    "optoutlist": FeedbackType.OPT_OUT,
    "dkim": FeedbackType.AUTH_FAILURE,
}


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
    if is_bare_microsoft(fields) and originals:
        whole, derived = derive(fields, originals[0])
        return reading(
            mail, Kind.ARF, feedback_type=kind, fields=whole, derived=derived, originals=originals, defects=defects
        )
    return reading(mail, Kind.ARF, feedback_type=kind, fields=fields, originals=originals, defects=defects)


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
        key, value = field.key, _source_ip(field.value) if field.key == "source-ip" else field.value
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
    body = body.strip().removeprefix(b"\xef\xbb\xbf").lstrip() + b"\n"
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
    """Without what stands beside it, `192.0.2.1 (mail.example)` or the other way round."""
    if "(" not in value:
        return value
    bare = _COMMENT.sub("", value).strip()
    return bare if ip_in(bare) else ip_in(value) or bare or value


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
    known = _registered(values[0])
    return known or FeedbackType.OTHER, [] if known else ["The feedback type is not a registered one."]


@lru_cache(maxsize=256)
def _registered(value: str) -> FeedbackType | None:
    word = _TYPE.search(_COMMENT.sub("", value).lower())
    return _TYPES.get(re.sub("[-_ ]", "", word[0])) if word else None


def _originals(feedback: Part, leaves: tuple[Part, ...]) -> tuple[tuple[Original, ...], list[str]]:
    """The reported messages: what is declared one, else whatever other part holds a mail's header."""
    found = originals_in(leaves)
    if found:
        return found, []
    for part in leaves:
        if part is not feedback and part.name not in ORIGINAL_TYPES and holds_mail(part.content(65_536)):
            original = original_in(part)
            if original:
                return (original,), ["The reported message is not declared as one."]
    if any(part.name in ORIGINAL_TYPES for part in leaves):
        return (), ["The reported message was taken out of the report."]
    return (), ["The report holds no reported message."]
