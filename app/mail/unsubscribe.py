"""Mails that ask for no more mail: the mailto: of List-Unsubscribe (RFC 2369), Apple Mail's, and by hand.

Honouring the wish is the customer's duty; it is no complaint of abuse.
"""

from __future__ import annotations

import re

from app.mail.address import bare_address
from app.mail.domain import Kind, Reading
from app.mail.message import Message
from app.mail.report import FULL_TYPES, set_aside
from app.mail.text import human_text

_ADDRESSED = re.compile(r"(?:list-?)?(?:unsub(?:scribe)?|opt-?out|remove|leave)[-+.=_@]")
_SUBJECT = re.compile(
    r"\s*(?:re:\s*)?(?:unsubscribe(?: me)?|opt[- ]?out|remove(?: me)?|list-unsubscribe|abmelden|d[ée]sabonner"
    r"|d[ée]sinscription|desinscribir|cancelar suscripci[oó]n|uitschrijven|disiscriviti|отписаться)"
    r"(?:[\s:.-]+(?P<token>\S*))?\s*\Z",
    re.IGNORECASE,
)
_TOKEN = re.compile(r"\S*[\d@=_:+]\S*\Z|\Z")
_SHORT = 400
_COMPLAINT = re.compile(
    r"\bspam|\babuse(?!@)|complain|report(?:ing|ed)? (?:you|this)|illegal|harass|phish|\bscam|\bgdpr\b|dsgvo|rgpd"
    r"|never (?:subscribed|signed|asked|agreed|gave)|(?:did not|didn.t) (?:subscribe|sign|ask|agree)"
    r"|beschwer|belästig|nie (?:bestellt|angemeldet)|plainte|jamais (?:inscrit|demandé)|denunc|reclam"
    r"|nunca (?:me )?(?:suscrib|inscrev|pedi)|mai (?:iscritto|richiesto)|klacht|\bklage|skarg|stížnost|panasz"
    r"|şikayet|жалоб|спам",
    re.IGNORECASE,
)


def read_unsubscribe(mail: Message) -> Reading | None:
    """The wish in `mail`, or None.

    A longer text, one that complains, or one with a mail attached is a person's complaint, whatever its subject. What
    is sent to an unsubscribe address is taken for the wish alone.
    """
    if not _is_unsubscribe(mail):
        return None
    return set_aside(mail, Kind.UNSUBSCRIBE, "An unsubscribe request: not a complaint.")


def _is_unsubscribe(mail: Message) -> bool:
    if mail.head.has("x-apple-unsubscribe"):
        return True
    text = human_text(mail)
    if len(text) > _SHORT:
        return False
    recipient = (bare_address(mail.head.first("to")) or "").lower()
    return bool(_ADDRESSED.match(recipient)) or (_is_told(mail) and not _complains(mail, text))


def _is_told(mail: Message) -> bool:
    subject = _SUBJECT.match(mail.head.first("subject") or "")
    return bool(subject and _TOKEN.match(subject["token"] or ""))


def _complains(mail: Message, text: str) -> bool:
    return bool(_COMPLAINT.search(text)) or any(part.name in FULL_TYPES for part in mail.leaves())
