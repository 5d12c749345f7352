"""Feedback reports for the tests of the doors: each number another message, small, well formed, exact bytes."""

from __future__ import annotations

ARF = """\
Received: from fbl.example.net by mx.relay.test; Sun, 22 Nov 2026 12:00:00 +0000
From: <feedback@example.net>
To: <abuse@relay.test>
Date: Sun, 22 Nov 2026 12:00:00 +0000
Subject: FW: offer {number}
Message-ID: <report-{number}@example.net>
MIME-Version: 1.0
Content-Type: multipart/report; report-type=feedback-report; boundary="cut{number}"

--cut{number}
Content-Type: text/plain

This is an email abuse report.
--cut{number}
Content-Type: message/feedback-report

Feedback-Type: abuse
User-Agent: Example/1
Version: 1
Original-Mail-From: <news@customer.example>
Original-Rcpt-To: <reader{number}@example.net>
Arrival-Date: Sun, 22 Nov 2026 11:00:00 +0000
Source-IP: 192.0.2.1

--cut{number}
Content-Type: message/rfc822

From: News <news@customer.example>
To: <reader{number}@example.net>
Subject: offer {number}
Message-ID: <offer-{number}@customer.example>
Date: Sun, 22 Nov 2026 10:59:00 +0000

Buy {number} now.
--cut{number}--
"""


def arf(number: int) -> bytes:
    """The report with this number, CRLF."""
    return ARF.format(number=number).replace("\n", "\r\n").encode()
