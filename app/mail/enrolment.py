"""Mails about joining a feedback loop: they hold a code or a link that a person has to follow.

Told by the subject alone: it names the loop and the step. They must reach a person, and count as nothing.
"""

from __future__ import annotations

import re

from app.mail.bounce_words import PLAINT
from app.mail.domain import Kind, Reading
from app.mail.forwarded import is_report_of_a_mail
from app.mail.message import Message
from app.mail.report import set_aside

_LOOP = re.compile(
    r"feedback[- ]?loop|complaint feedback|\bfbl\b|\bjmrp\b|\bcfl\b|\bsnds\b|\bpostmaster tools\b", re.IGNORECASE
)
_STEP = re.compile(
    r"verif|confirm|enrol|regist|approv|activat|application|subscription|access request|one[- ]time|\bcode\b|\bpin\b"
    r"|authoriz|authoris",
    re.IGNORECASE,
)


def read_enrolment(mail: Message) -> Reading | None:
    """The enrolment mail in `mail`, or None."""
    subject = mail.head.first("subject") or ""
    if not (_LOOP.search(subject) and _STEP.search(subject)) or is_report_of_a_mail(mail) or PLAINT.search(subject):
        return None
    return set_aside(mail, Kind.ENROLMENT, "A mail about joining a feedback loop: a person has to follow it.")
