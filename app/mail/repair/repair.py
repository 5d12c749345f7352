"""A signature that a feedback loop broke by hiding the recipient, proved again by putting the recipient back.

A loop signs nothing of what it changes, but the sender did: once To, a link or the body stand again as they were
signed, b= and bh= hold. So every try is safe: what is put back wrongly does not verify. What is tried, in turn:

    the recipients that fit the marks, each in every way the To field may have named it      (`redaction`)
    order, folding and spelling of the signed fields as they may have been                    (`reshaping`)
    then, with a header that holds, the body: marks replaced, quoting and line ends undone

A header try costs one canonical header and one key operation, a body is looked at only behind a header that
holds; `limits.REPAIR_…` bound both without a clock. Only marks are replaced: a changed Subject, From or other
address stays changed. The answer is the verifier's own on the repaired bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from dataclasses import field
from datetime import datetime
from itertools import chain, islice

from app.mail import limits
from app.mail.dkim.canonical import CRLF, SIMPLE, Changed, Field, Letter
from app.mail.dkim.keys import Key
from app.mail.dkim.signatures import Signed, hides_from, judge, read_once, usable_key
from app.mail.dkim.tags import Claim, tags, unsigned_form
from app.mail.domain import HashState, KeyAnswer, SignatureResult
from app.mail.repair.recipients import Recipient
from app.mail.repair.reshaping import Shape, body_shapes, relaxed_shapes, shaped, simple_shapes
from app.mail.repair.restored import Budget, Content, Pool, bodies, contents
from app.values import dataclass


@dataclass(frozen=True, slots=True)
class Repair:
    """The message as it was signed. raw: its bytes, CRLF. steps: a sentence for each thing that was undone, none
    with an address. results: what `signatures.judge` says of `raw`."""

    raw: bytes
    steps: tuple[str, ...]
    results: tuple[SignatureResult, ...]


def repair(
    message: bytes | Signed,
    *,
    headers_only: bool,
    recipients: Iterable[Recipient],
    key_of: Callable[[str], KeyAnswer],
    as_of: datetime,
    domains: Container[str] | None = None,
    before: Sequence[SignatureResult] = (),
) -> Repair | None:
    """The repaired message, or None where no signature verifies better than before.

    message, headers_only, key_of, as_of: as for `signatures.judge`. recipients: the likeliest first; no more are
    asked for than are tried. domains: whose signatures are worth it (d=, lower case); None: all. before: what `judge`
    said of it by the same keys, where that is known: a header hash that failed is then not tried again.
    The header hash of at least one signature holds in `results`, and where the body is there but its hash fails,
    only that. Never raises for anything in `message`.
    """
    signed = read_once(message)
    letter = signed.letter
    if letter.defect is not None:
        return None
    failed = [each.header_hash is HashState.FAIL for each in before]
    work = _Work(letter, headers_only, Pool(recipients), Budget())
    for at, (own, claimed) in enumerate(signed.claims):
        if claimed.fault is None and (domains is None or claimed.domain in domains):
            mended = _mended(work, own, claimed, key_of, at < len(failed) and failed[at])
            if mended:
                return _checked(mended, at, headers_only, key_of, as_of)
    return None


@dataclass(frozen=True, slots=True)
class _Work:
    """One message under repair, with what may still be spent on it and the texts that did not verify."""

    letter: Letter
    headers_only: bool
    pool: Pool
    budget: Budget
    tried: set[bytes] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class _Mended:
    raw: bytes
    steps: tuple[str, ...]


def _mended(
    work: _Work, own: Field, claimed: Claim, key_of: Callable[[str], KeyAnswer], failed: bool
) -> _Mended | None:
    """The message with this signature holding, its body too where that can be had. failed: its header as it is."""
    _, key, _ = usable_key(key_of(claimed.key_name), claimed)
    if key is None or hides_from(work.letter, claimed):
        return None
    for content, shape in islice(_heads(work, own, claimed), 1 if failed else 0, None):
        changed = shaped(shape, work.letter, claimed.signed, content.fields) if shape.steps else content.fields
        if _holds(work, own, claimed, key, changed):
            return _with_body(work, claimed, content, shape, changed)
        if work.budget.is_spent:
            break
    return None


def _heads(work: _Work, own: Field, claimed: Claim) -> Iterator[tuple[Content, Shape]]:
    """What to try, first every content as it stands, then every content in every other shape, but for those
    in which an address is spelt in a rarer way: few loops do both."""
    made: list[Content] = []
    for content in contents(work.letter, claimed, work.pool, work.budget):
        if content.way.encoded:
            made.append(content)
        yield content, Shape()
    if claimed.header_form == SIMPLE:
        shapes = simple_shapes(work.letter, claimed.signed, _spelled_names(own))
    else:
        shapes = relaxed_shapes(work.letter, claimed.signed)
    for shape in islice(shapes, limits.REPAIR_TRIES):
        yield from ((content, shape) for content in made)


def _spelled_names(own: Field) -> tuple[bytes, ...]:
    return tuple(name.strip() for name in tags(own.value)[b"h"].split(b":"))


def _holds(work: _Work, own: Field, claimed: Claim, key: Key, changed: Changed) -> bool:
    """Whether b= verifies over these fields; the same text is not tried twice."""
    form = claimed.header_form
    at = work.letter.fields[b"dkim-signature"].index(own)
    own = changed.get(b"dkim-signature", work.letter.fields[b"dkim-signature"])[at]
    text = work.letter.header(claimed.signed, form, changed) + unsigned_form(own, form)
    if not work.budget.takes_text(len(text)) or text in work.tried or not work.budget.takes_try():
        return False
    work.tried.add(text)
    return key.verifies(claimed.algorithm, claimed.signature, text)


def _with_body(work: _Work, claimed: Claim, content: Content, shape: Shape, changed: Changed) -> _Mended | None:
    """The message with the body that was signed where it can be found; None where nothing got better."""
    found = None if work.headers_only else _body(work, claimed, content)
    body, undone, put = found or (work.letter.plain_body, (), None)
    steps = (*_said(content, put), *shape.steps, *undone)
    return _Mended(work.letter.rewritten(changed, body), steps) if steps else None


def _said(content: Content, put: Recipient | None) -> tuple[str, ...]:
    recipient = content.recipient or put
    if recipient is None:
        return ()
    places = [*content.places, *(["the body"] if put else [])]
    listed = " and ".join(filter(None, (", ".join(places[:-1]), places[-1])))
    return (f"The recipient, known from {recipient.source}, was put back in {listed}.",)


def _body(work: _Work, claimed: Claim, content: Content) -> tuple[bytes, tuple[str, ...], Recipient | None] | None:
    """The body that bh= stands for, what was undone in it, and the recipient where one was put back there."""
    hashed = claimed.algorithm.rpartition("-")[2]
    for body, steps, put in _bodies(work, content):
        if not work.budget.takes_body(len(body)):
            return None
        digest = Letter(CRLF + body).body_digest(claimed.body_form, claimed.length, hashed)
        if digest == claimed.body_hash:
            return body, steps, put
    return None


def _bodies(work: _Work, content: Content) -> Iterator[tuple[bytes, tuple[str, ...], Recipient | None]]:
    """Bodies as they may have been: as it is, with the recipient put back, then each in every other shape."""
    letter = work.letter
    encoding = letter.fields.get(b"content-transfer-encoding")
    coded = encoding[-1].value if encoding else b""
    whole: tuple[tuple[bytes, None]] = ((letter.plain_body, None),)
    made: list[tuple[bytes, Recipient | None]] = []
    for body, put in chain(whole, bodies(letter, content, work.pool, work.budget)):
        made.append((body, put))
        yield body, (), put
    for body, put in made:
        yield from ((other, steps, put) for other, steps in body_shapes(body, coded))


def _checked(
    mended: _Mended, at: int, headers_only: bool, key_of: Callable[[str], KeyAnswer], as_of: datetime
) -> Repair | None:
    """The repair, where the verifier says of its bytes what was found on the way."""
    results = judge(mended.raw, headers_only=headers_only, key_of=key_of, as_of=as_of)
    holds = at < len(results) and results[at].header_hash is HashState.PASS
    return Repair(mended.raw, mended.steps, results) if holds else None
