"""What a report holds, opened again for a page: read anew from the sealed bytes while they are kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from uuid import UUID

from app.attribution.places import OurPlaces
from app.audit.domain import Actor
from app.audit.service import record
from app.intake import service as intake
from app.intake.domain import Claimed, Door
from app.mail.domain import Header, Hop, Original, Reading
from app.mail.mime.message import parse
from app.mail.mime.text import human_text
from app.mail.read import read, read_source
from app.uow import Work
from app.values import dataclass


@dataclass(frozen=True, slots=True)
class Message:
    """One reported message. text: what a person would read of it, plain. hops: each with whether it is ours."""

    original: Original
    text: str
    hops: tuple[tuple[Hop, bool], ...]


@dataclass(frozen=True, slots=True)
class Letter:
    """A report, opened. Everything in it is hostile text.

    raw: None once it is gone; then text, subject and from_ are what the summary kept. answers: what the reporter
    answered in the form. fields: of a machine's report. addresses: of the reporter and of the reported messages'
    recipients, which a page masks.
    """

    raw: bytes | None
    answers: Mapping[str, str]
    text: str
    subject: str | None
    from_: str | None
    messages: tuple[Message, ...] = ()
    headers: tuple[Header, ...] = ()
    fields: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    defects: tuple[str, ...] = ()
    addresses: frozenset[str] = frozenset()


def letter(work: Work, report: UUID) -> Letter:
    """The report, opened. Raises NotFound."""
    row = intake.find(work, report)
    (summary,) = intake.summaries(work, [row]).values()
    given = intake.contents(work, [row])[report]
    if not given.raw:
        return _from_summary(given, summary)
    return _from_raw(given, _reading(given), OurPlaces(work.settings.our_hosts, work.settings.our_networks))


def _reading(given: Claimed) -> Reading:
    return read_source(given.raw) if given.door is Door.FORM else read(given.raw)


def _from_raw(given: Claimed, reading: Reading, places: OurPlaces) -> Letter:
    first = reading.originals[0] if reading.originals else None
    return Letter(
        raw=given.raw,
        answers=given.words,
        # From the form, the text is that of the reported message; what the reporter says are the answers.
        text="" if given.door is Door.FORM else reading.text,
        subject=(first.subject if first else None) or reading.subject,
        from_=first.from_ if first else None,
        messages=tuple(_message(each, places) for each in reading.originals),
        headers=reading.headers,
        fields=reading.fields,
        defects=reading.defects,
        addresses=_addresses(given, reading),
    )


def _message(original: Original, places: OurPlaces) -> Message:
    text = "" if original.headers_only else human_text(parse(original.raw))
    return Message(original, text, tuple((hop, places.handled(hop)) for hop in original.received))


def _addresses(given: Claimed, reading: Reading) -> frozenset[str]:
    known = [given.reporter, reading.reporter, *reading.fields.get("original-rcpt-to", ())]
    for original in reading.originals:
        known += [*original.recipients, *(hop.for_address for hop in original.received)]
    return frozenset(address for address in known if address)


def _from_summary(given: Claimed, summary: Mapping[str, object]) -> Letter:
    original = summary.get("original")
    kept = original if isinstance(original, dict) else {}
    known = [given.reporter, summary.get("reporter")]
    return Letter(
        raw=None,
        answers=given.words,
        text=str(summary.get("text") or ""),
        subject=kept.get("subject") or _text(summary.get("subject")),
        from_=kept.get("from"),
        addresses=frozenset(str(address) for address in known if address),
    )


def _text(value: object) -> str | None:
    return str(value) if value else None


def reread(work: Work, actor: Actor, report: UUID) -> None:
    """Sends a report through the reading again, on the record. Raises NotFound; Rejected where it is gone."""
    intake.reread(work, report)
    work.session.flush()
    record(work, actor, "report.reread", f"report:{report}", {})
