"""What the pipeline knows of one report while it is worked at."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from app.attribution.domain import Judged, Origin
from app.attribution.evidence import Evidence
from app.intake.domain import Claimed
from app.mail.domain import Kind, Original, Reading, SignatureResult
from app.mail.signatures import Signed


@dataclass
class Draft:
    """A report while it is worked at.

    outer: the report itself, read for its own signatures where they matter. origin: who sent it, as they say.
    origin_awaits_dns: whether that could not be told only because DNS did not answer. signed, signatures, evidence,
    judged: one each for every original.
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
    addresses: frozenset[str] = frozenset()

    @property
    def originals(self) -> tuple[Original | None, ...]:
        """The reported messages of a report that can be attributed; (None,) where only its words or fields speak."""
        if self.reading is None or not (self.reading.is_complaint or self.reading.kind is Kind.ARF):
            return ()
        return self.reading.originals or (None,)

    @property
    def as_of(self) -> datetime:
        """When the reported mail arrived, as far as the report says; t=, x= and keys are held against it."""
        told = self.reading.arrived if self.reading else None
        return min(self.claimed.arrived_at, told) if told else self.claimed.arrived_at
