"""Forgets: what is older than the rules say (`retain`), and a person who asks for it (`erase`).

What was sealed dies with its key, in every copy that is read with today's keys; the rows that held it are emptied or
removed. What is counted stays: verdicts, senders, figures, that something was done and by whom. Both work in steps
of STEP owners, a transaction each, so that nobody waits for them; killed halfway, the next run finds the rest.

A suppression stands as long as its sender: the address in it is forgotten with its person, the keyed hash stays, so
that the wish for no more mail is honoured by who knows the person no more (docs/suppression.md).

Redis holds nothing to forget: jobs carry ids, limits keep keyed or short-lived counters.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from app.attribution import service as attribution
from app.audit import service as audit
from app.audit.domain import SYSTEM, Actor
from app.compliance import service as compliance
from app.enforcement import service as enforcement
from app.enforcement.service import later, suppressed
from app.errors import Rejected
from app.intake import service as intake
from app.mail.fields.address import bare_address
from app.notices import service as notices
from app.privacy import store
from app.senders import sent_service
from app.settings import Settings
from app.triage import service as triage
from app.uow import UnitOfWork, Work
from app.values import dataclass

STEP = 500
EVERYTHING = 2**62

RAW = "raw messages"
REPORTS = "reports"
LINES = "timeline lines"
SUSPENSIONS = "suspensions"
NOTICES = "notices"
LAW_NOTES = "law notes"
DETAILS = "audit details"
SUPPRESSED = "suppressed addresses"
LATER = "later mails"
SENT = "sent mails"
VOLUMES = "daily volumes"
OTHERS = "others"
ERASED = (RAW, REPORTS, LINES, SUSPENSIONS, NOTICES, LAW_NOTES, DETAILS, SUPPRESSED, OTHERS, SENT)
"""What an erasure counts."""

Counts = dict[str, int]


@dataclass(frozen=True, slots=True)
class Rule:
    """What is forgotten after how many days: `due` finds owners, `forget` destroys theirs and counts them.

    count: how many are due, where there may be too many to find them all at once.
    """

    name: str
    days: Callable[[Settings], int]
    due: Callable[[Work, datetime, int], list[UUID]]
    forget: Callable[[Work, Sequence[UUID]], int]
    count: Callable[[Work, datetime], int] | None = None


@dataclass(frozen=True, slots=True)
class Erased:
    """What an erasure found. unread: reports still to be read, which may mention the address, too."""

    counts: Counts
    unread: int


def _forget_reports(work: Work, reports: Sequence[UUID]) -> int:
    attribution.forget(work, reports)
    compliance.forget(work, reports)
    return intake.forget(work, reports)


def _raw_days(settings: Settings) -> int:
    return settings.retention_raw_days


def _personal_days(settings: Settings) -> int:
    return settings.retention_personal_days


def _sent_days(settings: Settings) -> int:
    return settings.retention_sent_days


def _volumes_days(settings: Settings) -> int:
    return settings.retention_volumes_days


RULES = (
    Rule(RAW, _raw_days, intake.raw_before, intake.forget_raw),
    Rule(REPORTS, _personal_days, intake.personal_before, _forget_reports),
    Rule(LINES, _personal_days, triage.worded_before, triage.forget_events),
    Rule(SUSPENSIONS, _personal_days, enforcement.worded_before, enforcement.forget),
    Rule(NOTICES, _personal_days, notices.addressed_before, notices.forget),
    Rule(DETAILS, _personal_days, audit.readable_before, audit.forget),
    Rule(SENT, _sent_days, sent_service.sent_before, sent_service.forget_sent, sent_service.count_sent_before),
    Rule(LATER, _sent_days, later.later_before, later.forget_later),
    Rule(VOLUMES, _volumes_days, sent_service.volumes_before, sent_service.forget_volumes),
)


def retain(open_work: UnitOfWork, *, actor: Actor = SYSTEM, dry_run: bool = False) -> Counts:
    """Forgets what is due by now; how many of what. dry_run: only says what is due.

    A run that forgot something leaves a `Forgetting` and an audit entry, with counts only.
    """
    if dry_run:
        with open_work() as work:
            return {rule.name: _due(work, rule) for rule in RULES}
    counts = {rule.name: _follow(open_work, rule) for rule in RULES}
    if any(counts.values()):
        _leave_record(open_work, actor, "retention", "privacy.retention", counts)
    return counts


def _since(work: Work, rule: Rule) -> datetime:
    return work.now - timedelta(days=rule.days(work.settings))


def _due(work: Work, rule: Rule) -> int:
    since = _since(work, rule)
    return rule.count(work, since) if rule.count else len(rule.due(work, since, EVERYTHING))


def _follow(open_work: UnitOfWork, rule: Rule) -> int:
    forgotten = 0
    while True:
        with open_work() as work:
            owners = rule.due(work, _since(work, rule), STEP)
            if not owners:
                return forgotten
            forgotten += rule.forget(work, owners)


def erase(open_work: UnitOfWork, actor: Actor, address: str, *, dry_run: bool = False) -> Erased:
    """Forgets everything that mentions an e-mail address, whoever wrote it. dry_run: only says what there is.

    Leaves a `Forgetting` and an audit entry with counts only, also where there was nothing: neither says whom it
    was about. Raises Rejected for what is no address.
    """
    wanted = bare_address(address)
    if not wanted:
        raise Rejected("This is not an e-mail address.")
    if dry_run:
        with open_work() as work:
            sent = {SENT: len(sent_service.sent_to(work, wanted, EVERYTHING))}
            return Erased(_mentioned(work, work.vault.mentioning(wanted)) | sent, intake.unread(work))
    counts = dict.fromkeys(ERASED, 0)
    while step := _erase_step(open_work, wanted):
        for name, number in step.items():
            counts[name] += number
    counts[SENT] = _erase_sent(open_work, wanted)
    _leave_record(open_work, actor, "erasure", "privacy.erase", counts)
    with open_work() as work:
        return Erased(counts, intake.unread(work))


def _mentioned(work: Work, owners: Sequence[UUID]) -> Counts:
    reports = intake.of_owners(work, owners)
    found = {
        REPORTS: len(reports),
        LINES: len(triage.lines_among(work, owners)),
        SUSPENSIONS: len(enforcement.among(work, owners)),
        NOTICES: len(notices.among(work, owners)),
        DETAILS: len(audit.among(work, owners)),
        SUPPRESSED: len(suppressed.suppressions_among(work, owners)),
    }
    others = len(owners) - sum(found.values()) - len(compliance.among(work, owners))
    notes = compliance.notes(work, owners, reports)
    return {RAW: intake.with_raw(work, reports)} | found | {LAW_NOTES: len(notes), OTHERS: others}


def _erase_step(open_work: UnitOfWork, address: str) -> Counts:
    """Forgets up to STEP owners; empty when there are none left."""
    with open_work() as work:
        owners = work.vault.mentioning(address)[:STEP]
        if not owners:
            return {}
        counts = _mentioned(work, owners)
        _forget_reports(work, intake.of_owners(work, owners))
        triage.forget_events(work, owners)
        enforcement.forget(work, enforcement.among(work, owners))
        notices.forget(work, notices.among(work, owners))
        compliance.forget_notes(work, compliance.among(work, owners))
        audit.forget(work, audit.among(work, owners))
        suppressed.forget_addresses(work, suppressed.suppressions_among(work, owners))
        work.vault.destroy(owners)
        return counts


def _erase_sent(open_work: UnitOfWork, address: str) -> int:
    """Deletes the send log's lines of mail to the address; how many."""
    gone = 0
    while True:
        with open_work() as work:
            lines = sent_service.sent_to(work, address, STEP)
            if not lines:
                return gone
            gone += sent_service.forget_sent(work, lines)


def _leave_record(open_work: UnitOfWork, actor: Actor, cause: str, action: str, counts: Counts) -> None:
    with open_work() as work:
        store.remember(work, actor.name, cause, counts)
        audit.record(work, actor, action, "privacy", {name: str(number) for name, number in counts.items()})
