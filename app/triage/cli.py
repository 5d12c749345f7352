"""`abusedesk cases`: lists cases and shows one with its timeline and reports."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import click

from app.bootstrap import opened
from app.triage import service
from app.triage.domain import CaseStatus
from app.triage.priority import band
from app.triage.queue import Filter, Row
from app.triage.showing import line
from app.uow import Work

STATUSES = {"open": CaseStatus.OPEN, "resolved": CaseStatus.RESOLVED, "all": None}


@click.group(invoke_without_command=True)
@click.option("--status", type=click.Choice(list(STATUSES)), default="open", show_default=True, help="Which cases.")
@click.option("--limit", type=click.IntRange(1, 10_000), default=50, show_default=True, help="How many at most.")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON array.")
@click.pass_context
def cases(context: click.Context, status: str, limit: int, as_json: bool) -> None:
    """Cases, the most urgent first; `show NUMBER` for one."""
    if context.invoked_subcommand is not None:
        return
    with opened() as desk, desk.work() as work:
        rows = service.queue(work, Filter(status=STATUSES[status]), limit=limit).rows
    if as_json:
        click.echo(json.dumps([_summary(row) for row in rows]))
        return
    for row in rows:
        click.echo(_line(row))
    if not rows:
        click.echo("No cases to list.", err=True)


@cases.command("show")
@click.argument("number", type=click.IntRange(1))
@click.option("--json", "as_json", is_flag=True, help="Print a JSON object.")
def show(number: int, as_json: bool) -> None:
    """Show one case with its timeline and its newest reports; reporters stay hidden."""
    with opened() as desk, desk.work() as work:
        row = service.case(work, number)
        timeline, reports = _timeline(work, row), _reports(work, row)
    if as_json:
        told = _summary(row) | {"report_count": row.reports, "timeline": timeline, "reports": reports}
        click.echo(json.dumps(told))
        return
    click.echo(_line(row))
    click.echo(f"  because: {', '.join(row.reasons)}")
    for event in timeline:
        click.echo(f"  {event['at']}  {event['event']:<10} {event['actor']}  {line(event['text'])}")
    for report in reports:
        click.echo(f"  report {report['id']}  {report['arrived_at']}  {report['verdict'] or '-'}")


def _summary(row: Row) -> dict[str, object]:
    return {
        "number": row.number,
        "status": row.status,
        "kind": row.kind,
        "sender": row.sender_id,
        "verdict": row.verdict,
        "priority": row.priority,
        "reasons": list(row.reasons),
        "reports": row.reports,
        "assignee": row.assignee,
        "opened_at": row.opened_at.isoformat(),
        "outcome": row.outcome,
    }


def _line(row: Row) -> str:
    words = f"{band(row.priority)} {row.priority}"
    state = row.outcome or row.assignee or row.status
    about = f"{row.kind:<20} {row.verdict:<13} {line(row.sender_id, 20) or '-':<20}"
    return f"C{row.number}  {words:<12} {about} {row.reports:>5}  {state}"


def _timeline(work: Work, row: Row) -> list[dict[str, Any]]:
    return [
        {
            "at": _moment(each.at),
            "actor": each.actor,
            "event": each.kind,
            "reports": each.reports,
            "outcome": each.outcome,
            "text": each.words,
        }
        for each in service.timeline(work, row.id)
    ]


def _reports(work: Work, row: Row) -> list[dict[str, Any]]:
    return [
        {
            "id": str(each.id),
            "receipt": each.receipt,
            "arrived_at": _moment(each.arrived_at),
            "door": each.door,
            "kind": each.kind,
            "verdict": each.verdict,
            "sender": each.sender,
        }
        for each in service.reports(work, row)
    ]


def _moment(at: datetime) -> str:
    return at.isoformat(timespec="seconds")
