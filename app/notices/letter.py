"""A mail that we write: plain text, headers that no name breaks out of (RFC 5322), marked as a machine's (RFC 3834).

The Message-ID is made from what the mail is about, so what is sent twice after a crash is one mail to who reads it.
"""

from __future__ import annotations

from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from app.notices.domain import mailable
from app.notices.wording import one_line

POLICY = SMTP.clone(cte_type="7bit")
"""Seven bits, so that no server on the way has anything to convert."""


def message_id(about: str, mail_from: str) -> str:
    """The Message-ID of the mail about this thing (`notice.…`), under the domain that it comes from."""
    return f"<{about}@{mail_from.rpartition('@')[2]}>"


def write(
    *,
    identifier: str,
    at: datetime,
    organisation: str,
    mail_from: str,
    to: str,
    reply_to: str,
    subject: str,
    text: str,
) -> EmailMessage:
    """The mail. mail_from, to: addresses as `mailable` gives them; reply_to: any text, used where it holds one."""
    message = EmailMessage(policy=POLICY)
    message["Date"] = format_datetime(at.astimezone(UTC))
    message["Message-ID"] = identifier
    message["From"] = _address(mail_from, one_line(organisation))
    message["To"] = _address(to)
    answers = mailable(reply_to)
    if answers is not None and answers != mail_from:
        message["Reply-To"] = _address(answers)
    message["Subject"] = one_line(subject)
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(text)
    return message


def _address(address: str, name: str = "") -> Address:
    local, _, domain = address.rpartition("@")
    return Address(name, local, domain)
