"""The mailbox door: `python -m workers.mailbox` reads the report mailbox by IMAP.

A pass takes every message of the folder: exact bytes, stored and committed, and only then moved to
ABUSEDESK_IMAP_PROCESSED. One over limits.MESSAGE_BYTES, or that the intake refuses, is moved to that folder's
name and `-Refused`, unread. One that could not be stored stays where it is and is tried again in the next pass.
A move without an answer is unknown: the next pass searches again, and what is stored already is known by
UIDVALIDITY and UID, or by its content where the server gave it another UID.

Between the passes it waits by IDLE (RFC 2177), or looks every POLL_SECONDS where the server has no IDLE. After any
fault it connects anew, later and later. IMAPClient, as it has the exact bytes and a real MOVE; imap-tools has not.
"""

from __future__ import annotations

import signal
import threading
import time

import structlog
from imapclient import IMAPClient
from imapclient.exceptions import IMAPClientAbortError, IMAPClientError

from app.bootstrap import Desk
from app.errors import Unavailable
from app.intake.domain import Arrival, Door, Seen
from app.intake.service import seen_before
from app.mail import limits
from workers import process
from workers.mailbox_account import Account, account_from, connect
from workers.mailbox_plan import back_off, batches, split, windows
from workers.storing import Answer, Unstored, Why, store_apart

log = structlog.get_logger(__name__)

IDLE_SECONDS = 10.0
"""How long one IDLE lasts. RFC 2177 demands less than 29 minutes; ours is shorter as a search costs next to nothing,
and as what arrives in the very moment before IDLE is announced where IMAPClient sees it only at the end."""

LOOK_SECONDS = 0.5
POLL_SECONDS = 15.0


class Mailbox:
    """Reads one account into one desk, until `stop` is set."""

    def __init__(self, desk: Desk, account: Account, stop: threading.Event) -> None:
        self._desk = desk
        self._account = account
        self._stop = stop
        self._processed = desk.settings.imap_processed
        self._refused = f"{self._processed}-Refused"

    def run(self) -> None:
        """Reads until told to stop, then returns after the batch in hand."""
        failures = 0
        while not self._stop.is_set():
            try:
                with connect(self._account) as client:
                    self.make_folders(client)
                    self.read(client)
                    failures = 0
                    self._follow(client)
            except Exception as fault:  # noqa: BLE001  a reader that ends for a fault reads nothing
                failures += 1
                log.warning("mailbox.away", fault=type(fault).__name__, failures=failures)
                self._stop.wait(back_off(failures))

    def read(self, client: IMAPClient) -> int:
        """One pass over the folder; how many messages were moved away.

        Raises Unavailable where the storage is away, and what IMAPClient raises.
        """
        there = client.select_folder(self._account.folder)
        found = [uid for window in windows(there[b"EXISTS"]) for uid in client.search([window, "UNDELETED"])]
        moved = 0
        for uids in split(list(dict.fromkeys(found))):
            moved += self._take(client, there[b"UIDVALIDITY"], uids)
        if moved:
            log.info("mailbox.read", moved=moved)
        return moved

    def _take(self, client: IMAPClient, validity: int, uids: list[int]) -> int:
        places = {Seen(self._account.mailbox, validity, uid): uid for uid in uids}
        with self._desk.work() as work:
            known = {places[seen] for seen in seen_before(work, list(places))}
        moved = self._move(client, [uid for uid in uids if uid in known], self._processed)
        sizes = _sizes(client, [uid for uid in uids if uid not in known])
        large = [uid for uid, size in sizes.items() if size > limits.MESSAGE_BYTES]
        moved += self._move(client, large, self._refused)
        for batch in batches({uid: size for uid, size in sizes.items() if uid not in large}):
            if self._stop.is_set():
                break
            moved += self._store(client, validity, batch)
        return moved

    def _store(self, client: IMAPClient, validity: int, uids: list[int]) -> int:
        raws = _messages(client, uids)
        arrivals = [
            Arrival(raw, Door.MAILBOX, seen=Seen(self._account.mailbox, validity, uid)) for uid, raw in raws.items()
        ]
        answers = dict(zip(raws, store_apart(self._desk.work, arrivals), strict=True))
        if _any(answers, Why.AWAY):
            raise Unavailable("The storage is away.")
        if broken := _any(answers, Why.BROKEN):
            log.error("mailbox.left", uids=broken)
        moved = self._move(client, [uid for uid in raws if not isinstance(answers[uid], Unstored)], self._processed)
        return moved + self._move(client, _any(answers, Why.REFUSED), self._refused)

    def _move(self, client: IMAPClient, uids: list[int], folder: str) -> int:
        """Moves what is stored or refused; a server that says no must not keep the rest from being stored."""
        try:
            for part in split(uids):
                _move(client, part, folder)
        except IMAPClientAbortError:  # no answer: unknown what was moved, the connection is gone
            raise
        except IMAPClientError as fault:
            log.warning("mailbox.unmoved", messages=len(uids), fault=type(fault).__name__)
            return 0
        if uids and folder == self._refused:
            log.warning("mailbox.refused", uids=uids)
        return len(uids)

    def _follow(self, client: IMAPClient) -> None:
        while not self._stop.is_set():
            if client.has_capability("IDLE"):
                self._idle(client)
            else:
                self._stop.wait(POLL_SECONDS)
            if not self._stop.is_set():
                self.read(client)

    def _idle(self, client: IMAPClient) -> None:
        """Returns when something arrived, when IDLE_SECONDS are over or when we are to stop."""
        # What arrived since the search would be announced in one packet with IDLE's first line, and idle_check
        # looks at the socket, where it is not any more: it is asked for before.
        if _arrived(client.noop()[1]):
            return
        ends = time.monotonic() + IDLE_SECONDS
        client.idle()
        while not self._stop.is_set() and time.monotonic() < ends:
            started = time.monotonic()
            said = client.idle_check(timeout=LOOK_SECONDS)
            # Nothing, and sooner than asked: the server hung up, which IMAPClient does not say; idle_done will.
            if _arrived(said) or (not said and time.monotonic() - started < LOOK_SECONDS / 2):
                break
        client.idle_done()

    def make_folders(self, client: IMAPClient) -> None:
        """Makes the folders that messages are moved to, where they are missing."""
        for folder in (self._processed, self._refused):
            if not client.folder_exists(folder):
                client.create_folder(folder)


def _arrived(said: list[tuple[object, ...]]) -> bool:
    return any(b"EXISTS" in line for line in said)


def _sizes(client: IMAPClient, uids: list[int]) -> dict[int, int]:
    """UID → bytes, without the messages that went meanwhile."""
    found = client.fetch(uids, ["RFC822.SIZE"]) if uids else {}
    return {uid: found[uid][b"RFC822.SIZE"] for uid in uids if b"RFC822.SIZE" in found.get(uid, {})}


def _messages(client: IMAPClient, uids: list[int]) -> dict[int, bytes]:
    """UID → exact bytes; PEEK, as reading by us is no reading by a person."""
    found = client.fetch(uids, ["BODY.PEEK[]"])
    return {uid: found[uid][b"BODY[]"] or b"" for uid in uids if b"BODY[]" in found.get(uid, {})}


def _any(answers: dict[int, Answer], why: Why) -> list[int]:
    return [uid for uid, answer in answers.items() if isinstance(answer, Unstored) and answer.why is why]


def _move(client: IMAPClient, uids: list[int], folder: str) -> None:
    """RFC 6851, or its parts. Without UIDPLUS (RFC 4315) nothing is expunged: EXPUNGE would also take away what
    somebody else has marked; what we have marked is not searched any more."""
    if client.has_capability("MOVE"):
        client.move(uids, folder)
        return
    client.copy(uids, folder)
    client.add_flags(uids, [b"\\Deleted"], silent=True)
    if client.has_capability("UIDPLUS"):
        client.uid_expunge(uids)


def serve(desk: Desk) -> None:
    """Reads the mailbox of the settings until SIGTERM or SIGINT; only waits for that where they name none.

    Raises Rejected where ABUSEDESK_IMAP_URL cannot be read.
    """
    stop = threading.Event()
    for each in (signal.SIGTERM, signal.SIGINT):
        signal.signal(each, lambda _signal, _frame: stop.set())
    if desk.settings.imap_url:
        Mailbox(desk, account_from(desk.settings.imap_url), stop).run()
    else:
        log.info("mailbox.none")
        stop.wait()


def main() -> int:
    """Reads the mailbox until it is told to stop; the exit code."""
    return process.run(serve)


if __name__ == "__main__":
    raise SystemExit(main())
