"""Reads a log that grows and is rotated: whole lines only, from a place that can be kept (no database here).

A rotated file is found again by its inode among the files beside it whose names begin with the log's, and those
rotated after it are read in the order of their last change. What is compressed or gone before it was read is lost,
and said so. A log that is truncated in place (`copytruncate`) starts anew: what was written between is lost, too.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from app.senders.sent import LINE_BYTES
from app.values import dataclass

MARK_BYTES = 128
COMPRESSED = (".gz", ".xz", ".bz2", ".zst")


@dataclass(frozen=True, slots=True)
class Place:
    """Up to which byte of which file was read. mark: hash of the file's first MARK_BYTES, as far as read."""

    inode: int
    offset: int
    mark: bytes


class LogFile:
    """One log by its path. Not there (yet) is as good as empty."""

    def __init__(self, path: Path, place: Place | None) -> None:
        self._path = path
        self._file: BinaryIO | None = None
        self.lost = False
        if place is not None and not self._find(place):
            self.lost = True

    @property
    def place(self) -> Place | None:
        """Where reading stands; None before anything was opened."""
        if self._file is None:
            return None
        return Place(os.fstat(self._file.fileno()).st_ino, self._file.tell(), self._mark(self._file.tell()))

    def lines(self, most: int) -> Iterator[bytes]:
        """Up to `most` whole lines that were not read yet; of one longer than LINE_BYTES, its beginning."""
        for _ in range(most):
            line = self._line()
            while line is None and self._go_on():
                line = self._line()
            if line is None:
                return
            yield line

    def close(self) -> None:
        """Gives the file back."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def _find(self, place: Place) -> bool:
        for path in (self._path, *_beside(self._path)):
            try:
                file = path.open("rb")
            except OSError:
                continue
            self._file = file
            status = os.fstat(file.fileno())
            fits = status.st_ino == place.inode and status.st_size >= place.offset
            if fits and self._mark(place.offset) == place.mark:
                file.seek(place.offset)
                return True
            self.close()
        return False

    def _mark(self, offset: int) -> bytes:
        assert self._file is not None
        first = os.pread(self._file.fileno(), min(offset, MARK_BYTES), 0)
        return hashlib.sha256(first).digest()

    def _line(self) -> bytes | None:
        """The next whole line; None where there is none yet, and then the place is as before."""
        if self._file is None:
            return None
        start = self._file.tell()
        line = more = self._file.readline(LINE_BYTES + 1)
        while more and not more.endswith(b"\n"):
            more = self._file.readline(LINE_BYTES)
        if not more:
            self._file.seek(start)
            return None
        return line

    def _go_on(self) -> bool:
        """Opens the next file where this one will not grow any more; whether there is one to read."""
        if self._file is None:
            return self._open(self._path)
        status = os.fstat(self._file.fileno())
        try:
            current = self._path.stat()
        except OSError:
            return False  # between renaming and making anew
        if current.st_ino == status.st_ino:
            return current.st_size < self._file.tell() and self._open(self._path)
        # What was written between our last look and the renaming still is to be read.
        return self._more() or self._open(self._next(status.st_ino))

    def _more(self) -> bool:
        """Whether another whole line is there; one without an end will not be written any more."""
        assert self._file is not None
        at = self._file.tell()
        found = self._line() is not None
        self._file.seek(at)
        return found

    def _next(self, inode: int) -> Path:
        """The file rotated after the one with this inode; the log itself where none was."""
        files = _beside(self._path)
        numbers = [path.stat().st_ino for path in files]
        later = files[numbers.index(inode) + 1 :] if inode in numbers else []
        return later[0] if later else self._path

    def _open(self, path: Path) -> bool:
        try:
            file = path.open("rb")
        except OSError:
            return False
        self.close()
        self._file = file
        return True


def _beside(path: Path) -> list[Path]:
    """The log's rotated, uncompressed files, the last changed last."""
    found = [
        (each.stat().st_mtime_ns, each)
        for each in path.parent.iterdir()
        if each.name.startswith((f"{path.name}.", f"{path.name}-")) and each.suffix not in COMPRESSED
    ]
    return [each for _, each in sorted(found) if each.is_file()]
