"""The reported message: its bytes kept, what attribution needs read out of its header."""

from __future__ import annotations

import re
from base64 import b64encode
from hashlib import sha256

from app.mail.domain import Header, Original
from app.mail.fields.address import addresses_in, bare_address
from app.mail.fields.dates import read_date
from app.mail.fields.received import hops
from app.mail.mime.emlx import out_of_emlx
from app.mail.mime.head import Head, top_head

_ENVELOPE_RECIPIENTS = ("x-hmxmroriginalrecipient", "delivered-to", "x-original-to", "envelope-to", "x-apparently-to")
_RECIPIENTS = (*_ENVELOPE_RECIPIENTS, "to", "cc")
_MESSAGE_ID = re.compile(r"<\s*+([^<>]{1,998}+)>")
_IDENTITY = (
    "from",
    "to",
    "cc",
    "subject",
    "date",
    "message-id",
    "sender",
    "reply-to",
    "mime-version",
    "content-type",
)
_TRACE = ("received", "recieved", "return-path", "delivered-to", "dkim-signature", "authentication-results")
_BULK = ("list-unsubscribe", "list-id", "feedback-id", "cfbl-address", "cfbl-feedback-id")
_NAMES = frozenset((*_IDENTITY, *_TRACE, *_BULK))
# RFC 6376 §3.4.3 and §3.4.4: an empty body hashes as CRLF under simple, as nothing under relaxed.
_EMPTY_BODIES = tuple(b64encode(sha256(body).digest()).decode() for body in (b"\r\n", b""))
_MBOX_LINE = re.compile(rb"\s{0,20}+[\"'`]From (?![ \t]*+:)[^\n]{0,998}+\n")
_SOMETHING = re.compile(rb"[^ \t\n\r\x0b\f]")
MAX_RECIPIENTS = 100
_SENDERS = 5
_TAKEN_OUT = ("removed", "redacted")
"""What stands for a Message-ID that a reporter keeps to itself."""

ByKey = dict[str, list[Header]]
"""Header fields by their name in lower case, topmost first."""


def looks_like_mail(head: Head) -> bool:
    """Whether a header names at least one field that mails have."""
    return any(field.key in _NAMES or field.key.startswith("x-") for field in head.fields)


def original_from(raw: bytes, *, headers_only: bool = False, verifiable: bool = True) -> Original | None:
    """The reported message in `raw`, or None where no mail header stands there.

    A byte order mark, blank lines and a mbox "From " line before the header, even a quoted one, are cut off, and what
    Apple Mail writes around its files. Without a body it is `headers_only`, whatever the report says: a feedback loop
    may cut it and say nothing. A mail that its own signature says was sent empty is whole. The last Message-ID
    counts: a mailbox provider may put its own above it (Cox).
    """
    raw = out_of_emlx(raw)
    start, head = top_head(raw)
    if not looks_like_mail(head) and (line := _MBOX_LINE.match(raw)):
        raw = raw[line.end() :]
        start, head = top_head(raw)
    if not looks_like_mail(head):
        return None
    raw = raw[start:] if start else raw
    by_key = _by_key(head.fields)
    return Original(
        raw=raw,
        headers_only=headers_only or _is_cut(raw, head.body - start, by_key),
        headers=head.fields,
        message_id=message_id(_last(by_key, "message-id")),
        from_=_sender(by_key),
        return_path=_return_path(by_key),
        subject=_first(by_key, "subject"),
        date=read_date(_first(by_key, "date")),
        recipients=_recipients(by_key),
        received=hops(each.value for each in by_key.get("received") or by_key.get("recieved") or ()),
        verifiable=verifiable,
    )


def _is_cut(raw: bytes, body: int, by_key: ByKey) -> bool:
    if _SOMETHING.search(raw, body):
        return False
    signatures = "".join("".join(each.value for each in by_key.get("dkim-signature", ())).split())
    return not any(f"bh={empty}" in signatures for empty in _EMPTY_BODIES)


def message_id(value: str | None) -> str | None:
    """A Message-ID without angle brackets and white space, None where there is none or it was taken out."""
    if not value:
        return None
    match = _MESSAGE_ID.search(value)
    inner = "".join((match[1] if match else value).split())
    inner = inner.strip("<>")
    return inner if inner and inner.lower() not in _TAKEN_OUT else None


def _by_key(headers: tuple[Header, ...]) -> ByKey:
    by_key: ByKey = {}
    for header in headers:
        by_key.setdefault(header.key, []).append(header)
    return by_key


def _first(by_key: ByKey, key: str) -> str | None:
    headers = by_key.get(key)
    return headers[0].value if headers else None


def _sender(by_key: ByKey) -> str | None:
    """From; of several the first with an address, as one may be the rest of a wrapped line above."""
    headers = by_key.get("from", ())
    if len(headers) < 2:
        return headers[0].value if headers else None
    return next((value for each in headers[:_SENDERS] if "@" in (value := each.value)), headers[0].value)


def _last(by_key: ByKey, key: str) -> str | None:
    headers = by_key.get(key)
    return headers[-1].value if headers else None


def _return_path(by_key: ByKey) -> str | None:
    """The envelope sender: the last Return-Path, as a mailbox that forwards puts its own above (Zoho)."""
    value = _last(by_key, "return-path")
    address = bare_address(value)
    return address if address is not None else (value or "").strip(" <>") or None


def _recipients(by_key: ByKey) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for key in _RECIPIENTS:
        for header in by_key.get(key, ()):
            found.update(dict.fromkeys(addresses_in(header.value)))
    return tuple(found)[:MAX_RECIPIENTS]
