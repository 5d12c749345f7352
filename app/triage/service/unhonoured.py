"""Opt-outs that were not honoured: a case per sender, proven by our own records and by nobody's word.

A suppression says when the recipient asked and from when on a mail is too late; the send log says that one was sent.
What was still in time opens nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

from app.attribution.domain import Verdict
from app.audit.domain import SYSTEM
from app.enforcement.service.later import Later, LaterCount, later_counts, look_for_later
from app.senders import service as senders
from app.triage.domain import CaseKind, CaseStatus, EventKind
from app.triage.grouping import most_severe, opt_out_group
from app.triage.growth import Standing, weigh
from app.triage.models import Case
from app.triage.service.timeline import write_line
from app.triage.store import routing as store
from app.uow import Work
from app.values import dataclass

REOPEN_WITHIN = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Looked:
    """What a look found: mails in time and too late, and of how many senders."""

    senders: int = 0
    grace: int = 0
    late: int = 0


@dataclass(frozen=True, slots=True)
class Change:
    """What happens to the case of one sender. event: opened, joined or reopened."""

    found: Later
    standing: Standing
    event: EventKind


def look(work: Work) -> Looked:
    """Holds the send log against the suppressions and opens, grows or reopens the cases of what was sent too late."""
    found = look_for_later(work)
    late = [each for each in found if each.mails]
    if late:
        _open(work, late)
    return Looked(len(found), sum(each.grace for each in found), sum(each.mails for each in found))


def _open(work: Work, late: Sequence[Later]) -> None:
    keys = {each.sender: opt_out_group(each.sender) for each in late}
    store.lock_groups(work.session, list(keys.values()))
    standing = store.hold_open(work.session, list(keys.values()))
    missing = [key for key in keys.values() if key not in standing]
    decided = store.hold_resolved(work.session, missing, work.now - REOPEN_WITHIN)
    changes = [_change(each, standing.get(keys[each.sender]), decided.get(keys[each.sender])) for each in late]
    _write(work, changes, later_counts(work, list(keys)))


def _change(found: Later, standing: Standing | None, decided: Standing | None) -> Change:
    before = standing or decided
    if before is None:
        begun = Standing(
            uuid4(), CaseKind.UNSUBSCRIBE_IGNORED, Verdict.PROVEN, found.sender, len(found.reports), 0, None
        )
        return Change(found, begun, EventKind.OPENED)
    kind = most_severe((before.kind, CaseKind.UNSUBSCRIBE_IGNORED))
    grown = replace(before, kind=kind, verdict=Verdict.PROVEN)
    return Change(found, grown, EventKind.JOINED if standing else EventKind.REOPENED)


def _write(work: Work, changes: Sequence[Change], counts: Mapping[str, LaterCount]) -> None:
    facts = senders.found(work, [each.found.sender for each in changes])
    rows = []
    for each in changes:
        late = counts.get(each.found.sender, LaterCount()).late
        points, reasons = weigh(each.standing, facts.get(each.found.sender), work.now, late)
        rows.append((each, _row(work, each) | {"priority": points, "priority_reasons": list(reasons)}))
    opened = [row | _opened(work, each) for each, row in rows if each.event is EventKind.OPENED]
    store.insert_cases(work.session, opened)
    store.change_cases(work.session, [row for each, row in rows if each.event is EventKind.JOINED])
    store.change_cases(work.session, [row | _reopened() for each, row in rows if each.event is EventKind.REOPENED])
    store.join_reports(work.session, [row for each in changes for row in _reports(work, each)])
    store.count_reports(work.session, [each.standing.id for each in changes])
    for each in changes:
        case = work.session.get_one(Case, each.standing.id)
        write_line(work, case, SYSTEM, each.event, told(each.found))


def _row(work: Work, change: Change) -> dict[str, object]:
    standing = change.standing
    return {
        "id": standing.id,
        "status": CaseStatus.OPEN,
        "kind": standing.kind,
        "sender_id": standing.sender,
        "verdict": standing.verdict,
        "updated_at": work.now,
    }


def _opened(work: Work, change: Change) -> dict[str, object]:
    return {
        "group_key": opt_out_group(change.found.sender),
        "opened_at": work.now,
        "report_count": 0,
        "clicks": 0,
    }


def _reopened() -> dict[str, object]:
    return {"resolved_at": None, "outcome": None, "assignee_id": None}


def _reports(work: Work, change: Change) -> list[dict[str, object]]:
    case = change.standing.id
    return [{"case_id": case, "report_id": report, "joined_at": work.now} for report in change.found.reports]


def told(found: Later) -> str:
    """How many mails and since when, in a sentence; nothing in it is personal."""
    mails = "1 mail was" if found.mails == 1 else f"{found.mails:,} mails were"
    people = "1 person who had" if found.recipients == 1 else f"{found.recipients:,} people who had"
    first = f"{found.first:%d %b %Y, %H:%M} UTC" if found.first else "an unknown day"
    return (
        f"{mails} sent to {people} asked for no more, after the last moment at which that is still in time. "
        f"The first was sent on {first.lstrip('0')}. Known from suppressions and the send log."
    )
