"""Stores what arrives, once, before anybody says that it was accepted."""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping, Sequence
from uuid import UUID, uuid4

from app.errors import Rejected, TooLarge
from app.intake import store as rows
from app.intake.domain import Arrival, ReportState, Seen, Stored, content_of, new_receipt
from app.intake.service.opening import addresses_told
from app.jobs import WORK_OFF
from app.mail import limits
from app.uow import Work


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
    work.vault.tag({report: addresses_told(each.reporter, each.words) for report, each in told.items()})


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
