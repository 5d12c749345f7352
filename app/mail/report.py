"""A Reading put together: what every format module shares."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from app.mail import limits
from app.mail.domain import FeedbackType, Kind, Original, Reading
from app.mail.fields.address import addresses_in, bare_address, domain_of
from app.mail.fields.dates import read_date
from app.mail.fields.received import reception
from app.mail.mime.emlx import out_of_emlx
from app.mail.mime.head import Head, top_head
from app.mail.mime.message import Message, Part
from app.mail.mime.text import human_text
from app.mail.original import looks_like_mail, original_from

FULL_TYPES = frozenset(("message/rfc822", "text/rfc822", "message/global", "message/rfc2822"))
HEADER_TYPES = frozenset(
    ("text/rfc822-headers", "text/rfc822-header", "message/rfc822-headers", "message/rfc822-header")
) | {"message/global-headers"}
ORIGINAL_TYPES = FULL_TYPES | HEADER_TYPES

Fields = Mapping[str, tuple[str, ...]]

PASSED_ON = "The report came as an attachment of another mail."

ROLE = re.compile(
    r"(?:abuse|postmaster|complaints?|fbl|feedback|reports?|spam|phishing|support|help|info|noc|security|csirt|cert"
    r"|dmca|copyright|legal)\b"
)
"""The local part of a mailbox that a role has and no person (RFC 2142)."""

_NOBODY = re.compile(r"(?:no-?reply|do-?not-?reply|www-data|wordpress|nobody|(?:web-?)?forms?)\b", re.IGNORECASE)
"""The local part of an address that a program has, and nobody reads."""
_PEEK_BYTES = 16_384
_VIA = re.compile(r"\bvia\b[^<]{1,100}<", re.IGNORECASE)
_CLOCKS_APART = timedelta(days=2)
_NO_COMPLAINT = {
    FeedbackType.NOT_SPAM: "A report that a mail is no spam: not a complaint.",
    FeedbackType.AUTH_FAILURE: "An authentication failure report (RFC 6591): not a complaint of a person.",
    FeedbackType.OPT_OUT: "A wish to get no more mail: not a complaint.",
}


def reading(
    mail: Message,
    kind: Kind,
    *,
    feedback_type: FeedbackType | None = None,
    fields: Fields | None = None,
    derived: Mapping[str, str] | None = None,
    originals: tuple[Original, ...] = (),
    defects: Iterable[str] = (),
    text: str | None = None,
) -> Reading:
    """A complaint in `mail`, or what the feedback type makes of it; the outer header's words filled in."""
    fields = fields or {}
    reason = _NO_COMPLAINT.get(feedback_type, "") if feedback_type else ""
    return Reading(
        kind=kind,
        feedback_type=feedback_type,
        is_complaint=not reason,
        fields=fields,
        derived=derived or {},
        originals=originals,
        headers=mail.head.fields,
        reporter=_reporter(mail.head),
        subject=mail.head.first("subject"),
        text=human_text(mail) if text is None else text,
        arrived=_arrived(mail, fields, originals),
        defects=(*mail.defects, *defects),
        reason=reason,
    )


def is_to_a_role(mail: Message) -> bool:
    """Whether To or Cc names a role's mailbox, as a desk's is."""
    fields = (mail.head.first(name) or "" for name in ("to", "cc"))
    return any(ROLE.match(each.lower()) for field in fields for each in addresses_in(field))


def set_aside(mail: Message, kind: Kind, reason: str) -> Reading:
    """A mail that is no complaint, with the sentence that says why."""
    return Reading(
        kind=kind,
        feedback_type=None,
        is_complaint=False,
        headers=mail.head.fields,
        reporter=_reporter(mail.head),
        subject=mail.head.first("subject"),
        text=human_text(mail),
        defects=mail.defects,
        reason=reason,
    )


def writer_of(head: Head) -> str | None:
    """Who it is from: not the mailing list of ours that wrote itself into From, `'Ann' via Abuse <abuse@…>`."""
    written = head.first("from")
    if _VIA.search(written or "") and head.has("list-id", "mailing-list", "x-beenthere"):
        names = ("x-original-from", "x-original-sender", "reply-to")
        behind = (address for name in names if (address := bare_address(head.first(name))) and "@" in address)
        return next(behind, None) or bare_address(written) or None
    return bare_address(written) or None


def _reporter(head: Head) -> str | None:
    """Who wrote it, or filled in the form of our own site that sent it. None where somebody took a desk's own address
    for From; but a desk that writes to another's may name itself beside it in To."""
    by = writer_of(head)
    if by and (desks := {each.lower() for each in addresses_in(head.first("to") or "")}):
        if by.lower() in desks and ROLE.match(by.lower()) and not _is_beside_a_desk(by, desks):
            return None
        if _NOBODY.match(by) and domain_of(by) in map(domain_of, desks):
            asked = bare_address(head.first("reply-to"))
            return asked if asked and "@" in asked else by
    return by


def _is_beside_a_desk(address: str, named: Iterable[str]) -> bool:
    """Whether a role's mailbox of another domain than that of `address` is among those named."""
    return any(ROLE.match(each) and domain_of(each) != domain_of(address.lower()) for each in named)


def original_in(part: Part) -> Original | None:
    """The reported message that a part holds, None where it holds none (such as the word REDACTED).

    A base64 or quoted-printable label that is not true is passed over. Where the blank line between the part's
    header and the message is missing, the message starts at the first field that does not describe the part.
    """
    headers_only = part.name in HEADER_TYPES
    found = original_from(part.content(), headers_only=headers_only)
    if found is None and part.encoding in ("base64", "quoted-printable"):
        found = original_from(part.body, headers_only=headers_only)
    if found is None:
        found = _run_together(part, headers_only)
    return found


def originals_in(parts: Iterable[Part]) -> tuple[Original, ...]:
    """The reported messages in parts that are declared to hold one, at most `limits.ORIGINALS`.

    Where a mail is there whole, its header in a part of its own is not another.
    """
    found: list[Original] = []
    for part in parts:
        if part.name in ORIGINAL_TYPES and len(found) < limits.ORIGINALS:
            original = original_in(part)
            if original:
                found.append(original)
    return without_heads(found)


def without_heads(found: Sequence[Original]) -> tuple[Original, ...]:
    """The mails without those of which only the header is there, where another of them is the whole."""
    whole = {each.message_id for each in found if not each.headers_only and each.message_id}
    return tuple([each for each in found if not (each.headers_only and each.message_id in whole)])


def holds_mail(raw: bytes) -> bool:
    """Whether `raw` starts with the header of a mail that went somewhere: From, and a date or a trace."""
    _, head = top_head(out_of_emlx(raw)[:_PEEK_BYTES])
    return looks_like_mail(head) and head.has("from") and head.has("received", "date", "message-id", "to")


def _run_together(part: Part, headers_only: bool) -> Original | None:
    foreign = [f for f in part.head.fields if not f.key.startswith("content-") and f.key != "mime-version"]
    if not any(f.key in ("from", "received", "message-id", "subject", "return-path") for f in foreign):
        return None
    return original_from(part.source[foreign[0].start : part.end], headers_only=headers_only)


def _arrived(mail: Message, fields: Fields, originals: tuple[Original, ...]) -> datetime | None:
    """Arrival-Date, else Received-Date (RFC 5965 §3.2), else the original's topmost stamp that can be true."""
    for name in ("arrival-date", "received-date"):
        for value in fields.get(name, ()):
            said = read_date(value)
            if said:
                return said
    if not originals:
        return None
    sent = read_date(mail.head.first("date"))
    return reception(originals[0].received, sent + _CLOCKS_APART if sent else None)
