"""Statistics by mail: DMARC aggregate reports (RFC 7489, 9990) and SMTP TLS reports (RFC 8460).

They are told by type and name; an archive without a telling name is looked into for at most a few kilobytes.
"""

from __future__ import annotations

import re
import zlib

from app.mail.domain import Kind, Reading
from app.mail.fields.address import bare_address
from app.mail.formats.bounce_words import ABUSE, COMPLAINT, PLAINT
from app.mail.formats.notice_words import UNATTENDED
from app.mail.formats.wording import any_of
from app.mail.mime.message import Message, Part
from app.mail.mime.text import human_text
from app.mail.report import ORIGINAL_TYPES, set_aside

_DMARC_SUBJECT = re.compile(r"\s*(?:\[[^\]]{0,40}\]\s*)?report[ -]domain\s*:", re.IGNORECASE)
_DMARC_NAME = re.compile(r"[^!\s]{1,255}![^!\s]{1,255}!\d{5,}!\d{5,}[^\s]*\Z")
_TLS_TYPES = frozenset(("application/tlsrpt+gzip", "application/tlsrpt+json"))
_TLS_NAME = re.compile(_DMARC_NAME.pattern.removesuffix(r"\Z") + r"\.json(?:\.gz)?\Z", re.IGNORECASE)
_TLS_FILE = re.compile(r"\.(?:json|gz|zip)\Z", re.IGNORECASE)
_DMARC_WHOLE = re.compile(_DMARC_SUBJECT.pattern + r"\s*\S+\s+submitter\s*:\s*\S+\s+report-id\s*:", re.IGNORECASE)
_STATISTICS = re.compile(r"\bdmarc\b|\baggregated? report|\breport[ -]domain\b", re.IGNORECASE)
_SENTENCE_END = re.compile(r"[.!?。！？](?=\s|\Z)|\n\s*\n")
_SENDS_REPORTS = re.compile(r"dmarc|tls-?rpt|postmaster|mailer-daemon", re.IGNORECASE)
_FORGED = re.compile(r"\b(?:spoof|forg(?:es?|ed|ing)\b|impersonat|usurp|suplant|falsific|f[äa]lsch)", re.IGNORECASE)
_OWN_DOMAIN = any_of(
    r"\b(?:my|our|mein\w{0,2}|unser\w{0,2}|mon|notre|nos|mis?|nuestr[oa]s?|mi[oae]i?|nostr[oaie]|meus?|nossos?|mijn|onze"
    r"|moj\w{1,3}|мо[йяеи]\w{0,2}|наш\w{0,3})\s(?:\w{1,20}\s)?(?:dom[aäeií]\w{2,9}|домен\w{0,3}|name\b|nom\b|nombre\b)"
)
_WHERE = re.compile(r"(?<![\d.])\d{1,3}(?:\.\d{1,3}){3}(?![\d.]\d)")
_LETTER_CHARS = 4_000
_COVER_CHARS = 1_000
_FEEDBACK = re.compile(rb"<(?:[\w-]{1,40}:)?feedback\b")
_ATTACHED = ("application/", "text/xml")
_PEEK_BYTES = 8_192
_GZIP, _ZIP, _RAW_DEFLATE = b"\x1f\x8b", b"PK\x03\x04", -15


def read_aggregate(mail: Message) -> Reading | None:
    """The aggregate report in `mail`, or None."""
    if _is_tls_report(mail):
        return set_aside(mail, Kind.TLS_RPT, "An SMTP TLS report (RFC 8460): statistics, not a complaint.")
    if _is_dmarc_report(mail):
        return set_aside(mail, Kind.DMARC_AGGREGATE, "A DMARC aggregate report: statistics, not a complaint.")
    return None


def is_statistics(mail: Message) -> bool:
    """Whether a mail that somebody attaches to a complaint is a report that says so and nothing else.

    Spam may have an attachment that is named like one; then the mail is what is complained of.
    """
    text = human_text(mail)
    says_so = _STATISTICS.search(f"{mail.head.first('subject') or ''}\n{text}")
    return bool(says_so) and len(text) <= _COVER_CHARS and read_aggregate(mail) is not None


def unpacked_start(raw: bytes, most: int) -> bytes:
    """The first `most` bytes of a gzip, of the first file of a zip, or of `raw` itself; b"" where it is broken."""
    try:
        if raw.startswith(_GZIP):
            return zlib.decompressobj(zlib.MAX_WBITS | 16).decompress(raw, most)
        if raw.startswith(_ZIP):
            stored = raw[8:10] == b"\0\0"  # method 0 of APPNOTE §4.4.5
            names = int.from_bytes(raw[26:28], "little") + int.from_bytes(raw[28:30], "little")
            raw = raw[30 + names :]
            return raw[:most] if stored else zlib.decompressobj(_RAW_DEFLATE).decompress(raw, most)
    except zlib.error:
        return b""
    return raw[:most]


def _is_tls_report(mail: Message) -> bool:
    if mail.head.has("tls-report-domain", "tls-report-submitter"):
        return True
    if mail.top.type.parameters.get("report-type", "").lower() == "tlsrpt":
        return True
    return any(
        part.name in _TLS_TYPES or _TLS_NAME.match(part.filename.strip()) or _holds_policies(part)
        for part in mail.leaves()
    )


def _holds_policies(part: Part) -> bool:
    """Whether a few kilobytes of a file that may be JSON, unpacked, are the start of a TLS report (RFC 8460 §4.4)."""
    if not _TLS_FILE.search(part.filename.strip()) or not part.name.startswith(_ATTACHED):
        return False
    start = unpacked_start(part.content(2 * _PEEK_BYTES), _PEEK_BYTES)
    return start.lstrip()[:1] == b"{" and all(key in start for key in (b'"policies"', b'"organization-name"'))


def _is_dmarc_report(mail: Message) -> bool:
    if any(part.name in ORIGINAL_TYPES for part in mail.leaves()):
        return False  # somebody complains of that mail, and shows statistics too
    if _DMARC_WHOLE.match(mail.head.first("subject") or ""):
        return True  # also where a gateway took the attachment
    if _is_complaint(mail):
        return False
    attached = [part for part in mail.leaves() if part.name.startswith(_ATTACHED) or _is_xml(part)]
    if any(_DMARC_NAME.match(part.filename.strip()) for part in attached):
        return True
    if any(map(_may_hold_xml, attached)) and _DMARC_SUBJECT.match(mail.head.first("subject") or ""):
        return True
    return any(_holds_feedback(part) for part in attached)


def _is_complaint(mail: Message) -> bool:
    """Whether somebody writes of spam or abuse and attaches the report to show it."""
    subject = mail.head.first("subject") or ""
    if _DMARC_SUBJECT.match(subject) or mail.head.has("auto-submitted"):
        return False
    text = human_text(mail)
    return bool(text) and (bool(COMPLAINT.match(subject)) or (not _sends_reports(mail) and _complains(subject, text)))


def _sends_reports(mail: Message) -> bool:
    """Whether a program has the address that it comes from, as of those that send statistics."""
    local = (bare_address(mail.head.first("from")) or "").rpartition("@")[0]
    return bool(_SENDS_REPORTS.search(local) or UNATTENDED.search(local.replace("_", "-")))


def _complains(subject: str, text: str) -> bool:
    """Whether somebody says what is wrong, beside what a report says of itself and what it is good for.

    They name the address that it comes from, or their own domain; below a subject of statistics, the address.
    """
    letter = text[:_LETTER_CHARS]
    said = "\n".join(each for each in _SENTENCE_END.split(letter) if _is_said(each))
    is_bad = PLAINT.search(said) or ABUSE.search(said) or _FORGED.search(said)
    is_theirs = _WHERE.search(letter) or (_OWN_DOMAIN.search(letter) and not _STATISTICS.search(subject))
    return bool(is_bad and is_theirs)


def _is_said(sentence: str) -> bool:
    """Whether a sentence is not the report's about itself."""
    return bool(not _STATISTICS.search(sentence) or _OWN_DOMAIN.search(sentence) or _WHERE.search(sentence))


def _holds_feedback(part: Part) -> bool:
    """Whether a few kilobytes of the part, unpacked, are the start of a DMARC report."""
    if "dmarc" in part.name:
        return True
    if not _may_hold_xml(part):
        return False
    start = unpacked_start(part.content(2 * _PEEK_BYTES), _PEEK_BYTES)
    return bool(_FEEDBACK.search(start)) and b"report_metadata" in start


def _may_hold_xml(part: Part) -> bool:
    return part.name.endswith(("zip", "compressed", "xml", "octet-stream")) or _is_xml(part)


def _is_xml(part: Part) -> bool:
    return part.filename.strip().lower().endswith(".xml")
