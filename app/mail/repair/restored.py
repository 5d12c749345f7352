"""What a message may have said before its recipient was hidden: header fields and bodies to try (bytes, pure).

Everything is made one at a time, when it is asked for, and paid for out of a `Budget`: a report may name ten
thousand recipients, and its header may have a megabyte.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice

from app.mail import limits
from app.mail.dkim.canonical import Changed, Field, Letter
from app.mail.dkim.tags import Claim
from app.mail.repair.recipients import Recipient
from app.mail.repair.redaction import (
    Redaction,
    Spelling,
    is_rewritten,
    put_back,
    redaction_in,
    spellings,
    ways_to_name,
)
from app.values import dataclass

_WORDS = (b"[redacted]", b"redacted", b"REDACTED")
_TEXTS_A_TRY = 4
_FOR_BODY = 4  # recipients tried in a body whose header needs none

Fields = Mapping[bytes, Sequence[Field]]


@dataclass(slots=True)
class Budget:
    """What may still be spent on one message: tries and bytes (`limits`), no clock, so the same mail always ends
    the same. texts: header texts that are made, most of which turn out to be the same."""

    tries: int = limits.REPAIR_TRIES
    bodies: int = limits.REPAIR_TRIES
    texts: int = limits.REPAIR_TRIES * _TEXTS_A_TRY
    header_bytes: int = limits.REPAIR_HEADER_BYTES
    body_bytes: int = limits.REPAIR_BODY_BYTES

    @property
    def is_spent(self) -> bool:
        return min(self.tries, self.texts, self.header_bytes) <= 0

    def takes_header(self, size: int) -> bool:
        """Whether header fields of this size may be rewritten or hashed once more."""
        self.header_bytes -= size
        return self.header_bytes >= 0

    def takes_text(self, size: int) -> bool:
        """Whether one more header text of this size may be made."""
        self.texts -= 1
        return self.texts >= 0 and self.takes_header(size)

    def takes_try(self) -> bool:
        """Whether one more header text may be verified."""
        self.tries -= 1
        return self.tries >= 0

    def takes_body(self, size: int) -> bool:
        """Whether a body of this size may be rewritten or hashed once more."""
        self.bodies -= 1
        self.body_bytes -= size
        return self.bodies >= 0 and self.body_bytes >= 0


class Pool:
    """The recipients, taken from their source one at a time and kept for the next signature."""

    def __init__(self, recipients: Iterable[Recipient]) -> None:
        self._source = islice(recipients, limits.REPAIR_CANDIDATES)
        self._taken: list[Recipient] = []

    def fitting(self, redaction: Redaction) -> Iterator[Recipient]:
        """Those that may stand behind a mark, at most `limits.REPAIR_RECIPIENTS`."""
        if not (redaction.bare or redaction.domains):
            return iter(())
        return islice((each for each in self._each() if redaction.fits(_bytes(each))), limits.REPAIR_RECIPIENTS)

    def _each(self) -> Iterator[Recipient]:
        yield from tuple(self._taken)
        for each in self._source:
            self._taken.append(each)
            yield each


@dataclass(frozen=True, slots=True)
class Content:
    """The signed fields that change when one recipient is put back; none where nothing changes.

    addresses: the recipient's first, then the others that were known by then.
    """

    fields: Changed
    recipient: Recipient | None = None
    addresses: tuple[bytes, ...] = ()
    way: Spelling = Spelling()

    @property
    def places(self) -> tuple[str, ...]:
        """The names of the fields that change."""
        return tuple(fields[0].name.decode("ascii", "replace") for fields in self.fields.values())


def contents(letter: Letter, claimed: Claim, pool: Pool, budget: Budget) -> Iterator[Content]:
    """The signed fields as they are, then with each fitting recipient where marks stand."""
    yield Content({})
    signed = {name: letter.fields.get(name, []) for name in claimed.signed}
    redaction = redaction_in(each.value for fields in signed.values() for each in fields)
    if b"to" in signed and _is_emptied(signed[b"to"]):
        redaction = replace(redaction, bare=True)
    for recipient, addresses, way in _tries(pool, redaction):
        if not budget.takes_header(sum(len(each.value) for fields in signed.values() for each in fields)):
            return
        marks = tuple(dict.fromkeys(m for a in addresses for m in redaction.marks(a)))
        for fields in _ways(signed, _put_back(signed, marks, addresses, way), addresses[0]):
            yield Content(fields, recipient, addresses, way)


def _tries(pool: Pool, redaction: Redaction) -> Iterator[tuple[Recipient, tuple[bytes, ...], Spelling]]:
    """Each fitting recipient with the addresses known by then, in the usual spellings; then in the others."""
    known: tuple[bytes, ...] = ()
    unusual: list[tuple[Recipient, tuple[bytes, ...], Spelling]] = []
    for recipient in pool.fitting(redaction):
        addresses = (_bytes(recipient), *known)
        known = (*known, addresses[0])
        for way in spellings(addresses[0], bare=redaction.bare):
            if way.encoded:
                yield recipient, addresses, way
            else:
                unusual.append((recipient, addresses, way))
    yield from unusual


def bodies(letter: Letter, content: Content, pool: Pool, budget: Budget) -> Iterator[tuple[bytes, Recipient]]:
    """The body with the content's recipient put back, else with the likeliest ones; each that differs once.

    The marks are those that stand in the header, and the usual word.
    """
    marked = redaction_in(each.value for fields in letter.fields.values() for each in fields)
    made = {plain := letter.plain_body}
    for recipient, addresses in _for_body(content, pool):
        marks = dict.fromkeys((*(m for a in addresses for m in marked.marks(a)), *_WORDS))
        for way in dict.fromkeys((content.way, *spellings(addresses[0], bare=True))):
            if not budget.takes_body(len(plain)):
                return
            body = put_back(plain, marks, addresses, way)
            if body not in made:
                made.add(body)
                yield body, recipient


def _for_body(content: Content, pool: Pool) -> Iterator[tuple[Recipient, tuple[bytes, ...]]]:
    if content.recipient is not None:
        yield content.recipient, content.addresses
        return
    for each in islice(pool.fitting(Redaction(bare=True)), _FOR_BODY):
        yield each, (_bytes(each),)


def _is_emptied(to: Sequence[Field]) -> bool:
    """Whether the To fields, of which there may be none, do not name anybody any more."""
    return not to or is_rewritten(to[-1].value)


def _put_back(
    signed: Fields, marks: Sequence[bytes], addresses: Sequence[bytes], way: Spelling
) -> dict[bytes, Sequence[Field]]:
    """The fields that change, by name."""
    changed: dict[bytes, Sequence[Field]] = {}
    for name, fields in signed.items():
        new = [each._replace(value=put_back(each.value, marks, addresses, way)) for each in fields]
        if new != fields:
            changed[name] = new
    return changed


def _ways(signed: Fields, changed: Fields, address: bytes) -> Iterator[Fields]:
    """The changed fields, then To in the further ways it may have named its one recipient."""
    if changed:
        yield changed
    to = signed.get(b"to")
    if to is None or len(to) > 1 or not (b"to" in changed or _is_emptied(to)):
        return
    field = to[0] if to else Field(b"To", b":", b"")
    for value in ways_to_name(address):
        yield {**changed, b"to": [field._replace(value=value)]}


def _bytes(recipient: Recipient) -> bytes:
    return recipient.address.encode("ascii", "replace")
