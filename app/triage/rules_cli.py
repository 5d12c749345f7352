"""`abusedesk rules`: the rules by which the machine acts before a person does.

They stand here and not in `enforcement`, for trying them on the past needs the cases.
"""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click

from app.bootstrap import opened
from app.enforcement.automatic import TEXT_CHARS, Rule, read_rules, written
from app.enforcement.domain import case_reference
from app.enforcement.rule_words import conditions, deed
from app.enforcement.service import ruling
from app.errors import Rejected
from app.staff.domain import Permission
from app.staff.service import actor_for
from app.triage.backtest import Hit, Tally
from app.triage.service.backtesting import backtest as tried
from app.uow import Work

SINCE_DAYS = 90
SHOWN = 20
"""How many hits of a rule are shown; --json has all."""

DAY = click.DateTime(["%Y-%m-%d"])


@click.group(help="Rules by which the machine holds or throttles a sender before a person decides. None by default.")
def rules() -> None:
    pass


@rules.command(help="Put the rules in FILE (JSON; - is standard input) in the place of all there were.")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, allow_dash=True))
@click.option("--by", required=True, help="The sign-in address of the lead who decided.")
@click.option("--dry-run", is_flag=True, help="Say whether FILE can be loaded; change nothing.")
def load(file: str, by: str, dry_run: bool) -> None:
    wanted = _rules_in(file)
    with opened() as desk, desk.work() as work:
        actor = actor_for(work, by, Permission.MANAGE_RULES)
        ruling.check_rules(work, wanted)
        before = None if dry_run else ruling.load_rules(work, actor, wanted)
    counted = "1 rule" if len(wanted) == 1 else f"{len(wanted)} rules"
    click.echo(f"{counted} can be loaded." if before is None else f"{counted} in force, in the place of {before}.")


@rules.command("list", help="List the rules in force.")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON object that `rules load` reads.")
def list_(as_json: bool) -> None:
    with opened() as desk, desk.work() as work:
        found = ruling.loaded_rules(work)
    if as_json:
        click.echo(json.dumps({"rules": [written(each.rule) for each in found]}, ensure_ascii=False))
        return
    for each in found:
        click.echo(
            f"{each.rule.id}  {deed(each.rule.then)}  since {each.changed_at:%Y-%m-%d %H:%M} UTC, {each.changed_by}"
        )
        click.echo(f"    when {'; '.join(conditions(each.rule.when))}")
        click.echo(f"    {each.rule.reason}")
    if not found:
        click.echo("No rules: nothing happens by itself.", err=True)


@rules.command(help="End all rules. What they did stands until it ends or a person undoes it.")
@click.option("--by", required=True, help="The sign-in address of the lead who decided.")
def clear(by: str) -> None:
    with opened() as desk, desk.work() as work:
        before = ruling.clear_rules(work, actor_for(work, by, Permission.MANAGE_RULES))
    click.echo(f"No rules any more; {before} ended.")


@rules.command(help="Say what the rules in FILE would have done to past reports. Changes nothing.")
@click.argument("file", required=False, type=click.Path(exists=True, dir_okay=False, allow_dash=True))
@click.option("--loaded", is_flag=True, help="Try the rules in force in place of a file.")
@click.option("--since", type=DAY, help=f"The first day (UTC) that is tried; else {SINCE_DAYS} days back.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object with every hit.")
def backtest(file: str | None, loaded: bool, since: datetime | None, as_json: bool) -> None:
    if (file is None) != loaded:
        raise click.UsageError("Name a FILE, or say --loaded.")
    wanted = _rules_in(file) if file else ()
    with opened() as desk, desk.work() as work:
        first = since.replace(tzinfo=UTC) if since else work.now - timedelta(days=SINCE_DAYS)
        found = _tried(work, wanted, first, loaded)
    if as_json:
        click.echo(json.dumps({"since": first.isoformat(), "rules": [_told(each) for each in found]}))
        return
    click.echo(f"Since {first:%Y-%m-%d}, changing nothing:")
    for each in found:
        _show(each)


def _tried(work: Work, wanted: tuple[Rule, ...], since: datetime, loaded: bool) -> list[Tally]:
    return tried(work, ruling.rules(work) if loaded else wanted, since)


def _rules_in(file: str) -> tuple[Rule, ...]:
    try:
        if file == "-":
            return read_rules(sys.stdin.read(TEXT_CHARS + 1))
        with Path(file).open(encoding="utf-8") as text:
            return read_rules(text.read(TEXT_CHARS + 1))
    except UnicodeDecodeError:
        raise Rejected("The rules are a text file in UTF-8.") from None


def _told(tally: Tally) -> dict[str, object]:
    return {
        "rule": tally.rule,
        "hits": len(tally.hits),
        "senders": tally.senders,
        "cases": tally.cases,
        "wrong": tally.wrong,
        "open": tally.open,
        "would": [_hit(each) for each in tally.hits],
    }


def _hit(hit: Hit) -> dict[str, object]:
    return {
        "at": hit.at.isoformat(),
        "until": hit.until.isoformat(),
        "sender": hit.sender,
        "case": hit.case,
        "outcome": hit.outcome,
        "wrong": hit.wrong,
    }


def _show(tally: Tally) -> None:
    if not tally.hits:
        click.echo(f"{tally.rule}: would have done nothing.")
        return
    told = f"{len(tally.hits)} times, to {tally.senders} senders, in {tally.cases} cases"
    click.echo(f"{tally.rule}: {told}; {tally.wrong} of these were no abuse, {tally.open} are open.")
    for hit in tally.hits[:SHOWN]:
        how = f"{hit.outcome or 'open'}{', wrong' if hit.wrong else ''}"
        click.echo(f"    {hit.at:%Y-%m-%d %H:%M}  {hit.sender:<20}  {case_reference(hit.case)}  {how}")
    if len(tally.hits) > SHOWN:
        click.echo(f"    and {len(tally.hits) - SHOWN} more; --json lists them.")
