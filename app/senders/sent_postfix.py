"""Reads Postfix's mail log: which login handed a mail in, its Message-ID, and to whom it was delivered (pure).

    smtpd    B3F0A: client=host[ip], sasl_method=PLAIN, sasl_username=mailer@acme.test
    cleanup  B3F0A: message-id=<1@acme.test>
    smtp     B3F0A: to=<reader@mailbox.test>, relay=…, status=sent (250 …)        also lmtp
    qmgr     B3F0A: removed

What belongs together has one queue id. Lines may stand out of order by up to GRACE_LINES lines; a short queue id
that is used again starts a new mail. At most OPEN mails are remembered: of more, those opened first are given up.
Times are as syslog writes them (no year, no zone) or RFC 3339. Mail without a login, such as bounces, is nobody's.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any

from app.mail.original import message_id
from app.senders.roster import Fault
from app.senders.sent import (
    ADDRESS_CHARS,
    MESSAGE_ID_CHARS,
    Line,
    Reading,
    Sent,
    address_of,
    moment_of,
    provider_for,
)

GRACE_LINES = 5_000
OPEN = 50_000
WAITING = 1_000
"""How many deliveries of one mail may stand before the lines that say whose it is."""

AHEAD = timedelta(days=1)

_LINE = re.compile(
    r"(?P<time>[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d|\d{4}-\d\d-\d\dT\S{8,27}) \S{1,255} "
    r"[\w.-]{0,60}(?:/[\w.-]{1,60}){0,4}/(?P<program>smtpd|cleanup|qmgr|smtp|lmtp)\[\d{1,10}\]: "
    r"(?P<queue>[0-9A-Za-z]{5,40}): (?P<said>client=|message-id=|to=<|removed)(?P<rest>[^\n]*)"
)
_LOGIN = re.compile(r", sasl_username=([^,\s]{1,255})")
_SENT = re.compile(r'((?:"[^"]*"|[^">])*)>.*?, status=sent ')
_MONTH_NAMES = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_MONTHS = {name: number for number, name in enumerate(_MONTH_NAMES, 1)}


@dataclass
class _Mail:
    """A mail that is being delivered. login, message_id: None until their line was seen. removed_at, removed: the
    line that said it is done, and when."""

    login: str | None = None
    message_id: str | None = None
    waiting: list[tuple[int, str, float]] = field(default_factory=list)
    removed_at: int | None = None
    removed: float = 0.0

    @property
    def known(self) -> bool:
        return self.login is not None and self.message_id is not None


class PostfixReader:
    """Takes lines, gives mails; what is open can be kept and taken up again by another reader.

    newest: no line is younger, which tells the year of a syslog time. zone: of syslog times.
    """

    def __init__(self, newest: datetime, zone: tzinfo = UTC) -> None:
        self._newest, self._zone = newest, zone
        self._mails: OrderedDict[str, _Mail] = OrderedDict()
        self._closed: OrderedDict[str, None] = OrderedDict()
        self._line = 0

    @property
    def open(self) -> dict[str, Any]:
        """What is known of mails that are not done, as JSON can hold it."""
        return {"line": self._line, "mails": {queue: asdict(mail) for queue, mail in self._mails.items()}}

    def take_up(self, kept: dict[str, Any]) -> None:
        """Goes on with what another reader's `open` gave."""
        self._line = kept["line"]
        for queue, fields in kept["mails"].items():
            waiting = [tuple(each) for each in fields["waiting"]]
            self._mails[queue] = _Mail(**(fields | {"waiting": waiting}))
            if fields["removed_at"] is not None:
                self._closed[queue] = None

    def current(self, newest: datetime) -> None:
        """Says that lines may now be as young as `newest`."""
        self._newest = newest

    def read(self, lines: Iterator[Line]) -> Reading:
        """The deliveries of these lines; what is still incomplete waits for more lines, or for `end`."""
        for number, line in lines:
            self._line += 1
            if isinstance(line, Fault):
                yield line
                continue
            match = _LINE.match(line.decode("utf-8", "replace"))
            if match is not None:
                try:
                    yield from self._take(number, match)
                except ValueError as fault:
                    yield Fault(number, str(fault))
            yield from self._let_go()

    def end(self) -> Reading:
        """What waited for lines that did not come."""
        for queue, mail in self._mails.items():
            yield from _waiting(queue, mail)
        self._mails.clear()
        self._closed.clear()

    def _take(self, number: int, match: re.Match[str]) -> Iterator[Sent]:
        queue, said, rest = match["queue"], match["said"], match["rest"]
        at = self._moment(match["time"])
        if said == "client=":
            yield from self._begin(queue, rest, at)
        elif said == "message-id=":
            self._mail(queue).message_id = _fitting(message_id(rest) or "", MESSAGE_ID_CHARS)
        elif said == "removed":
            self._close(queue, at)
            return
        elif match["program"] in ("smtp", "lmtp") and (found := _SENT.match(rest)):
            yield from self._deliver(queue, number, _address(found[1]), at)
            return
        mail = self._mails.get(queue)
        if mail is not None and mail.known:
            yield from _waiting(queue, mail)

    def _begin(self, queue: str, rest: str, at: datetime) -> Iterator[Sent]:
        """A mail comes in. Where this queue id was another mail's before, that one is done."""
        mail = self._mails.get(queue)
        if mail is not None and (mail.login is not None or 0 < mail.removed < at.timestamp()):
            self._closed.pop(queue, None)
            yield from _waiting(queue, self._mails.pop(queue))
        self._mail(queue).login = _login(rest)

    def _mail(self, queue: str) -> _Mail:
        mail = self._mails.get(queue)
        if mail is None:
            mail = self._mails[queue] = _Mail()
        return mail

    def _close(self, queue: str, at: datetime) -> None:
        mail = self._mails.get(queue)
        if mail is not None:
            mail.removed_at, mail.removed = self._line, at.timestamp()
            self._closed[queue] = None
            self._closed.move_to_end(queue)

    def _deliver(self, queue: str, number: int, recipient: str, at: datetime) -> Iterator[Sent]:
        mail = self._mail(queue)
        if mail.known:
            yield _sent(queue, mail, number, recipient, at)
        elif len(mail.waiting) < WAITING:
            mail.waiting.append((number, recipient, at.timestamp()))

    def _let_go(self) -> Iterator[Sent]:
        """Forgets what was removed GRACE_LINES ago, and the first opened where too many are open."""
        while self._closed:
            queue = next(iter(self._closed))
            removed = self._mails[queue].removed_at
            if removed is not None and self._line - removed < GRACE_LINES:
                break
            del self._closed[queue]
            yield from _waiting(queue, self._mails.pop(queue))
        while len(self._mails) > OPEN:
            queue, mail = self._mails.popitem(last=False)
            self._closed.pop(queue, None)
            yield from _waiting(queue, mail)

    def _moment(self, text: str) -> datetime:
        if text[0].isdigit():
            return moment_of(text)
        hour, minute, second = (int(part) for part in text[7:].split(":"))
        month, day = _MONTHS.get(text[:3]), int(text[4:6])
        for year in range(self._newest.year + 1, self._newest.year - 9, -1):
            try:
                moment = datetime(year, month or 0, day, hour, minute, second, tzinfo=self._zone).astimezone(UTC)
            except ValueError:  # 29 February is not in every year
                continue
            if moment <= self._newest + AHEAD:
                return moment
        raise ValueError("The line's time is no time.")


def _waiting(queue: str, mail: _Mail) -> Iterator[Sent]:
    waiting, mail.waiting = mail.waiting, []
    for number, recipient, at in waiting:
        yield _sent(queue, mail, number, recipient, datetime.fromtimestamp(at, UTC))


def _sent(queue: str, mail: _Mail, number: int, recipient: str, at: datetime) -> Sent:
    return Sent(
        line=number,
        sender=None,
        login=mail.login or "",
        at=at,
        message_id=mail.message_id or "",
        queue_id=queue,
        recipient=recipient,
        provider=provider_for(recipient),
    )


def _login(rest: str) -> str:
    found = _LOGIN.search(rest)
    return found[1].lower() if found else ""


def _address(text: str) -> str:
    return address_of(_fitting(text.replace("\x00", ""), ADDRESS_CHARS))


def _fitting(text: str, limit: int) -> str:
    if len(text) > limit:
        raise ValueError(f"The line names something longer than {limit} characters.")
    return text
