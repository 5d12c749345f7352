"""`abusedesk sent follow`: keeps reading a Postfix log that grows and is rotated."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import click

from app.audit.domain import OPERATOR
from app.audit.service import record
from app.bootstrap import Desk, opened
from app.errors import Unavailable
from app.senders import follow_service
from app.senders.log_file import LogFile
from app.senders.sent import LINE_BYTES, Line
from app.senders.sent_postfix import PostfixReader
from app.senders.sent_service import Taken

LOOK_SECONDS = 1.0
AWAY_SECONDS = 5.0
LINES = 5_000


class Zone(click.ParamType[ZoneInfo]):
    """A time zone by its name."""

    name = "zone"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> ZoneInfo:
        try:
            return value if isinstance(value, ZoneInfo) else ZoneInfo(str(value))
        except (ZoneInfoNotFoundError, ValueError, OSError):
            self.fail("A time zone like Europe/Berlin is expected.", param, ctx)


zone_option = click.option(
    "--zone", type=Zone(), default="UTC", show_default=True, help="Zone of syslog times, which name none."
)


class Follower:
    """Reads on from where the database says; a step is one transaction."""

    def __init__(self, desk: Desk, path: Path, zone: ZoneInfo) -> None:
        self._desk, self._name = desk, str(path)
        with desk.work() as work:
            found = follow_service.kept(work, self._name)
        self._place = found.place if found else None
        self._log = LogFile(path, self._place)
        self._reader = PostfixReader(desk.clock.now(), zone)
        if found and found.open_mails:
            self._reader.take_up(found.open_mails)
        self.lost = self._log.lost

    def step(self) -> Taken | None:
        """Takes what is new, at most LINES lines; None where nothing is. Raises Unavailable, Conflict."""
        self._reader.current(self._desk.clock.now())
        lines = list(self._log.lines(LINES))
        place = self._log.place
        if not lines or place is None:
            return None
        found = list(self._reader.read(_numbered(lines)))
        with self._desk.work() as work:
            taken = follow_service.take_and_keep(work, self._name, self._place, found, place, self._reader.open)
        self._place = place
        return taken

    def close(self) -> None:
        """Gives the file back."""
        self._log.close()


def _numbered(lines: list[bytes]) -> Iterator[Line]:
    return ((number, line[:LINE_BYTES]) for number, line in enumerate(lines, 1))


@click.command(help="Keep reading a Postfix log as it grows and is rotated; after a stop it goes on where it was.")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--once", is_flag=True, help="End when all that is there was read.")
@zone_option
def follow(file: Path, once: bool, zone: ZoneInfo) -> None:
    stop = threading.Event()
    for each in (signal.SIGTERM, signal.SIGINT):
        signal.signal(each, lambda _signal, _frame: stop.set())
    with opened() as desk:
        with desk.work() as work:
            record(work, OPERATOR, "senders.follow", "senders")
        total = Taken()
        while not stop.is_set():
            try:
                total += _until_away(desk, file.resolve(), zone, stop, once)
                break
            except Unavailable:
                click.echo("The database does not answer; what was not written is read again.", err=True)
                stop.wait(AWAY_SECONDS)
    click.echo(f"{total.new} new mails, {total.known} known, {total.unknown} of no sender's login.")


def _until_away(desk: Desk, path: Path, zone: ZoneInfo, stop: threading.Event, once: bool) -> Taken:
    follower, total = Follower(desk, path, zone), Taken()
    if follower.lost:
        click.echo("The file read last is gone: what was written to it since then is lost.", err=True)
    try:
        while not stop.is_set():
            taken = follower.step()
            total += taken or Taken()
            if taken is None:
                if once:
                    break
                stop.wait(LOOK_SECONDS)
    finally:
        follower.close()
    return total
