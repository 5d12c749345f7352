"""abusedesk token: make and check trace tokens, and change their key."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from datetime import UTC, datetime

import click

from app.audit.domain import OPERATOR
from app.audit.service import record
from app.bootstrap import opened
from app.infra.secrets import add_token_key
from app.senders import tokens, tokens_service


@click.group(help="Trace tokens: what proves whose mail it was, whatever else a feedback loop takes out.")
def token() -> None:
    pass


@token.command(help="Print a token for mail of a sender, to be written into Feedback-ID, CFBL-Feedback-ID or VERP.")
@click.option("--sender", required=True, help="The sender's id.")
@click.option("--stream", default="", help="Such as bulk or transactional.")
@click.option("--campaign", default="", help="The mailing.")
@click.option("--at", type=click.DateTime(["%Y-%m-%dT%H:%M:%S", "%Y-%m-%d"]), help="When it is sent, UTC; else now.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def make(sender: str, stream: str, campaign: str, at: datetime | None, as_json: bool) -> None:
    with opened() as desk, desk.work() as work:
        when = at.replace(tzinfo=UTC) if at else None
        made = tokens_service.make(work, sender, stream=stream, campaign=campaign, at=when)
    click.echo(json.dumps({"token": made}) if as_json else made)


@token.command(help="Say what the tokens in VALUE (a header field, an address; - is standard input) prove.")
@click.argument("value")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON object a token.")
def check(value: str, as_json: bool) -> None:
    text = sys.stdin.read(tokens.TEXT_CHARS) if value == "-" else value
    with opened() as desk, desk.work() as work:
        found = tokens.find(work.vault.token_keys, [text])
        owners = tokens_service.owners(work, found)
    for each in found:
        told = {
            "valid": each.valid,
            "sender": owners.get(each.sender) if each.valid else None,
            "stream": each.stream if each.valid else None,
            "campaign": each.campaign if each.valid else None,
            "at": each.at.isoformat() if each.valid else None,
            "key": each.key,
        }
        click.echo(json.dumps(told) if as_json else _words(told))
    if not any(each.valid for each in found):
        raise click.ClickException("No valid token is in it." if found else "No token is in it.")


def _words(told: Mapping[str, object]) -> str:
    if not told["valid"]:
        return f"forged or damaged: it is not made with our key {told['key']}"
    sender = told["sender"] or "no sender of ours any more"
    named = [f"{name} {told[name]}" for name in ("stream", "campaign") if told[name]]
    return ", ".join([f"sender {sender}", *named, f"sent {told['at']}", f"key {told['key']}"])


@token.command(help="Add a new key: processes make tokens with it once they start anew, earlier tokens stay valid.")
def rotate() -> None:
    with opened() as desk, desk.work() as work:
        new = add_token_key(desk.settings)
        record(work, OPERATOR, "token.rotate", "secrets", {"key": str(new)})
    click.echo(f"Key {new} is there. Start the processes anew to make tokens with it.")
