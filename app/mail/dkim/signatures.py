"""DKIM signatures of one message, each judged in three parts: header hash, body hash, key (RFC 6376, 8301, 8463).

A report rarely holds the message as it was sent: the body is cut, the key has rotated, x= has passed. `dkimpy`
answers one bool and stops at the first fault, with the clock of now; here every part has its own answer, as of the
time the report arrived. Where `dkim.DKIM(…).verify()` says True, `judge` says PASS, and the other way round,
except where the RFC is on our side: that list is `CORRECTIONS` in tests/mail/dkim/test_signatures_oracle.py.

Which word of RFC 8601 §2.7.1 a finding gets:

    pass       both hashes hold and nothing speaks against the signature
    fail       a hash does not hold
    policy     both hold, but the signature had expired (x= MAY be held against it, RFC 6376 §3.5), was made in
               the future (t=), or by a key under 1024 bits (RFC 8301 §3.2)
    neutral    the header hash holds; the body is not here to be judged
    temperror  DNS gave no answer about the key: asking again may help
    permerror  nothing will help: malformed field, no key, unusable key, rsa-sha1 (RFC 8301 §3.1), t=s broken

Looks nothing up: the keys are given. The bytes must be the exact slice that arrived.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import cached_property

from app.mail.dkim.canonical import Field, Letter
from app.mail.dkim.keys import LEAST_BITS, Key, Refusal, key
from app.mail.dkim.tags import Claim, claim, unsigned_form
from app.mail.domain import DkimResult, HashState, KeyAnswer, KeyState, SignatureResult
from app.values import dataclass

LEEWAY = timedelta(hours=10)
"""How far t= and x= may be off before they count: dkimpy's figure, for clocks that are wrong by a time zone."""

_UNANSWERED = (KeyState.DNS_FAILED, KeyState.UNASKED)


@dataclass(frozen=True, slots=True)
class _Findings:
    """What is known of one signature before it is summed up. trouble: a clause about an unusable key record."""

    claimed: Claim
    as_of: datetime
    defect: str | None
    state: KeyState = KeyState.UNASKED
    key: Key | None = None
    trouble: str | None = None
    header: HashState = HashState.UNKNOWN
    body: HashState = HashState.UNKNOWN
    hidden_from: bool = False


class Signed:
    """A message split, and its signature fields read, once for all that is asked of them. Never raises."""

    def __init__(self, message: bytes) -> None:
        """message: the exact slice that arrived."""
        self.letter = Letter(message)

    @cached_property
    def claims(self) -> tuple[tuple[Field, Claim], ...]:
        """The first `limits.SIGNATURES` DKIM-Signature fields with what they say, topmost first."""
        return tuple([(field, claim(field.value)) for field in self.letter.signatures])


def names(message: bytes | Signed) -> tuple[str, ...]:
    """The DNS names of the keys that `judge` will ask for: lower case, no trailing dot, each once, in order.

    Only the header block is read. Signatures behind the first `limits.SIGNATURES`, and those too malformed to name a
    key, give none. Never raises.
    """
    found = [claimed.key_name for _, claimed in read_once(message).claims if claimed.selector]
    return tuple(dict.fromkeys(found))


def read_once(message: bytes | Signed) -> Signed:
    """The message as it is needed here; the same where it was split before."""
    return message if isinstance(message, Signed) else Signed(message)


def judge(
    message: bytes | Signed, *, headers_only: bool, key_of: Callable[[str], KeyAnswer], as_of: datetime
) -> tuple[SignatureResult, ...]:
    """One result for each DKIM-Signature field, topmost first, at most `limits.SIGNATURES`.

    message: the exact slice, or what was read of it; bare LF, or bare CR throughout, is read as CRLF. headers_only:
    there is no body to judge, `body_hash` is then ABSENT. key_of: the answer for a name of `names`; must not raise.
    as_of: when the message arrived (aware), which t= and x= are held against.
    A malformed field has UNKNOWN hashes; an expired one, one by rsa-sha1 or by a short key has its hashes given
    and is still no PASS. Never raises for anything in `message` or in a key record.
    """
    signed = read_once(message)
    found = [_find(signed.letter, *each, headers_only, key_of, as_of) for each in signed.claims]
    return tuple([_result(each) for each in found])


def _find(
    letter: Letter,
    field: Field,
    claimed: Claim,
    headers_only: bool,
    key_of: Callable[[str], KeyAnswer],
    as_of: datetime,
) -> _Findings:
    if claimed.fault is not None:
        return _Findings(claimed, as_of, letter.defect)
    state, usable, trouble = usable_key(key_of(claimed.key_name), claimed)
    hidden = hides_from(letter, claimed)
    return _Findings(
        claimed,
        as_of,
        letter.defect,
        state,
        usable,
        trouble,
        header=_header_hash(letter, field, claimed, usable, hidden),
        body=HashState.ABSENT if headers_only else _body_hash(letter, claimed),
        hidden_from=hidden,
    )


def hides_from(letter: Letter, claimed: Claim) -> bool:
    """Whether the message has more From fields than the signature covers."""
    return len(letter.fields.get(b"from", ())) > claimed.signed.count(b"from")


def usable_key(answer: KeyAnswer, claimed: Claim) -> tuple[KeyState, Key | None, str | None]:
    """The key that the signature can be verified with, its state, and a clause that says why there is none."""
    if answer.state not in (KeyState.FOUND, KeyState.CACHED, KeyState.ROTATED):
        return answer.state, None, None
    if answer.txt is None:
        return KeyState.NONE, None, None
    read = key(answer.txt)
    if isinstance(read, Refusal):
        return read.state, None, read.why
    unfit = read.fits(claimed.algorithm)
    return (KeyState.INVALID, None, unfit) if unfit else (answer.state, read, None)


def _header_hash(letter: Letter, field: Field, claimed: Claim, usable: Key | None, hidden: bool) -> HashState:
    if usable is None:
        return HashState.UNKNOWN
    # RFC 6376 §8.15: a From put on top of the signed one is what people would see. It counts as signed and changed.
    if hidden:
        return HashState.FAIL
    form = claimed.header_form
    signed = letter.header(claimed.signed, form) + unsigned_form(field, form)
    holds = usable.verifies(claimed.algorithm, claimed.signature, signed)
    return HashState.PASS if holds else HashState.FAIL


def _body_hash(letter: Letter, claimed: Claim) -> HashState:
    hashed = claimed.algorithm.rpartition("-")[2]
    digest = letter.body_digest(claimed.body_form, claimed.length, hashed)
    return HashState.PASS if digest == claimed.body_hash else HashState.FAIL


def _result(found: _Findings) -> SignatureResult:
    claimed = found.claimed
    result, reason = _sum(found)
    return SignatureResult(
        domain=claimed.domain,
        selector=claimed.selector,
        header_hash=found.header,
        body_hash=found.body,
        key=found.state,
        result=result,
        reason=reason,
        signed=tuple(name.decode("ascii", "replace") for name in claimed.signed),
        algorithm=claimed.algorithm,
        signed_at=claimed.signed_at,
        expires_at=claimed.expires_at,
        testing=found.key is not None and found.key.testing,
        body_length=claimed.length,
    )


def _sum(found: _Findings) -> tuple[DkimResult, str]:
    """The word and the sentence: the first of these that has something to say."""
    for say in (_of_field, _of_key, _of_rules, _of_header, _of_acceptance, _of_body):
        said = say(found)
        if said is not None:
            return said
    if found.body is HashState.ABSENT:
        return DkimResult.NEUTRAL, "The header signature is valid; the body is not here to be judged."
    return DkimResult.PASS, _praise(found)


def _of_field(found: _Findings) -> tuple[DkimResult, str] | None:
    if found.claimed.fault is not None:
        return DkimResult.PERMERROR, f"The signature field cannot be used: {found.claimed.fault}."
    return None


def _of_key(found: _Findings) -> tuple[DkimResult, str] | None:
    if found.state in _UNANSWERED:
        return DkimResult.TEMPERROR, "DNS gave no answer about the key; asking again may help."
    if found.key is not None:
        return None
    if found.state is KeyState.NONE:
        return DkimResult.PERMERROR, "There is no key record for this signature."
    if found.state is KeyState.REVOKED:
        return DkimResult.PERMERROR, "The key was revoked: its record is empty."
    return DkimResult.PERMERROR, f"The key record cannot be used: {found.trouble or 'it holds no valid key'}."


def _of_rules(found: _Findings) -> tuple[DkimResult, str] | None:
    assert found.key is not None
    if found.claimed.algorithm == "rsa-sha1":  # RFC 8301 §3.1: has permanently failed
        return DkimResult.PERMERROR, "The signature is made with rsa-sha1, which must not be trusted any more."
    if found.key.strict and found.claimed.identity != found.claimed.domain:  # RFC 6376 §3.6.1
        return DkimResult.PERMERROR, "The key is for its own domain only (t=s), and i= names one below it."
    return None


def _of_header(found: _Findings) -> tuple[DkimResult, str] | None:
    if found.hidden_from:
        return DkimResult.FAIL, "The message has more From fields than the signature covers."
    if found.header is HashState.FAIL and found.body is HashState.PASS:
        return DkimResult.FAIL, "The header signature is not valid; the body is the one that was signed."
    if found.header is HashState.FAIL:
        return DkimResult.FAIL, "The header signature is not valid."
    return None


def _of_body(found: _Findings) -> tuple[DkimResult, str] | None:
    if found.body is HashState.FAIL:
        return DkimResult.FAIL, "The header signature is valid; the body is not the one that was signed."
    return None


def _of_acceptance(found: _Findings) -> tuple[DkimResult, str] | None:
    claimed = found.claimed
    if found.defect is not None:  # RFC 6376 §3.8: only what RFC 5322 calls a message can be verified
        return DkimResult.PERMERROR, f"The message is broken: {found.defect}."
    if found.key is not None and found.key.too_short:
        text = f"The signature is valid, but its key of {found.key.bits} bits is shorter than {LEAST_BITS}."
        return DkimResult.POLICY, text
    if claimed.expires_at is not None and claimed.expires_at < found.as_of - LEEWAY:
        return DkimResult.POLICY, "The signature had expired (x=) when the message arrived."
    if claimed.signed_at is not None and claimed.signed_at > found.as_of + LEEWAY:
        return DkimResult.POLICY, "The signature was made (t=) after the message arrived."
    return None


def _praise(found: _Findings) -> str:
    text = "The signature is valid"
    if found.claimed.length is not None:
        text += f" for the first {found.claimed.length} bytes of the body; what follows is not signed"
    if found.key is not None and found.key.testing:
        text += "; the domain says it is only testing (t=y)"
    return text + "."
