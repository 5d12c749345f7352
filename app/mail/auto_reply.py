"""Automatic answers (RFC 3834): out of office, tickets opened, mailboxes moved.

`Auto-Submitted: auto-generated` alone is none: notices of abuse come with it. Subjects count last.
"""

from __future__ import annotations

import re

from app.mail.domain import Kind, Reading
from app.mail.forwarded import is_report_of_a_mail
from app.mail.message import Message
from app.mail.report import set_aside

_MARKS = (
    "x-autoreply",
    "x-autorespond",
    "x-auto-reply-from",
    "x-autoreply-from",
    "x-autoresponder",
    "x-mail-autoreply",
)
_PRECEDENCE = frozenset(("auto_reply", "auto-reply", "autoreply"))
_SUBJECT = re.compile(
    r"\s*(?:re|aw|sv|antw)?:?\s*\[?(?:auto(?:matic|mated|matische)?[- ]?(?:reply|response|answer|antwo?o?rd?t?)\b"
    r"|autoreply|autosvar|out of (?:the )?office|out-of-office|ooo\b|on vacation|vacation (?:reply|notice)"
    r"|abwesenheit|automatische antwort|automatisch antwoord|r[ée]ponse automatique|absence du bureau"
    r"|respuesta autom[aá]tica|risposta automatica|resposta autom[aá]tica|autosvar|automatisk svar"
    r"|automaattinen vastaus|automatyczna odpowied|автоответ|автоматический ответ|自動返信|自動応答|不在"
    r"|automatická odpověď|automatikus válasz|otomatik yan[ıi]t|răspuns automat|poissa\s*:|fravær|frånvaro"
    r"|absence\s*:|fuera de (?:la )?oficina|i(?:'m| am) (?:currently )?out of (?:the )?office"
    r"|自动回复|自動回覆|자동 ?회신)",
    re.IGNORECASE,
)


def read_auto_reply(mail: Message) -> Reading | None:
    """The automatic answer in `mail`, or None."""
    if not _is_auto_reply(mail) or is_report_of_a_mail(mail):
        return None
    return set_aside(mail, Kind.AUTO_REPLY, "An automatic reply (RFC 3834): not a complaint.")


def _is_auto_reply(mail: Message) -> bool:
    head = mail.head
    if (head.first("auto-submitted") or "").lower().startswith("auto-replied") or head.has(*_MARKS):
        return True
    if (head.first("precedence") or "").strip().lower() in _PRECEDENCE:
        return True
    return bool(_SUBJECT.match(head.first("subject") or ""))
