"""Counts complaint clicks and opens, grows or reopens the cases of what a person must decide."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from uuid import UUID, uuid4, uuid5

from app.attribution import service as attribution
from app.audit.domain import SYSTEM
from app.senders import service as senders
from app.senders.domain import SenderFact
from app.triage.domain import CaseStatus, EventKind, Incoming
from app.triage.grouping import campaign_group, clicks_group, group_of, is_counted
from app.triage.growth import Gathered, Standing, begun, grown, weigh
from app.triage.service.ruling import Routed, act_by_rules
from app.triage.store import routing as store
from app.uow import Work
from app.values import dataclass

CLICK_DAYS = 7
MOST_EARLIER = 500
"""How many reports that were only counted a case of clicks begins with at the most."""

REOPEN_WITHIN = timedelta(days=30)
"""How long after a decision new evidence reopens the case; later it opens one of its own."""


@dataclass(frozen=True, slots=True)
class Change:
    """What happens to one case. event: opened, joined or reopened."""

    group: Gathered
    standing: Standing
    event: EventKind
    raised: bool


def route(work: Work, incoming: Sequence[Incoming]) -> dict[UUID, int]:
    """Routes complaints that were not routed before: report → the number of the case it opened or joined.

    Clicks are counted per sender, UTC day, provider and feedback type; `settings.clicks_open` of them in seven days
    open one case for the sender, `settings.clicks_raise` raise it. Everything else is decided in a case at once;
    see grouping for which. A severe click that also joined its sender's clicks is given the case of its own.
    Safe against other workers routing at the same time. The number of statements does not grow with the batch, but
    with what rules do in it; without rules there are none for them.
    """
    decided, clicked = _by_group(incoming), _clicks_by_sender(incoming)
    if not decided and not clicked:
        return {}
    more = _clicks_by_campaign(clicked)
    store.lock_groups(work.session, [*decided, *more, *map(clicks_group, clicked)])
    groups = _decided(decided, more) + _clicked(work, clicked)
    changes = _changes(work, groups)
    owners = _write(work, changes)
    numbers, any_rule = store.numbers(work.session, [each.standing.id for each in changes])
    if any_rule:
        act_by_rules(work, [Routed(numbers[each.standing.id], each.standing) for each in changes], owners)
    return _numbers(changes, numbers)


def _by_group(incoming: Sequence[Incoming]) -> dict[str, list[Incoming]]:
    groups: dict[str, list[Incoming]] = {}
    for each in incoming:
        key = group_of(each)
        if key is not None:
            groups.setdefault(key, []).append(each)
    return groups


def _clicks_by_sender(incoming: Sequence[Incoming]) -> dict[str, list[Incoming]]:
    clicks: dict[str, list[Incoming]] = {}
    for each in incoming:
        if each.sender is not None and is_counted(each):
            clicks.setdefault(each.sender, []).append(each)
    return clicks


def _clicks_by_campaign(clicked: Mapping[str, Sequence[Incoming]]) -> dict[str, list[Incoming]]:
    """The clicks that have no case of their own, by the case of their mailing that may be open."""
    clicks: dict[str, list[Incoming]] = {}
    for each in (click for some in clicked.values() for click in some):
        key = campaign_group(each)
        if key is not None and group_of(each) is None:
            clicks.setdefault(key, []).append(each)
    return clicks


def _decided(decided: Mapping[str, Sequence[Incoming]], clicks: Mapping[str, Sequence[Incoming]]) -> list[Gathered]:
    """What a person must decide on, together with the clicks about the same mailing; other clicks only join."""
    opening = [Gathered(key, (*complaints, *clicks.get(key, ()))) for key, complaints in decided.items()]
    return opening + [Gathered(key, tuple(some), opens=False) for key, some in clicks.items() if key not in decided]


def _clicked(work: Work, clicks: Mapping[str, Sequence[Incoming]]) -> list[Gathered]:
    """The clicks, counted; each sender's with its sum of the last seven days."""
    if not clicks:
        return []
    _count(work, [each for some in clicks.values() for each in some])
    since = work.now.date() - timedelta(days=CLICK_DAYS - 1)
    sums = store.clicks_since(work.session, {sender: clicks_group(sender) for sender in clicks}, since)
    return [Gathered(clicks_group(sender), tuple(some), sums.get(sender, 0)) for sender, some in clicks.items()]


def _count(work: Work, clicks: Sequence[Incoming]) -> None:
    counted = Counter((each.sender, each.at.date(), each.provider, each.feedback_type or "") for each in clicks)
    names = ("sender_id", "day", "provider", "feedback_type")
    rows = [dict(zip(names, key, strict=True)) | {"complaints": number} for key, number in counted.items()]
    store.count(work.session, rows)


def _changes(work: Work, groups: Sequence[Gathered]) -> list[Change]:
    keys = [group.key for group in groups]
    standing = store.hold_open(work.session, keys)
    enough = [each for each in groups if each.key in standing or _opens(work, each)]
    missing = [each.key for each in enough if each.key not in standing]
    decided = store.hold_resolved(work.session, missing, work.now - REOPEN_WITHIN)
    return [_change(work, each, standing.get(each.key), decided.get(each.key)) for each in enough]


def _opens(work: Work, group: Gathered) -> bool:
    return group.opens and (group.clicks is None or group.clicks >= work.settings.clicks_open)


def _change(work: Work, group: Gathered, standing: Standing | None, decided: Standing | None) -> Change:
    line = work.settings.clicks_raise
    before = standing or (replace(decided, raised_at=None) if decided else None)
    if before is None:
        group = _with_earlier(work, group)
        after = begun(uuid4(), group, line, work.now)
        return Change(group, after, EventKind.OPENED, after.raised_at is not None)
    after = grown(before, group, line, work.now)
    event = EventKind.JOINED if standing else EventKind.REOPENED
    return Change(group, after, event, before.raised_at is None and after.raised_at is not None)


def _with_earlier(work: Work, group: Gathered) -> Gathered:
    """A case of clicks begins with the reports that were only counted until it opened."""
    if group.clicks is None or group.sender is None:
        return group
    since = work.now - timedelta(days=CLICK_DAYS)
    return replace(group, earlier=attribution.clicked_reports(work, group.sender, since, MOST_EARLIER))


def _write(work: Work, changes: Sequence[Change]) -> dict[str, SenderFact]:
    """Writes the cases, what is in them and what is told of it; the senders that they are about."""
    if not changes:
        return {}
    facts = senders.found(work, sorted({each.standing.sender for each in changes if each.standing.sender}))
    rows = [(each, _row(work, each, facts)) for each in changes]
    store.insert_cases(work.session, [row | _opened(work, each) for each, row in rows if _is(each, EventKind.OPENED)])
    store.change_cases(work.session, [row for each, row in rows if _is(each, EventKind.JOINED)])
    store.change_cases(work.session, [row | _reopened() for each, row in rows if _is(each, EventKind.REOPENED)])
    store.join_reports(work.session, [row for each in changes for row in _report_rows(work, each)])
    store.tell(work.session, [row for each in changes for row in _lines(work, each)])
    return facts


def _is(change: Change, event: EventKind) -> bool:
    return change.event is event


def _row(work: Work, change: Change, facts: Mapping[str, SenderFact]) -> dict[str, object]:
    standing = change.standing
    points, reasons = weigh(standing, facts.get(standing.sender or ""), work.now)
    return {
        "id": standing.id,
        "status": CaseStatus.OPEN,
        "kind": standing.kind,
        "sender_id": standing.sender,
        "verdict": standing.verdict,
        "priority": points,
        "priority_reasons": list(reasons),
        "report_count": standing.reports,
        "clicks": standing.clicks,
        "raised_at": standing.raised_at,
        "updated_at": work.now,
        "sample_report_id": change.group.reports[-1],
    }


def _opened(work: Work, change: Change) -> dict[str, object]:
    return {"group_key": change.group.key, "opened_at": work.now}


def _reopened() -> dict[str, object]:
    return {"resolved_at": None, "outcome": None, "assignee_id": None}


def _report_rows(work: Work, change: Change) -> list[dict[str, object]]:
    case = change.standing.id
    return [{"case_id": case, "report_id": report, "joined_at": work.now} for report in change.group.reports]


def _lines(work: Work, change: Change) -> list[dict[str, object]]:
    lines = [_line(work, change, change.event, len(change.group.reports))]
    if change.raised:
        lines.append(_line(work, change, EventKind.RAISED, change.standing.clicks))
    return lines


def _line(work: Work, change: Change, kind: EventKind, reports: int) -> dict[str, object]:
    case = change.standing.id
    # One line an hour for what joins: a campaign's case would drown in them.
    joined = uuid5(case, f"joined {work.now:%Y-%m-%d %H}")
    return {
        "id": joined if kind is EventKind.JOINED else uuid4(),
        "case_id": case,
        "at": work.now,
        "actor": SYSTEM.name,
        "kind": kind,
        "reports": reports,
    }


def _numbers(changes: Sequence[Change], numbers: Mapping[UUID, int]) -> dict[UUID, int]:
    # Clicks' cases come last in `changes`, so that a severe report's own case wins.
    return {report: numbers[each.standing.id] for each in reversed(changes) for report in each.group.reports}
