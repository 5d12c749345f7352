"""What a complaint asks the send log (pure)."""

from __future__ import annotations

from app.attribution.evidence import Evidence
from app.mail.domain import Original
from app.mail.fields.address import addresses_in
from app.ports import SentQuestion

MOST_RECIPIENTS = 20


def sent_question(original: Original | None, evidence: Evidence) -> SentQuestion:
    """What to look up for one reported message: its Message-ID, the queue id of our own hop, who may have got it."""
    ours = next((hop for hop in evidence.hops if hop.queue_id and evidence.places.has_host(hop.by_host)), None)
    named = evidence.envelope or frozenset(
        address.lower() for value in (original.recipients if original else ()) for address in addresses_in(value)
    )
    return SentQuestion(
        message_id=original.message_id if original else None,
        queue_id=ours.queue_id if ours else None,
        at=ours.at if ours else None,
        recipients=frozenset(sorted(named)[:MOST_RECIPIENTS]),
    )
