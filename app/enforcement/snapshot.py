"""What the policy service knows of all senders at one moment, and what it makes of a mail (pure).

stopped      refused at any command
unwanted     the recipient wants no more mail of this sender: refused at RCPT, or at DATA where it is the only one
held         at RCPT and later
slowed       at RCPT and later, by the buckets of all throttles that the mail meets
passed       at RCPT or DATA with a trace token, if mail is stamped at all
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import field
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from app.enforcement.bucket import Bucket
from app.enforcement.delegation import DATA, END_OF_MESSAGE, RCPT, Question
from app.enforcement.domain import STOPPING, ActionKind, Measure, Message, ScopeKind, biting, hardest
from app.enforcement.probing import digest_of, read_probe
from app.enforcement.suppression import Pairs, pair
from app.mail.fields.address import domain_readings, readings
from app.values import dataclass


class Owner(NamedTuple):
    """Who has a login: the sender's uid (16 bytes), and the stream that the login sends, empty where not told."""

    uid: bytes
    stream: str = ""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """logins: lower case → who has it now. measures: sender's uid → what may bite. names: sender's uid → digest →
    the mail that a probe of this name stands for, of senders with measures. pairs: suppressions. mark: another text
    for other logins."""

    logins: Mapping[str, tuple[Owner, ...]] = field(default_factory=dict)
    measures: Mapping[bytes, tuple[Measure, ...]] = field(default_factory=dict)
    names: Mapping[bytes, Mapping[str, Message]] = field(default_factory=dict)
    pairs: Pairs = field(default_factory=Pairs)
    mark: str = ""


class What(StrEnum):
    PASSED = "passed"
    SLOWED = "slowed"
    HELD = "held"
    UNWANTED = "unwanted"
    STOPPED = "stopped"


class Slow(NamedTuple):
    """A throttle that a mail meets, and its bucket."""

    measure: Measure
    bucket: Bucket


class Verdict(NamedTuple):
    """What is to become of a mail. measure: of STOPPED and HELD. slow: of SLOWED, all that must let it through.

    stamp: whose trace token it gets if it passes after all, None for none.
    """

    what: What
    measure: Measure | None = None
    slow: tuple[Slow, ...] = ()
    stamp: Owner | None = None


PASSED = Verdict(What.PASSED)


@dataclass(frozen=True, slots=True)
class Judge:
    """recipient_key: of one of the `readings` of an address, as suppressions have it. probe_login: of the probe
    account, lower case."""

    recipient_key: Callable[[str], bytes]
    probe_login: str = ""

    def unbound(self, known: Snapshot, login: str) -> tuple[Owner, ...] | None:
        """Who has a login that no measure can bite, so that only a recipient can be in the way of its mail; None
        where one may bite, now or later. login: lower case."""
        owners = known.logins.get(login, ())
        bound = bool(login) and login == self.probe_login
        return None if bound or any(known.measures.get(each.uid) for each in owners) else owners

    def unwanted(self, pairs: Pairs, owners: Iterable[Owner], recipient: str) -> bool:
        """Whether the recipient wants no more mail of one of these senders."""
        keys = [self.recipient_key(each) for each in readings(recipient)]
        return any(pair(each.uid, key) in pairs for each in owners for key in keys)

    def verdict(self, known: Snapshot, asked: Question, at: datetime) -> Verdict:
        """What is to become of the mail that is asked about."""
        if asked.login and asked.login == self.probe_login:
            probed = read_probe(asked.sender)
            if probed is not None:
                message = known.names.get(probed.uid, {}).get(probed.name)
                return PASSED if message is None else _of_probe(known.measures.get(probed.uid, ()), message, at)
        owners = known.logins.get(asked.login, ())
        if not owners:
            return PASSED
        met = _met(known.measures, owners, asked, at)
        worst = hardest([measure for _, measure in met]) if met else None
        if worst is not None and worst.kind in STOPPING:
            return Verdict(What.STOPPED, worst)
        if asked.recipient and known.pairs and self.unwanted(known.pairs, owners, asked.recipient):
            return Verdict(What.UNWANTED)
        stamp = _stamp(owners, asked)
        if worst is None:
            return PASSED if stamp is None else Verdict(What.PASSED, stamp=stamp)
        return _softer(worst, met, asked, stamp)


def _softer(worst: Measure, met: Iterable[tuple[Owner, Measure]], asked: Question, stamp: Owner | None) -> Verdict:
    """What becomes of a mail that is not refused."""
    if asked.state not in (RCPT, DATA, END_OF_MESSAGE):
        return PASSED
    if worst.kind is ActionKind.HOLD:
        return Verdict(What.HELD, worst, stamp=stamp)
    return Verdict(What.SLOWED, slow=_slowest(_slow(*each) for each in met), stamp=stamp)


def _met(
    measures: Mapping[bytes, tuple[Measure, ...]], owners: Iterable[Owner], asked: Question, at: datetime
) -> list[tuple[Owner, Measure]]:
    """The measures that the mail meets, of each sender who has its login."""
    met = []
    for owner in owners:
        some = measures.get(owner.uid)
        if some:
            mails = [
                Message(asked.login, owner.stream or asked.stream, each) for each in domain_readings(asked.sender)
            ]
            met += [(owner, each) for each in some if any(biting((each,), mail, at) for mail in mails)]
    return met


def _stamp(owners: tuple[Owner, ...], asked: Question) -> Owner | None:
    """Whose token a mail gets. No header is added after DATA; a login of several senders proves none."""
    if asked.state not in (RCPT, DATA) or len(owners) > 1:
        return None
    return owners[0] if owners[0].stream else Owner(owners[0].uid, asked.stream)


def _slowest(slow: Iterable[Slow]) -> tuple[Slow, ...]:
    """Of several limits that share a bucket the lowest."""
    found: dict[str, Slow] = {}
    for each in sorted(slow, key=lambda each: each.bucket.per_hour):
        found.setdefault(each.bucket.key, each)
    return tuple(found.values())


def _slow(owner: Owner, measure: Measure) -> Slow:
    """The bucket's key names the sender by uid in braces, by which a Redis cluster keeps a sender's keys together."""
    scope = hashlib.blake2s(str(measure.scope).encode(), digest_size=8).hexdigest()
    return Slow(measure, Bucket(f"{{{owner.uid.hex()}}}:{scope}", measure.per_hour or 1))


def _of_probe(measures: Iterable[Measure], message: Message, at: datetime) -> Verdict:
    """A probe is never stamped and takes nothing out of a bucket."""
    worst = hardest(biting(measures, message, at))
    if worst is None or worst.kind is ActionKind.THROTTLE:
        return PASSED
    return Verdict(What.STOPPED if worst.kind in STOPPING else What.HELD, worst)


def probe_names(
    logins: Mapping[str, tuple[Owner, ...]],
    domains: Iterable[tuple[str, bytes]],
    measures: Mapping[bytes, tuple[Measure, ...]],
) -> dict[bytes, dict[str, Message]]:
    """`Snapshot.names`. domains: each with its sender's uid."""
    names: dict[bytes, dict[str, Message]] = {uid: {} for uid in measures}
    for uid, some in measures.items():
        scopes = (each.scope.value for each in some if each.scope.kind is ScopeKind.DOMAIN)
        names[uid] |= {digest_of(each): Message("", domain=each) for each in scopes}
    for domain, uid in domains:
        if uid in names:
            names[uid][digest_of(domain)] = Message("", domain=domain)
    for login, owners in logins.items():
        for owner in owners:
            if owner.uid in names:
                names[owner.uid][digest_of(login)] = Message(login, owner.stream)
    return names
