"""From a judged complaint to what triage needs of it (pure)."""

from __future__ import annotations

import re
from collections.abc import Callable

from app.attribution.domain import Judged
from app.intake.domain import Claimed, Door
from app.mail.domain import Kind, Original, Reading
from app.mail.fields.address import domain_of
from app.triage.domain import Incoming

CLICKS = frozenset({Kind.ARF, Kind.JMRP})
"""Kinds that a feedback loop's machine writes when somebody clicks 'this is spam'."""

SUBJECT_CHARS = 300


def incoming_of(
    look_up_key: Callable[[str, str], bytes], claimed: Claimed, reading: Reading, judged: Judged
) -> Incoming:
    """The complaint as triage routes it. look_up_key: the vault's keyed hash, so that no subject or domain of a
    person stands in a group's key."""
    original = reading.originals[judged.position] if judged.position < len(reading.originals) else None
    origin = _origin(original) or _reported(reading)
    sender = judged.attribution.sender
    return Incoming(
        report=claimed.id,
        position=judged.position,
        kind=reading.kind,
        feedback_type=reading.feedback_type,
        category=claimed.category,
        click=reading.kind in CLICKS and claimed.door is not Door.FORM,
        verdict=judged.attribution.verdict,
        sender=sender,
        campaign=look_up_key("campaign", _theme(original)) if original and _theme(original) else None,
        origin=look_up_key("origin", origin).hex() if origin else "",
        provider=domain_of(reading.reporter or "") or "" if reading.kind in CLICKS else "",
        at=claimed.arrived_at,
        replayed=judged.attribution.replayed,
    )


_PREFIX = re.compile(r"^(?:\s{0,9}(?:re|fwd?|aw|wg|tr|rv|sv|vs|vl|antw|odp|enc)\s{0,9}:)+", re.IGNORECASE)


def _theme(original: Original | None) -> str:
    """The subject without what differs from mail to mail of one mailing: reply marks, digits, spacing, case."""
    subject = (original.subject if original else None) or ""
    return re.sub(r"[\d\W_]+", " ", _PREFIX.sub("", subject[:SUBJECT_CHARS])).strip().lower()


def _origin(original: Original | None) -> str:
    return domain_of((original.from_ if original else None) or "") or ""


def _reported(reading: Reading) -> str:
    """What a notice without a mail is about: two notices of one host belong together, of two hosts they do not."""
    told = (reading.fields.get(name, ()) for name in ("reported-domain", "source-ip"))
    return next((values[0].lower().removeprefix("www.") for values in told if values), "")
