"""How urgent a case is: 0 to 100, with a phrase for everything that weighed (pure).

    what it is about        phishing, malware 55 · fraud 50 · replay 40 · unsubscribe ignored 30 · spam, clicks 25 ·
                            other 15
    whose mail, how sure    proven +15 · likely +8 · not our mail: 5 at most, whatever else holds
    how many                4 for each doubling of the reports, at most 20
    many clicks             +25 once over the line that raises a case
    opt-outs ignored        5 for each doubling of the mails that were sent too late, at most 25
    the sender              +10 in its first 30 days · suspended or closed already: -20
    a rule acted            +25 until a person confirms it or takes it back

More reports, more such mails or a better verdict never lower it.
"""

from __future__ import annotations

from enum import StrEnum

from app.attribution.domain import Verdict
from app.senders.domain import SenderStatus
from app.triage.domain import CaseKind
from app.values import dataclass

SEVERITY = {
    CaseKind.PHISHING: 55,
    CaseKind.MALWARE: 55,
    CaseKind.FRAUD: 50,
    CaseKind.REPLAY: 40,
    CaseKind.UNSUBSCRIBE_IGNORED: 30,
    CaseKind.SPAM: 25,
    CaseKind.FEEDBACK: 25,
    CaseKind.OTHER: 15,
}
SURE = {Verdict.PROVEN: 15, Verdict.LIKELY: 8, Verdict.UNPROVEN: 0, Verdict.CONTRADICTED: 0}
NOT_OURS = 5
MANY_CLICKS = 25
YOUNG_DAYS = 30
TO_CONFIRM = 25
RULE_ACTED = "a rule acted: confirm or undo"


class Band(StrEnum):
    """A priority as a word."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


@dataclass(frozen=True, slots=True)
class Signals:
    """What a priority is made of. raised: over the line of clicks that raises. later: mails that were sent after an
    opt-out had to be honoured. sender_days: age of the account; None, as is sender_status, where the sender is not
    known."""

    kind: CaseKind
    verdict: Verdict
    reports: int
    clicks: int = 0
    raised: bool = False
    later: int = 0
    sender_days: int | None = None
    sender_status: SenderStatus | None = None
    to_confirm: bool = False


def priority(signals: Signals) -> tuple[int, tuple[str, ...]]:
    """The priority, 0 to 100, and why: a short phrase each."""
    if signals.verdict is Verdict.CONTRADICTED:
        return NOT_OURS, (_words(signals.kind), "not our mail")
    weighed = [
        (SEVERITY[signals.kind], _words(signals.kind)),
        (SURE[signals.verdict], f"sender {signals.verdict}"),
        (min(20, 4 * (max(1, signals.reports).bit_length() - 1)), f"{signals.reports:,} reports"),
        (MANY_CLICKS if signals.raised else 0, f"{signals.clicks:,} clicks in 7 days"),
        (min(25, 5 * signals.later.bit_length()), _later(signals.later)),
        *_of_sender(signals),
        (TO_CONFIRM if signals.to_confirm else 0, RULE_ACTED),
    ]
    total = sum(points for points, _ in weighed)
    return max(0, min(100, total)), tuple(words for points, words in weighed if points)


def _of_sender(signals: Signals) -> list[tuple[int, str]]:
    weighed = []
    if signals.sender_days is not None and signals.sender_days < YOUNG_DAYS:
        weighed.append((10, f"new sender, {_age(signals.sender_days)}"))
    if signals.sender_status not in (None, SenderStatus.ACTIVE):
        weighed.append((-20, f"sender already {signals.sender_status}"))
    return weighed


def _later(mails: int) -> str:
    return "1 mail after an opt-out" if mails == 1 else f"{mails:,} mails after an opt-out"


def _words(kind: CaseKind) -> str:
    return "complaint clicks" if kind is CaseKind.FEEDBACK else kind.replace("-", " ")


def _age(days: int) -> str:
    return "since today" if days < 1 else "1 day old" if days == 1 else f"{days} days old"


def band(points: int) -> Band:
    """The word for a priority: critical from 80, high from 55, medium from 30."""
    if points >= 80:
        return Band.CRITICAL
    if points >= 55:
        return Band.HIGH
    return Band.MEDIUM if points >= 30 else Band.LOW
