"""Tells alarms to people outside: each to every address of `alarm_to` by mail, and to `alarm_url`, signed.

That an alarm is over is told the same way. What a channel did not take is tried again; those that took it are not
told twice, but for a crash in between, and then with the same Message-ID or key.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

import structlog

from app.enforcement.domain import case_reference
from app.enforcement.service.alarms import AlarmFact, Untold, note_told, untold
from app.errors import Rejected, Unavailable
from app.notices.domain import mailable
from app.notices.letter import message_id, write
from app.ports import Mailer, Poster
from app.settings import Settings
from app.uow import UnitOfWork
from app.values import dataclass

log = structlog.get_logger(__name__)

AT_ONCE = 20
LEASE = timedelta(minutes=5)
RETRY = (2, 3, 5, 10, 20, 30, 60, 120, 300)
"""Seconds between tries, the last for ever."""


@dataclass(frozen=True, slots=True)
class _Channel:
    """One that alarms are told to. id: tells it from the others without saying who it is."""

    kind: str
    id: str
    tell: Callable[[AlarmFact], object]


def tell_alarms(open_work: UnitOfWork, mailer: Mailer | None, poster: Poster | None) -> int:
    """Tells what is to be told now; how many alarms it was about. Raises Unavailable where the database is away."""
    with open_work() as work:
        alarms = untold(work, LEASE, AT_ONCE)
    if not alarms:
        return 0
    channels = _channels(work.settings, mailer, poster)
    if not channels:
        log.warning("alarm.nobody_to_tell", alarms=len(alarms))
    away: set[str] = set()
    for each in alarms:
        taken = {channel.id for channel in channels if channel.id in each.taken or _took(channel, each, away)}
        with open_work() as work:
            # What nobody could be told waits until somebody is set; that it is over is of no use to them.
            done = len(taken) == len(channels) if channels else each.alarm.cleared_at is not None
            note_told(work, each, taken, None if done else work.now + _after(each.tries))
    return len(alarms)


def _after(tries: int) -> timedelta:
    return timedelta(seconds=RETRY[min(tries, len(RETRY)) - 1])


def _took(channel: _Channel, each: Untold, away: set[str]) -> bool:
    """Whether the channel took it. One that was away is not tried again in this round: each try costs a time-out."""
    if channel.id in away:
        return False
    try:
        channel.tell(each.alarm)
    except (Unavailable, Rejected) as fault:
        if isinstance(fault, Unavailable):
            away.add(channel.id)
        log.warning("alarm.not_taken", alarm=str(each.alarm.id), by=channel.kind, error=str(fault))
        return False
    return True


def _channels(settings: Settings, mailer: Mailer | None, poster: Poster | None) -> Sequence[_Channel]:
    """The webhook first: it is the quicker one."""
    channels = []
    if poster is not None and settings.alarm_url:
        channels.append(_by_post(poster, settings.alarm_url))
    mail_from = mailable(settings.mail_from)
    if mailer is not None and mail_from is not None:
        channels += [_by_mail(settings, mailer, mail_from, each) for each in _recipients(settings)]
    return channels


def _recipients(settings: Settings) -> list[str]:
    found = [mailable(each) for each in settings.alarm_to]
    return list(dict.fromkeys(each for each in found if each is not None))


def _id(channel: str) -> str:
    return hashlib.blake2s(channel.encode(), digest_size=8).hexdigest()


def _key(alarm: AlarmFact) -> str:
    return f"alarm-{alarm.id}-{'raised' if alarm.cleared_at is None else 'over'}"


def _said(alarm: AlarmFact) -> dict[str, object]:
    return {
        "alarm": str(alarm.id),
        "said": alarm.said,
        "sender": alarm.sender,
        "case": alarm.case_number,
        "raised_at": _moment(alarm.raised_at),
        "over_at": None if alarm.cleared_at is None else _moment(alarm.cleared_at),
    }


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _by_post(poster: Poster, url: str) -> _Channel:
    return _Channel("post", _id(url), lambda alarm: poster.post(url, _key(alarm), _said(alarm)))


def _by_mail(settings: Settings, mailer: Mailer, mail_from: str, to: str) -> _Channel:
    def tell(alarm: AlarmFact) -> None:
        first = message_id(f"alarm.{alarm.id.hex}.raised", mail_from)
        mail = write(
            identifier=first if alarm.cleared_at is None else message_id(f"alarm.{alarm.id.hex}.over", mail_from),
            at=alarm.cleared_at or alarm.raised_at,
            organisation=settings.organisation,
            mail_from=mail_from,
            to=to,
            reply_to="",
            subject=f"{'Alarm' if alarm.cleared_at is None else 'Over'}: {alarm.said}",
            text=_text(alarm, settings.desk_site),
        )
        if alarm.cleared_at is not None:
            mail["In-Reply-To"] = mail["References"] = first
        mailer.send(mail, mail_from, to)

    return _Channel("mail", _id(to), tell)


def _text(alarm: AlarmFact, desk: str) -> str:
    rows = [("Raised", f"{alarm.raised_at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC")]
    if alarm.cleared_at is not None:
        rows.append(("Over", f"{alarm.cleared_at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"))
    if alarm.sender is not None:
        rows.append(("Sender", alarm.sender))
    if alarm.case_number is not None:
        rows.append(("Case", case_reference(alarm.case_number)))
    rows.append(("Desk", desk if alarm.case_number is None else f"{desk}/cases/{alarm.case_number}"))
    return f"{alarm.said}\n\n" + "".join(f"{name + ':':<9}{value}\n" for name, value in rows)
