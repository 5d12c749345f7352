"""abusedesk explain: the verdict of a report and every clue behind it."""

from __future__ import annotations

import json

import click

from app.attribution import service
from app.attribution.domain import Clue
from app.attribution.service import Explained
from app.bootstrap import opened
from app.intake import service as intake


@click.command(help="Show whose mail a report is about, and why: REPORT is its id or its receipt.")
@click.argument("report")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def explain(report: str, as_json: bool) -> None:
    with opened() as desk, desk.work() as work:
        found = intake.by_reference(work, report)
        complaints = service.explained(work, found.id)
        headline = service.headlines(work, [found.id]).get(found.id)
    if as_json:
        click.echo(json.dumps(_said(str(found.id), headline, complaints), ensure_ascii=False))
        return
    click.echo(f"report {found.id}: {headline.verdict if headline else found.state}")
    click.echo(headline.reason if headline else found.reason)
    for each in complaints:
        _show(each)


def _said(report: str, headline: service.Headline | None, complaints: list[Explained]) -> dict[str, object]:
    """The report's headline with the clues of all its complaints; each complaint apart in `complaints`."""
    return {
        "report": report,
        "verdict": headline.verdict if headline else None,
        "sender": headline.sender if headline else None,
        "reason": headline.reason if headline else None,
        "clues": [_clue(clue) for each in complaints for clue in each.clues],
        "complaints": [
            {"position": each.position, "verdict": each.verdict, "sender": each.sender, "dkim": list(each.dkim)}
            for each in complaints
        ],
    }


def _clue(clue: Clue) -> dict[str, str | None]:
    return {
        "kind": clue.kind,
        "value": clue.value,
        "known": clue.known,
        "from": clue.source,
        "sender": clue.sender,
        "strength": clue.strength,
        "text": clue.text,
    }


def _show(complaint: Explained) -> None:
    click.echo(f"\nmessage {complaint.position + 1}: {complaint.verdict} {complaint.sender or ''}")
    for clue in complaint.clues:
        # repr: the value is hostile text and this may be a terminal.
        click.echo(
            f"  {clue.strength:11} {clue.kind:16} {clue.known:10} {clue.source}: {clue.value!r} {clue.sender or ''}"
        )
        click.echo(f"              {clue.text}")
    for each in complaint.dkim:
        answers = f"headers {each['header_hash']}, body {each['body_hash']}, key {each['key']}"
        click.echo(f"  DKIM {each['d']!r} {each['s']!r}: {each['result']} ({answers}) {each['reason']}")
        for step in each.get("repaired", ()):
            click.echo(f"              repaired: {step}")
