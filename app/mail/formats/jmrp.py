"""Microsoft's Junk Mail Reporting Program, in its three shapes.

Until 2026: multipart/mixed without a feedback part, Subject "complaint about message from <IP>", the message as
message/rfc822 (the same shape comes from Amazon SES). 2010: the spam itself, resent, with X-HmXmrOriginalRecipient
at the top. Since June 2026: a feedback part of three fields and text/rfc822-headers, which `arf` reads and has
completed here. What is derived says from which header.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from app.mail.domain import FeedbackType, Hop, Kind, Original, Reading
from app.mail.fields.address import bare_address, domain_of
from app.mail.fields.authres import read_authentication_results
from app.mail.fields.received import ip_in
from app.mail.mime.message import Message, parse
from app.mail.original import original_from
from app.mail.report import PASSED_ON, Fields, originals_in, reading

_RECIPIENT = "x-hmxmroriginalrecipient"
_SUBJECT = re.compile(r"\s*complaint about message from\b(.*)", re.IGNORECASE)
_CLIENT_IP = re.compile(r"client-ip=([0-9A-Fa-f:.]{2,45})")
_SENDER_IP = re.compile(r"sender ip is ([0-9A-Fa-f:.]{2,45})", re.IGNORECASE)
_CIP = re.compile(r"\bCIP:([0-9A-Fa-f:.]{2,45})")
_INSIDE = re.compile(r"\.(?:outlook|hotmail|exchangelabs)\.com\.?\Z")

Found = tuple[str, str] | None


def read_jmrp(mail: Message) -> Reading | None:
    """The complaint in one of the shapes without a feedback part, or None."""
    if mail.head.has(_RECIPIENT):
        return _resent(mail)
    about = _SUBJECT.match(mail.head.first("subject") or "")
    originals = originals_in(mail.leaves())
    if not originals or not (about or originals[0].first(_RECIPIENT) is not None):
        return None
    inner = _passed_on(originals[0]) if about else None
    return inner or _complaint(mail, originals, ip_in(about[1]) if about else None)


def _passed_on(original: Original) -> Reading | None:
    """The report that came as the original of a mail with a report's subject: a colleague forwarded it so."""
    about = _SUBJECT.match(original.subject or "")
    report = parse(original.raw) if about else None
    originals = originals_in(report.leaves()) if report else ()
    if not (about and report and originals):
        return None
    return replace(_complaint(report, originals, ip_in(about[1])), defects=(*report.defects, PASSED_ON))


def source_in_subject(mail: Message) -> str | None:
    """The address that the subject of a report says the mail came from."""
    about = _SUBJECT.match(mail.head.first("subject") or "")
    return ip_in(about[1]) if about else None


def is_bare_microsoft(fields: Fields) -> bool:
    """Whether a feedback part is the three-field one of Microsoft (June 2026)."""
    agent = fields.get("user-agent", ("",))[0].lower()
    return "source-ip" not in fields and (agent.startswith("jmrp") or "microsoft" in agent)


def derive(fields: Fields, original: Original) -> tuple[dict[str, tuple[str, ...]], dict[str, str]]:
    """`fields` completed from the original's header, and for each field added the header it came from.

    X-Originating-IP is never used: the sender writes it.
    """
    whole, derived = dict(fields), {}
    for name, find in _DERIVATIONS.items():
        if name in whole:
            continue
        found = find(original)
        if found:
            whole[name], derived[name] = (found[0],), found[1]
    return whole, derived


def _resent(mail: Message) -> Reading | None:
    """The 2010 shape: the original starts at Microsoft's first own field, above it stands the report's own way."""
    start = next(field.start for field in mail.head.fields if field.key == _RECIPIENT)
    original = original_from(mail.top.source[start:])
    if original is None:
        return None
    # From is the spammer's here; who reports stands in the envelope sender alone.
    reporter = bare_address(mail.head.first("return-path"))
    return replace(_complaint(mail, (original,), None), reporter=reporter or None)


def _complaint(mail: Message, originals: tuple[Original, ...], subject_ip: str | None) -> Reading:
    fields: dict[str, tuple[str, ...]] = {}
    derived: dict[str, str] = {}
    if subject_ip:
        fields["source-ip"], derived["source-ip"] = (subject_ip,), "Subject"
    whole, more = derive(fields, originals[0])
    return reading(
        mail,
        Kind.JMRP,
        feedback_type=FeedbackType.ABUSE,
        fields=whole,
        derived={**derived, **more},
        originals=originals,
    )


def _source_ip(original: Original) -> Found:
    for name, pattern in (
        ("Received-SPF", _CLIENT_IP),
        ("Authentication-Results", _SENDER_IP),
        ("X-Forefront-Antispam-Report", _CIP),
    ):
        for value in original.all(name):
            match = pattern.search(value)
            if match and (ip := ip_in(match[1])):
                return ip, name
    handed_over = (hop for hop in original.received if hop.from_ip and not _is_inside(hop))
    return next(((hop.from_ip, "Received") for hop in handed_over if hop.from_ip), None)


def _is_inside(hop: Hop) -> bool:
    """Whether Microsoft's own servers handed the mail to one another."""
    return all(_INSIDE.search((host or "").lower()) for host in (hop.from_host, hop.by_host))


def _arrival_date(original: Original) -> Found:
    for hop in original.received:
        if hop.at:
            return hop.text.rpartition(";")[2].strip(), "Received"
    return None


def _mail_from(original: Original) -> Found:
    if original.return_path:
        return original.return_path, "Return-Path"
    for value in original.all("Authentication-Results"):
        for result in read_authentication_results(value).of("spf"):
            said = result.get("smtp.mailfrom") or ""
            if "@" in said:
                return said, "Authentication-Results"
    purported = bare_address(original.first("X-SID-PRA"))
    return (purported, "X-SID-PRA") if purported else None


def _rcpt_to(original: Original) -> Found:
    for name in ("X-HmXmrOriginalRecipient", "Delivered-To", "X-Original-To", "Envelope-To", "To"):
        address = bare_address(original.first(name))
        if address:
            return address, name
    return None


def _reported_domain(original: Original) -> Found:
    found = _mail_from(original)
    for address, name in ((found or (None, ""))[:2], (bare_address(original.from_), "From")):
        domain = domain_of(address)
        if domain:
            return domain, name
    return None


def _message_id(original: Original) -> Found:
    return (original.message_id, "Message-ID") if original.message_id else None


_DERIVATIONS: dict[str, Callable[[Original], Found]] = {
    "source-ip": _source_ip,
    "arrival-date": _arrival_date,
    "original-mail-from": _mail_from,
    "original-rcpt-to": _rcpt_to,
    "reported-domain": _reported_domain,
    "original-message-id": _message_id,
}
