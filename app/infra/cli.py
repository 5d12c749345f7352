"""Commands for the machine: bring the database up to date, and say what is wrong."""

from __future__ import annotations

import json
from dataclasses import asdict

import click

from app.infra.database import migrate as bring_up_to_date
from app.infra.embedded import servers
from app.settings import Settings


@click.command()
def migrate() -> None:
    """Bring the database to this version. Safe to repeat, and to run from several hosts at once."""
    with servers(Settings.from_environment()) as settings:
        bring_up_to_date(settings)
    click.echo("The database is at this version.", err=True)


@click.command()
@click.option("--json", "as_json", is_flag=True, help="For machines: a list of {name, ok, said}.")
@click.pass_context
def doctor(ctx: click.Context, as_json: bool) -> None:
    """Check database, clock, Redis, mailbox, DNS and secrets. Exit code 1 where one is not well."""
    from app.infra.doctor import examine  # IMAP, DNS and alembic: not for every command

    findings = examine(Settings.from_environment())
    if as_json:
        click.echo(json.dumps([asdict(finding) for finding in findings], indent=2))
    for finding in () if as_json else findings:
        click.echo(f"{'ok   ' if finding.ok else 'WRONG'}  {finding.name:<9} {finding.said}")
    ctx.exit(0 if all(finding.ok for finding in findings) else 1)
