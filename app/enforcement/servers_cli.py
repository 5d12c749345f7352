"""abusedesk servers: which mail servers decisions are brought to, and that one is no more."""

from __future__ import annotations

import json
from dataclasses import asdict

import click

from app.audit.domain import OPERATOR
from app.bootstrap import opened
from app.enforcement.service import servers as service


@click.group(help="The mail servers that decisions are brought to.")
def servers() -> None:
    pass


@servers.command(
    "list", help="List the mail servers that were told of anything. Exit code 1 where nobody serves one."
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON, an object a line.")
@click.pass_context
def list_(context: click.Context, as_json: bool) -> None:
    with opened() as desk, desk.work() as work:
        found = service.servers(work)
    for each in found:
        click.echo(json.dumps(asdict(each)) if as_json else _line(each))
    context.exit(0 if all(each.attended for each in found) else 1)


def _line(each: service.Server) -> str:
    attended = "looked after" if each.attended else "nobody looks after it"
    return f"{each.connector:10} {each.node or '-':40} {each.senders} senders, {each.leaking} leaking, {attended}"


@servers.command(help="Forget a mail server that is no more: it is red as long as it is known and nobody serves it.")
@click.argument("connector")
@click.argument("node", default="")
def forget(connector: str, node: str) -> None:
    with opened() as desk, desk.work() as work:
        senders = service.forget_server(work, OPERATOR, connector, node)
    click.echo(f"Forgotten: it was told of {senders} senders.")
