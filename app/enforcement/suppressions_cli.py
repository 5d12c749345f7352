"""`abusedesk suppressions`: who is not to be written to any more by whom."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Iterable

import click

from app.audit.domain import OPERATOR, Actor
from app.bootstrap import opened
from app.enforcement.service import suppressed as service
from app.enforcement.service import suppressing
from app.enforcement.suppression import Cause, SuppressionFact
from app.senders import service as senders
from app.staff.domain import Permission
from app.staff.service import actor_for
from app.uow import Work

COLUMNS = ("address", "sender", "cause", "since")
FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet takes for the beginning of a formula."""

_json = click.option("--json", "as_json", is_flag=True, help="Print JSON, an object a line.")
_by = click.option("--by", help="The sign-in address of the staff member who decided; without it, the operator.")

AT_ONCE = 5_000
"""Addresses that are added in one transaction: what takes longer than a minute is overlooked by who follows."""


@click.group(help="Who is not to be written to any more by whom.")
def suppressions() -> None:
    pass


@suppressions.command("list", help="List suppressions in force by what is known without their addresses.")
@click.option("--sender", help="Only of this sender.")
@click.option("--all", "lifted", is_flag=True, help="Lifted ones, too.")
@_json
def list_(sender: str | None, lifted: bool, as_json: bool) -> None:
    with opened() as desk:
        if sender is not None:
            with desk.work() as work:
                senders.find(work, sender)
        for fact in service.every(desk.work, sender, lifted=lifted):
            click.echo(json.dumps(_listing(fact)) if as_json else _line(fact))


def _listing(fact: SuppressionFact) -> dict[str, object]:
    return {
        "id": str(fact.id),
        "sender": fact.sender,
        "cause": fact.cause,
        "by": fact.by,
        "since": fact.since.isoformat(),
        "due": fact.due.isoformat(),
        "lifted": fact.lifted_at.isoformat() if fact.lifted_at else None,
        "address_known": fact.address is not None,
    }


def _line(fact: SuppressionFact) -> str:
    state = f"lifted {fact.lifted_at:%Y-%m-%d}" if fact.lifted_at else f"due {fact.due:%Y-%m-%d %H:%M}"
    return f"{fact.id}  {fact.sender:24} {fact.cause:10} since {fact.since:%Y-%m-%d %H:%M}  {state}"


@suppressions.command(help="Suppress ADDRESSES for SENDER; - reads them from standard input, one a line.")
@click.argument("sender")
@click.argument("addresses", nargs=-1, required=True)
@click.option(
    "--cause",
    type=click.Choice([each.value for each in Cause]),
    default=Cause.STAFF.value,
    show_default=True,
    help="Why: they complained, opted out, or it was decided.",
)
@_by
@_json
def add(sender: str, addresses: tuple[str, ...], cause: str, by: str | None, as_json: bool) -> None:
    given = [line for line in sys.stdin.read().splitlines() if line.strip()] if addresses == ("-",) else addresses
    fresh = 0
    with opened() as desk:
        for at in range(0, len(given), AT_ONCE):
            with desk.work() as work:
                fresh += len(suppressing.add(work, _actor(work, by), sender, given[at : at + AT_ONCE], Cause(cause)))
    said = {"sender": sender, "new": fresh, "known": len({each.strip().lower() for each in given}) - fresh}
    click.echo(json.dumps(said) if as_json else f"Suppressed for {sender}: {said['new']} new, {said['known']} known.")


def _actor(work: Work, by: str | None) -> Actor:
    return OPERATOR if by is None else actor_for(work, by, Permission.MANAGE_SUPPRESSIONS)


@suppressions.command(help="Let SENDER write to ADDRESS again. Only staff who may; it goes on the record.")
@click.argument("sender")
@click.argument("address")
@click.option("--by", required=True, help="The sign-in address of the staff member who decided.")
@click.option("--reason", required=True, help="Why, for the record; staff only.")
@_json
def lift(sender: str, address: str, by: str, reason: str, as_json: bool) -> None:
    with opened() as desk, desk.work() as work:
        actor = actor_for(work, by, Permission.MANAGE_SUPPRESSIONS)
        fact = service.suppression(work, sender, address)
        suppressing.lift(work, actor, fact.id, reason)
    said = {"sender": sender, "suppression": str(fact.id), "lifted": True, "by": actor.name}
    click.echo(json.dumps(said) if as_json else f"Sender {sender} may write to this address again.")


@suppressions.command(help="Write what is in force to standard output, addresses in clear. It goes on the record.")
@click.option("--sender", help="Only of this sender.")
@click.option("--format", "format_", type=click.Choice(["csv", "jsonl"]), default="csv", show_default=True)
@_by
def export(sender: str | None, format_: str, by: str | None) -> None:
    with opened() as desk:
        with desk.work() as work:
            actor = _actor(work, by)
        forgotten = _write(service.exported(desk.work, actor, sender), format_)
    if forgotten:
        click.echo(f"Left out, as their addresses were forgotten: {forgotten}.", err=True)


def _write(facts: Iterable[SuppressionFact], format_: str) -> int:
    """Writes each whose address is known; how many are not."""
    forgotten = 0
    table = csv.writer(sys.stdout, lineterminator="\n")
    if format_ == "csv":
        table.writerow(COLUMNS)
    for fact in facts:
        if fact.address is None:
            forgotten += 1
            continue
        row = dict(zip(COLUMNS, (fact.address, fact.sender, str(fact.cause), fact.since.isoformat()), strict=True))
        if format_ == "csv":
            table.writerow([cell(each) for each in row.values()])
        else:
            click.echo(json.dumps(row))
    return forgotten


def cell(text: str) -> str:
    """The text as a spreadsheet shows it: behind an apostrophe where it would be worked out as a formula."""
    return f"'{text}" if text.startswith(FORMULA) else text
