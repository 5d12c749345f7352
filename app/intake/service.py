"""Stores what arrives, hands it to the workers and takes their findings back."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from app.errors import NotFound, Rejected, TooLarge
from app.intake import store as rows
from app.intake.domain import Arrival, Claimed, Finding, ReportState, Seen, Stored, content_of, new_receipt
from app.intake.models import RawMessage, Report
from app.jobs import WORK_OFF
from app.mail import limits
from app.uow import Work

LEASE = timedelta(seconds=60)
"""How long a worker may take for a batch before another may take the reports again."""

MOST_ATTEMPTS = 5
"""A report that was taken this often and never came back took its workers down: it goes to the quarantine."""


@dataclass(frozen=True, slots=True)
class ReportStatus:
    """What a reporter may know by the receipt alone."""

    report: UUID
    receipt: str
    arrived_at: datetime
    state: ReportState
    judged_at: datetime | None


def store(work: Work, arrival: Arrival) -> Stored:
    """Stores one submission; see `store_many`."""
    return store_many(work, [arrival])[0]


def store_many(work: Work, arrivals: Sequence[Arrival]) -> list[Stored]:
    """Stores submissions and answers for each, in their order, with its receipt.

    The same content again, or a mailbox message known by UIDVALIDITY and UID, is a duplicate and adds nothing.
    A door acknowledges only after the unit of work is committed.

    Raises TooLarge for a message over limits.MESSAGE_BYTES, Rejected for one without any content; then none of
    the batch is stored.
    """
    for arrival in arrivals:
        refuse_unfit(arrival)
    known = rows.seen_before(work.session, [each.seen for each in arrivals if each.seen])
    fresh = [each for each in arrivals if each.seen not in known]
    stored = _store_contents(work, fresh)
    _remember_seen(work, fresh, stored)
    answers = iter(stored)
    return [Stored(*known[each.seen], True) if each.seen in known else next(answers) for each in arrivals]


def refuse_unfit(arrival: Arrival) -> None:
    """Raises TooLarge or Rejected where the arrival cannot be stored."""
    if len(arrival.raw) > limits.MESSAGE_BYTES:
        raise TooLarge(f"A message may have at most {limits.MESSAGE_BYTES // 1024**2} MiB.")
    if not arrival.raw.strip() and not any((arrival.words or {}).values()):
        raise Rejected("There is nothing in this report: neither a message nor any words.")


def _store_contents(work: Work, arrivals: Sequence[Arrival]) -> list[Stored]:
    if not arrivals:
        return []
    keys = [_content_key(work, each) for each in arrivals]
    new: dict[bytes, Arrival] = {}
    for key, each in zip(keys, arrivals, strict=True):
        new.setdefault(key, each)
    ids = {key: uuid4() for key in new}
    inserted = rows.insert_new(work.session, [_row(work, ids[key], key, each) for key, each in new.items()])
    _seal(work, {ids[key]: each for key, each in new.items() if ids[key] in inserted})
    if inserted:
        work.enqueue(WORK_OFF.name)
    there = rows.by_content(work.session, keys)
    first = {key for key in new if ids[key] in inserted}
    return [Stored(*there[key], not _first_time(first, key)) for key in keys]


def _first_time(first: set[bytes], key: bytes) -> bool:
    """True once for each key of `first`: a content that stands twice in a batch is new only the first time."""
    if key in first:
        first.remove(key)
        return True
    return False


def _content_key(work: Work, arrival: Arrival) -> bytes:
    said = [arrival.category or "", arrival.reporter or "", json.dumps(dict(arrival.words or {}), sort_keys=True)]
    told = "\0".join(said) if arrival.words is not None else ""
    return work.vault.look_up_key("content", content_of(arrival.raw).hex() + told)


def _row(work: Work, report: UUID, content_key: bytes, arrival: Arrival) -> dict[str, object]:
    return {
        "id": report,
        "receipt": new_receipt(),
        "door": arrival.door,
        "state": ReportState.RECEIVED,
        "reason": "",
        "category": arrival.category,
        "is_complaint": False,
        "arrived_at": work.now,
        "size": len(arrival.raw),
        "attempts": 0,
        "due_at": work.now,
        "content_key": content_key,
    }


def _seal(work: Work, arrivals: Mapping[UUID, Arrival]) -> None:
    if not arrivals:
        return
    raws = {report: uuid4() for report in arrivals}
    keys = work.vault.create([*arrivals, *raws.values()])
    sealed = [
        {"report_id": report, "id": raws[report], "sealed": _sealed_raw(work, keys[raws[report]], report, each.raw)}
        for report, each in arrivals.items()
    ]
    rows.insert_raw(work.session, sealed)
    told = {report: each for report, each in arrivals.items() if each.reporter or each.words}
    rows.change_reports(
        work.session, [_sealed_words(work, keys[report], report, each) for report, each in told.items()]
    )
    work.vault.tag({report: [each.reporter] for report, each in told.items() if each.reporter})


def _sealed_raw(work: Work, key: bytes, report: UUID, raw: bytes) -> bytes:
    return work.vault.seal(key, f"raw_message.sealed:{report}", zlib.compress(raw, 1))


def _sealed_words(work: Work, key: bytes, report: UUID, arrival: Arrival) -> dict[str, object]:
    reporter = (arrival.reporter or "").encode()
    words = json.dumps(dict(arrival.words or {}), ensure_ascii=False).encode()
    return {
        "id": report,
        "reporter": work.vault.seal(key, f"report.reporter:{report}", reporter) if reporter else None,
        "words": work.vault.seal(key, f"report.words:{report}", words),
    }


def _remember_seen(work: Work, arrivals: Sequence[Arrival], stored: Sequence[Stored]) -> None:
    noted = [
        {
            "id": uuid4(),
            "mailbox": each.seen.mailbox,
            "uidvalidity": each.seen.uidvalidity,
            "uid": each.seen.uid,
            "report_id": answer.report,
        }
        for each, answer in zip(arrivals, stored, strict=True)
        if each.seen
    ]
    if noted:
        rows.remember_seen(work.session, noted)


def seen_before(work: Work, seen: Sequence[Seen]) -> set[Seen]:
    """Which of these mailbox messages are stored already: they need not be fetched again."""
    return set(rows.seen_before(work.session, seen))


def claim(work: Work, limit: int) -> list[Claimed]:
    """Takes up to `limit` waiting reports to be worked off, for LEASE; empty where nothing waits.

    Reports that came back untouched are taken in ever smaller batches, so that the one that takes its worker
    down is found and the others go on.
    """
    attempts = rows.next_due_attempts(work.session, work.now)
    if attempts is None:
        return []
    size = max(1, limit >> (2 * attempts))
    reports = rows.claim(work.session, work.now, work.now + LEASE, attempts, size)
    return _opened(work, reports)


def _opened(work: Work, reports: Sequence[Report]) -> list[Claimed]:
    raws = rows.raw_of(work.session, [report.id for report in reports])
    keys = work.vault.open([*(report.id for report in reports), *(raw.id for raw in raws.values())])
    return [_claimed(work, report, raws.get(report.id), keys) for report in reports]


def _claimed(work: Work, report: Report, raw: RawMessage | None, keys: Mapping[UUID, bytes]) -> Claimed:
    return Claimed(
        id=report.id,
        receipt=report.receipt,
        door=report.door,
        category=report.category,
        arrived_at=report.arrived_at,
        attempts=report.attempts,
        raw=_unsealed_raw(work, raw, keys) or b"",
        reporter=_unsealed(work, keys.get(report.id), f"report.reporter:{report.id}", report.reporter) or None,
        words=json.loads(_unsealed(work, keys.get(report.id), f"report.words:{report.id}", report.words) or "{}"),
    )


def _unsealed_raw(work: Work, raw: RawMessage | None, keys: Mapping[UUID, bytes]) -> bytes | None:
    if raw is None or raw.id not in keys:
        return None
    return zlib.decompress(work.vault.unseal(keys[raw.id], f"raw_message.sealed:{raw.report_id}", raw.sealed))


def _unsealed(work: Work, key: bytes | None, place: str, sealed: bytes | None) -> str:
    return work.vault.unseal(key, place, sealed).decode() if key and sealed else ""


def finish(work: Work, claimed: Iterable[Claimed], findings: Sequence[Finding]) -> set[UUID]:
    """Writes what was found out; the reports that were still ours to finish.

    A report whose lease ran out and that another worker took meanwhile is left alone: write nothing else for it.
    """
    ours = rows.still_claimed(work.session, {each.id: each.attempts for each in claimed})
    kept = [finding for finding in findings if finding.report in ours]
    keys = work.vault.open(finding.report for finding in kept)
    rows.change_reports(work.session, [_judged(work, finding, keys.get(finding.report)) for finding in kept])
    work.vault.tag({finding.report: finding.addresses for finding in kept if finding.addresses})
    return ours


def _judged(work: Work, finding: Finding, key: bytes | None) -> dict[str, object]:
    summary = json.dumps(dict(finding.summary), ensure_ascii=False).encode()
    return {
        "id": finding.report,
        "state": ReportState.RECEIVED if finding.retry_at else finding.state,
        "reason": finding.reason,
        "kind": finding.kind,
        "feedback_type": finding.feedback_type,
        "is_complaint": finding.is_complaint,
        "judged_at": None if finding.retry_at else work.now,
        "due_at": finding.retry_at,
        "summary": work.vault.seal(key, f"report.summary:{finding.report}", summary) if key else None,
    }


def find(work: Work, report: UUID) -> Report:
    """The report. Raises NotFound."""
    found = work.session.get(Report, report)
    if found is None:
        raise NotFound("There is no such report.")
    return found


def found(work: Work, reports: Sequence[UUID]) -> dict[UUID, Report]:
    """Those of the reports that there are."""
    return rows.by_id(work.session, reports)


def page(
    work: Work, *, state: ReportState | None = None, before: tuple[datetime, UUID] | None = None, limit: int = 50
) -> Sequence[Report]:
    """Reports, newest first, of one state where given; before: arrival and id of the last one seen."""
    return rows.page(work.session, state=state, before=before, limit=limit)


def by_reference(work: Work, reference: str) -> Report:
    """The report with this id or receipt. Raises NotFound."""
    found = rows.by_receipt(work.session, reference.strip().upper())
    if found is not None:
        return found
    try:
        return find(work, UUID(reference))
    except ValueError:
        raise NotFound("There is no report with this id or receipt.") from None


def raw_of(work: Work, report: UUID) -> bytes | None:
    """The raw message of a report, None once it is gone."""
    raws = rows.raw_of(work.session, [report])
    return _unsealed_raw(work, raws.get(report), work.vault.open(raw.id for raw in raws.values()))


def contents(work: Work, reports: Sequence[Report]) -> dict[UUID, Claimed]:
    """Reports with what is sealed of them opened (raw message, reporter, words), for a page or a command."""
    return {each.id: each for each in _opened(work, reports)}


def reporters(work: Work, reports: Sequence[Report]) -> dict[UUID, str]:
    """Report → the address its reporter gave in the form, where one was given and is not forgotten."""
    keys = work.vault.open(report.id for report in reports if report.reporter)
    given = {each.id: each.reporter for each in reports if each.id in keys}
    return {report: _unsealed(work, keys[report], f"report.reporter:{report}", of) for report, of in given.items()}


def summaries(work: Work, reports: Sequence[Report]) -> dict[UUID, Mapping[str, object]]:
    """What stays readable of each report after its raw message is gone; empty once forgotten."""
    keys = work.vault.open(report.id for report in reports)
    places = {report.id: f"report.summary:{report.id}" for report in reports}
    return {
        report.id: json.loads(_unsealed(work, keys.get(report.id), places[report.id], report.summary) or "{}")
        for report in reports
    }


def status(work: Work, receipt: str) -> ReportStatus:
    """What the holder of a receipt may know. Raises NotFound."""
    report = rows.by_receipt(work.session, receipt.strip().upper())
    if report is None:
        raise NotFound("There is no report with this code.")
    return ReportStatus(report.id, report.receipt, report.arrived_at, report.state, report.judged_at)


def reread(work: Work, report: UUID) -> None:
    """Sends a report through the reading again. Raises NotFound; Rejected where its message is gone."""
    found = find(work, report)
    if not rows.raw_of(work.session, [report]):
        raise Rejected("The message of this report is gone, it cannot be read again.")
    found.state, found.due_at, found.attempts = ReportState.RECEIVED, work.now, 0
    work.enqueue(WORK_OFF.name)


def waiting(work: Work) -> int:
    """How many reports are due to be worked off."""
    return rows.waiting(work.session, work.now)
