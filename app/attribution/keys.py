"""DKIM keys in time: what DNS says now, joined with what was seen before (pure).

A report comes days after the mail, and a key may be gone by then. What was seen once is kept with its first and
last time, so that a key that DNS no longer has still proves a mail that was sent while it was there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial

from app.attribution.domain import Observed
from app.mail.dkim import keys as dkim_keys
from app.mail.dkim import signatures
from app.mail.dkim.signatures import Signed
from app.mail.domain import DkimResult, HashState, KeyAnswer, KeyState, Original, SignatureResult
from app.values import dataclass

KEPT = timedelta(days=30)
"""How long after it was last seen a key that DNS no longer has still proves a mail that arrived then. Not for ever:
a key is also taken away because somebody stole it."""


@dataclass(frozen=True, slots=True)
class Keyring:
    """The keys of one batch: what DNS answered just now, and what was seen before, newest first, by name."""

    answers: Mapping[str, KeyAnswer]
    seen: Mapping[str, Sequence[Observed]]

    def now(self, as_of: datetime, name: str) -> KeyAnswer:
        """What DNS says, or the newest record seen where DNS has none or does not answer (CACHED)."""
        answer = self.answers.get(name, KeyAnswer(KeyState.DNS_FAILED))
        if answer.state is KeyState.FOUND:
            return answer
        return next(iter(self.earlier(as_of, name, KeyState.CACHED)), answer)

    def earlier(self, as_of: datetime, name: str, state: KeyState = KeyState.ROTATED) -> list[KeyAnswer]:
        """The records seen before, other than what DNS says now, that a mail of `as_of` may have been signed with."""
        current = self.answers.get(name)
        seen = self.seen.get(name, ())
        return [
            KeyAnswer(state, each.txt, each.first_seen, each.last_seen)
            for each in seen
            if as_of <= each.last_seen + KEPT
            and (current is None or each.txt != current.txt)
            and not any(_revokes(other, each, as_of) for other in seen)
        ]


def is_revoked(txt: bytes) -> bool:
    """Whether the key record says that its key is revoked: an empty p= (RFC 6376 §3.6.1)."""
    read = dkim_keys.key(txt)
    return isinstance(read, dkim_keys.Refusal) and read.state is KeyState.REVOKED


def _revokes(other: Observed, key: Observed, as_of: datetime) -> bool:
    """Whether `other` took `key` back before `as_of`.

    RFC 6376 §6.1.2 makes no difference between a revoked key and one that is gone. We make one: where an owner says
    that a key is revoked, mail that arrived after we saw it said is not proven by that key, not even for KEPT.
    """
    return key.last_seen <= other.first_seen <= as_of and other.txt != key.txt and is_revoked(other.txt)


def judge_signatures(
    original: Original, keyring: Keyring, as_of: datetime, signed: Signed | None = None
) -> tuple[SignatureResult, ...]:
    """The signatures of a reported message, judged as of `as_of`; none where its bytes cannot be verified.

    signed: what was read of `original.raw` before.

    Where the key of now does not fit, the keys seen earlier under the same name are tried: a key may have been
    replaced since the mail was sent.
    """
    if not original.verifiable:
        return ()
    judge = partial(signatures.judge, signed or Signed(original.raw), headers_only=original.headers_only, as_of=as_of)
    judged = judge(key_of=partial(keyring.now, as_of))
    if not any(_may_be_rotated(each) and keyring.earlier(as_of, key_name(each)) for each in judged):
        return judged
    return tuple(_with_earlier_keys(judge, keyring, as_of, at, each) for at, each in enumerate(judged))


def _may_be_rotated(result: SignatureResult) -> bool:
    return result.header_hash is not HashState.PASS and result.key is not KeyState.UNASKED


def _with_earlier_keys(
    judge: Callable[..., tuple[SignatureResult, ...]],
    keyring: Keyring,
    as_of: datetime,
    at: int,
    result: SignatureResult,
) -> SignatureResult:
    if not _may_be_rotated(result):
        return result
    for key in keyring.earlier(as_of, key_name(result)):
        tried = judge(key_of=partial(only, key))[at]
        if tried.header_hash is HashState.PASS:
            return tried
    return result


def only(key: KeyAnswer, _name: str) -> KeyAnswer:
    """`key`, whatever name is asked for."""
    return key


def key_name(result: SignatureResult) -> str:
    """Where DNS has the key of this signature, lower case (RFC 6376 §3.6.2.1)."""
    return f"{result.selector}._domainkey.{result.domain}".lower()


def awaits_dns(results: Iterable[SignatureResult]) -> bool:
    """Whether a signature could not be judged only because DNS did not answer."""
    return any(each.result is DkimResult.TEMPERROR for each in results)
