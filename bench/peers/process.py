"""A peer that verifies DKIM in a process of its own: messages go in once, every round brings CPU time and verdicts.

What a driver (opendkim.c, maildkim.pl, mailauth.js) agrees to:

    in     frames, each four bytes of length (big-endian) and that many bytes. The first holds the key records, a line
           `name TAB text` each; then a message a frame; an empty frame asks for a round
    out    a line a round: CPU microseconds for all messages, a blank, and the verdicts: `1` or `0` a signature,
           topmost first, and a comma between messages

All messages are in the driver's memory before the clock runs: the pipe is not measured, and the process is warm.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

Verdicts = tuple[bool, ...]
"""Whether each signature of one message holds, topmost first."""


@dataclass(frozen=True)
class Peer:
    """An installed peer. name: with its version. command: starts its driver, with `environment` on top of ours."""

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)


class Running:
    """One warm driver process; to be used in a `with`, which ends it."""

    def __init__(self, peer: Peer, zone: Mapping[str, bytes], messages: Sequence[bytes]) -> None:
        """Starts it and hands over the key records and the messages. messages: none of them empty."""
        self.peer = peer
        self._process = subprocess.Popen(
            peer.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=os.environ | peer.environment
        )
        assert self._process.stdin and self._process.stdout
        self._in, self._out = self._process.stdin, self._process.stdout
        self._put(b"".join(name.encode() + b"\t" + txt + b"\n" for name, txt in zone.items()))
        for message in messages:
            self._put(message)

    def round(self) -> tuple[float, list[Verdicts]]:
        """CPU seconds for all messages, and the verdicts of each. Raises RuntimeError when the driver gave up."""
        self._put(b"")
        self._in.flush()
        spent, _, said = self._out.readline().decode().rstrip("\n").partition(" ")
        if not spent:
            raise RuntimeError(f"{self.peer.name} gave no answer")
        return float(spent) / 1e6, [tuple(each == "1" for each in word) for word in said.split(",")]

    def __enter__(self) -> Running:
        return self

    def __exit__(self, *_: object) -> None:
        self._in.close()
        self._out.close()
        self._process.wait()

    def _put(self, frame: bytes) -> None:
        self._in.write(len(frame).to_bytes(4, "big") + frame)
