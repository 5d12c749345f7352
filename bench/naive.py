"""The naive form that bench/pipeline.py measures against: one rq job and one ORM commit a report.

It ends in the same rows: report, complaint, counter, case, suppression, and the keys by which an address is found to
be erased; it opens what is sealed and seals what it finds; and it asks who sent the report. What it leaves out is in
its favour: only one signature and one address of the reported mail are looked at and kept as clues, addresses are
looked for in the bytes as they stand, no key in time, no send log, no trace token, no repair.
"""

from __future__ import annotations

import email
import email.policy
import json
import re
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from uuid import UUID, uuid4

import dkim
import rq
from sqlmodel import Session, select

from app.attribution.domain import Verdict
from app.attribution.models import Complaint, FeedbackLoop
from app.bootstrap import Desk
from app.enforcement.models import Suppression
from app.enforcement.suppression import Cause, pair
from app.infra.sealing import look_up_key
from app.intake import service as intake
from app.intake.domain import Arrival, Door, ReportState
from app.intake.models import Report
from app.mail.domain import FeedbackType, Kind
from app.mail.fields.address import readings
from app.senders.models import Identity, Sender
from app.senders.sent_service import RECIPIENT
from app.triage.domain import CaseKind, CaseStatus, EventKind
from app.triage.models import Case, CaseEvent, CaseReport, ComplaintCount

_ADDRESS = re.compile(rb"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")


class Known:
    """What the jobs share: set by `Naive.store` in the process that also runs them."""

    desk: Desk
    zone: dict[bytes, bytes]


class Naive:
    """One rq job a report, as a first version would have it."""

    name = "naive"

    def store(self, desk: Desk, reports: list[bytes]) -> None:
        Known.desk, Known.zone = desk, _zone(desk.settings.dns_zone)
        self._queue = rq.Queue("bench", connection=desk.redis)
        self.stored = stored(desk, reports)

    def work(self, desk: Desk) -> None:
        for report in self.stored:
            self._queue.enqueue(judge_naively, str(report))
        rq.SimpleWorker([self._queue], connection=desk.redis).work(burst=True, logging_level="ERROR")


def stored(desk: Desk, reports: list[bytes]) -> list[UUID]:
    """What a door does before it says yes: the reports, by their ids."""
    found: list[UUID] = []
    for at in range(0, len(reports), 100):
        with desk.work() as work:
            arrivals = [Arrival(raw, Door.LMTP) for raw in reports[at : at + 100]]
            found += [each.report for each in intake.store_many(work, arrivals)]
    return found


def judge_naively(report: str) -> None:
    """The job of the naive form."""
    with Known.desk.work() as work:
        session = work.session
        row = session.get_one(Report, UUID(report))
        raw = intake.raw_of(work, row.id) or b""
        outer = email.message_from_bytes(raw, policy=email.policy.default)
        inner = next(part for part in outer.walk() if part.get_content_type() == "message/rfc822")
        original = inner.get_payload(0)
        start = raw.index(b"message/rfc822\r\n\r\n") + len(b"message/rfc822\r\n\r\n")
        verdict, sender = _verdict(session, raw[start : raw.rindex(b"\r\n--=_part_of_the_report--")], original)
        _demand_loop(session, raw)
        row.state, row.judged_at, row.kind, row.due_at = ReportState.ACCEPTED, _now(), Kind.ARF, None
        row.feedback_type, row.is_complaint = FeedbackType.ABUSE, True
        key = work.vault.open([row.id])[row.id]
        row.summary = work.vault.seal(key, f"report.summary:{row.id}", _told(subject=original["Subject"]))
        complaint = _complaint(row, verdict, sender)
        place = f"complaint.clues:{row.id}:0"
        complaint.clues = work.vault.seal(key, place, _told(sender=sender, dkim=verdict is Verdict.PROVEN))
        session.add(complaint)
        work.vault.tag({row.id: _addresses(raw)})
        if sender:
            _count(session, row, verdict, sender, str(outer["From"].addresses[0].domain))
            _suppress(session, row, sender, str(original["To"].addresses[0].addr_spec))


def _addresses(raw: bytes) -> set[str]:
    words = b" ".join(word for word in raw.lower().split() if b"@" in word)
    return {each.decode() for each in _ADDRESS.findall(words)}


def _told(**found: object) -> bytes:
    return json.dumps(found, default=str).encode()


def _demand_loop(session: Session, raw: bytes) -> None:
    """Only a report that a feedback loop we know has signed is believed."""
    signer = dkim.DKIM(raw)
    if not signer.verify(dnsfunc=lambda name, timeout=5: Known.zone.get(name.rstrip(b"."))):
        raise ValueError("not signed")
    loops = session.exec(select(FeedbackLoop).where(FeedbackLoop.active)).all()
    if not any(signer.domain.decode() in loop.domains for loop in loops):
        raise ValueError("of no loop we know")


def _suppress(session: Session, row: Report, sender: str, recipient: str) -> None:
    """Whoever complained gets no more mail of the sender; a redacted recipient cannot be helped."""
    if recipient.startswith("redacted"):
        return
    key = look_up_key(Known.desk.secrets, RECIPIENT, readings(recipient)[0])
    wanted = select(Suppression).where(Suppression.sender_id == sender, Suppression.recipient_key == key)
    if session.exec(wanted).first() is not None:
        return
    uid = session.exec(select(Sender.uid).where(Sender.id == sender)).one()
    session.add(
        Suppression(
            id=uuid4(),
            sender_id=sender,
            recipient_key=key,
            pair=pair(uid.bytes, key),
            cause=Cause.COMPLAINT,
            report_id=row.id,
            by="system",
            since=row.arrived_at,
            due=row.arrived_at + timedelta(days=10),
            changed_at=_now(),
        )
    )


def _complaint(row: Report, verdict: Verdict, sender: str | None) -> Complaint:
    return Complaint(
        id=uuid4(),
        report_id=row.id,
        position=0,
        feedback_type=row.feedback_type,
        counts=True,
        verdict=verdict,
        sender_id=sender,
        reason="",
        judged_at=_now(),
    )


def _count(session: Session, row: Report, verdict: Verdict, sender: str, provider: str) -> None:
    """Counts the click; from `clicks_open` of them on they have a case, with those that came before."""
    today = row.arrived_at.date()
    counter = session.get(ComplaintCount, (sender, today, provider, "abuse"))
    if counter is None:
        counter = ComplaintCount(sender_id=sender, day=today, provider=provider, feedback_type="abuse", complaints=0)
    counter.complaints += 1
    session.add(counter)
    case = session.exec(select(Case).where(Case.group_key == f"clicks:{sender}", Case.status == "open")).first()
    reports = [row.id]
    if case is None and counter.complaints >= Known.desk.settings.clicks_open:
        case = _case(sender, verdict)
        session.add(case)
        session.flush()
        reports = list(session.exec(select(Complaint.report_id).where(Complaint.sender_id == sender)).all())
    if case is not None:
        case.report_count += len(reports)
        case.clicks, case.updated_at, case.sample_report_id = counter.complaints, _now(), row.id
        session.add_all(CaseReport(report_id=each, case_id=case.id, joined_at=_now()) for each in reports)
        session.add(CaseEvent(id=uuid4(), case_id=case.id, at=_now(), actor="system", kind=EventKind.JOINED))


def _case(sender: str, verdict: Verdict) -> Case:
    return Case(
        id=uuid4(),
        status=CaseStatus.OPEN,
        kind=CaseKind.FEEDBACK,
        sender_id=sender,
        verdict=verdict,
        group_key=f"clicks:{sender}",
        priority=50,
        priority_reasons=[],
        opened_at=_now(),
        updated_at=_now(),
    )


def _now() -> datetime:
    return datetime.now(UTC)


def _verdict(session: Session, raw: bytes, original: EmailMessage) -> tuple[Verdict, str | None]:
    domain = str(original["From"].addresses[0].domain)
    signer = dkim.DKIM(raw)
    try:
        passed = signer.verify(dnsfunc=lambda name, timeout=5: Known.zone.get(name.rstrip(b".")))
    except dkim.DKIMException:
        passed = False
    wanted = select(Identity).where(Identity.kind == "dkim", Identity.value == domain)
    holder = session.exec(wanted).first()
    if passed and holder:
        return Verdict.PROVEN, holder.sender_id
    address = str(original.get_all("Received")[0]).partition("[")[2].partition("]")[0]
    by_address = session.exec(select(Identity).where(Identity.kind == "ip", Identity.value == address)).first()
    return (Verdict.LIKELY, by_address.sender_id) if by_address else (Verdict.UNPROVEN, None)


def _zone(path: Path | None) -> dict[bytes, bytes]:
    lines = (path or Path()).read_bytes().splitlines()
    return {name: txt for name, _, txt in (line.partition(b"\t") for line in lines)}
