"""Lines a second into the send log, and look-ups in a large one.

    ./.venv/bin/python bench/sent.py [--lines 200000] [--naive 2000] [--rounds 3] [--rows 1000000] [--questions 500]

Two forms take in the same made-up CSV on the same embedded PostgreSQL, in turns within one run:

    ours    app.senders.sent_service: batches, keyed hashes, daily volumes
    naive   a row read by csv.DictReader, one ORM commit a row with its look-up of a double and its counter;
            fewer lines, as it would take minutes

Both must come to the same volumes for the lines that both took in. Then the log is filled to `rows` rows, and
`questions` questions with Message-ID, queue id, time and ten recipients each are asked in one go.
"""

from __future__ import annotations

import argparse
import csv
import io
import statistics
import sys
import tempfile
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import sqlalchemy as sa
from sqlmodel import Session, select

# A script's folder comes first on the path; there bench/dkim.py would hide the library of its name.
sys.path.remove(str(Path(__file__).resolve().parent))
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from app.audit.domain import OPERATOR
from app.bootstrap import Desk, wire
from app.infra.database import migrate
from app.infra.embedded import servers
from app.ports import SentQuestion
from app.senders.models import Delivered, SentMail
from app.senders.roster import read_roster
from app.senders.sent import Sent, lines_of, provider_for, read_csv
from app.senders.sent_service import Volume, import_sent, line_id, recipient_key, sent_answers, volumes
from app.senders.service import import_roster
from app.settings import Settings

HEADING = "time,sender,recipient,message_id,queue_id,stream,campaign\n"
DOMAINS = ("gmail.com", "outlook.com", "yahoo.com", "gmx.de", "mail.firm.example")
SENDERS = 20


def table(first: int, many: int, now: datetime) -> bytes:
    """CSV of `many` mails, the first of them number `first`."""
    rows = (
        f"{(now - timedelta(seconds=number % 600_000)).isoformat()},s{number % SENDERS},"
        f"reader{number}@{DOMAINS[number % len(DOMAINS)]},<{number}.mailing@sender.example>,Q{number:08X},"
        f"marketing,c{number % 50}\n"
        for number in range(first, first + many)
    )
    return (HEADING + "".join(rows)).encode()


def ours(desk: Desk, text: bytes) -> float:
    began = time.perf_counter()
    import_sent(desk.work, OPERATOR, read_csv(lines_of(io.BytesIO(text))))
    return time.perf_counter() - began


def naive(desk: Desk, text: bytes) -> float:
    began = time.perf_counter()
    for number, row in enumerate(csv.DictReader(io.StringIO(text.decode()))):
        with desk.work() as work:
            sent = _sent(number, row)
            message = work.vault.look_up_key("message-id", sent.message_id)
            reader = recipient_key(work, sent.recipient)
            if work.session.get(SentMail, line_id(sent, message, reader)) is not None:
                continue
            work.session.add(
                SentMail(
                    id=line_id(sent, message, reader),
                    message_key=message,
                    queue_id=sent.queue_id,
                    sender_id=sent.sender or "",
                    stream=sent.stream,
                    campaign=sent.campaign,
                    recipient_key=reader,
                    provider=sent.provider,
                    at=sent.at,
                )
            )
            _count(work.session, sent)
    return time.perf_counter() - began


def _sent(number: int, row: dict[str, str]) -> Sent:
    return Sent(
        line=number,
        sender=row["sender"],
        login="",
        at=datetime.fromisoformat(row["time"]),
        message_id=row["message_id"].strip("<>"),
        queue_id=row["queue_id"],
        recipient=row["recipient"],
        provider=provider_for(row["recipient"]),
        stream=row["stream"],
        campaign=row["campaign"],
    )


def _count(session: Session, sent: Sent) -> None:
    key = {"sender_id": sent.sender, "day": sent.at.date(), "stream": sent.stream, "provider": sent.provider}
    found = session.exec(select(Delivered).filter_by(**key).with_for_update()).first()
    if found is None:
        session.execute(sa.insert(Delivered).values(key | {"counted": 1}))
    else:
        found.counted += 1


def counted(desk: Desk) -> list[list[Volume]]:
    with desk.work() as work:
        return [volumes(work, f"s{number}", date.min, date.max) for number in range(SENDERS)]


def empty(desk: Desk) -> None:
    with desk.engine.begin() as connection:
        connection.execute(sa.text("truncate sent, delivered"))


def import_both(desk: Desk, given: argparse.Namespace) -> None:
    now = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=1)
    whole, part = table(0, given.lines, now), table(0, given.naive, now)
    fast, slow = [], []
    for _ in range(given.rounds):
        empty(desk)
        slow.append(given.naive / naive(desk, part))
        wanted = counted(desk)
        empty(desk)
        ours(desk, part)
        if counted(desk) != wanted:
            raise SystemExit("The two forms count differently.")
        empty(desk)
        fast.append(given.lines / ours(desk, whole))
    best, worst = statistics.median(fast), statistics.median(slow)
    print(f"import, lines a second: ours {best:,.0f}, naive {worst:,.0f}, ratio {best / worst:.1f}")
    again = ours(desk, whole)
    print(f"the same {given.lines:,} lines again: {given.lines / again:,.0f} a second, nothing added")


def look_up(desk: Desk, given: argparse.Namespace) -> None:
    now = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=1)
    for first in range(given.lines, given.rows, given.lines):
        ours(desk, table(first, min(given.lines, given.rows - first), now))
    with desk.engine.connect() as connection:
        rows = connection.execute(sa.text("select count(*) from sent")).scalar_one()
    step = max(rows // given.questions, 1)
    questions = [_question(number * step, now) for number in range(given.questions)]
    times = []
    for _ in range(10):
        began = time.perf_counter()
        with desk.work() as work:
            answers = sent_answers(work, questions)
        times.append(time.perf_counter() - began)
    found = sum(1 for facts in answers if facts and facts[0].to_asked and facts[0].by_queue_id)
    if found != given.questions:
        raise SystemExit(f"Only {found} of {given.questions} were found.")
    middle, most = statistics.median(times) * 1000, max(times) * 1000
    print(f"{given.questions} questions over {rows:,} rows: median {middle:.1f} ms, at most {most:.1f} ms")


def _question(number: int, now: datetime) -> SentQuestion:
    readers = {f"reader{each}@{DOMAINS[number % len(DOMAINS)]}" for each in range(number, number + 10)}
    at = now - timedelta(seconds=number % 600_000)
    return SentQuestion(f"{number}.mailing@sender.example", f"Q{number:08X}", at, frozenset(readers))


def main() -> None:
    parser = argparse.ArgumentParser()
    for name, default in (
        ("lines", 200_000),
        ("naive", 2_000),
        ("rounds", 3),
        ("rows", 1_000_000),
        ("questions", 500),
    ):
        parser.add_argument(f"--{name}", type=int, default=default)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, servers(Settings(data=Path(folder)), durable=True) as settings:
        migrate(settings)
        desk = wire(settings)
        with desk.work() as work:
            listed = ", ".join(f'{{"id": "s{number}"}}' for number in range(SENDERS))
            import_roster(work, OPERATOR, read_roster(f'{{"senders": [{listed}]}}'))
        import_both(desk, given)
        look_up(desk, given)
        desk.close()


if __name__ == "__main__":
    main()
