"""abusedesk senders: import and list."""

from __future__ import annotations

import json
from typing import TextIO

import click

from app.audit.domain import OPERATOR
from app.bootstrap import opened
from app.senders import service
from app.senders.roster import read_roster

PAGE = 500


@click.group(help="The provider's customers: import and list them.")
def senders() -> None:
    pass


@senders.command("import", help="Import senders and their identities from JSON or CSV (- is standard input).")
@click.argument("file", type=click.File("r", encoding="utf-8", errors="strict"))
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
def import_(file: TextIO, as_json: bool) -> None:
    try:
        roster = read_roster(file.read())
    except UnicodeDecodeError as fault:
        raise click.ClickException("The file is not UTF-8 text.") from fault
    with opened() as desk, desk.work() as work:
        done = service.import_roster(work, OPERATOR, roster)
    faults = [{"line": each.line, "fault": each.text} for each in done.faults]
    if as_json:
        said = {"new": done.new, "known": done.known, "identities": done.identities, "faults": faults}
        click.echo(json.dumps(said))
    elif not faults:
        click.echo(f"{done.new} new senders, {done.known} known, {done.identities} identities.")
    for each in done.faults:
        click.echo(f"line {each.line}: {each.text}", err=True)
    if faults:
        click.echo("Nothing was imported.", err=True)
        raise SystemExit(1)


@senders.command("list", help="List senders.")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON object a line.")
def list_(as_json: bool) -> None:
    with opened() as desk, desk.work() as work:
        after = ""
        while page := service.page(work, after=after, limit=PAGE):
            for each in page:
                said = {"id": each.id, "name": each.name, "status": each.status, "parent": each.parent}
                click.echo(json.dumps(said) if as_json else f"{each.id:24} {each.status:10} {each.name}")
            after = page[-1].id
