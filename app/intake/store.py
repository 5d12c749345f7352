"""The intake's queries: set-based, a batch at a time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col, select

from app.infra.database import among, change_rows, inserting, table_of
from app.intake.domain import Category, Door, ReportState, Seen
from app.intake.models import MailboxUid, RawMessage, Report
from app.mail.domain import Kind


def insert_new(session: Session, rows: Sequence[Mapping[str, Any]]) -> set[UUID]:
    """Inserts reports whose content is not there yet; the ids of those that were inserted.

    In the order of their content keys, so that two doors with the same reports never wait for each other.
    """
    ordered = sorted(rows, key=lambda row: row["content_key"])
    adding = inserting(Report, ordered).on_conflict_do_nothing(index_elements=["content_key"])
    return set(session.connection().execute(adding.returning(col(Report.id))).scalars())


def by_content(session: Session, content_keys: Sequence[bytes]) -> dict[bytes, tuple[UUID, str]]:
    """Content key → id and receipt of the report that has it."""
    wanted = select(Report.content_key, Report.id, Report.receipt).where(among(col(Report.content_key), content_keys))
    return {key: (report, receipt) for key, report, receipt in session.exec(wanted) if key is not None}


def seen_before(session: Session, seen: Sequence[Seen]) -> dict[Seen, tuple[UUID, str]]:
    """Which of these mailbox messages are reports already."""
    if not seen:
        return {}
    place = sa.tuple_(col(MailboxUid.mailbox), col(MailboxUid.uidvalidity), col(MailboxUid.uid))
    wanted = (
        select(MailboxUid.mailbox, MailboxUid.uidvalidity, MailboxUid.uid, MailboxUid.report_id)
        .where(place.in_([(each.mailbox, each.uidvalidity, each.uid) for each in seen]))
        .subquery()
    )
    rows = session.connection().execute(
        sa.select(wanted, col(Report.receipt)).join(Report, col(Report.id) == wanted.c.report_id)
    )
    return {Seen(mailbox, validity, uid): (report, receipt) for mailbox, validity, uid, report, receipt in rows}


def remember_seen(session: Session, rows: Sequence[Mapping[str, Any]]) -> None:
    """Notes mailbox messages; one that another reader noted meanwhile stays as it is."""
    session.connection().execute(inserting(MailboxUid, rows).on_conflict_do_nothing())


def insert_raw(session: Session, rows: Sequence[Mapping[str, Any]]) -> None:
    """Inserts sealed raw messages."""
    session.connection().execute(inserting(RawMessage, rows))


def change_reports(session: Session, rows: Sequence[Mapping[str, Any]]) -> None:
    """Writes columns of reports; each row has `id` and the same columns as the others."""
    change_rows(session, Report, "id", rows)


def next_due_attempts(session: Session, now: datetime) -> int | None:
    """How often the longest-waiting due report was tried, None where nothing is due."""
    due = select(Report.attempts).where(col(Report.due_at) <= now).order_by(col(Report.due_at)).limit(1)
    return session.exec(due).first()


def due(session: Session, now: datetime, attempts: int, limit: int) -> Sequence[tuple[UUID, int]]:
    """Up to `limit` due reports tried `attempts` times with their sizes in bytes, the longest waiting first.

    Held until the transaction ends; those that another worker is taking now are passed over.
    """
    wanted = (
        select(Report.id, Report.size)
        .where(col(Report.due_at) <= now, Report.attempts == attempts)
        .order_by(col(Report.due_at))
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return session.exec(wanted).all()


class SealedReport(NamedTuple):
    """What of a report is opened to read it; see models.Report."""

    id: UUID
    receipt: str
    door: Door
    category: Category | None
    arrived_at: datetime
    attempts: int
    reporter: bytes | None
    words: bytes | None


def claim(session: Session, reports: Sequence[UUID], until: datetime, attempts: int) -> list[SealedReport]:
    """Takes these reports, held by `due`, until `until`."""
    taking = (
        sa.update(Report)
        .where(among(col(Report.id), reports))
        .values(due_at=until, attempts=attempts + 1)
        .returning(*(table_of(Report).columns[name] for name in SealedReport._fields))
    )
    return [SealedReport(*row) for row in session.connection().execute(taking)]


def sealed_of(report: Report) -> SealedReport:
    """The same of a report that is there already."""
    return SealedReport(*(getattr(report, name) for name in SealedReport._fields))


class SealedRaw(NamedTuple):
    """A raw message as it is stored; see models.RawMessage."""

    report_id: UUID
    id: UUID
    sealed: bytes


def raw_of(session: Session, reports: Sequence[UUID]) -> dict[UUID, SealedRaw]:
    """Report → its raw message, for those that still have one."""
    wanted = select(RawMessage.report_id, RawMessage.id, RawMessage.sealed)
    rows = session.exec(wanted.where(among(col(RawMessage.report_id), reports))).all()
    return {row[0]: SealedRaw(*row) for row in rows}


def still_claimed(session: Session, attempts: Mapping[UUID, int]) -> set[UUID]:
    """Which of these claimed reports (id → attempts as claimed) are still ours, locked until the commit."""
    rows = session.exec(
        select(Report.id, Report.attempts)
        .where(among(col(Report.id), attempts), col(Report.due_at).is_not(None))
        .order_by(col(Report.id))
        .with_for_update()
    ).all()
    return {report for report, tried in rows if attempts[report] == tried}


def by_receipt(session: Session, receipt: str) -> Report | None:
    return session.exec(select(Report).where(Report.receipt == receipt)).first()


def waiting(session: Session, now: datetime) -> int:
    """How many reports are due."""
    return session.exec(select(sa.func.count()).where(col(Report.due_at) <= now)).one()


def by_id(session: Session, reports: Sequence[UUID]) -> dict[UUID, Report]:
    """The reports among these ids that there are."""
    return {row.id: row for row in session.exec(select(Report).where(among(col(Report.id), reports))).all()}


def page(
    session: Session,
    *,
    state: ReportState | None,
    enrolment: bool,
    before: tuple[datetime, UUID] | None,
    limit: int,
) -> Sequence[Report]:
    """Reports, newest first, after the last one of the page before (keyset).

    state: only of this one, where given. enrolment: only mails about joining a feedback loop.
    """
    wanted = select(Report).order_by(col(Report.arrived_at).desc(), col(Report.id).desc()).limit(limit)
    if state is not None:
        wanted = wanted.where(Report.state == state)
    if enrolment:
        # Not a parameter: the few there are have an index of their own, which only this text matches.
        wanted = wanted.where(sa.text(f"kind = '{Kind.ENROLMENT.value}'"))
    if before is not None:
        wanted = wanted.where(sa.tuple_(col(Report.arrived_at), col(Report.id)) < before)
    return session.exec(wanted).all()


def with_raw_older_than(session: Session, moment: datetime, limit: int) -> list[UUID]:
    """Reports that arrived before `moment` and still have their raw message."""
    wanted = select(RawMessage.report_id).join(Report, col(Report.id) == col(RawMessage.report_id))
    return list(session.exec(wanted.where(Report.arrived_at < moment).limit(limit)).all())


def unforgotten_older_than(session: Session, moment: datetime, limit: int) -> list[UUID]:
    """Reports that arrived before `moment` and still have personal columns."""
    wanted = select(Report.id).where(Report.arrived_at < moment, col(Report.forgotten_at).is_(None)).limit(limit)
    return list(session.exec(wanted).all())


def existing(session: Session, owners: Sequence[UUID]) -> list[UUID]:
    """Which of these owners of sealing keys are reports, or raw messages of reports: the reports."""
    reports = select(Report.id).where(among(col(Report.id), owners))
    raws = select(RawMessage.report_id).where(among(col(RawMessage.id), owners))
    return list(session.execute(reports.union(raws)).scalars())


def count_raw(session: Session, reports: Sequence[UUID]) -> int:
    """How many of these reports have a raw message."""
    there = select(sa.func.count()).select_from(RawMessage).where(among(col(RawMessage.report_id), reports))
    return session.exec(there).one()


def delete_raw(session: Session, reports: Sequence[UUID]) -> list[UUID]:
    """Removes the raw messages of reports; the owners of their keys."""
    gone = sa.delete(RawMessage).where(among(col(RawMessage.report_id), reports)).returning(col(RawMessage.id))
    return list(session.execute(gone).scalars())


def delete_seen(session: Session, reports: Sequence[UUID]) -> None:
    """Forgets where these reports were in a mailbox."""
    session.execute(sa.delete(MailboxUid).where(among(col(MailboxUid.report_id), reports)))


def forget(session: Session, reports: Sequence[UUID], now: datetime) -> int:
    """Empties every personal column of the reports; what is counted stays. How many there were."""
    done = session.connection().execute(
        sa.update(Report)
        .where(among(col(Report.id), reports))
        .values(reporter=None, words=None, summary=None, content_key=None, due_at=None, forgotten_at=now)
    )
    session.expire_all()
    return done.rowcount


def unread(session: Session) -> int:
    """How many reports wait to be read, those waiting for a second try too."""
    waiting = select(sa.func.count()).where(Report.state == ReportState.RECEIVED, col(Report.due_at).is_not(None))
    return session.exec(waiting).one()
