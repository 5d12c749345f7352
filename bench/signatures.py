"""How fast DKIM signatures are judged, against dkimpy as it comes, on the same freshly signed messages.

    ./.venv/bin/python bench/signatures.py [messages] [rounds]

Makes messages of 2 to 40 KB (plain text, indented HTML or base64) with one or two signatures: RSA-2048, every
eighth second one ed25519, all four canonicalisations; one message in six has its body changed and one in six its
subject. Keys are answered from memory on both sides. Both verify all messages, in turns; verdicts are compared for
each signature, and any difference ends the run with exit code 1 before a figure is printed. CPU time, not wall
time: other work on the machine counts for neither. The figures hold for this machine and this day; the ratio is
what to look at.

Not called dkim.py: a script's folder comes first on the path, so it would hide the library of that name.
"""

from __future__ import annotations

import base64
import logging
import platform
import random
import statistics
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import dkim

from app.mail.domain import DkimResult, KeyAnswer, KeyState
from app.mail.signatures import judge, names
from tests.factories.signed import KeyPair, ed25519_pair, key_pair, record, sign

KEYS: dict[str, KeyPair] = {f"r{number}": key_pair(2048, number) for number in range(4)}
RSA = list(KEYS)
KEYS["e"] = ed25519_pair()
ZONE = {f"{selector}._domainkey.example.com": record(pair).encode() for selector, pair in KEYS.items()}
FORMS = [(header, body) for header in ("relaxed", "simple") for body in ("relaxed", "simple")]

Verdicts = tuple[bool, ...]


def main() -> int:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 150
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 5
    logging.disable(logging.CRITICAL)
    messages = [message(random.Random(number)) for number in range(count)]
    verdicts = [ours(each) for each in messages]
    if verdicts != [oracle(each) for each in messages]:
        print("verdicts differ: no figures")
        return 1
    times = [(timed(ours, messages), timed(oracle, messages)) for _ in range(rounds)]
    report(messages, verdicts, times)
    return 0


def message(chance: random.Random) -> bytes:
    raw = (header() + "\r\n" + body(chance)).encode()
    if chance.random() < 0.6:
        raw = signed(raw, "e" if chance.random() < 0.125 else chance.choice(RSA), chance)
    return mutated(signed(raw, chance.choice(RSA), chance), chance)


def header() -> str:
    hops = "".join(
        f"Received: from a{n}.example by b{n}.example;\r\n\tMon, 2 Mar 2026 10:0{n}:00 +0000\r\n" for n in range(4)
    )
    text = "From: Shop <news@example.com>\r\nTo: Reader <reader@example.net>\r\nSubject: News of the week\r\n"
    text += "Date: Mon, 2 Mar 2026 10:00:00 +0000\r\nMessage-ID: <1@example.com>\r\nMIME-Version: 1.0\r\n"
    more = "".join(f"X-Field-{n}: something that senders and receivers add, number {n}\r\n" for n in range(8))
    return hops + text + more + "Content-Type: text/html; charset=utf-8\r\n"


def body(chance: random.Random) -> str:
    kind, lines = chance.choice(("plain", "html", "base64")), chance.choice((20, 60, 150, 500))
    if kind == "base64":
        return "".join(base64.b64encode(chance.randbytes(57)).decode() + "\r\n" for _ in range(lines))
    words = ("offer", "today", "our", "customers") if kind == "plain" else ("<td>", "</td>", 'class="x"', "text")
    indents = (0,) if kind == "plain" else (0, 2, 4, 8)
    return "".join(
        " " * chance.choice(indents) + " ".join(chance.choices(words, k=10)) + "\r\n" for _ in range(lines)
    )


def signed(raw: bytes, selector: str, chance: random.Random) -> bytes:
    return sign(raw, "example.com", selector, KEYS[selector], canonical=chance.choice(FORMS))


def mutated(raw: bytes, chance: random.Random) -> bytes:
    kind = chance.randrange(6)
    if kind == 0:
        return raw + b"changed\r\n"
    return raw.replace(b"News of", b"Olds of") if kind == 1 else raw


def ours(raw: bytes) -> Verdicts:
    keys = {name: KeyAnswer(KeyState.FOUND, ZONE[name]) for name in names(raw)}
    results = judge(raw, headers_only=False, key_of=keys.__getitem__, as_of=datetime.now(UTC))
    return tuple(each.result is DkimResult.PASS for each in results)


def oracle(raw: bytes) -> Verdicts:
    signatures = raw.count(b"DKIM-Signature:")
    return tuple(oracle_one(raw, index) for index in range(signatures))


def oracle_one(raw: bytes, index: int) -> bool:
    try:
        return bool(dkim.DKIM(raw, minkey=1024).verify(idx=index, dnsfunc=answer))
    except dkim.DKIMException:
        return False


def answer(name: bytes, timeout: int = 5) -> bytes | None:
    return ZONE.get(name.decode().rstrip("."))


def timed(verify: Callable[[bytes], Verdicts], messages: list[bytes]) -> float:
    """CPU seconds for all messages."""
    start = time.process_time()
    for raw in messages:
        verify(raw)
    return time.process_time() - start


def report(messages: list[bytes], verdicts: list[Verdicts], times: list[tuple[float, float]]) -> None:
    ours_us, oracle_us = (statistics.median(side) / len(messages) * 1e6 for side in zip(*times, strict=True))
    ratios = sorted(theirs / mine for mine, theirs in times)
    judged = [verdict for each in verdicts for verdict in each]
    size = statistics.mean(map(len, messages)) / 1024
    print(f"{len(messages)} messages, mean {size:.1f} KB, {len(judged)} signatures: {sum(judged)} valid,")
    print(f"{len(judged) - sum(judged)} not; verdicts equal for every one")
    print(f"abusedesk    {ours_us:8.0f} µs a message")
    print(f"dkimpy {version('dkimpy')} {oracle_us:8.0f} µs a message")
    print(f"ratio {statistics.median(ratios):.1f} ({ratios[0]:.1f} to {ratios[-1]:.1f}) in {len(times)} rounds")
    print(f"Python {platform.python_version()}, {platform.machine()}")


if __name__ == "__main__":
    sys.exit(main())
