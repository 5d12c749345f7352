"""abusedesk keys: the DKIM keys that were seen in DNS, and a look for them."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime

import click

from app.attribution import keys_service as service
from app.attribution.watching import Record
from app.bootstrap import Desk, opened
from app.errors import Conflict
from app.infra.leader import KEYS_LOCK, Lead


@click.group(help="The DKIM keys that were seen in DNS, with the first and last time.")
def keys() -> None:
    pass


@keys.command("list")
@click.option("--sender", metavar="ID", help="Only the keys of this sender's DKIM domains.")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON object a line.")
def list_(sender: str | None, as_json: bool) -> None:
    """List the key records seen, by name.

    A record that DNS no longer has still proves mail that arrived up to 30 days after it was last seen.
    """
    with opened() as desk:
        if sender is None:
            for each in service.every(desk.work):
                _say(each, as_json)
            return
        with desk.work() as work:
            for each in service.of_sender(work, sender):
                _say(each, as_json)


@keys.command("watch")
@click.option("--once", is_flag=True, help="Look once and end.")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON object for each look.")
def watch(once: bool, as_json: bool) -> None:
    """Look for the keys that are followed now, and every ABUSEDESK_KEYS_HOURS hours.

    Says which keys are new, back, revoked or gone. The process `cron` has the same done without being asked; one
    process looks at a time. Without --once it goes on until it is interrupted.
    """
    with opened() as desk:
        while True:
            _look(desk, as_json)
            if once:
                return
            time.sleep(desk.settings.keys_hours * 3600)


def _look(desk: Desk, as_json: bool) -> None:
    lead = Lead(desk.engine, KEYS_LOCK)
    try:
        if not lead.held():
            raise Conflict("Another process looks for keys just now.")
        watched = service.watch(desk.work, desk.resolver)
    finally:
        lead.leave()
    changes = [{"name": each.name, "change": each.kind} for each in watched.changes]
    if as_json:
        said = {"asked": watched.asked, "unanswered": watched.unanswered, "changes": changes}
        click.echo(json.dumps(said, ensure_ascii=False))
        return
    for each in watched.changes:
        click.echo(f"{each.kind:8} {_shown(each.name)}")
    click.echo(f"{watched.asked} keys asked for, {watched.unanswered} without an answer, {len(changes)} changed.")


def _say(record: Record, as_json: bool) -> None:
    if as_json:
        told = {"name": record.name, "first_seen": _at(record.first_seen), "last_seen": _at(record.last_seen)}
        told |= {"gone_at": _at(record.gone_at), "state": record.state}
        click.echo(json.dumps(told, ensure_ascii=False))
        return
    days = f"{record.first_seen:%Y-%m-%d} to {record.last_seen:%Y-%m-%d}"
    click.echo(f"{days}  {record.state:8} {_shown(record.name)}")


def _at(moment: datetime | None) -> str | None:
    return moment.astimezone(UTC).isoformat() if moment else None


def _shown(name: str) -> str:
    """The name as a terminal may have it: d= and s= are whatever a stranger wrote into a signature."""
    return name.encode("ascii", "backslashreplace").decode()
