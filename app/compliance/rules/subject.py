"""CAN-SPAM 2: a subject that does not mislead (15 U.S.C. 7704(a)(2))."""

from __future__ import annotations

import re

from app.compliance import terms
from app.compliance.denial import SUBJECT, denied
from app.compliance.domain import Answer, Facts, breached, met, unknown
from app.compliance.exhibit import Exhibit
from app.compliance.reply import Claim, claim_of

MATTERS = 3
"""Letters that a word of the subject must have more than to tell something."""

_MESSAGE_ID = re.compile(r"<[^<>\s]{1,900}@")
_WORD = re.compile(r"[^\W\d_]+")


def reply_claim(exhibit: Exhibit, facts: Facts) -> Answer:
    """It does not pretend to answer or forward an earlier mail."""
    quotes = exhibit.field_quotes("subject")
    if not exhibit.subject:
        return unknown("The message has no subject.")
    if len(quotes) > 1:
        return breached("Subject stands more than once.", *quotes)
    claim = claim_of(exhibit.subject, exhibit.language)
    if claim is Claim.NONE:
        return met("The subject claims no earlier mail.", *quotes)
    fields = (*exhibit.all("in-reply-to"), *exhibit.all("references"))
    if references := [exhibit.field_quote(field) for field in fields if _MESSAGE_ID.search(field.value)]:
        return unknown("The subject claims an earlier mail, and the message refers to one.", *quotes, *references)
    if claim is Claim.PERHAPS:
        return unknown("The subject begins as an answer does in some mail programs; it may also be a word.", *quotes)
    return breached("The subject claims an earlier mail, and the message refers to none.", *quotes)


def bait(exhibit: Exhibit, facts: Facts) -> Answer:
    """No bait in the subject."""
    quotes = exhibit.field_quotes("subject")
    if found := _said(exhibit.subject, terms.BAIT):
        return breached(f"The subject baits: “{found}”.", *quotes)
    if found := _said(exhibit.subject, terms.LURE):
        return unknown(f"The subject says “{found}”; whether that is true, a person must say.", *quotes)
    return unknown("No wording that is known as bait; whether the subject misleads, a person must say.", *quotes)


def _said(subject: str, pattern: re.Pattern[str]) -> str | None:
    """The first wording of the pattern in the subject that is not denied there."""
    line = subject[:SUBJECT]
    return next((each[0] for each in pattern.finditer(line) if not denied(line, *each.span())), None)


def like_body(exhibit: Exhibit, facts: Facts) -> Answer:
    """The subject is about what the text is about."""
    quotes = exhibit.field_quotes("subject")
    if terms.TRANSACTION.search(exhibit.subject) and exhibit.silent_for_sure:
        offers = exhibit.stated(terms.COMMERCIAL, doubt=denied)
        if len(offers) >= 2 and not exhibit.find(terms.TRANSACTION):
            return breached("The subject tells of a transaction, the text only of offers.", *quotes, *offers)
    wanted = {word.lower() for word in _WORD.findall(exhibit.subject) if len(word) > MATTERS}
    shared = wanted & set(exhibit.words)
    if len(quotes) == 1 and len(wanted) >= 2 and len(shared) * 2 >= len(wanted):
        said = re.compile(
            "|".join(rf"(?<![^\W_]){re.escape(word)}(?![^\W_])" for word in sorted(shared)), re.IGNORECASE
        )
        return _met_by(exhibit, said)
    return unknown("Whether subject and text fit, the words alone do not show.", *quotes)


def _met_by(exhibit: Exhibit, said: re.Pattern[str]) -> Answer:
    places = exhibit.find(said)
    if not places:
        return unknown("Whether subject and text fit, the words alone do not show.")
    return met("The text takes up the words of the subject.", *exhibit.field_quotes("subject"), *places)
