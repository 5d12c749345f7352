"""A mail redirected to the desk: the mail itself, below a block of Resent- fields (RFC 5322 §3.6.6).

Whoever redirects complains; From is the reported mail's. What stands above the block came about on the way to us, and
below it everything is as it was, signatures too. An address of a role, and a rule of a mailbox, hand on whatever they
are sent, complaints too: such a mail is read as if it had come straight.

Some feedback loops and spam traps hand on the mail and nothing else: what a bulk sender marked as such, and wrote to
somebody who is no desk, is itself what was complained of, and so is what a trap of Project Honey Pot has marked. Who
complained is not known then. So is what a bulk sender wrote to the desk itself: it reports nobody else, and its
sender is no reporter.
"""

from __future__ import annotations

import re
from dataclasses import replace

from app.mail.domain import Kind, Reading
from app.mail.fields.address import bare_address
from app.mail.formats.bounce_words import ABUSE, PLAINT
from app.mail.mime.message import Message
from app.mail.mime.text import human_text
from app.mail.original import original_from
from app.mail.report import ROLE, is_to_a_role, reading

_AUTOMATIC = ("x-ms-exchange-generated-message-source", "x-ms-exchange-inbox-rules-loop")
"""A rule of a mailbox handed it on: whatever comes there."""
_OF_BULK = ("cfbl-address", "list-unsubscribe-post")
"""What nobody but a bulk sender writes (RFC 9477, RFC 8058)."""
_TRAPPED = "x-hp-connectip"
"""What Project Honey Pot adds to the header of a mail in one of its traps: where it came from."""
_TEXT_CHARS = 20_000
_ADDRESS = re.compile(r"[^\s@]{1,64}@[^\s@]{1,255}")
"""The desk's own, which such mails name, is of abuse."""
_OF_LIST = ("list-post", "mailing-list", "x-beenthere", "in-reply-to", "references", "auto-submitted")


def read_redirected(mail: Message) -> Reading | None:
    """The complaint about the mail that was redirected, or None."""
    by = bare_address(mail.head.first("resent-from")) or bare_address(mail.head.first("resent-sender"))
    if mail.head.has(*_AUTOMATIC):
        return None
    if not by or not mail.head.has("resent-to", "resent-cc", "resent-bcc") or ROLE.match(by.lower()):
        return None
    start = _start(mail)
    original = original_from(mail.top.source[start:]) if start is not None else None
    if original is None or (bare_address(original.from_) or "").lower() == by.lower():
        return None
    told = reading(mail, Kind.FORWARDED, originals=(original,), text="")
    return replace(told, reporter=by)


def read_handed_on(mail: Message) -> Reading | None:
    """The complaint that is nothing but the reported mail, with its bulk sender's own marks, or None."""
    trapped = mail.head.first(_TRAPPED)
    if not (trapped or _is_bulk(mail) or (mail.head.has(*_OF_BULK) and not is_to_a_role(mail))):
        return None
    original = original_from(mail.top.source)
    if original is None or not original.received:
        return None
    fields = {"source-ip": (trapped.strip(),)} if trapped else {}
    told = reading(mail, Kind.PERSON, fields=fields, originals=(original,), text="")
    return replace(told, reporter=None, defects=(*told.defects, "The report is the reported mail itself."))


def _is_bulk(mail: Message) -> bool:
    """Whether it has a bulk sender's mark, came through no list of ours, answers nothing and speaks of no abuse: a
    desk's or a person's mail may have been sent by such a sender, too."""
    if not mail.head.has("list-unsubscribe", *_OF_BULK) or mail.head.has(*_OF_LIST):
        return False
    text = _ADDRESS.sub("", f"{mail.head.first('subject') or ''}\n{human_text(mail)[:_TEXT_CHARS]}")
    return not (ABUSE.search(text) or PLAINT.search(text))


def _start(mail: Message) -> int | None:
    """Where the first field below the topmost block starts."""
    inside = False
    for field in mail.head.fields:
        is_resent = field.key.startswith("resent-")
        if inside and not is_resent:
            return field.start
        inside = inside or is_resent
    return None
