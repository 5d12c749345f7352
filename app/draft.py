"""What the pipeline knows of one report while it is worked at, and what becomes of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from app.attribution.domain import BEST_FIRST, Judged, Origin
from app.attribution.evidence import Evidence
from app.attribution.keys import awaits_dns
from app.enforcement.suppression import Wish
from app.intake.domain import Claimed, Finding, ReportState
from app.intake.summary import summary_of
from app.mail.dkim.signatures import Signed
from app.mail.domain import Kind, Original, Reading, SignatureResult

DNS_WAITS = (timedelta(minutes=1), timedelta(minutes=10), timedelta(hours=1))
"""How long a report waits for a DNS that does not answer, each time; after the last it is judged without."""

JUDGED_TOO = frozenset({Kind.ARF, Kind.UNSUBSCRIBE})
"""Kinds of which it matters whose mail it was even where they are no complaint."""


@dataclass
class Draft:
    """A report while it is worked at.

    outer: the report itself, read for its own signatures where they matter. origin: who sent it, as they say.
    origin_awaits_dns: whether that could not be told only because DNS did not answer. signed, signatures, evidence,
    judged: one each for every original. wishes: who wants no more mail of whom, where that is certain.
    """

    claimed: Claimed
    reading: Reading | None = None
    fault: str = ""
    outer: Signed | None = None
    origin: Origin = Origin()
    origin_awaits_dns: bool = False
    signed: list[Signed | None] = field(default_factory=list)
    signatures: list[tuple[SignatureResult, ...]] = field(default_factory=list)
    evidence: list[Evidence] = field(default_factory=list)
    judged: list[Judged] = field(default_factory=list)
    wishes: list[Wish] = field(default_factory=list)
    addresses: frozenset[str] = frozenset()

    @property
    def originals(self) -> tuple[Original | None, ...]:
        """The reported messages of a report that can be attributed; (None,) where only its words or fields speak."""
        if self.reading is None or not (self.reading.is_complaint or self.reading.kind in JUDGED_TOO):
            return ()
        return self.reading.originals or (None,)

    @property
    def as_of(self) -> datetime:
        """When the reported mail arrived, as far as the report says; t=, x= and keys are held against it."""
        told = self.reading.arrived if self.reading else None
        return min(self.claimed.arrived_at, told) if told else self.claimed.arrived_at


def finding_of(draft: Draft, now: datetime) -> Finding:
    """What is written down of the report once it is judged. now: when, aware UTC."""
    state, reason = _fate(draft)
    reading = draft.reading
    return Finding(
        report=draft.claimed.id,
        state=state,
        kind=reading.kind if reading else Kind.UNREADABLE,
        feedback_type=reading.feedback_type if reading else None,
        is_complaint=bool(reading and reading.is_complaint and state is ReportState.ACCEPTED),
        reason=reason,
        summary=summary_of(reading) if reading else {},
        addresses=draft.addresses | ({draft.claimed.reporter} if draft.claimed.reporter else set()),
        retry_at=_retry_at(draft, now),
    )


def _fate(draft: Draft) -> tuple[ReportState, str]:
    """What becomes of a report, with a sentence that says why and repeats nothing personal."""
    reading = draft.reading
    if draft.fault or reading is None:
        return ReportState.QUARANTINED, draft.fault
    if reading.kind is Kind.UNREADABLE:
        return ReportState.QUARANTINED, reading.reason or "This is not a mail that can be read."
    if not reading.is_complaint:
        return ReportState.SET_ASIDE, reading.reason or "This is not a complaint."
    best = min(draft.judged, key=lambda each: BEST_FIRST.index(each.attribution.verdict))
    return ReportState.ACCEPTED, best.attribution.reason


def _retry_at(draft: Draft, now: datetime) -> datetime | None:
    tries = draft.claimed.attempts - 1
    waits = draft.origin_awaits_dns or any(awaits_dns(each) for each in draft.signatures)
    if draft.fault or tries >= len(DNS_WAITS) or not waits:
        return None
    return now + DNS_WAITS[tries]
