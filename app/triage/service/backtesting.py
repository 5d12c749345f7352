"""Tries rules on what happened, and changes nothing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from app.enforcement.automatic import Rule
from app.enforcement.restraint import DAYS
from app.triage.backtest import Tally, replay, tallies
from app.triage.store import backtest as store
from app.uow import Work

EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)


def backtest(work: Work, rules: Sequence[Rule], since: datetime) -> list[Tally]:
    """What each of the rules would have done from `since` to now, by the verdicts and cases as they are kept.

    The database refuses to change anything in this unit of work from here on.
    """
    store.read_only(work.session)
    by_clicks = any(each.when.complaints_over is not None or each.when.rate_over is not None for each in rules)
    by_rate = any(each.when.rate_over is not None for each in rules)
    since = max(since, EARLIEST)
    week_before = since - timedelta(days=DAYS)
    clicks = store.clicks(work.session, week_before) if by_clicks else iter(())
    mails = store.delivered(work.session, week_before.date()) if by_rate else {}
    return tallies(rules, replay(rules, clicks, store.joined(work.session, since), mails, since))
