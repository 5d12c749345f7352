"""Trace tokens: whose mail it is, written into the mail itself and provable later (pure).

    adt + base32, lower case, of   key id (1) · minutes since 2020 (3) · sender (8) · stream:campaign (n) · MAC (10)

Receivers lower-case, fold and redact what stands in a header, so a token is one word of letters and digits (no `=`,
`.`, `:` or `@`), whose case does not count: it fits Feedback-ID, CFBL-Feedback-ID, an X- field, a VERP local part
(RFC 5321 §4.5.3.1.1: 64 octets) and a Message-ID. The sender is the first half of its random row id, which tells
nobody else anything; stream and campaign are readable, as in any Feedback-ID. The MAC is HMAC-SHA-256 over all the
rest, cut to 80 bits (RFC 2104 §5): one forged token in 2^80 tries, each of which has to be mailed to us. There is
never a recipient in it. Keys rotate: the newest makes, all of them check.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from uuid import UUID

from app.errors import Rejected
from app.values import dataclass

PREFIX = "adt"
MAC_BYTES = 10
SENDER_BYTES = 8
EPOCH = datetime(2020, 1, 1, tzinfo=UTC)
NOTE_BYTES = 40
"""Stream and campaign together, with the colon between them."""

MOST = 8
"""Tokens that are looked at in one message."""

SHORTEST = 35
"""Letters behind the prefix, of a token that names no stream."""
ENDINGS = 8
"""White space within a run of letters at which a token is thought to end."""

TEXT_CHARS = 4_000

_HEAD = 1 + 3 + SENDER_BYTES
_TOKEN = re.compile(rf"(?<![A-Za-z0-9]){PREFIX}([a-z2-7]{{{SHORTEST},120}})(?![A-Za-z0-9])", re.IGNORECASE)
_RUN = re.compile(rf"{PREFIX}([a-z2-7]{{{SHORTEST},120}})", re.IGNORECASE)
_SPACE = re.compile(r"=?\s+")
_WORD = re.compile(r"[a-z0-9][a-z0-9._-]*")


@dataclass(frozen=True, slots=True)
class Token:
    """What a token says. sender: the first SENDER_BYTES of the sender's row id. valid: whether the MAC is ours."""

    key: int
    at: datetime
    sender: bytes
    stream: str
    campaign: str
    valid: bool


def make(keys: Mapping[int, bytes], uid: UUID, at: datetime, *, stream: str = "", campaign: str = "") -> str:
    """The token for a mail of this sender. keys: id (1 to 255) → key, the highest id makes.

    Raises Rejected for a stream or campaign that is not small letters, digits, dots, hyphens and underscores, or that
    are too long together.
    """
    note = _note(stream, campaign)
    minutes = int((at - EPOCH) / timedelta(minutes=1))
    newest = max(keys)
    body = bytes([newest]) + minutes.to_bytes(3, "big") + uid.bytes[:SENDER_BYTES] + note
    return PREFIX + base64.b32encode(body + _mac(keys[newest], body)).decode().rstrip("=").lower()


def _note(stream: str, campaign: str) -> bytes:
    for word in (stream, campaign):
        if word and not _WORD.fullmatch(word):
            raise Rejected("A stream or campaign is small letters, digits, dots, hyphens and underscores.")
    note = f"{stream}:{campaign}".rstrip(":").encode()
    if len(note) > NOTE_BYTES:
        raise Rejected(f"Stream and campaign may have {NOTE_BYTES - 1} characters together.")
    return note


def find(keys: Mapping[int, bytes], texts: Iterable[str]) -> tuple[Token, ...]:
    """The tokens in `texts`, each once, at most MOST; also one that was folded, or broken by quoted-printable.

    What only looks like one (it does not decode, or is of no key of ours) is none.
    """
    found: dict[str, Token] = {}
    for word, joined in _words(texts):
        token = None if word in found else read(keys, word)
        # What only looks like one once words are joined, nobody has made up.
        if token is not None and (token.valid or not joined):
            found[word] = token
        if len(found) >= MOST:
            break
    genuine = tuple(word for word, token in found.items() if token.valid)
    return tuple(token for word, token in found.items() if token.valid or not _is_of(word, genuine))


def _is_of(word: str, genuine: tuple[str, ...]) -> bool:
    """Whether a genuine token, cut or with the words behind it, was taken for another."""
    return word.startswith(genuine) or any(each.startswith(word) for each in genuine)


def may_hold(texts: Iterable[str]) -> bool:
    """Whether `find` may find a token: asked of many texts at once, as hardly any mail has one."""
    return PREFIX in _SPACE.sub("", "\0".join([text[:TEXT_CHARS] for text in texts])).lower()


def _words(texts: Iterable[str]) -> Iterator[tuple[str, bool]]:
    """What may be a token, lower case, and whether it was joined over white space."""
    for text in texts:
        short = text[:TEXT_CHARS]
        pieces = _SPACE.split(short)
        squeezed = "".join(pieces)
        if PREFIX in squeezed.lower():
            yield from ((match[1].lower(), False) for match in _TOKEN.finditer(short))
            # RFC 9477 §3.2: white space inside is taken out. That joins what only stands beside it, too, so a token
            # may begin and end wherever there was some.
            gaps = list(accumulate(map(len, pieces)))
            yield from ((word.lower(), True) for run in _RUN.finditer(squeezed) for word in _between(run, gaps))


def _between(run: re.Match[str], gaps: Sequence[int]) -> Iterator[str]:
    """What may be a token in a run of letters, the shortest first. gaps: where white space was, ascending."""
    text, start, (first, last) = run.string, run.start(), run.span(1)
    at = bisect_left(gaps, start)
    if start and text[start - 1].isalnum() and start not in gaps[at : at + 1]:
        return
    at = bisect_left(gaps, first + SHORTEST)
    yield from (text[first:end] for end in gaps[at : at + ENDINGS] if end <= last)
    if not text[last : last + 1].isalnum():
        yield run[1]


def read(keys: Mapping[int, bytes], word: str) -> Token | None:
    """The token whose letters behind the prefix are `word` (lower case); None where no key of ours made one."""
    try:
        raw = base64.b32decode(word.upper() + "=" * (-len(word) % 8))
    except binascii.Error:
        return None
    body, mac = raw[:-MAC_BYTES], raw[-MAC_BYTES:]
    if len(body) < _HEAD or body[0] not in keys:
        return None
    stream, _, campaign = body[_HEAD:].decode("ascii", "replace").partition(":")
    return Token(
        key=body[0],
        at=EPOCH + timedelta(minutes=int.from_bytes(body[1:4], "big")),
        sender=body[4:_HEAD],
        stream=stream,
        campaign=campaign,
        valid=hmac.compare_digest(mac, _mac(keys[body[0]], body)),
    )


def _mac(key: bytes, body: bytes) -> bytes:
    return hmac.digest(key, b"trace-token\0" + body, hashlib.sha256)[:MAC_BYTES]
