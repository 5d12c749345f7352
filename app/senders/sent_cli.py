"""`abusedesk sent`: takes in what was sent and how much was delivered; `follow` keeps reading a Postfix log."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from typing import BinaryIO
from zoneinfo import ZoneInfo

import click

from app.audit.domain import OPERATOR
from app.bootstrap import opened
from app.senders import sent_service
from app.senders.follow_cli import follow, zone_option
from app.senders.sent import Line, Reading, SentFormat, guessed, lines_of, read_csv, read_jsonl
from app.senders.sent_kumomta import TENANT, read_kumomta
from app.senders.sent_postfix import PostfixReader
from app.senders.volumes import read_totals

_json = click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")


class Account(click.ParamType[str]):
    """Where a KumoMTA record names the sender's account."""

    name = "place"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> str:
        kind, _, named = str(value).partition(":")
        if str(value) != TENANT and not (kind in ("meta", "header") and named):
            self.fail("tenant, meta:NAME or header:NAME is expected.", param, ctx)
        return str(value)


@click.group(help="The send log: which mail was whose, and how much was delivered.")
def sent() -> None:
    pass


@sent.command("import", help="Take in a log of delivered mails (- is standard input); the same again adds nothing.")
@click.argument("file", type=click.File("rb"))
@click.option(
    "--format",
    "format_",
    type=click.Choice([str(each) for each in SentFormat]),
    help="Without it, what the first line looks like.",
)
@click.option(
    "--account",
    type=Account(),
    default=TENANT,
    show_default=True,
    help="KumoMTA: where the sender's id is, tenant, meta:NAME or header:NAME.",
)
@zone_option
@_json
def import_(file: BinaryIO, format_: str | None, account: str, zone: ZoneInfo, as_json: bool) -> None:
    kind, lines = guessed(lines_of(file))
    with opened() as desk:
        found = _reading(SentFormat(format_ or kind), lines, account, _newest(file, desk.clock.now()), zone)
        done = sent_service.import_sent(desk.work, OPERATOR, found)
    _say(done, as_json, "new mails")


@sent.command(help="Take in ready-made daily totals: day, sender, stream, provider, delivered (CSV or JSON lines).")
@click.argument("file", type=click.File("rb"))
@_json
def volumes(file: BinaryIO, as_json: bool) -> None:
    with opened() as desk:
        done = sent_service.state_volumes(desk.work, OPERATOR, read_totals(lines_of(file)))
    _say(done, as_json, "totals")


def _reading(kind: SentFormat, lines: Iterator[Line], account: str, newest: datetime, zone: ZoneInfo) -> Reading:
    if kind is SentFormat.POSTFIX:
        return _postfix(lines, newest, zone)
    if kind is SentFormat.KUMOMTA:
        return read_kumomta(lines, account)
    return read_jsonl(lines) if kind is SentFormat.JSONL else read_csv(lines)


def _postfix(lines: Iterator[Line], newest: datetime, zone: ZoneInfo) -> Reading:
    reader = PostfixReader(newest, zone)
    yield from reader.read(lines)
    yield from reader.end()


def _newest(file: BinaryIO, now: datetime) -> datetime:
    """No line of a file is younger than its last change; of a pipe, than now."""
    try:
        status = os.fstat(file.fileno())
    except OSError:  # no file of the system's at all
        return now
    if not stat.S_ISREG(status.st_mode):
        return now
    return min(now, datetime.fromtimestamp(status.st_mtime, UTC))


def _say(done: sent_service.Taken, as_json: bool, what: str) -> None:
    counts = asdict(done)
    told = counts.pop("told")
    if as_json:
        click.echo(json.dumps(counts | {"told": [{"line": each["line"], "fault": each["text"]} for each in told]}))
    else:
        click.echo(
            f"{done.new} {what}, {done.known} known, {done.old} too old, {done.unknown} of no sender's login, "
            f"{done.faults} lines with a fault."
        )
        for each in done.told:
            click.echo(f"line {each.line}: {each.text}", err=True)
    if done.faults:
        raise SystemExit(1)


sent.add_command(follow)
