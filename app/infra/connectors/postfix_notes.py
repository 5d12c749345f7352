"""Which queued mail we put on hold, noted on this machine before it is done.

The database learns of it only afterwards. If it is away then, or we are ended in between, mail that had been waiting
since before the suspension would look as if somebody else had put it on hold, and would never be released.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Set
from pathlib import Path

from app.errors import Unavailable

Mail = tuple[str, int]
"""Queue id and arrival (Unix time): short queue ids are used again."""


class Notes:
    """A file with a line a mail: `QUEUE-ID ARRIVAL`."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._known: set[Mail] | None = None

    def __contains__(self, mail: Mail) -> bool:
        return mail in self._read()

    def add(self, mails: Iterable[Mail]) -> None:
        """Notes mails; what is noted is on the disk when this returns. Raises Unavailable."""
        self._write(self._read() | set(mails))

    def keep(self, there: Set[Mail]) -> None:
        """Forgets all mails but these. Raises Unavailable."""
        self._write(self._read() & there)

    def _read(self) -> set[Mail]:
        if self._known is None:
            try:
                lines = self._path.read_text("ascii", "replace").splitlines() if self._path.exists() else []
            except OSError as fault:
                raise Unavailable(f"The notes of held mail cannot be read: {fault.strerror}.") from fault
            pairs = (line.partition(" ") for line in lines)
            self._known = {(name, int(at)) for name, _, at in pairs if at.isdigit()}
        return self._known

    def _write(self, wanted: set[Mail]) -> None:
        if wanted == self._read():
            return
        draft = self._path.with_name(f".{self._path.name}.new")
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with draft.open("w") as file:
                file.writelines(f"{name} {at}\n" for name, at in sorted(wanted))
                file.flush()
                os.fsync(file.fileno())
            draft.replace(self._path)
        except OSError as fault:
            raise Unavailable(f"The notes of held mail cannot be written: {fault.strerror}.") from fault
        self._known = wanted
