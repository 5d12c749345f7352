"""abusedesk loops: the feedback loops that we know."""

from __future__ import annotations

import json
from dataclasses import replace

import click

from app.attribution import loops_service as service
from app.attribution.loops import Loop
from app.audit.domain import OPERATOR
from app.bootstrap import opened
from app.errors import NotFound


@click.group(invoke_without_command=True, help="List the feedback loops whose reports count as authenticated.")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON object a line.")
@click.pass_context
def loops(context: click.Context, as_json: bool) -> None:
    if context.invoked_subcommand is not None:
        return
    with opened() as desk, desk.work() as work:
        for each in service.kept(work):
            _say(each.loop, as_json)


@loops.command("set", help="Add a loop, or change the one that has this ID.")
@click.argument("id_", metavar="ID")
@click.option("--name", help="What staff call it.")
@click.option("--domain", "domains", multiple=True, help="A domain that signs its reports (d=); may be repeated.")
@click.option("--from", "senders", multiple=True, help="An address or domain its reports are from; may be repeated.")
@click.option("--active/--off", default=None, help="Whether its reports count as authenticated.")
@click.option("--note", help="A word for colleagues.")
@click.option("--json", "as_json", is_flag=True, help="Print the loop as JSON.")
def set_(
    id_: str,
    name: str | None,
    domains: tuple[str, ...],
    senders: tuple[str, ...],
    active: bool | None,
    note: str | None,
    as_json: bool,
) -> None:
    with opened() as desk, desk.work() as work:
        try:
            before = service.find(work, id_)
        except NotFound:
            before = Loop(id_, "", (), ())
        changed = replace(
            before,
            name=before.name if name is None else name,
            domains=domains or before.domains,
            senders=senders or before.senders,
            active=before.active if active is None else active,
            note=before.note if note is None else note,
        )
        _say(service.put(work, OPERATOR, changed), as_json)


def _say(loop: Loop, as_json: bool) -> None:
    if as_json:
        told = {"id": loop.id, "name": loop.name, "domains": loop.domains, "from": loop.senders}
        click.echo(json.dumps(told | {"active": loop.active, "note": loop.note}, ensure_ascii=False))
        return
    state = "counts" if loop.active else "off"
    click.echo(f"{loop.id:20} {state:7} {loop.name}")
    click.echo(f"{'':28} signed by {', '.join(loop.domains)}; from {', '.join(loop.senders)}")
