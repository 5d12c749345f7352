"""What reading promises for any bytes whatever, asked of one input: which promise does it break?

    nothing raises but TooLarge, and no reader inside `read` fails ("… failed (" among the defects)
    processor time: MS_PER_MB for each target, never less than its floor
    memory: SIZES times the input, never less than MEMORY_FLOOR

Asked by the tests that walk the kept seeds and the hostile megabytes, and by bench/fuzz_reading.py. The clock is the
process's own, and what seems slow is measured again, so other work on the machine counts for little; a test gives
slack on top, for a slow machine is no fault of the code.
"""

from __future__ import annotations

import time
import tracemalloc
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice

from app.compliance.domain import Facts
from app.compliance.worksheet import worksheet
from app.errors import TooLarge
from app.mail import limits
from app.mail.dkim.signatures import Signed, judge, names
from app.mail.domain import KeyAnswer, KeyState, Original, Reading
from app.mail.every_address import every_address
from app.mail.mime.head import top_head
from app.mail.mime.message import parse
from app.mail.mime.text import human_texts
from app.mail.read import read, read_source
from app.mail.repair.recipients import recipients
from app.mail.repair.repair import repair
from tests.factories.signed import key_pair, record

MS_PER_MB = 100.0
FLOOR = 50.0
"""Milliseconds that a smaller mail may take: a text of `limits.TEXT_CHARS` in lines of a few letters, each of which
is looked at for a label, takes as long as half a megabyte in longer ones."""

SIZES = 10
MEMORY_FLOOR = 10_000_000
ROUNDS = 4
ORIGINALS = 2
"""Reported messages of one input that the judges of a message are asked about."""

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
KEY = key_pair(1024)
FOUND = KeyAnswer(KeyState.FOUND, record(KEY).encode())


@dataclass(frozen=True)
class Target:
    """A function that takes hostile bytes.

    floor: milliseconds that any input may take. sizes: how many times the input may be held in memory.
    """

    name: str
    run: Callable[[bytes], object]
    floor: float
    sizes: float = SIZES


def broken(raw: bytes, *, slack: float = 1.0, memory: bool = False, law: bool = True) -> str | None:
    """The first promise that `raw` breaks, as a sentence; None where all hold.

    slack: what the time may be multiplied with. memory: look at that too, which takes ten times as long. law: ask the
    worksheet too, which takes longer than all the others.
    """
    return next(_faults(raw, slack, memory, law), None)


def milliseconds(run: Callable[[bytes], object], raw: bytes, enough: float = 0.0) -> float:
    """Processor time of the fastest of ROUNDS runs, or of the first that takes no more than `enough`."""
    best = float("inf")
    for _ in range(ROUNDS):
        forget()
        start = time.process_time()
        run(raw)
        best = min(best, (time.process_time() - start) * 1000)
        if best <= enough:
            break
    return best


def peak(run: Callable[[bytes], object], raw: bytes) -> int:
    """The most bytes that Python held at once for the run, its result among them."""
    forget()
    tracemalloc.start()
    try:
        run(raw)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
        forget()


def forget() -> None:
    """Nothing is known of any mail any more: what was remembered would make the second run quicker than the first."""
    for remembered in (parse, top_head, human_texts):
        remembered.cache_clear()


def targets(raw: bytes, law: bool = True) -> Iterator[Target]:
    """The readers of whole mails, then what judges the messages that they found: to be run in their order."""
    readings: list[Reading] = []
    yield Target("read", lambda raw: readings.append(_sound(read(raw))), FLOOR)
    yield Target("read_source", lambda raw: readings.append(_sound(read_source(raw))), FLOOR)
    yield Target("every_address", every_address, FLOOR, sizes=12)
    reading = next((each for each in readings if each.originals), None)
    for original in reading.originals[:ORIGINALS] if reading else ():
        yield from _of_message(reading, original)
        if law:
            # What it takes ends with `limits.TEXT_CHARS`: it is asked for what raises and for quadratic time.
            yield Target(
                "worksheet", lambda _, of=original: worksheet(of, Facts("x@a.de", "Shop")), 1_000, sizes=1_000
            )


def _of_message(reading: Reading, original: Original) -> Iterator[Target]:
    def judged(_: bytes) -> object:
        return names(original.raw), judge(original.raw, headers_only=False, key_of=_key, as_of=NOW)

    def repaired(_: bytes) -> object:
        whom = recipients(reading, original)
        return repair(Signed(original.raw), headers_only=False, recipients=whom, key_of=_key, as_of=NOW)

    yield Target("signatures", judged, 30)
    # A bounded number of candidates, whatever the mail: the budgets of `limits.REPAIR_…` are its floor.
    yield Target("repair", repaired, 300)
    yield Target("recipients", lambda _: list(islice(recipients(reading, original), limits.REPAIR_CANDIDATES)), 30)


def _key(name: str) -> KeyAnswer:
    assert name == name.lower()
    return FOUND


class ReaderFailed(Exception):
    """`read` answered, but one of the formats failed on the way."""


def _sound(found: Reading) -> Reading:
    said = [each for each in (*found.defects, found.reason) if " failed (" in each]
    if said:
        raise ReaderFailed(said[0])
    if "\x00" in found.text or "\x00" in (found.subject or ""):
        raise ReaderFailed("NUL is in the text")
    if len(found.text) > limits.TEXT_CHARS or len(found.originals) > limits.ORIGINALS:
        raise ReaderFailed("a limit does not hold")
    return found


def _faults(raw: bytes, slack: float, memory: bool, law: bool) -> Iterator[str]:
    asked = targets(raw, law)
    while True:
        name = "targets"
        try:
            target = next(asked, None)
            if target is None:
                return
            name = target.name
            allowed = max(target.floor, MS_PER_MB * len(raw) / 1_000_000) * slack
            took = milliseconds(target.run, raw, allowed)
            held = peak(target.run, raw) if memory else 0
        except TooLarge:
            return
        except Exception as error:  # noqa: BLE001 - any exception is the finding
            yield f"{name} raised {type(error).__name__}: {error}"
            return
        if took > allowed:
            yield f"{name} is slow: {took:.0f} ms for {len(raw)} bytes"
        if held > max(MEMORY_FLOOR, target.sizes * len(raw)):
            yield f"{name} is large: {held} bytes held for {len(raw)} bytes"
