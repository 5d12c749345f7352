"""`abusedesk retention` and `abusedesk erase`: forgetting, with --dry-run to see first what would go."""

from __future__ import annotations

import json
from collections.abc import Mapping

import click

from app.audit.domain import OPERATOR, Actor
from app.bootstrap import Desk, opened
from app.privacy import service
from app.staff.domain import Permission
from app.staff.service import actor_for

_dry = click.option("--dry-run", is_flag=True, help="Only say what would be forgotten.")
_json = click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")


@click.command()
@_dry
@_json
def retention(dry_run: bool, as_json: bool) -> None:
    """Forget for good what was kept as long as the settings say."""
    with opened() as desk:
        counts = service.retain(desk.work, actor=OPERATOR, dry_run=dry_run)
    if as_json:
        click.echo(json.dumps({"dry_run": dry_run, "forgotten": counts}))
        return
    _say(counts, dry_run)


@click.command()
@click.argument("address")
@_dry
@click.option("--by", help="The sign-in address of the staff member who decided; without it, the operator.")
@_json
def erase(address: str, dry_run: bool, by: str | None, as_json: bool) -> None:
    """Forget for good everything that mentions the e-mail ADDRESS, whoever wrote it."""
    with opened() as desk:
        actor = _actor(desk, by)
        erased = service.erase(desk.work, actor, address, dry_run=dry_run)
        mailbox = desk.settings.imap_processed if desk.settings.imap_url else None
    if as_json:
        click.echo(json.dumps({"dry_run": dry_run, "forgotten": erased.counts, "unread": erased.unread}))
    else:
        _say(erased.counts, dry_run)
    if erased.unread:
        click.echo(f"Reports still waiting to be read: {erased.unread}. Run this again after that.", err=True)
    if mailbox:
        click.echo(f"Mails in the mailbox's folder {mailbox} are not ours to delete; look there, too.", err=True)


def _actor(desk: Desk, by: str | None) -> Actor:
    if by is None:
        return OPERATOR
    with desk.work() as work:
        return actor_for(work, by, Permission.FORGET)


def _say(counts: Mapping[str, int], dry_run: bool) -> None:
    done = "to be forgotten" if dry_run else "forgotten"
    for name, number in counts.items():
        click.echo(f"{name:15} {done}: {number}")
