"""The lines of the worksheet, in the order they are read. An id stays the same for good: staff verdicts name it."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from app.compliance import deadlines
from app.compliance.domain import Answer, Facts, Law
from app.compliance.exhibit import Exhibit
from app.compliance.rules import consent, content, headers, opting_out, parties, practice, subject


class Rule(NamedTuple):
    """One line: what is asked, by which law, and the pure function that looks. It never raises.

    commercial: it is asked of commercial mail only, not of mail about a transaction.
    """

    id: str
    law: Law
    title: str
    judge: Callable[[Exhibit, Facts], Answer]
    commercial: bool = True


RULES = (
    Rule("can-spam.1.from", Law.CAN_SPAM, "From is true", headers.from_field, commercial=False),
    Rule("can-spam.1.reply-to", Law.CAN_SPAM, "Reply-To is the sender's", headers.reply_to, commercial=False),
    Rule("can-spam.1.sender", Law.CAN_SPAM, "Sender is the sender's", headers.sender_field, commercial=False),
    Rule(
        "can-spam.1.return-path", Law.CAN_SPAM, "Return-Path is the sender's", headers.return_path, commercial=False
    ),
    Rule("can-spam.1.routing", Law.CAN_SPAM, "The path is true", headers.routing, commercial=False),
    Rule(
        "can-spam.2.reply",
        Law.CAN_SPAM,
        "Subject claims no earlier mail falsely",
        subject.reply_claim,
        commercial=False,
    ),
    Rule("can-spam.2.bait", Law.CAN_SPAM, "Subject does not bait", subject.bait, commercial=False),
    Rule("can-spam.2.body", Law.CAN_SPAM, "Subject fits the text", subject.like_body, commercial=False),
    Rule("can-spam.3", Law.CAN_SPAM, "Called an advertisement", content.disclosed),
    Rule("can-spam.4", Law.CAN_SPAM, "Postal address", content.postal_address),
    Rule("can-spam.5.present", Law.CAN_SPAM, "Tells how to opt out", opting_out.present),
    Rule("can-spam.5.easy", Law.CAN_SPAM, "Opt-out free, in one step", opting_out.easy),
    Rule("can-spam.5.lasting", Law.CAN_SPAM, "Opt-out works 30 days", opting_out.lasting(30)),
    Rule(
        "can-spam.5.honoured",
        Law.CAN_SPAM,
        "Opt-out honoured in 10 business days",
        opting_out.honoured(deadlines.CAN_SPAM, "10 business days"),
    ),
    Rule("can-spam.6", Law.CAN_SPAM, "Names whom it is sent for", parties.third_party),
    Rule("casl.consent", Law.CASL, "Claims express consent", consent.claimed("consent", published=True)),
    Rule("casl.identity", Law.CASL, "Says who sends, with mailing address", parties.with_mailing_address),
    Rule("casl.mechanism", Law.CASL, "Unsubscribe works 60 days", opting_out.lasting(60)),
    Rule(
        "casl.honoured",
        Law.CASL,
        "Unsubscribe honoured in 10 business days",
        opting_out.honoured(deadlines.CASL, "10 business days"),
    ),
    Rule(
        "gdpr.consent",
        Law.GDPR,
        "Claims consent or soft opt-in",
        consent.claimed("consent or an earlier purchase", purchase=True),
    ),
    Rule("gdpr.controller", Law.GDPR, "Says who the controller is", parties.controller),
    Rule(
        "spam-act.consent", Law.SPAM_ACT, "Claims consent", consent.claimed("consent", purchase=True, published=True)
    ),
    Rule("spam-act.identity", Law.SPAM_ACT, "Says who sends, and how to reach them", parties.reachable),
    Rule("spam-act.unsubscribe", Law.SPAM_ACT, "Tells how to unsubscribe", opting_out.present),
    Rule("spam-act.lasting", Law.SPAM_ACT, "Unsubscribe works 30 days", opting_out.lasting(30)),
    Rule(
        "spam-act.honoured",
        Law.SPAM_ACT,
        "Unsubscribe honoured in 5 working days",
        opting_out.honoured(deadlines.SPAM_ACT, "5 working days"),
    ),
    Rule("practice.consent", Law.PRACTICE, "Says when and how one agreed", consent.confirmed, commercial=False),
    Rule("practice.one-click", Law.PRACTICE, "One click, signed (RFC 8058)", opting_out.one_click),
    Rule(
        "practice.one-click-honoured",
        Law.PRACTICE,
        "One click honoured in 2 days (mailbox providers)",
        opting_out.honoured(deadlines.ONE_CLICK, "2 days"),
    ),
    Rule("practice.links", Law.PRACTICE, "Not all links", practice.link_density, commercial=False),
    Rule("practice.offers", Law.PRACTICE, "No misleading offer", practice.offers, commercial=False),
    Rule("practice.capitals", Law.PRACTICE, "Subject not in capitals", practice.capitals, commercial=False),
)
