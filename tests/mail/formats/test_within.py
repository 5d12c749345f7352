"""A complaint that a help desk attaches to its own: what the customer reports is the reported mail."""

from __future__ import annotations

import pytest

from app.mail.read import read
from tests.mail.formats.test_complaints_stay import SOURCE
from tests.mail.outlook.test_tnef import REPORTED, forwarding

FORWARD = (
    "Stop this.\n\n---------- Forwarded message ---------\nFrom: Garden News <news@garden.example>\n"
    "Date: Tue, Nov 3, 2026 at 9:58 AM\nSubject: Tulips\nTo: <ann@home.test>\n\nBuy.\n"
)


def attached(inner: str | bytes) -> bytes:
    head = b"From: Desk <desk@isp.test>\nTo: abuse@relay.example\nSubject: A customer complains\n"
    head += b"Content-Type: multipart/mixed; boundary=outer\n\n--outer\n\nSee the mail.\n--outer\n"
    raw = inner.encode() if isinstance(inner, str) else inner
    return head + b"Content-Type: message/rfc822\n\n" + raw + b"\n--outer--\n"


def letter(to: str, subject: str, text: str, sender: str = "Ann <ann@home.test>") -> str:
    return f"From: {sender}\nTo: {to}\nDate: Tue, 3 Nov 2026 10:00:00 +0000\nSubject: {subject}\n\n{text}"


@pytest.mark.parametrize(
    "inner",
    [
        letter("info@isp.test", "hello", f"Stop this:\n\n{SOURCE}"),
        letter("abuse@isp.test", "Fwd: Tulips", FORWARD),
        letter("support@isp.test", "spam", FORWARD),
        forwarding(REPORTED),
    ],
    ids=["source", "forward to the desk", "forward to help", "winmail.dat"],
)
def test_what_a_customer_reports_comes_first(inner: str | bytes) -> None:
    found = read(attached(inner))

    assert (found.originals[0].from_ or "").endswith("<news@garden.example>")
    assert (found.reporter, len(found.originals)) == ("desk@isp.test", 2)


@pytest.mark.parametrize(
    "inner",
    [
        letter("bob@isp.test", "Fwd: Tulips", FORWARD, "Spammer <s@bad.example>"),
        letter("support@isp.test", "Fwd: Tulips", FORWARD.replace("Stop this.", "Look!"), "Spammer <s@bad.example>"),
        letter("ann@isp.test", "failure notice", f"Sorry.\n\n--- A copy.\n\n{SOURCE}", "MAILER-DAEMON@bad.example"),
    ],
    ids=["spam like a forward", "spam to help", "a bounce"],
)
def test_what_spam_pretends_to_forward_is_not_reported(inner: str) -> None:
    assert len(read(attached(inner)).originals) == 1
