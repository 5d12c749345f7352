"""Bounces: delivery status notifications (RFC 3464) and the many that keep to no standard.

A bounce says that our customer's mail could not be delivered. Nobody complains.
"""

from __future__ import annotations

import re

from app.mail.address import bare_address
from app.mail.domain import Kind, Reading
from app.mail.forwarded import is_report_of_a_mail
from app.mail.message import Message
from app.mail.report import set_aside

_STATUS_PARTS = frozenset(("message/delivery-status", "message/global-delivery-status", "text/delivery-status"))
_DAEMONS = re.compile(
    r"(?:mailer[-_.]?daemon|postmaster|mail[-_.]?daemon|mail[-_.]?delivery|double-bounce|bounces?)\b"
)
_DAEMON_NAMES = re.compile(
    r"mail (?:delivery )?(?:sub)?system|mail administrator|mailer.daemon|postmaster", re.IGNORECASE
)
_PASSED_ON = re.compile(r"\s*(?:fwd?|wg|tr|rv|enc|doorst)\s*:", re.IGNORECASE)
_SUBJECT = re.compile(
    r"undeliver|could ?n.t be delivered|not be delivered|not delivered|returned mail|return(?:ed)? to sender"
    r"|deliver[a-z]* (?:status|failure|problem|error|has failed|failed|incomplete|delayed)"
    r"|mail failure|failure notice"
    r"|mail delivery|message delivery|bounced? (?:e-?mail|message|notification)|mail system error|delayed mail"
    r"|message (?:blocked|rejected)"
    r"|unzustellbar|nicht zugestellt|nicht zustellbar|non remis|en erreur|no se (?:ha podido|puede) entregar"
    r"|mancata consegna|onbestelbaar|no entregado|n[aã]o (?:foi )?entregue|n[aã]o é possível entregar|niedostarcz"
    r"|olevererbar|ikke leveres|ikke lever(?:t|et)|toimittamatta|nedoručiteln|kézbesíthetetlen|teslim edilemedi"
    r"|не доставлен|недоставлен|не доставено|доставк|配信不能|送信できません|退信|無法傳遞|배달되지",
    re.IGNORECASE,
)


def read_bounce(mail: Message) -> Reading | None:
    """The bounce in `mail`, or None."""
    if _is_status_report(mail):
        return set_aside(mail, Kind.BOUNCE, "A bounce (RFC 3464): not a complaint.")
    if _is_disposition_report(mail):
        return set_aside(mail, Kind.AUTO_REPLY, "A read receipt (RFC 8098): not a complaint.")
    if _looks_like_bounce(mail) and not is_report_of_a_mail(mail):
        return set_aside(mail, Kind.BOUNCE, "A bounce in a form of its own: not a complaint.")
    return None


def is_null_sender(mail: Message) -> bool:
    """Whether the mail came with an empty envelope sender, as every automatic answer should (RFC 5321 §4.5.5)."""
    path = mail.head.first("return-path")
    return path is not None and path.strip() == "<>"


def _is_status_report(mail: Message) -> bool:
    kind = mail.top.type
    if kind.name == "multipart/report":
        named = kind.parameters.get("report-type", "").lower()
        if named == "delivery-status" or (not named and any(_signs(mail)) and not _is_disposition_report(mail)):
            return True
    return any(part.name in _STATUS_PARTS for part in mail.leaves())


def _is_disposition_report(mail: Message) -> bool:
    return any(part.name == "message/disposition-notification" for part in mail.leaves())


def _looks_like_bounce(mail: Message) -> bool:
    """Two of three: from a mail system, with a bounce's subject, from the null sender; X-Failed-Recipients alone."""
    if mail.head.has("x-failed-recipients"):
        return True
    return sum(_signs(mail)) >= 2


def _signs(mail: Message) -> tuple[bool, bool, bool]:
    return _is_from_daemon(mail), _has_subject(mail), is_null_sender(mail)


def _has_subject(mail: Message) -> bool:
    subject = mail.head.first("subject") or ""
    return not _PASSED_ON.match(subject) and bool(_SUBJECT.search(subject))


def _is_from_daemon(mail: Message) -> bool:
    sender = mail.head.first("from") or ""
    address = (bare_address(sender) or "").lower()
    name = sender.partition("<")[0]
    return bool(_DAEMONS.match(address) or _DAEMON_NAMES.search(name))
