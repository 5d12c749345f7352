"""Postfix's queue: what is in it and whose it is, holding, releasing and discarding. Needs root, as postsuper does.

Ids go to postsuper by standing input, never as an argument, and only such as the queue itself named: `ALL` would
mean every mail of everybody.
"""

from __future__ import annotations

import json
import re
import threading
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

from app.errors import Unavailable
from app.infra.connectors.postfix_notes import Notes
from app.infra.connectors.postfix_programs import Failed, Programs
from app.infra.connectors.postfix_sweep import Queued
from app.mail.fields.address import domain_readings

AT_ONCE = 500
"""Queue files that one postcat reads."""

REMEMBERED = 200_000
"""Mails of which the login is remembered between two looks: reading it anew takes a file each."""

FLUSHED = 100
"""Released mails that are tried at once; others wait for Postfix's next look at its queue."""

_ID = re.compile(r"[0-9A-Za-z]{6,40}")
_HEAD = re.compile(r"\*\*\* ENVELOPE RECORDS \S*?([0-9A-Za-z]+) \*\*\*")
_LOGIN = "named_attribute: sasl_username="


class MailQueue:
    """The queue of the Postfix on this machine."""

    def __init__(self, programs: Programs, notes: Notes) -> None:
        self._programs, self._notes = programs, notes
        # By arrival, too: short queue ids are used again.
        self._logins: OrderedDict[tuple[str, int], str] = OrderedDict()
        self._lock = threading.Lock()

    def mails(self) -> list[Queued]:
        """All mail in the queue whose file could be read. Raises Unavailable."""
        with self._lock:
            listed = list(self._listed())
            unknown = [key for key, _, _ in listed if key not in self._logins]
            self._learn(unknown)
            there = {key for key, _, _ in listed}
            self._notes.keep(there)
            found = [
                Queued(*key, on_hold, self._logins[key], domain, key in self._notes, tuple(more))
                for key, on_hold, (domain, *more) in listed
                if key in self._logins
            ]
            self._forget(there)
            return found

    def hold(self, mails: Sequence[Queued]) -> None:
        """Keeps mails back, and notes before that it was us. Raises Unavailable."""
        self._notes.add((each.id, each.arrived) for each in mails)
        self._told("-h", [each.id for each in mails])

    def release(self, ids: Sequence[str]) -> None:
        """Lets mails go that are on hold, and has them tried. Raises Unavailable."""
        self._told("-H", ids)
        for each in ids[:FLUSHED]:
            self._programs.run("postqueue", "-i", each)

    def discard(self, ids: Sequence[str]) -> None:
        """Deletes mails that are on hold, and no others. Raises Unavailable."""
        self._told("-d", ids, "hold")

    def _told(self, switch: str, ids: Sequence[str], *queues: str) -> None:
        if ids:
            self._programs.run("postsuper", switch, "-", *queues, told=ids)

    def _listed(self) -> Iterator[tuple[tuple[str, int], bool, tuple[str, ...]]]:
        """Id and arrival, whether it is on hold, the domains that the envelope sender may be read to have."""
        for line in self._programs.lines("postqueue", "-j"):
            mail = _mail(line)
            name, arrived = mail.get("queue_id"), mail.get("arrival_time")
            if isinstance(name, str) and _ID.fullmatch(name) and name != "ALL" and isinstance(arrived, int):
                domains = domain_readings(str(mail.get("sender", "")))
                yield (name, arrived), mail.get("queue_name") == "hold", domains

    def _learn(self, unknown: Sequence[tuple[str, int]]) -> None:
        keys = iter(unknown)
        while batch := list(islice(keys, AT_ONCE)):
            arrivals = dict(batch)
            for name, login in self._read(list(arrivals)):
                self._logins[name, arrivals[name]] = login

    def _read(self, ids: list[str]) -> Iterator[tuple[str, str]]:
        """Queue id and login of each mail that is still there."""
        while ids:
            try:
                yield from _owners(self._programs.run("postcat", "-eq", *ids), ids)
                return
            except Failed as fault:
                if "No such file" not in fault.complaint:
                    raise
                # It stops at the first mail that is gone; what it told before counts.
                told = list(_owners(fault.said, ids))
                yield from told
                ids = _after(ids, fault.complaint, told)

    def _forget(self, there: set[tuple[str, int]]) -> None:
        if len(self._logins) > REMEMBERED:
            for key in [key for key in self._logins if key not in there]:
                del self._logins[key]
        while len(self._logins) > REMEMBERED:
            self._logins.popitem(last=False)


def _mail(line: bytes) -> dict[str, Any]:
    try:
        found = json.loads(line)
    except ValueError as fault:
        raise Unavailable("postqueue prints what cannot be understood.") from fault
    return found if isinstance(found, dict) else {}


def _owners(said: str, ids: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Queue id and login (lower case, empty where there is none) of each mail that postcat told whole."""
    wanted, name, login = set(ids), "", ""
    for line in said.split("\n"):
        if head := _HEAD.fullmatch(line):
            name, login = head[1], ""
        elif line.startswith(_LOGIN):
            login = line.removeprefix(_LOGIN).strip().lower()
        elif line.startswith("*** MESSAGE FILE END") and name in wanted:
            yield name, login
            name = ""


def _after(ids: list[str], complaint: str, told: Sequence[tuple[str, str]]) -> list[str]:
    """What is left to be read after the mail that is gone; the complaint names it, else it is the first untold."""
    named = re.search(r"open queue file (\S+): No such file", complaint)
    known = {name for name, _ in told}
    gone = named[1] if named else next((each for each in ids if each not in known), "")
    return ids[ids.index(gone) + 1 :] if gone in ids else []
