"""`abusedesk staff`: who may sign in at the desk."""

from __future__ import annotations

import json
from dataclasses import asdict

import click

from app.audit.domain import OPERATOR
from app.bootstrap import Desk, opened
from app.staff import service
from app.staff.credentials import Credentials
from app.staff.domain import Role


@click.group()
def staff() -> None:
    """Add, list and remove staff; let the first one in."""


@staff.command()
@click.argument("email")
@click.option("--role", type=click.Choice([role.value for role in Role]), default=Role.AGENT.value, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def add(email: str, role: str, as_json: bool) -> None:
    """Add a staff member who can sign in at once.

    Prints the password and the authenticator's secret. They are shown this once and never again.
    """
    with opened() as desk, desk.work() as work:
        added = service.add(work, credentials_of(desk), OPERATOR, email, Role(role))
    if as_json:
        click.echo(json.dumps(asdict(added)))
        return
    click.echo(f"Added {added.email} as {added.role}. Shown once:")
    click.echo(f"  password       {added.password}")
    click.echo(f"  TOTP secret    {added.totp_secret}")
    click.echo(f"  to scan        {added.totp_uri}")


@staff.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON array.")
def list_(as_json: bool) -> None:
    """List all staff, those who left too."""
    with opened() as desk, desk.work() as work:
        members = service.members(work)
    if as_json:
        click.echo(json.dumps([asdict(member) for member in members], default=str))
        return
    for member in members:
        state = "active" if member.active else "removed"
        click.echo(f"{member.email:40}  {','.join(member.roles):10}  {state}")
    if not members:
        click.echo("There is no staff yet. `abusedesk staff welcome` lets the first one in.")


@staff.command()
@click.argument("email")
def remove(email: str) -> None:
    """End a staff member's access and sessions at once."""
    with opened() as desk, desk.work() as work:
        service.remove(work, OPERATOR, email)
    click.echo("Removed. Every session of this person has ended.")


@staff.command()
def welcome() -> None:
    """Print a one-time link for the first staff member; nothing where there is staff already."""
    with opened() as desk:
        with desk.work() as work:
            token = service.welcome(work)
        if token is not None:
            click.echo("The first staff member signs up here, once, within seven days:", err=True)
            click.echo(f"{desk.settings.desk_site}/welcome/{token}")


def credentials_of(desk: Desk) -> Credentials:
    """What passwords and codes of this installation are made with."""
    return Credentials(desk.secrets.look_up, desk.secrets.totp, desk.secrets.recovery)
