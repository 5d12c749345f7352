"""XARF (v3 and v4): a JSON part, in an ARF wrapping (`Feedback-Type: xarf`), in a plain mail, or a file by itself.

Only what the desk needs is read: who or what is the source, of what class, and the mails among the samples. Reports
about mail and about pages (class content) are complaints. Whether the JSON keeps to its schema is not judged here.
"""

from __future__ import annotations

import json
import re
from codecs import BOM_UTF8
from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import islice
from typing import Any

from app.mail import limits
from app.mail.domain import FeedbackType, Kind, Original, Reading
from app.mail.formats.reported import is_address, targets_of
from app.mail.mime.charset import from_base64
from app.mail.mime.json_text import object_of
from app.mail.mime.media_type import read_media_type
from app.mail.mime.message import Message, Part, parse
from app.mail.original import original_from
from app.mail.report import Fields, holds_mail, reading

_JSON_BYTES = 2 * 1024 * 1024
_VALUES = 50_000
"""Values in one object, told by the commas: each takes many times its bytes, and no report has so many."""
_PEEK_BYTES = 256
_MARKS = (b'"xarf_version"', b'"ReporterInfo"')
_OBJECT = re.compile(r"^[ \t>]{0,20}(?=\{\s*+[\"}])", re.MULTILINE)
_OBJECTS = 8
"""Objects in a text that are tried: other JSON may stand above the report."""
_TEXT_BYTES = 262_144
_MARK_BYTES = 16_384
_OF_MAIL_OR_PAGES = frozenset(
    {"messaging", "spam", "bulk_messaging", "content", "phishing", "malware", "fraud", "copyright"}
)
_NAMES = {
    "source-ip": ("source_identifier", "SourceIp"),
    "source-port": ("source_port", "SourcePort"),
    "original-mail-from": ("smtp_from", "SmtpMailFromAddress"),
    "original-rcpt-to": ("smtp_to", "SmtpRcptToAddress"),
    "arrival-date": ("timestamp", "Date"),
    "report-class": ("category", "class", "ReportClass"),
    "report-type": ("type", "ReportType"),
    "report-id": ("report_id", "ReportID"),
    "original-message-id": ("message_id",),
    "original-subject": ("subject",),
}


def read_attached_xarf(mail: Message) -> Reading | None:
    """An XARF report as JSON, attached to a mail or the text of one; None where there is none."""
    return read_xarf(mail, {}) if any(_report(part) for part in mail.leaves()) else None


def read_xarf_file(raw: bytes) -> Reading | None:
    """The XARF report in a file or a paste that is JSON and no mail, or None."""
    if not raw[:_PEEK_BYTES].removeprefix(BOM_UTF8).lstrip().startswith(b"{"):
        return None
    return read_attached_xarf(parse(b"Content-Type: application/json\r\n\r\n" + raw.removeprefix(BOM_UTF8)))


def read_xarf(mail: Message, fields: Fields) -> Reading:
    """The XARF report in `mail`; `fields` are those of an ARF wrapping."""
    report = next((found for part in mail.leaves() if (found := _report(part))), None)
    if report is None:
        return reading(
            mail, Kind.XARF, feedback_type=FeedbackType.OTHER, fields=fields, defects=("There is no XARF JSON.",)
        )
    whole = {**fields, **_fields(report)}
    told = reading(mail, Kind.XARF, feedback_type=_type(whole), fields=whole, originals=tuple(_originals(report)))
    if told.originals or _said(whole) & _OF_MAIL_OR_PAGES or not _said(whole):
        return told
    return replace(
        told, is_complaint=False, reason="An XARF report that is about neither mail nor pages: not a complaint."
    )


def _report(part: Part) -> Mapping[str, Any] | None:
    """The XARF object in a JSON part, or below the words of a text; None where it holds none. v3 wraps what counts in
    `Report`."""
    found = [_object(part)] if _may_be_json(part) else _below_words(part)
    return next(filter(None, map(_report_in, found)), None)


def _report_in(found: object) -> Mapping[str, Any] | None:
    if not isinstance(found, dict):
        return None
    inner = found.get("Report")
    if isinstance(inner, dict) and "ReporterInfo" in found:
        return inner
    return found if "xarf_version" in found else None


def _object(part: Part) -> object:
    content = part.content(_JSON_BYTES)
    if content.count(b",") > _VALUES:
        return None
    try:
        return json.loads(content)
    except (ValueError, RecursionError):
        return None


def _below_words(part: Part) -> Iterator[object]:
    """The objects that lines of a text start with, where near its start it has what XARF alone has."""
    if part.name != "text/plain" or part.is_attachment:
        return
    peek = part.content(_MARK_BYTES)
    if any(mark in peek for mark in _MARKS):
        text = part.text(_TEXT_BYTES)
        yield from (object_of(text[start.end() :]) for start in islice(_OBJECT.finditer(text), _OBJECTS))


def _may_be_json(part: Part) -> bool:
    if "json" in part.name or part.filename.lower().endswith(".json"):
        return True
    return part.name == "text/plain" and part.content(_PEEK_BYTES).lstrip().startswith(b"{")


def _fields(report: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for name, keys in _NAMES.items():
        for key in keys:
            value = report.get(key)
            if isinstance(value, str | int) and not isinstance(value, bool):
                found[name] = (str(value)[: limits.FIELD_CHARS],)
                break
    if "source-ip" in found and not is_address(found["source-ip"][0]):
        del found["source-ip"]  # v4's source may be a host or a page
    return {**_reported(report), **found}


def _said(fields: Fields) -> set[str]:
    """Category and type (v4), class and type (v3)."""
    return {value.lower() for name in ("report-type", "report-class") for value in fields.get(name, ())}


def _reported(report: Mapping[str, Any]) -> Fields:
    """What the report is about where that is a page or a host: v4's source and url, v3's Source and SourceUrl."""
    source = report.get("Source")
    inner = source.values() if isinstance(source, dict) else ()
    values = (*map(report.get, ("source_identifier", "url", "infringing_url", "SourceUrl", "SourceIp")), *inner)
    return targets_of(value[: limits.FIELD_CHARS] for value in values if isinstance(value, str)).fields


def _type(fields: Fields) -> FeedbackType:
    said = _said(fields)
    if said & {"spam", "bulk_messaging", "messaging"}:
        return FeedbackType.ABUSE
    if said & {"phishing", "fraud", "identity_theft", "scam"}:
        return FeedbackType.FRAUD
    return FeedbackType.VIRUS if "malware" in said else FeedbackType.OTHER


def _originals(report: Mapping[str, Any]) -> Iterator[Original]:
    """The mails among the evidence (v4) or samples (v3)."""
    evidence = report.get("evidence") or report.get("Samples") or report.get("Sample")
    items = [evidence] if isinstance(evidence, dict) else evidence
    for item in items[: limits.ORIGINALS] if isinstance(items, list) else ():
        if not isinstance(item, dict):
            continue
        payload = item.get("payload") or item.get("Payload")
        if isinstance(payload, str):
            original = _original(_media_type(item), payload, item.get("Base64Encoded", True) is not False)
            if original:
                yield original


def _media_type(item: Mapping[str, Any]) -> str:
    said = item.get("content_type") or item.get("ContentType")
    return read_media_type(said).name if isinstance(said, str) else ""


def _original(kind: str, payload: str, is_base64: bool) -> Original | None:
    """The mail in a piece of evidence: what is declared one, or text that is one."""
    written = payload.encode("utf-8", "replace")
    raw = from_base64(written) if is_base64 else written
    if kind.startswith(("message/", "text/rfc822")) or (kind == "text/plain" and holds_mail(raw)):
        return original_from(raw)
    return None
