"""The worksheets of a report's messages with what staff said to them; keeps what they say, and forgets it.

The worksheet itself is kept nowhere: it is filled in anew from the sealed bytes while they are there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID, uuid4

from app.attribution import service as attribution
from app.audit.domain import Actor
from app.audit.service import record
from app.compliance import store
from app.compliance.domain import NOTE_CHARS, Applies, Facts, Finding, Line, Opinion, Worksheet
from app.compliance.jurisdiction import CHOICES
from app.compliance.models import LawJurisdiction, LawOpinion
from app.compliance.signing import signatures
from app.compliance.worksheet import worksheet
from app.errors import NotFound, Rejected
from app.mail.domain import DkimResult, HashState, Original
from app.mail.fields.address import addresses_in
from app.senders import service as senders
from app.senders.domain import SenderFact
from app.uow import Work
from app.values import dataclass

CHAIN = 5
"""How many accounts above a sender are looked at."""
ACCEPTED = frozenset({DkimResult.PASS, DkimResult.FAIL, DkimResult.NEUTRAL})
"""Results of a signature whose key, time and form DKIM does not refuse."""
_FIRST = (Finding.BREACHED, Finding.MET, Finding.UNKNOWN)


@dataclass(frozen=True, slots=True)
class Said:
    """What staff said last to a line. finding: the machine's at that time. note: None where there is none."""

    opinion: Opinion
    finding: Finding
    note: str | None
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Sheet:
    """The worksheet of one message. said: rule → what staff said last. corrected: who corrected the country."""

    position: int
    worksheet: Worksheet
    said: Mapping[str, Said]
    corrected: str | None

    @property
    def places(self) -> frozenset[int]:
        """Where its quotes begin in the raw message."""
        return frozenset(quote.offset for line in self.worksheet.lines for quote in line.quotes)

    @property
    def told(self) -> list[Line]:
        """Lines that apply and of which something is known, by the machine or by staff: those breached first."""
        lines = [each for each in self._open if each.finding is not Finding.UNKNOWN or each.rule in self.said]
        return sorted(lines, key=lambda each: _FIRST.index(each.finding))

    @property
    def untold(self) -> list[Line]:
        """Lines that apply and of which nothing is known."""
        told = {each.rule for each in self.told}
        return [each for each in self._open if each.rule not in told]

    @property
    def inapplicable(self) -> list[Line]:
        """Lines of laws that do not apply where the recipient lives."""
        return [each for each in self.worksheet.lines if each.applies is Applies.NO]

    @property
    def _open(self) -> list[Line]:
        return [each for each in self.worksheet.lines if each.applies is not Applies.NO]

    def line(self, rule: str) -> Line:
        """The line of that rule. Raises NotFound."""
        for each in self.worksheet.lines:
            if each.rule == rule:
                return each
        raise NotFound("The worksheet has no such line.")


def sheets(work: Work, report: UUID, messages: Sequence[tuple[Original, Facts]]) -> list[Sheet]:
    """The worksheet of each message of the report, in their order.

    The facts given are those that the report tells; sender, signatures and corrections are looked up here.
    """
    complaints = {each.position: each for each in attribution.explained(work, report)}
    corrections = {each.position: each for each in store.jurisdictions(work.session, report)}
    spoken = said(work, report)
    found = []
    for position, (original, given) in enumerate(messages):
        complaint, correction = complaints.get(position), corrections.get(position)
        facts = _with_complaint(work, original, given, complaint) if complaint else given
        if correction and correction.country:
            facts = replace(facts, countries=(correction.country,))
        corrected = correction.by if correction and correction.country else None
        found.append(Sheet(position, worksheet(original, facts), spoken.get(position, {}), corrected))
    return found


def _with_complaint(work: Work, original: Original, facts: Facts, complaint: attribution.Explained) -> Facts:
    # One whose key or time DKIM refuses proves nothing, however well it verifies.
    held = [
        (each["d"], each["s"])
        for each in complaint.dkim
        if each["header_hash"] == HashState.PASS and each["result"] in ACCEPTED
    ]
    chain = _chain(work, complaint.sender)
    return replace(
        facts,
        sender=chain[0].name if chain else None,
        parents=tuple(each.name for each in chain[1:]),
        signatures=signatures(original, held),
    )


def _chain(work: Work, sender: str | None) -> list[SenderFact]:
    """The sender and the accounts above it, nearest first."""
    chain: list[SenderFact] = []
    while sender and len(chain) <= CHAIN and sender not in [each.id for each in chain]:
        found = senders.found(work, [sender]).get(sender)
        if found is None:
            break
        chain.append(found)
        sender = found.parent
    return chain


def said(work: Work, report: UUID) -> dict[int, dict[str, Said]]:
    """Position → rule → what staff said last; it stays when the message is gone."""
    rows = store.opinions(work.session, report)
    keys = work.vault.open([row.id for row in rows if row.note is not None])
    found: dict[int, dict[str, Said]] = {}
    for row in rows:
        note = None
        if row.note is not None and row.id in keys:
            note = work.vault.unseal(keys[row.id], _place(row.id), row.note).decode()
        found.setdefault(row.position, {})[row.rule] = Said(row.opinion, row.finding, note, row.by, row.at)
    return found


def _place(opinion: UUID) -> str:
    return f"law_opinion.note:{opinion}"


def judge(work: Work, actor: Actor, report: UUID, position: int, line: Line, opinion: Opinion, note: str) -> None:
    """Keeps what the actor says to a line, on the record.

    Raises Rejected for a note over NOTE_CHARS, and for a disagreement without one.
    """
    words = note.replace("\0", "").strip()
    if opinion is Opinion.DISAGREE and not words:
        raise Rejected("Say why you disagree.")
    if len(words) > NOTE_CHARS:
        raise Rejected(f"There is room for {NOTE_CHARS:,} characters; this has {len(words):,}.")
    row = LawOpinion(
        id=uuid4(),
        report_id=report,
        position=position,
        rule=line.rule,
        finding=line.finding,
        opinion=opinion,
        by=actor.name,
        at=work.now,
    )
    if words:
        row.note = _sealed(work, row.id, words)
    store.add(work.session, row)
    told = {"message": str(position + 1), "rule": line.rule, "finding": line.finding, "opinion": opinion}
    record(work, actor, "law.judge", f"report:{report}", told | ({"note": words} if words else {}))


def _sealed(work: Work, opinion: UUID, words: str) -> bytes:
    key = work.vault.create([opinion])[opinion]
    work.vault.tag({opinion: addresses_in(words)})
    return work.vault.seal(key, _place(opinion), words.encode())


def correct(work: Work, actor: Actor, report: UUID, position: int, country: str) -> None:
    """Keeps where the actor says the recipient lives; "" goes back to the guess. Raises Rejected for no choice."""
    if country and country not in CHOICES:
        raise Rejected("This is no country to choose.")
    row = LawJurisdiction(
        id=uuid4(), report_id=report, position=position, country=country, by=actor.name, at=work.now
    )
    store.add(work.session, row)
    told = {"message": str(position + 1), "country": country or "guessed"}
    record(work, actor, "law.jurisdiction", f"report:{report}", told)


def notes(work: Work, owners: Sequence[UUID], reports: Sequence[UUID]) -> set[UUID]:
    """The opinions that have a note and are among these owners of sealing keys, or on these reports."""
    return {*store.noted(work.session, reports), *store.among(work.session, owners)}


def among(work: Work, owners: Sequence[UUID]) -> list[UUID]:
    """Which of these owners of sealing keys are opinions."""
    return store.among(work.session, owners)


def forget_notes(work: Work, opinions: Sequence[UUID]) -> int:
    """Destroys the notes of opinions for good; that they were, and what they say of the line, stays. How many."""
    store.empty_notes(work.session, opinions)
    return work.vault.destroy(opinions)


def forget(work: Work, reports: Sequence[UUID]) -> int:
    """Destroys the notes on these reports for good. How many."""
    return forget_notes(work, store.noted(work.session, reports))
