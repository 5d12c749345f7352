"""Output of several processes as one stream: whole lines, each with the name of who said it."""

from __future__ import annotations

from contextlib import suppress
from typing import BinaryIO

LINE_BYTES = 16_384
COLOURS = (36, 33, 32, 35, 34, 31)

# A line may quote a hostile message; escape sequences in it must not reach a terminal.
_HARMLESS = bytes(byte if byte >= 0x20 or byte == 0x09 else 0x3F for byte in range(256)).replace(b"\x7f", b"?")


class Lines:
    """Writes `out`: 'name   | line'; in colour on a terminal only."""

    def __init__(self, out: BinaryIO, names: list[str]) -> None:
        self._out = out
        self._width = max(map(len, names), default=0)
        self._colours = dict(zip(names, COLOURS * len(names), strict=False)) if out.isatty() else {}
        self._rest: dict[str, bytes] = {}

    def feed(self, name: str, piece: bytes) -> None:
        """Takes what `name` wrote; writes the lines that are whole now, or too long to wait for their end."""
        *whole, rest = (self._rest.get(name, b"") + piece).split(b"\n")
        if len(rest) > LINE_BYTES:
            whole, rest = [*whole, rest], b""
        self._rest[name] = rest
        for line in whole:
            self.say(name, line)

    def end(self, name: str) -> None:
        """Writes what `name` left unfinished."""
        if rest := self._rest.pop(name, b""):
            self.say(name, rest)

    def say(self, name: str, line: bytes) -> None:
        """Writes one line of `name`."""
        head = f"{name.ljust(self._width)} | "
        if colour := self._colours.get(name):
            head = f"\x1b[{colour}m{head}\x1b[0m"
        # Nobody reading any more (a closed terminal or pipe) is no reason to stop the desk.
        with suppress(OSError):
            self._out.write(head.encode() + line.rstrip(b"\r").translate(_HARMLESS) + b"\n")
            self._out.flush()
