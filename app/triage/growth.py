"""How new complaints change a case (pure)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from app.attribution.domain import Verdict
from app.senders.domain import SenderFact
from app.triage.domain import CaseKind, Incoming
from app.triage.grouping import best, kind_of, most_severe, sender_of
from app.triage.priority import Signals, priority
from app.values import dataclass


@dataclass(frozen=True, slots=True)
class Gathered:
    """New complaints of one group. clicks: of the sender in seven days, None where the group is not about clicks.
    opens: whether they may open a case, or only join one that is open. earlier: reports that were only counted
    until now."""

    key: str
    complaints: tuple[Incoming, ...]
    clicks: int | None = None
    opens: bool = True
    earlier: tuple[UUID, ...] = ()

    @property
    def reports(self) -> tuple[UUID, ...]:
        """The reports, each once, in the order they arrived."""
        return tuple(dict.fromkeys((*self.earlier, *(each.report for each in self.complaints))))

    @property
    def kind(self) -> CaseKind:
        if self.clicks is not None:
            return CaseKind.FEEDBACK
        return most_severe(kind_of(each) for each in self.complaints)

    @property
    def verdict(self) -> Verdict:
        return best(each.verdict for each in self.complaints)

    @property
    def sender(self) -> str | None:
        return sender_of(self.complaints[0])


@dataclass(frozen=True, slots=True)
class Standing:
    """A case as far as new complaints change it. to_confirm: what a rule did in it waits for a person."""

    id: UUID
    kind: CaseKind
    verdict: Verdict
    sender: str | None
    reports: int
    clicks: int
    raised_at: datetime | None
    to_confirm: bool = False


def begun(case: UUID, new: Gathered, clicks_raise: int, now: datetime) -> Standing:
    """A case that these complaints open. clicks_raise: how many clicks raise it."""
    clicks = new.clicks or 0
    raised_at = now if clicks >= clicks_raise else None
    return Standing(case, new.kind, new.verdict, new.sender, len(new.reports), clicks, raised_at)


def grown(before: Standing, new: Gathered, clicks_raise: int, now: datetime) -> Standing:
    """The case after these complaints: never milder, never less sure."""
    clicks = before.clicks if new.clicks is None else new.clicks
    return Standing(
        id=before.id,
        kind=most_severe((before.kind, new.kind)),
        verdict=best((before.verdict, new.verdict)),
        sender=before.sender or new.sender,
        reports=before.reports + len(new.reports),
        clicks=clicks,
        raised_at=before.raised_at or (now if clicks >= clicks_raise else None),
        to_confirm=before.to_confirm,
    )


def weigh(
    standing: Standing, sender: SenderFact | None, now: datetime, later: int = 0
) -> tuple[int, tuple[str, ...]]:
    """The priority of a case as it stands now, and why. later: mails after an opt-out, of a case about them."""
    return priority(
        Signals(
            kind=standing.kind,
            verdict=standing.verdict,
            reports=standing.reports,
            clicks=standing.clicks,
            raised=standing.raised_at is not None,
            later=later,
            sender_days=(now - sender.created_at).days if sender else None,
            sender_status=sender.status if sender else None,
            to_confirm=standing.to_confirm,
        )
    )
