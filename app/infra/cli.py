"""Commands for the machine: bring the database up to date, and say what is wrong."""

from __future__ import annotations

import json
from dataclasses import asdict

import click

from app.infra.database import migrate as bring_up_to_date
from app.infra.database import new_revision
from app.infra.embedded import servers
from app.settings import Settings, described


@click.command()
@click.option(
    "--new", "title", help="For developers: write a revision with what the models have and the database lacks."
)
def migrate(title: str | None) -> None:
    """Bring the database to this version. Safe to repeat, and to run from several hosts at once."""
    with servers(Settings.from_environment()) as settings:
        bring_up_to_date(settings)
        if title:
            click.echo(new_revision(settings, title))
    click.echo("The database is at this version.", err=True)


@click.command()
@click.option("--markdown", is_flag=True, help="The table of docs/configuration.md.")
def settings(markdown: bool) -> None:
    """List every setting with its meaning and value; tokens and addresses with passwords are not shown."""
    given = Settings.from_environment()
    for each in described():
        if markdown:
            click.echo(f"| `{each.name}` | {each.meaning} | {f'`{each.default}`' if each.default else 'empty'} |")
        else:
            click.echo(f"{each.name:<34} {_shown(each.name, getattr(given, each.field))}\n    {each.meaning}")


def _shown(name: str, value: object) -> str:
    if value and (name.endswith(("_TOKEN", "_KEY")) or (name.endswith("_URL") and "@" in str(value))):
        return "(set)"
    return (
        " ".join(map(str, value)) if isinstance(value, tuple) and not hasattr(value, "_fields") else str(value or "")
    )


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
