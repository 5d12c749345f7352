"""`abusedesk read`: what a file is, without a database."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import click

from app.errors import AbuseDeskError, TooLarge
from app.mail import limits
from app.mail.dkim.signatures import judge, names
from app.mail.domain import Hop, KeyAnswer, KeyState, Original, Reading, SignatureResult
from app.mail.read import read as understand
from app.ports import KeyResolver

_SKEW = timedelta(hours=1)
_UNASKED = KeyAnswer(KeyState.UNASKED)


@click.command("read")
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a file, a line each.")
@click.pass_context
def read(context: click.Context, files: tuple[str, ...], as_json: bool) -> None:
    """Say what each message FILE is: format, reported mail, signatures. `-` is standard input.

    Nothing is stored. DKIM keys are looked up as the settings say (ABUSEDESK_DNS_ZONE, ABUSEDESK_DNS_SERVERS).
    Exit code 1 where a file could not be read; the others are still done.
    """
    keys = _resolver()
    failed = False
    for name in files:
        try:
            result = _told(name, understand(_bytes_of(name)), keys)
        except (OSError, AbuseDeskError) as error:
            failed = True
            click.echo(f"{_plain(name)}: {_sentence(error)}", err=True)
            continue
        click.echo(json.dumps(result) if as_json else "\n".join(_summary(result)))
    context.exit(1 if failed else 0)


def _resolver() -> KeyResolver:
    from app.infra.resolver import resolver_from
    from app.settings import Settings

    return resolver_from(Settings.from_environment())


def _bytes_of(name: str) -> bytes:
    """The file's bytes; of a larger file than is read only enough to say so. Raises OSError, TooLarge."""
    size = limits.MESSAGE_BYTES + 1
    if name == "-":
        raw = sys.stdin.buffer.read(size)
    else:
        with Path(name).open("rb") as file:
            raw = file.read(size)
    if len(raw) == size:
        raise TooLarge(f"The file is larger than {limits.MESSAGE_BYTES // 1024 // 1024} MB.")
    return raw


def _sentence(error: Exception) -> str:
    return f"{error.strerror or 'cannot be read'}." if isinstance(error, OSError) else str(error)


def _told(name: str, found: Reading, keys: KeyResolver) -> dict[str, Any]:
    """The whole answer for one file, in the order a reader wants it."""
    originals = [_original(original, found.arrived, keys) for original in found.originals]
    return {
        "file": name,
        "kind": found.kind.value,
        "feedback_type": found.feedback_type.value if found.feedback_type else None,
        "is_complaint": found.is_complaint,
        "fields": {key: list(values) for key, values in found.fields.items()},
        "derived": dict(found.derived),
        "original": originals[0] if originals else None,
        "more_originals": originals[1:],
        "reporter": found.reporter,
        "subject": found.subject,
        "arrived": _iso(found.arrived),
        "reason": found.reason,
        "defects": list(found.defects),
    }


def _original(original: Original, arrived: datetime | None, keys: KeyResolver) -> dict[str, Any]:
    return {
        "message_id": original.message_id,
        "from": original.from_,
        "return_path": original.return_path,
        "subject": original.subject,
        "date": _iso(original.date),
        "received": [_hop(hop) for hop in original.received],
        "recipients": list(original.recipients),
        "headers_only": original.headers_only,
        "verifiable": original.verifiable,
        "dkim": [_signature(result) for result in _judged(original, arrived, keys)],
    }


def _judged(original: Original, arrived: datetime | None, keys: KeyResolver) -> tuple[SignatureResult, ...]:
    """Each signature as of the arrival, or as of now where the arrival is unknown or lies in the future."""
    if not original.verifiable:
        return ()
    now = datetime.now(UTC)
    answers = keys.look_up(names(original.raw))
    return judge(
        original.raw,
        headers_only=original.headers_only,
        key_of=lambda name: answers.get(name, _UNASKED),
        as_of=arrived if arrived and arrived <= now + _SKEW else now,
    )


def _hop(hop: Hop) -> dict[str, str | None]:
    return {
        "from_host": hop.from_host,
        "from_ip": hop.from_ip,
        "by_host": hop.by_host,
        "protocol": hop.protocol,
        "queue_id": hop.queue_id,
        "for": hop.for_address,
        "at": _iso(hop.at),
        "text": hop.text,
    }


def _signature(result: SignatureResult) -> dict[str, str]:
    return {
        "d": result.domain,
        "s": result.selector,
        "header_hash": result.header_hash.value,
        "body_hash": result.body_hash.value,
        "key": result.key.value,
        "result": result.result.value,
        "reason": result.reason,
    }


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def _summary(told: dict[str, Any]) -> Iterator[str]:
    """A few lines for a person; what came with the mail is shown without control characters."""
    kind = f"{told['kind']} ({told['feedback_type']})" if told["feedback_type"] else told["kind"]
    yield f"{_plain(told['file'])}: {kind}, {'a complaint' if told['is_complaint'] else 'no complaint'}"
    for label in ("reason", "reporter", "subject", "arrived"):
        if told[label]:
            yield f"  {label:10} {_plain(told[label])}"
    for original in [told["original"], *told["more_originals"]] if told["original"] else []:
        yield from _original_summary(original)
    for defect in told["defects"]:
        yield f"  {'defect':10} {_plain(defect)}"


def _original_summary(original: dict[str, Any]) -> Iterator[str]:
    yield "  reported mail" + (" (header only)" if original["headers_only"] else "")
    for label in ("from", "return_path", "subject", "date", "message_id"):
        if original[label]:
            yield f"    {label:12} {_plain(original[label])}"
    if not original["verifiable"]:
        yield f"    {'dkim':12} not verifiable: these are not the bytes that were sent"
    for signature in original["dkim"]:
        yield f"    {'dkim':12} {_plain(signature['d'])}: {signature['result']}, {_plain(signature['reason'])}"


def _plain(text: str) -> str:
    """The text without what could steer a terminal, at most 200 characters."""
    return "".join(character if character.isprintable() else "\ufffd" for character in text[:200])
