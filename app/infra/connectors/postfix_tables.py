"""The two lookup tables by which Postfix refuses and freezes with nothing of ours running: the floor.

    suspended   login → REJECT 5.7.1 TEXT                     check_sasl_access
    frozen      @domain of the envelope sender → retry:4.7.1  sender_dependent_default_transport_maps

Written as text beside (whole or not at all), then by `postmap` into the LMDB file in place. Not by a rename: a
running smtpd keeps the old file open, and a connection that was open before a rename went on sending until it ended
(tried with Postfix 3.7.11). `postmap` replaces all entries in one LMDB transaction, so a look-up finds the old table
or the new one, never a half.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from app.errors import Unavailable
from app.infra.connectors.postfix_programs import Failed, Programs
from app.ports import Order, OrderLine
from app.values import dataclass

SUSPENDED, FROZEN = "suspended", "frozen"
KEY_CHARS = 320
TEXT_CHARS = 300


@dataclass(frozen=True, slots=True)
class Tables:
    """What the tables are to hold. unfit: sender → how many of its names no table can hold."""

    suspended: Mapping[str, str]
    frozen: Mapping[str, str]
    unfit: Mapping[str, int]


def tables_of(orders: Iterable[Order]) -> Tables:
    """The tables for these orders, the same whatever the order of the orders."""
    suspended: dict[str, str] = {}
    frozen: dict[str, str] = {}
    unfit: dict[str, int] = {}
    for order in sorted(orders, key=lambda each: each.sender):
        refused, kept = refused_logins(order), frozen_domains(order)
        suspended |= {name: action for name, action in refused.items() if fits(name)}
        frozen |= {f"@{name}": action for name, action in kept.items() if fits(name)}
        unfit[order.sender] = sum(not fits(name) for name in (*refused, *kept))
    return Tables(suspended, frozen, {sender: count for sender, count in unfit.items() if count})


def wanted_by(orders: Iterable[Order]) -> dict[str, set[str]]:
    """Name in a table → the senders whose orders put it there: logins and domains may be shared."""
    found: dict[str, set[str]] = {}
    for order in orders:
        for name in (*refused_logins(order), *(f"@{domain}" for domain in frozen_domains(order))):
            found.setdefault(name, set()).add(order.sender)
    return found


def fits(name: str) -> bool:
    """Whether postmap reads a line that begins with this name as one entry, and as this one.

    A blank would end the key, a line break begin another entry, `#` a comment, `"` a quoted key.
    """
    plain = name.isprintable() and not any(each.isspace() for each in name)
    return plain and 0 < len(name) <= KEY_CHARS and not name.startswith(("#", '"'))


def refused_logins(order: Order) -> dict[str, str]:
    """Login → what Postfix is to do when it hands mail in; of several lines the strictest."""
    return {login: f"REJECT 5.7.1 {_text(line)}" for line in _mildest_first(order) for login in line.logins}


def frozen_domains(order: Order) -> dict[str, str]:
    """Domain of the envelope sender → where Postfix is to leave mail of it that is in the queue.

    None that another sender has, too: its mail would be kept, or even returned. The queue is gone through by login.
    """
    found: dict[str, str] = {}
    for line in _mildest_first(order):
        names = {"sender": order.domains, "domain": (line.value,)}.get(line.scope, ())
        gone = line.kind == "terminate"
        found |= dict.fromkeys(names, "error:5.7.1 Account closed" if gone else "retry:4.7.1 Account suspended")
    return {domain: deed for domain, deed in found.items() if domain not in order.shared}


def _mildest_first(order: Order) -> list[OrderLine]:
    stops = [line for line in order.lines if line.stops]
    return sorted(stops, key=lambda line: (line.kind == "terminate", -line.since.timestamp()))


def _text(line: OrderLine) -> str:
    """The text as one line of printable ASCII, whatever it was."""
    plain = "".join(each if " " <= each <= "~" else "?" for each in line.text[:TEXT_CHARS]).strip()
    return plain or "Sending is suspended for this account"


def _pairs(text: str) -> dict[str, str]:
    """What stands in lines of `KEY<tab>ACTION`."""
    return {key: action for key, _, action in (line.partition("\t") for line in text.splitlines())}


class Folder:
    """Where the tables are, by the setting `postfix_maps`."""

    def __init__(self, path: Path, programs: Programs) -> None:
        self._path, self._programs = path, programs

    def write(self, name: str, entries: Mapping[str, str]) -> bool:
        """Makes the table hold these entries and no others; whether it was changed.

        Raises Unavailable where it cannot be written.
        """
        text = "".join(f"{key}\t{action}\n" for key, action in sorted(entries.items())).encode()
        try:
            with self._alone():
                if self._has(name, text, entries):
                    return False
                self._put(name, text)
                self._programs.run("postmap", f"lmdb:{self._path / name}")
        except OSError as fault:
            raise Unavailable(f"Postfix's table {name} cannot be written: {fault.strerror}.") from fault
        return True

    def take_out(self, name: str, entries: Mapping[str, str]) -> bool:
        """Makes the table hold none but those of these keys that it holds already; whether it was changed.

        Raises Unavailable where it cannot be written.
        """
        held = self._written(name)
        kept = {key: action for key, action in held.items() if key in entries}
        return len(kept) < len(held) and self.write(name, kept)

    def look_up(self, name: str, keys: Iterable[str]) -> dict[str, str]:
        """Key → what Postfix finds in the table, of those keys that it finds; nothing in one that is gone.

        Raises Unavailable where it cannot be read.
        """
        if not (self._path / f"{name}.lmdb").exists():
            return {}
        # By standard input: a login `-` or `-x` as an argument would mean something else.
        wanted = [key for key in keys if fits(key)]
        return self._entries("-q", "-", f"lmdb:{self._path / name}", told=wanted) if wanted else {}

    def _written(self, name: str) -> dict[str, str]:
        """What its text says, nothing where there is none: `postmap` need not be asked before each decision."""
        path = self._path / name
        try:
            return _pairs(path.read_text("utf-8", "replace")) if path.exists() else {}
        except OSError as fault:
            raise Unavailable(f"Postfix's table {name} cannot be read: {fault.strerror}.") from fault

    def _has(self, name: str, text: bytes, entries: Mapping[str, str]) -> bool:
        """Whether both are there as wanted: we may have been stopped between the text and the table."""
        path = self._path / name
        if not path.exists() or path.read_bytes() != text or not path.with_name(f"{name}.lmdb").exists():
            return False
        return self._entries("-s", f"lmdb:{path}") == dict(entries)

    def _entries(self, *arguments: str, told: list[str] | None = None) -> dict[str, str]:
        try:
            said = self._programs.run("postmap", *arguments, told=told)
        except Failed as fault:
            if fault.complaint:
                raise
            said = fault.said  # it fails in silence where nothing is found
        return _pairs(said)

    def _put(self, name: str, text: bytes) -> None:
        draft = self._path / f".{name}.new"
        with draft.open("wb") as file:
            os.fchmod(file.fileno(), 0o644)
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(self._path / name)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """No other process of ours writes meanwhile."""
        if not self._path.exists():
            self._path.mkdir(parents=True, exist_ok=True)
            self._path.chmod(0o755)  # whatever our umask: Postfix is another user
        with (self._path / ".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
