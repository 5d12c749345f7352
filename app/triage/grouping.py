"""What a complaint is about, and which case it belongs to (pure).

a person, sender known          one case per sender × campaign
a person, whose mail unknown    one case per kind × origin
a person, not our mail          one case per kind × origin, apart: the reporter gets an answer
a severe click                  as if a person had written it
any other click                 counted per sender; enough of them are one case per sender; joins the open case of
                                its sender × campaign where a person opened one
"""

from __future__ import annotations

from collections.abc import Iterable

from app.attribution.domain import BEST_FIRST, Verdict
from app.intake.domain import Category
from app.mail.domain import FeedbackType, Kind
from app.triage.domain import CaseKind, Incoming

MOST_SEVERE_FIRST = tuple(CaseKind)
SEVERE = frozenset({CaseKind.PHISHING, CaseKind.MALWARE, CaseKind.FRAUD})
COUNTED = frozenset({FeedbackType.ABUSE, FeedbackType.FRAUD, FeedbackType.VIRUS, FeedbackType.OTHER})
"""Feedback types that are a user's complaint; opt-out, not-spam and auth-failure are not."""

OF_CATEGORY = {
    Category.SPAM: CaseKind.SPAM,
    Category.PHISHING: CaseKind.PHISHING,
    Category.MALWARE: CaseKind.MALWARE,
    Category.FRAUD: CaseKind.FRAUD,
    Category.UNSUBSCRIBE_IGNORED: CaseKind.UNSUBSCRIBE_IGNORED,
    Category.OTHER: CaseKind.OTHER,
}
OF_FEEDBACK_TYPE = {
    FeedbackType.ABUSE: CaseKind.SPAM,
    FeedbackType.FRAUD: CaseKind.FRAUD,
    FeedbackType.VIRUS: CaseKind.MALWARE,
    FeedbackType.OPT_OUT: CaseKind.UNSUBSCRIBE_IGNORED,
}

_WITHOUT_MAIL = frozenset({Kind.PERSON, Kind.NOTICE})
"""Kinds that are about what they say, which need not be mail."""


def kind_of(incoming: Incoming) -> CaseKind:
    """What is said of it; but replayed mail is a matter of its own, whatever it is called: what it says is the
    sender's, what was done with it is not."""
    if incoming.replayed:
        return CaseKind.REPLAY
    return kind_said(incoming.kind, incoming.category, incoming.feedback_type)


def kind_said(mail: Kind | None, category: Category | None, feedback_type: FeedbackType | None) -> CaseKind:
    """The most severe of what the reporter chose and what the machine says; other where neither says anything.

    A reported message without a word about it is taken for spam: that is what people send in.
    """
    chosen = OF_CATEGORY.get(category) if category else None
    typed = OF_FEEDBACK_TYPE.get(feedback_type) if feedback_type else None
    kinds = [kind for kind in (chosen, typed) if kind is not None]
    if kinds:
        return most_severe(kinds)
    return CaseKind.OTHER if mail in _WITHOUT_MAIL else CaseKind.SPAM


def most_severe(kinds: Iterable[CaseKind]) -> CaseKind:
    """The most severe of at least one kind."""
    return min(kinds, key=MOST_SEVERE_FIRST.index)


def best(verdicts: Iterable[Verdict]) -> Verdict:
    """The best of at least one verdict."""
    return min(verdicts, key=BEST_FIRST.index)


def is_counted(incoming: Incoming) -> bool:
    """Whether it counts against a sender's clicks."""
    of_type = incoming.feedback_type is None or incoming.feedback_type in COUNTED
    if incoming.replayed:
        return False
    return incoming.click and of_type and incoming.sender is not None and incoming.verdict is not Verdict.CONTRADICTED


def group_of(incoming: Incoming) -> str | None:
    """The key of the case that a person must decide this in, None where it is only to be counted.

    A click is only counted, unless it is severe and may be our mail. Whoever replays a mail does it to thousands:
    all of that is one case.
    """
    if incoming.replayed and incoming.sender is not None:
        return f"replay:{incoming.sender}:{incoming.campaign.hex() if incoming.campaign else ''}"
    kind, contradicted = kind_of(incoming), incoming.verdict is Verdict.CONTRADICTED
    if incoming.click and (kind not in SEVERE or contradicted):
        return None
    if contradicted:
        return f"not-ours:{kind}:{incoming.origin}"
    if incoming.sender is None:
        return f"origin:{kind}:{incoming.origin}"
    return campaign_group(incoming) or f"sender:{incoming.sender}:kind-{kind}"


def campaign_group(incoming: Incoming) -> str | None:
    """The key of the case about this mailing of a sender, None where either is not known."""
    if incoming.sender is None or incoming.campaign is None:
        return None
    return f"sender:{incoming.sender}:{incoming.campaign.hex()}"


def clicks_group(sender: str) -> str:
    """The key of the case of a sender with many clicks."""
    return f"clicks:{sender}"


def opt_out_group(sender: str) -> str:
    """The key of the case of a sender that writes to people who opted out."""
    return f"opt-outs:{sender}"


def sender_of(incoming: Incoming) -> str | None:
    """The sender that a case of this complaint is about; mail that is not ours has none."""
    return None if incoming.verdict is Verdict.CONTRADICTED else incoming.sender
