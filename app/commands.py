"""Commands that compose features: `abusedesk ingest` stores reports and can judge them on the spot, `abusedesk
reports` lists them and gives one back. They stand above the features, as a feature sees only what is left of it.
"""

from __future__ import annotations

import json
import mmap
import sys
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from uuid import UUID

import click

from app import pipeline
from app.audit.domain import OPERATOR
from app.audit.service import record
from app.bootstrap import Desk, opened
from app.errors import Rejected
from app.infra.logs import for_a_command
from app.intake import service as intake
from app.intake.domain import Arrival, Door, ReportState, Stored
from app.intake.mbox import messages
from app.mail import limits
from app.triage import service as triage
from app.triage.service import Brief, Row
from app.values import dataclass

BATCH = 100
BATCH_BYTES = 32 * 1024 * 1024
LOOK_SECONDS = 0.05
PAGE = 200


@dataclass(frozen=True, slots=True)
class Piece:
    """One message of a file, or why there is none."""

    file: str
    raw: bytes = b""
    refusal: str = ""


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a piece: stored, or refused for a reason."""

    file: str
    stored: Stored | None
    refusal: str = ""


@click.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON object a line.")
@click.option("--wait", is_flag=True, help="Judge the reports here and now, and say the verdicts.")
@click.pass_context
def ingest(context: click.Context, files: tuple[str, ...], as_json: bool, wait: bool) -> None:
    """Store reports from files: .eml, .msg, mbox, anything; `-` is standard input, a folder all its files.

    What was stored before is a duplicate and adds nothing. Exit code 1 where a file could not be taken; the
    others are. A report that waits for DNS stays `received`, with or without --wait.
    """
    for_a_command()
    with opened() as desk:
        if wait:
            taken = [each for batch in _batches(pieces(files)) for each in store(desk, batch)]
            judge(desk, {each.stored.report for each in taken if each.stored})
            said = _told(desk, taken)
        else:
            said = (line for batch in _batches(pieces(files)) for line in _told(desk, store(desk, batch)))
        refused = _say(said, as_json)
    context.exit(1 if refused else 0)


def pieces(files: Iterable[str]) -> Iterator[Piece]:
    """The messages of the files in their order; a file that cannot be read is a refusal."""
    for file in files:
        if file == "-":
            yield from _pieces(file, sys.stdin.buffer.read())
        elif Path(file).is_dir():
            yield from pieces(sorted(str(path) for path in Path(file).rglob("*") if path.is_file()))
        else:
            yield from _file(file)


def _file(file: str) -> Iterator[Piece]:
    try:
        with Path(file).open("rb") as opened_file:
            if not Path(file).is_file() or not Path(file).stat().st_size:
                yield from _pieces(file, opened_file.read())
                return
            # Mapped, not read: an mbox may be larger than the memory.
            with mmap.mmap(opened_file.fileno(), 0, access=mmap.ACCESS_READ) as source:
                yield from _pieces(file, source)
    except OSError as fault:
        yield Piece(file, refusal=f"The file cannot be read: {fault.strerror or type(fault).__name__}.")


def _pieces(file: str, source: bytes | mmap.mmap) -> Iterator[Piece]:
    for message in messages(source, limits.MESSAGE_BYTES):
        refusal = _refusal(message)
        yield Piece(file, refusal=refusal) if refusal else Piece(file, message or b"")


def _refusal(message: bytes | None) -> str:
    if message is None:
        return f"A message may have at most {limits.MESSAGE_BYTES // 1024**2} MiB."
    try:
        intake.refuse_unfit(Arrival(message, Door.COMMAND))
    except Rejected as refusal:
        return str(refusal)
    return ""


def _batches(all_pieces: Iterator[Piece]) -> Iterator[list[Piece]]:
    """What one transaction takes: at most BATCH pieces, and no more once they have BATCH_BYTES."""
    batch: list[Piece] = []
    for piece in all_pieces:
        batch.append(piece)
        if len(batch) == BATCH or sum(len(each.raw) for each in batch) >= BATCH_BYTES:
            yield batch
            batch = []
    if batch:
        yield batch


def store(desk: Desk, batch: Sequence[Piece]) -> list[Taken]:
    """What became of each piece, in their order; committed."""
    arrivals = [Arrival(piece.raw, Door.COMMAND) for piece in batch if not piece.refusal]
    with desk.work() as work:
        stored = iter(intake.store_many(work, arrivals) if arrivals else [])
    return [Taken(each.file, None if each.refusal else next(stored), each.refusal) for each in batch]


def judge(desk: Desk, reports: set[UUID]) -> None:
    """Works reports off until these are judged, or wait for DNS; those that a worker has are waited for."""
    while reports := _unjudged(desk, reports):
        if not pipeline.work_off(desk, desk.settings.batch):
            time.sleep(LOOK_SECONDS)


def _unjudged(desk: Desk, reports: set[UUID]) -> set[UUID]:
    with desk.work() as work:
        found = intake.found(work, list(reports)).values()
    waiting = [each for each in found if each.state is ReportState.RECEIVED]
    # Read already, and due later: it waits for DNS.
    return {each.id for each in waiting if not (each.summary and each.due_at and each.due_at > work.now)}


def _told(desk: Desk, taken: Sequence[Taken]) -> Iterator[dict[str, object]]:
    """An object for each, in their order, BATCH looked up at a time."""
    rest = iter(taken)
    while part := list(islice(rest, BATCH)):
        with desk.work() as work:
            briefs = {
                each.id: each for each in triage.briefs(work, [each.stored.report for each in part if each.stored])
            }
            found = triage.cases_of_reports(work, list(briefs))
        cases = {each.id: _case(each, found.get(each.id, [])) for each in briefs.values()}
        for each in part:
            brief = briefs[each.stored.report] if each.stored else None
            yield _object(each, brief, cases[brief.id] if brief else None)


def _case(report: Brief, newest: Sequence[Row]) -> int | None:
    """The case about the sender that is named for the report, else the newest it is in."""
    about = [each for each in newest if each.sender_id == report.sender]
    return next((each.number for each in (*about, *newest)), None)


def _object(taken: Taken, report: Brief | None, case: int | None) -> dict[str, object]:
    duplicate = taken.stored is not None and taken.stored.duplicate
    return {
        "file": taken.file,
        "receipt": report.receipt if report else None,
        "report": str(report.id) if report else None,
        "state": "duplicate" if duplicate else report.state if report else "refused",
        "kind": report.kind if report else None,
        "verdict": report.verdict if report else None,
        "sender": report.sender if report else None,
        "case": case,
        "reason": report.reason if report else taken.refusal,
    }


def _say(objects: Iterable[Mapping[str, object]], as_json: bool) -> int:
    """Prints each; how many were refused."""
    refused = 0
    for each in objects:
        refused += each["state"] == "refused"
        click.echo(json.dumps(each) if as_json else _line(each))
    return refused


def _line(told: Mapping[str, object]) -> str:
    what = [told["verdict"], told["sender"], f"case {told['case']}" if told["case"] else None]
    text = " ".join(str(part) for part in what if part) or told["reason"]
    return f"{told['receipt'] or '-':23}  {told['state']:11}  {click.format_filename(str(told['file']))}  {text}"


@click.group(invoke_without_command=True)
@click.option("--state", type=click.Choice([each.value for each in ReportState]), help="Only reports in this state.")
@click.option("--limit", type=click.IntRange(1), default=50, show_default=True, help="How many at most.")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON object a line.")
@click.pass_context
def reports(context: click.Context, state: str | None, limit: int, as_json: bool) -> None:
    """List reports, the newest first; `raw` gives the message of one back, `reread` has it read again."""
    if context.invoked_subcommand is not None:
        return
    with opened() as desk:
        for each in islice(_listed(desk, ReportState(state) if state else None), limit):
            click.echo(json.dumps(each) if as_json else _row(each))


def _listed(desk: Desk, state: ReportState | None) -> Iterator[dict[str, object]]:
    before = None
    while True:
        with desk.work() as work:
            page = triage.arrivals(work, state, before=before, limit=PAGE)
        for each in page:
            yield _listing(each)
        if len(page) < PAGE:
            return
        before = (page[-1].arrived_at, page[-1].id)


def _listing(report: Brief) -> dict[str, object]:
    return {
        "report": str(report.id),
        "receipt": report.receipt,
        "arrived": report.arrived_at.isoformat(),
        "door": report.door,
        "state": report.state,
        "kind": report.kind,
        "verdict": report.verdict,
        "sender": report.sender,
        "reason": report.reason,
    }


def _row(told: Mapping[str, object]) -> str:
    what = " ".join(str(part) for part in (told["verdict"], told["sender"]) if part) or told["reason"]
    return f"{told['receipt']}  {str(told['arrived'])[:19]}  {told['state']:11}  {told['kind'] or '-':12}  {what}"


@reports.command("raw")
@click.argument("report")
def give_back(report: str) -> None:
    """Write the message of REPORT (id or receipt) to standard output, exact bytes. It goes on the record."""
    with opened() as desk, desk.work() as work:
        found = intake.by_reference(work, report)
        message = intake.raw_of(work, found.id)
        if message is None:
            raise Rejected("The message of this report is gone.")
        record(work, OPERATOR, "report.raw", f"report:{found.id}")
    sys.stdout.buffer.write(message)


@reports.command("reread")
@click.argument("report")
def read_again(report: str) -> None:
    """Have REPORT (id or receipt) read and judged again. It goes on the record."""
    with opened() as desk, desk.work() as work:
        triage.reread(work, OPERATOR, intake.by_reference(work, report).id)
    click.echo("It will be read again.")
