"""`abusedesk worksheet`: a message held against the law, without a database."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import click

from app.compliance.domain import Facts, Line, Quote, Worksheet
from app.compliance.jurisdiction import CHOICES
from app.compliance.signing import signatures
from app.compliance.worksheet import worksheet as fill_in
from app.errors import Rejected, TooLarge
from app.infra.resolver import resolver_from
from app.mail import limits
from app.mail.dkim.signatures import judge, names
from app.mail.domain import HashState, KeyAnswer, KeyState, Original
from app.mail.original import original_from
from app.mail.read import read
from app.settings import Settings

_UNASKED = KeyAnswer(KeyState.UNASKED)
_SHOWN = 100


@click.command(name="worksheet")
@click.argument("file")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a message, a line each.")
@click.option("--recipient", help="Who got it: address or domain. Default: the message's first recipient.")
@click.option("--country", type=click.Choice(list(CHOICES)), help="Where the recipient lives, instead of a guess.")
@click.option("--sender", help="The name of the account it came from.")
@click.option("--parent", "parents", multiple=True, help="The name of the account above; repeat, nearest first.")
@click.option("--opted-out", type=click.DateTime(["%Y-%m-%d"]), help="The day the recipient asked for no more mail.")
def worksheet(
    file: str,
    as_json: bool,
    recipient: str | None,
    country: str | None,
    sender: str | None,
    parents: tuple[str, ...],
    opted_out: datetime | None,
) -> None:
    """Hold the message FILE, or the messages that the report FILE is about, against the law, line by line.

    `-` is standard input. Nothing is stored and no link is followed; DKIM keys are looked up as the settings say.
    What the machine cannot tell is `unknown`, which is not met.
    """
    facts = Facts(recipient, sender, parents, countries=(country,) if country else ())
    if opted_out:
        facts = replace(facts, opted_out=opted_out.replace(hour=12, tzinfo=UTC))
    for original, arrived in _messages(_bytes_of(file)):
        found = fill_in(original, _known(original, replace(facts, arrived=arrived)))
        click.echo(json.dumps(_told(found), ensure_ascii=False) if as_json else "\n".join(_shown(found)))


def _bytes_of(name: str) -> bytes:
    """The file's bytes. Raises Rejected where it cannot be read; TooLarge."""
    most = limits.MESSAGE_BYTES + 1
    try:
        with nullcontext(sys.stdin.buffer) if name == "-" else Path(name).open("rb") as file:
            raw = file.read(most)
    except OSError as fault:
        raise Rejected(f"The file cannot be read: {fault.strerror}.") from fault
    if len(raw) == most:
        raise TooLarge(f"The file is larger than {limits.MESSAGE_BYTES // 1024**2} MB.")
    return raw


def _messages(raw: bytes) -> Iterator[tuple[Original, datetime | None]]:
    """The reported messages with their arrival; the file itself where it is no report. Raises Rejected."""
    reading = read(raw)
    if reading.originals:
        yield from ((each, reading.arrived) for each in reading.originals)
        return
    itself = original_from(raw)
    if itself is None:
        raise Rejected("This is not a mail.")
    yield itself, None


def _known(original: Original, facts: Facts) -> Facts:
    """The facts with what the message itself and DNS tell."""
    answers = resolver_from(Settings.from_environment()).look_up(names(original.raw)) if original.verifiable else {}
    judged = judge(
        original.raw,
        headers_only=original.headers_only,
        key_of=lambda name: answers.get(name, _UNASKED),
        as_of=facts.arrived or datetime.now(UTC),
    )
    held = [(each.domain, each.selector) for each in judged if each.header_hash is HashState.PASS]
    first = next(iter(original.recipients), None)
    return replace(facts, recipient=facts.recipient or first, signatures=signatures(original, held))


def _told(found: Worksheet) -> dict[str, object]:
    return {
        "jurisdiction": {
            "countries": found.jurisdiction.countries,
            "basis": found.jurisdiction.basis,
            "detail": found.jurisdiction.detail,
        },
        "language": found.language,
        "lines": [_line(line) for line in found.lines],
    }


def _line(line: Line) -> dict[str, object]:
    return {
        "rule": line.rule,
        "law": line.law,
        "title": line.title,
        "applies": line.applies,
        "finding": line.finding,
        "sentence": line.sentence,
        "quotes": [_quote(quote) for quote in line.quotes],
    }


def _quote(quote: Quote) -> dict[str, object]:
    return {"offset": quote.offset, "bytes": quote.raw.decode("utf-8", "backslashreplace"), "text": quote.text}


def _shown(found: Worksheet) -> Iterator[str]:
    """The worksheet for a terminal; what came with the mail is shown without control characters."""
    where = ", ".join(found.jurisdiction.countries) or "not known"
    yield f"recipient's country: {where} (by {found.jurisdiction.basis}); language: {found.language or 'not known'}"
    for line in found.lines:
        yield f"{line.rule:27} {line.finding:9} applies: {line.applies:8} {line.title}"
        yield f"{'':27} {_plain(line.sentence)}"
        for quote in line.quotes:
            yield f"{'':27} at byte {quote.offset}: {_plain(quote.text)}"


def _plain(text: str) -> str:
    shown = text if len(text) <= _SHOWN * 3 else f"{text[: _SHOWN * 3]}…"
    return "".join(letter if letter.isprintable() else "\ufffd" for letter in shown)
