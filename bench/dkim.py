"""How much CPU our DKIM verifier takes, against four others, on the same freshly signed messages.

    ./.venv/bin/python bench/dkim.py [messages] [rounds]

dkimpy as it comes, libopendkim (C), Mail::DKIM (Perl) and mailauth (Node). The script installs what is missing
(bench/peers/install.py) and says what it could not. The messages are those of bench/peers/letters.py; keys are
answered from memory on all sides, every process is warm, and all verify all messages, in turns.

Verdicts are compared signature by signature. Another verdict than dkimpy's ends the run with exit code 1 before a
figure is printed; where a peer sees it otherwise, its line says for how many signatures, and of which kind. CPU time,
not wall time: other work on the machine counts for none. The figures hold for this machine and this day; the ratios
are what to look at.
"""

from __future__ import annotations

import logging
import platform
import random
import statistics
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

# A script's folder comes first on the path; there this file would hide the library of its name.
sys.path.remove(str(Path(__file__).resolve().parent))
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import dkim

from app.mail.dkim.signatures import Signed, judge, names
from app.mail.domain import DkimResult, KeyAnswer, KeyState
from bench.peers.install import installed
from bench.peers.letters import ZONE, message
from bench.peers.process import Running, Verdicts

TARGETS = {"dkimpy": 5, "libopendkim": 1, "Mail::DKIM": 4, "mailauth": 4}
"""How many times our CPU time each should take at least."""
WARMING = 3
"""Rounds that are not measured."""

Round = tuple[float, list[Verdicts]]


@dataclass(frozen=True)
class Side:
    """One verifier. round: CPU seconds for all messages, and the verdicts of each."""

    name: str
    round: Callable[[], Round]
    seconds: list[float] = field(default_factory=list)

    def take_turn(self) -> None:
        self.seconds.append(self.round()[0])


def main() -> int:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 150
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 9
    logging.disable(logging.CRITICAL)
    messages = [message(random.Random(number)) for number in range(count)]
    with ExitStack() as stack:
        peers = [stack.enter_context(Running(peer, ZONE, messages)) for peer in installed()]
        us = Side("abusedesk", lambda: timed(ours, messages))
        oracle = Side(f"dkimpy {version('dkimpy')}", lambda: timed(theirs, messages))
        sides = [us, oracle, *(Side(each.peer.name, each.round) for each in peers)]
        verdicts = us.round()[1]
        if verdicts != oracle.round()[1]:
            print("our verdicts are not dkimpy's: no figures")
            return 1
        strays = [stray(messages, verdicts, side) for side in sides]
        for _ in range(rounds):
            for side in sides:
                side.take_turn()
    report(messages, verdicts, sides, strays)
    return 0


def timed(verdicts_of: Callable[[bytes], Verdicts], messages: Sequence[bytes]) -> Round:
    start = time.process_time()
    verdicts = [verdicts_of(raw) for raw in messages]
    return time.process_time() - start, verdicts


def ours(raw: bytes) -> Verdicts:
    """As the pipeline does it: the message split once, its keys looked up by name, then judged."""
    signed = Signed(raw)
    keys = {name: KeyAnswer(KeyState.FOUND, ZONE[name]) for name in names(signed)}
    results = judge(signed, headers_only=False, key_of=keys.__getitem__, as_of=datetime.now(UTC))
    return tuple(each.result is DkimResult.PASS for each in results)


def theirs(raw: bytes) -> Verdicts:
    return tuple(holds(raw, index) for index in range(raw.count(b"DKIM-Signature:")))


def holds(raw: bytes, index: int) -> bool:
    try:
        return bool(dkim.DKIM(raw, minkey=1024).verify(idx=index, dnsfunc=answer))
    except dkim.DKIMException:
        return False


def answer(name: bytes, timeout: int = 5) -> bytes | None:
    return ZONE.get(name.decode().rstrip("."))


def stray(messages: Sequence[bytes], verdicts: Sequence[Verdicts], side: Side) -> str:
    """What this side judges otherwise, in words; also warms it up: Node compiles what has run often enough."""
    said = [side.round()[1] for _ in range(WARMING)][-1]
    kinds = Counter(kind for each in zip(messages, verdicts, said, strict=True) for kind in differences(*each))
    if not kinds:
        return "verdicts equal"
    return "otherwise: " + ", ".join(f"{many} {kind}" for kind, many in kinds.most_common())


def differences(raw: bytes, right: Verdicts, said: Verdicts) -> Iterator[str]:
    """Each signature judged otherwise: its algorithm and what was said."""
    if len(right) != len(said):
        yield f"messages with {len(said)} instead of {len(right)} answers"
        return
    algorithms = [each.algorithm for _, each in Signed(raw).claims]
    for algorithm, wanted, got in zip(algorithms, right, said, strict=True):
        if wanted is not got:
            yield f"{algorithm} {'refused' if wanted else 'accepted'}"


def report(messages: Sequence[bytes], verdicts: Sequence[Verdicts], sides: Sequence[Side], strays: list[str]) -> None:
    judged = [verdict for each in verdicts for verdict in each]
    size = statistics.mean(map(len, messages)) / 1024
    print(f"{len(messages)} messages, mean {size:.1f} KB, {len(judged)} signatures: {sum(judged)} hold, ", end="")
    print(f"{len(judged) - sum(judged)} do not; {len(sides[0].seconds)} rounds in turns, medians")
    print(f"{'':36}{'µs a message':>14}{'times ours':>12}{'least to most':>16}  target")
    for side, said in zip(sides, strays, strict=True):
        ratios = sorted(each / own for own, each in zip(sides[0].seconds, side.seconds, strict=True))
        micros = statistics.median(side.seconds) / len(messages) * 1e6
        line = f"{side.name:36}{micros:14.0f}{statistics.median(ratios):12.2f}"
        print(line + f"{ratios[0]:9.2f} –{ratios[-1]:5.2f}  {target(side.name, statistics.median(ratios)):12}{said}")
    print(f"Python {platform.python_version()}, {platform.machine()}")


def target(name: str, ratio: float) -> str:
    wanted = TARGETS.get(name.split()[0])
    if wanted is None:
        return ""
    return f"{wanted} {'met' if ratio >= wanted else 'MISSED'}"


if __name__ == "__main__":
    sys.exit(main())
