"""What a report says about who wants no more mail of whom (pure).

Only what is certain counts, for a suppression stops mail: whose mail it was must be at least likely, and the
recipient must be known, by the first of

    the report's fields      Original-Rcpt-To and the like, where they name one; where the mail itself names others,
                             only from a feedback loop we know or where the send log agrees
    the mailbox provider     X-HmXmrOriginalRecipient, one
    who reports              a person whom the mail was sent to: To, Cc, the Received path, VERP
    the envelope             Delivered-To and the like, one in all
    the send log             the one whom it was asked for, or tells, by Message-ID

Where several could be meant nobody is. A report that the mail is no spam, one about authentication, mail that is not
the sender's or that others sent on suppresses nobody, and neither does a report that may not be acted on.

Who asks to be taken off a list by mail says whose list it is only by where that mail was sent; there the sender named
is enough, and the recipient is who wrote it.
"""

from __future__ import annotations

from collections.abc import Iterable

from app.attribution.domain import Attribution, Judged, Verdict
from app.attribution.evidence import Evidence
from app.attribution.loops import refusal
from app.enforcement.suppression import Cause, Wish
from app.intake.domain import Category, Claimed
from app.mail.domain import FeedbackType, Kind, Original, Reading
from app.mail.fields.address import addresses_in, verp_recipients
from app.mail.repair.redaction import is_redacted

MOST_CHARS = 254
ENOUGH = frozenset({Verdict.PROVEN, Verdict.LIKELY})
FIELDS = ("original-rcpt-to", "removal-recipient")
BY_PROVIDER = "X-HmXmrOriginalRecipient"
WRITTEN_BY_PEOPLE = frozenset({Kind.PERSON, Kind.FORWARDED, Kind.INLINE, Kind.OUTLOOK_MSG})


def wish_of(
    claimed: Claimed, reading: Reading, original: Original | None, evidence: Evidence, judged: Judged
) -> Wish | None:
    """That somebody wants no more mail of a sender, as a report says of this message; None: nothing is certain."""
    cause = _cause(claimed, reading)
    sender = _sender(reading, judged.attribution)
    if cause is None or sender is None or refusal(reading, evidence.origin):
        return None
    address = _recipient(claimed, reading, original, evidence, sender)
    return Wish(sender, address, cause, claimed.id, claimed.arrived_at) if address else None


def _cause(claimed: Claimed, reading: Reading) -> Cause | None:
    if reading.feedback_type in (FeedbackType.NOT_SPAM, FeedbackType.AUTH_FAILURE):
        return None
    asked = reading.kind is Kind.UNSUBSCRIBE or reading.feedback_type is FeedbackType.OPT_OUT
    if asked or (reading.is_complaint and claimed.category is Category.UNSUBSCRIBE_IGNORED):
        return Cause.OPT_OUT
    return Cause.COMPLAINT if reading.is_complaint else None


def _sender(reading: Reading, found: Attribution) -> str | None:
    if found.replayed or found.verdict is Verdict.CONTRADICTED:
        return None
    return found.sender if found.verdict in ENOUGH or reading.kind is Kind.UNSUBSCRIBE else None


def _recipient(
    claimed: Claimed, reading: Reading, original: Original | None, evidence: Evidence, sender: str
) -> str | None:
    if reading.kind is Kind.UNSUBSCRIBE:
        return _one([reading.reporter or ""])
    addressed = _addressed(original)
    told = [address for name in FIELDS for value in reading.fields.get(name, ()) for address in addresses_in(value)]
    if _unhidden(told):
        return _told(told, addressed, evidence, sender)
    by_provider = original.all(BY_PROVIDER) if original else ()
    return (
        _one(address for value in by_provider for address in addresses_in(value))
        or _reporter(claimed, reading, original, addressed | evidence.envelope)
        or _one(evidence.envelope)
        or _logged(addressed, evidence, sender)
    )


def _told(told: list[str], addressed: frozenset[str], evidence: Evidence, sender: str) -> str | None:
    """The one recipient that the report's fields tell, where nothing speaks against it."""
    one = _one(told)
    agreed = not addressed or one in addressed or evidence.origin.loop is not None
    return one if agreed or (evidence.envelope == {one} and _in_log(evidence, sender)) else None


def _addressed(original: Original | None) -> frozenset[str]:
    """Whom the mail says it was sent to, lower case, without what was hidden."""
    return _unhidden(
        address for value in (original.recipients if original else ()) for address in addresses_in(value)
    )


def _reporter(claimed: Claimed, reading: Reading, original: Original | None, sent_to: frozenset[str]) -> str | None:
    by_mail = reading.reporter if reading.kind in WRITTEN_BY_PEOPLE else None
    own = _one([claimed.reporter or by_mail or ""])
    hops = [hop.for_address for hop in original.received if hop.for_address] if original else []
    verp = verp_recipients(original.return_path or "") if original else ()
    return own if own and own in sent_to | _unhidden([*hops, *verp]) else None


def _logged(addressed: frozenset[str], evidence: Evidence, sender: str) -> str | None:
    """The one the send log was asked for and has, or tells by itself."""
    if not evidence.envelope and _in_log(evidence, sender):
        return _one(addressed)
    return _one(address for fact in evidence.sent if fact.sender == sender for address in fact.recipients)


def _in_log(evidence: Evidence, sender: str) -> bool:
    return any(fact.to_asked and fact.by_message_id and fact.sender == sender for fact in evidence.sent)


def _one(addresses: Iterable[str]) -> str | None:
    """The address, lower case, where all of them are the same one and it is not hidden."""
    told = {address.lower() for address in addresses}
    return next(iter(told)) if len(told) == 1 and _unhidden(told) else None


def _unhidden(addresses: Iterable[str]) -> frozenset[str]:
    lower = (address.lower() for address in addresses if "@" in address and len(address) <= MOST_CHARS)
    return frozenset(address for address in lower if not is_redacted(address.encode("utf-8", "surrogatepass")))
