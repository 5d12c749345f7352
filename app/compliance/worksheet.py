"""The worksheet of one reported message: every rule asked, no link followed, nothing fetched."""

from __future__ import annotations

from app.compliance.domain import Answer, Facts, Finding, Jurisdiction, Line, Worksheet, unknown
from app.compliance.exhibit import Exhibit, exhibit
from app.compliance.jurisdiction import applies, jurisdiction_of
from app.compliance.purpose import transaction
from app.compliance.rules import RULES, Rule
from app.mail.domain import Original


def worksheet(original: Original, facts: Facts) -> Worksheet:
    """Every line for the message, in the order of RULES. Pure, linear in the message's size, never raises."""
    opened = exhibit(original)
    where = jurisdiction_of(facts, opened.language)
    return Worksheet(where, opened.language, tuple(_line(rule, opened, facts, where) for rule in RULES))


def _line(rule: Rule, opened: Exhibit, facts: Facts, where: Jurisdiction) -> Line:
    answer = _spared(rule, opened, rule.judge(opened, facts))
    return Line(
        rule=rule.id,
        law=rule.law,
        title=rule.title,
        applies=applies(rule.law, where),
        finding=answer.finding,
        sentence=answer.sentence,
        quotes=answer.quotes,
    )


def _spared(rule: Rule, opened: Exhibit, answer: Answer) -> Answer:
    """The answer; unknown instead of breached where the rule is of commercial mail, and this looks like another."""
    if answer.finding is not Finding.BREACHED or not rule.commercial:
        return answer
    if not (told := transaction(opened)):
        return answer
    why = "But it looks like mail about a transaction, of which the rule does not ask this."
    return unknown(f"{answer.sentence} {why}", *told, *answer.quotes)
