"""`abusedesk audit`: reads the record, and checks that nobody changed it."""

from __future__ import annotations

import json
from datetime import UTC

import click

from app.audit import service
from app.audit.service import Broken, Told
from app.bootstrap import opened

SHOWN = 50


@click.group(invoke_without_command=True)
@click.pass_context
def audit(context: click.Context) -> None:
    """The record of who did what: `list` (the default) and `verify`."""
    if context.invoked_subcommand is None:
        context.invoke(list_entries)


@audit.command("list")
@click.option("--subject", help="Only entries about this, as in sender:acme or case:1001.")
@click.option("--limit", type=click.IntRange(1, 10_000), default=SHOWN, show_default=True, help="How many at most.")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON object a line.")
def list_entries(subject: str | None = None, limit: int = SHOWN, as_json: bool = False) -> None:
    """Show entries, newest first, with their details as far as they were not forgotten."""
    with opened() as desk, desk.work() as work:
        told = service.read(work, subject=subject, limit=limit)
    for each in told:
        click.echo(_json(each) if as_json else _line(each))
    if not told and not as_json:
        click.echo("The record has no such entry." if subject else "The record is empty.")


@audit.command("verify")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def verify_chain(context: click.Context, as_json: bool) -> None:
    """Check the chain from the first entry to the last. Exit code 1 where it does not hold."""
    with opened() as desk, desk.work() as work:
        broken, length = service.verify(work), service.length(work)
    click.echo(_verdict_json(broken, length) if as_json else _verdict(broken, length))
    context.exit(1 if broken else 0)


def _verdict(broken: Broken | None, length: int) -> str:
    if broken is None:
        return f"The chain of {length} entries holds."
    return f"The chain is broken at entry {broken.seq}: {broken.reason}."


def _verdict_json(broken: Broken | None, length: int) -> str:
    if broken is None:
        return json.dumps({"holds": True, "entries": length})
    return json.dumps({"holds": False, "entries": length, "entry": broken.seq, "reason": broken.reason})


def _line(told: Told) -> str:
    # Details hold what people typed: as JSON no control character of theirs reaches the terminal.
    detail = "(forgotten)" if told.detail is None else json.dumps(dict(told.detail))
    at = told.at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%SZ")
    return f"{told.seq:>6}  {at}  {told.actor}  {told.action}  {told.subject}  {detail}"


def _json(told: Told) -> str:
    fields = {
        "entry": told.seq,
        "at": told.at.astimezone(UTC).isoformat(),
        "actor": told.actor,
        "action": told.action,
        "subject": told.subject,
        "detail": None if told.detail is None else dict(told.detail),
    }
    return json.dumps(fields)
