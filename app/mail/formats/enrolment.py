"""Mails about joining a feedback loop, or by which a registry checks the desk's address: they hold a code or a link
that a person has to follow.

Told by the subject: it names the loop and the step, or a code for what the text names. They must reach a person, and
count as nothing.
"""

from __future__ import annotations

import re

from app.mail.domain import Kind, Reading
from app.mail.formats.bounce_words import ABUSE, AUTO_REPLY, PLAINT
from app.mail.formats.forwarded import is_report_of_a_mail
from app.mail.mime.message import Message
from app.mail.mime.text import human_text
from app.mail.report import is_to_a_role, set_aside

_LOOP = re.compile(
    r"feedback[- ]?loop|complaint feedback|\bfbl\b|\bjmrp\b|\bcfl\b|\bsnds\b|\bsmart network data services\b"
    r"|\bpostmaster tools\b|\barf feedback\b",
    re.IGNORECASE,
)
_STEP = re.compile(
    r"verif|confirm|enrol|regist|approv|activat|application|subscription|access request|one[- ]time|\bcode\b|\bpin\b"
    r"|authoriz|authoris|bestätig|anmeld|verifizier|confirma|vérifi|inscri|conferma|potwierd|подтвержд|подписк|регистрац"
    r"|заявк|確認|登録|确认|注册",
    re.IGNORECASE,
)


_CONTACT = re.compile(
    r"\b(?:validat|verif)\w{1,8} (?:of )?(?:your |the |our )?(?:abuse|contact)\b"
    r"|\b(?:abuse|contact)[ -]\w{1,12} (?:validat|verif)",
    re.IGNORECASE,
)
"""Registries of addresses and names ask once a year whether somebody reads what the abuse contact is sent."""
_CODE = re.compile(r"\b(?:code|verif\w{1,10}|confirm\w{1,8})\b", re.IGNORECASE)
_LOOP_NAMED = re.compile(r"(?:complaint )?feedback[- ]?loop|\bfbl\b|\bjmrp\b|\bsnds\b", re.IGNORECASE)
_FOLLOWED = re.compile(r"https?://|\b\d{4,8}\b")
_CHARS = 2_000


def read_enrolment(mail: Message) -> Reading | None:
    """The enrolment mail in `mail`, or None."""
    subject = mail.head.first("subject") or ""
    step, contact = _STEP.search(subject), _CONTACT.search(subject)
    if not (step or contact) or AUTO_REPLY.match(subject) or is_report_of_a_mail(mail) or PLAINT.search(subject):
        return None
    if contact and is_to_a_role(mail):
        return set_aside(mail, Kind.ENROLMENT, "Somebody checks the desk's address: a person has to follow it.")
    if not (_LOOP.search(subject) or _is_code(mail, subject)):
        return None
    return set_aside(mail, Kind.ENROLMENT, "A mail about joining a feedback loop: a person has to follow it.")


def _is_code(mail: Message, subject: str) -> bool:
    """Whether the text says which loop the code or link is for that the subject speaks of, and nobody complains."""
    text = human_text(mail)[:_CHARS]
    if not (_CODE.search(subject) and _LOOP_NAMED.search(text) and _FOLLOWED.search(text)):
        return False
    rest = _LOOP_NAMED.sub("", f"{subject}\n{text}")
    return not (ABUSE.search(rest) or PLAINT.search(rest))
