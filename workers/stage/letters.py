"""Mail of the made-up customers as it arrives somewhere, and the complaints about it."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import format_datetime
from itertools import count

from app.mail.dkim.signing import signed
from workers.stage.cast import RELAY, Customer

_numbers = count(1)


def delivered(customer: Customer, recipient: str, subject: str, body: str, *, sign: bool = True) -> bytes:
    """A mail of the customer as the recipient's mailbox has it: signed, with its trace on top."""
    number, now = next(_numbers), format_datetime(datetime.now(UTC))
    message = (
        f"From: {customer.name} <news@{customer.domain}>\r\n"
        f"To: <{recipient}>\r\n"
        f"Subject: {subject}\r\n"
        f"Date: {now}\r\n"
        f"Message-ID: <{number}.{customer.id}@{customer.domain}>\r\n"
        f"Feedback-ID: n{number}:c-{customer.id}:bulk:relay\r\n"
        f"List-Unsubscribe: <https://{customer.domain}/u/{number}>\r\n"
        "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"
        f"{body}\r\n"
    ).encode()
    letter = signed(message, customer.domain, "d1", customer.private) if sign else message
    return _trace(customer, recipient, now) + letter


def _trace(customer: Customer, recipient: str, now: str) -> bytes:
    host = recipient.rpartition("@")[2]
    return (
        f"Return-Path: <bounce@{customer.domain}>\r\n"
        f"Received: from out.{RELAY} (out.{RELAY} [{customer.address}])\r\n"
        f"\tby mx.{host} with ESMTPS id m1 for <{recipient}>; {now}\r\n"
        f"Received: from app (unknown [203.0.113.5]) (Authenticated sender: {customer.login})\r\n"
        f"\tby out.{RELAY} (Postfix) with ESMTPSA id 4XyZ1;\r\n\t{now}\r\n"
    ).encode()


def clicked(original: bytes, customer: Customer, provider: str, feedback_type: str = "abuse") -> bytes:
    """A feedback loop's report (RFC 5965) about a delivered mail."""
    now = format_datetime(datetime.now(UTC))
    feedback = (
        f"Feedback-Type: {feedback_type}\r\nUser-Agent: {provider}-loop/1.0\r\nVersion: 1\r\n"
        f"Arrival-Date: {now}\r\nSource-IP: {customer.address}\r\n"
        f"Original-Mail-From: <bounce@{customer.domain}>\r\nReported-Domain: {customer.domain}\r\n"
    ).encode()
    head = _head(f"feedback@{provider}", f"Abuse report {next(_numbers)}", now)
    return head + _multipart(
        'multipart/report; report-type="feedback-report"',
        [
            (b"text/plain; charset=us-ascii", b"This is an abuse report about a mail from your network.\r\n"),
            (b"message/feedback-report", feedback),
            (b"message/rfc822", original),
        ],
    )


def forwarded(original: bytes, person: str, words: str) -> bytes:
    """A person's mail to the abuse desk with the message attached."""
    head = _head(person, "Please look at this mail", format_datetime(datetime.now(UTC)))
    parts = [(b"text/plain; charset=utf-8", words.encode() + b"\r\n"), (b"message/rfc822", original)]
    return head + _multipart("multipart/mixed", parts)


def _head(sender: str, subject: str, now: str) -> bytes:
    number = next(_numbers)
    return (
        f"From: <{sender}>\r\nTo: <abuse@{RELAY}>\r\nSubject: {subject}\r\nDate: {now}\r\n"
        f"Message-ID: <report.{number}@{sender.rpartition('@')[2]}>\r\nMIME-Version: 1.0\r\n"
    ).encode()


def _multipart(kind: str, parts: list[tuple[bytes, bytes]]) -> bytes:
    line = b"=_part_of_the_report"
    head = f'Content-Type: {kind}; boundary="{line.decode()}"\r\n\r\n'.encode()
    body = b"".join(b"--%s\r\nContent-Type: %s\r\n\r\n%s\r\n" % (line, type_, content) for type_, content in parts)
    return head + body + b"--%s--\r\n" % line
