"""The naive form that bench/pipeline.py measures against: one rq job and ORM commits a report."""

from __future__ import annotations

import email
import email.policy
import sys
from email.message import EmailMessage
from pathlib import Path
from uuid import uuid4

import dkim
import rq
from sqlalchemy import Engine
from sqlmodel import Field, Session, SQLModel, select

sys.path.insert(0, str(Path(__file__).parents[1]))

from app.bootstrap import Desk
from app.senders.models import Identity


class Known:
    """What the jobs share: set by `naive` in the process that also runs them."""

    engine: Engine
    zone: dict[bytes, bytes]


class NaiveReport(SQLModel, table=True):
    """What the naive form keeps of a report."""

    __tablename__ = "bench_naive"

    id: str = Field(primary_key=True)
    raw: bytes
    verdict: str = ""
    sender: str = ""


def naive(desk: Desk, reports: list[bytes]) -> dict[int, tuple[str, str]]:
    Known.engine, Known.zone = desk.engine, _zone(desk.settings.dns_zone)
    queue = rq.Queue("bench", connection=desk.redis)
    ids = []
    for raw in reports:
        ids.append(uuid4().hex)
        with Session(desk.engine) as session:
            session.add(NaiveReport(id=ids[-1], raw=raw))
            session.commit()
        queue.enqueue(judge_naively, ids[-1])
    rq.SimpleWorker([queue], connection=desk.redis).work(burst=True, logging_level="ERROR")
    with Session(desk.engine) as session:
        found = {row.id: (row.verdict, row.sender) for row in session.exec(select(NaiveReport))}
    return {number: found[report] for number, report in enumerate(ids)}


def judge_naively(report: str) -> None:
    """The job of the naive form."""
    with Session(Known.engine) as session:
        row = session.get_one(NaiveReport, report)
        outer = email.message_from_bytes(row.raw, policy=email.policy.default)
        inner = next(part for part in outer.walk() if part.get_content_type() == "message/rfc822")
        original = inner.get_payload(0)
        start = row.raw.index(b"message/rfc822\r\n\r\n") + len(b"message/rfc822\r\n\r\n")
        raw = row.raw[start : row.raw.rindex(b"\r\n--=_part_of_the_report--")]
        row.verdict, row.sender = _verdict(session, raw, original)
        session.add(row)
        session.commit()


def _verdict(session: Session, raw: bytes, original: EmailMessage) -> tuple[str, str]:
    domain = str(original["From"].addresses[0].domain)
    signer = dkim.DKIM(raw)
    try:
        passed = signer.verify(dnsfunc=lambda name, timeout=5: Known.zone.get(name.rstrip(b".")))
    except dkim.DKIMException:
        passed = False
    wanted = select(Identity).where(Identity.kind == "dkim", Identity.value == domain)
    holder = session.exec(wanted).first()
    if passed and holder:
        return "proven", holder.sender_id
    address = str(original.get_all("Received")[0]).partition("[")[2].partition("]")[0]
    by_address = session.exec(select(Identity).where(Identity.kind == "ip", Identity.value == address)).first()
    return ("likely", by_address.sender_id) if by_address else ("unproven", "")


def _zone(path: Path | None) -> dict[bytes, bytes]:
    lines = (path or Path()).read_bytes().splitlines()
    return {name: txt for name, _, txt in (line.partition(b"\t") for line in lines)}
