"""A coverage-guided fuzzer on reading: looks for bytes that make it raise, run away or swell.

    ./.venv/bin/python bench/fuzz_reading.py [seconds]      600 seconds unless said otherwise, on one core
    ./.venv/bin/python bench/fuzz_reading.py --keep         the inputs worth keeping go to tests/corpus_fuzz
    ./.venv/bin/python bench/fuzz_reading.py --hostile      time and memory of the hostile megabytes, the worst first
    ./.venv/bin/python bench/fuzz_reading.py --measure FILE what `bounds.broken` says of one input, uninstrumented

What must hold is tests/mail/bounds.py, how input is made is tests/mail/damage.py; both are used by the ordinary tests
too, so this is only the engine. It stands in bench/ because it runs for minutes and decides nothing by itself: what
it finds is kept, small as a seed or a golden pair, large as a line of HOSTILE in tests/mail/test_hostile.py, and
`./run test` walks all of them. It starts from tests/corpus and tests/corpus_fuzz only: no mail of other people ever
becomes a seed.

Each input that is made is asked as it is, one in SWELL also with a piece of it repeated to 60 KB up to 1 MB, one in
WEIGH with its memory traced. Instrumented code is slower than ours, so what seems slow or large is asked again in a
fresh process without the instruments, and only that answer counts.

Atheris is installed into .venv.bench/atheris on the first run, beside nothing else: it is in no lock file. Findings
and the grown corpus are left in build/fuzz; exit code 1 where there is a finding.
"""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from random import Random
from types import FrameType
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path[0] = str(ROOT)  # not beside it: a script in this folder must not hide the library of its name

TOOLS = ROOT / ".venv.bench" / "atheris"
ATHERIS = "atheris>=3.0,<4"
WORK = ROOT / "build" / "fuzz"
TraceFunction = Callable[[FrameType, str, Any], Any]

GROWN, FINDINGS = WORK / "corpus", WORK / "findings"
GOLDEN, KEPT = ROOT / "tests" / "corpus", ROOT / "tests" / "corpus_fuzz"

MOST_BYTES = 8_192
"""The longest input that the engine makes by itself; `swollen` is for more."""

KEPT_BYTES = 4_096
KEPT_MOST = 48
SWELL = 60
WEIGH = 300
LAW = 5
SIZES = (60_000, 60_000, 60_000, 300_000, 1_000_000)


def main() -> int:
    asked = sys.argv[1:]
    if asked[:1] == ["--measure"]:
        return measure(Path(asked[1]))
    if asked[:1] == ["--engine"]:
        return engine(asked[1:])
    if asked[:1] == ["--hostile"]:
        return hostile()
    if asked[:1] == ["--keep"]:
        return keep()
    return run(int(asked[0]) if asked else 600)


def run(seconds: int) -> int:
    """Fuzzes in a process of its own, for the engine ends it without a word to Python; then sums up."""
    install()
    for folder in (GROWN, FINDINGS, KEPT):
        folder.mkdir(parents=True, exist_ok=True)
    before = set(FINDINGS.iterdir())
    flags = [f"-max_total_time={seconds}", f"-max_len={MOST_BYTES}", "-timeout=60", "-rss_limit_mb=4096"]
    flags += ["-print_final_stats=1", "-len_control=0", "-report_slow_units=600", f"-artifact_prefix={FINDINGS}/"]
    folders = [str(folder) for folder in (GROWN, KEPT, GOLDEN)]
    ended = subprocess.run([sys.executable, __file__, "--engine", *flags, *folders], check=False)
    found = sorted(set(FINDINGS.iterdir()) - before)
    print(f"findings: {len(found)}; inputs in the grown corpus: {len(list(GROWN.iterdir()))}")
    for each in found:
        print(f"  {each.relative_to(ROOT)}")
    return 1 if found or ended.returncode else 0


def install() -> None:
    if not (TOOLS / "atheris").is_dir():
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--target", str(TOOLS), ATHERIS]
        subprocess.run(pip, check=True)


def measure(path: Path) -> int:
    """Prints the promise that the file breaks; exit code 1 where there is one."""
    from tests.mail.bounds import broken

    said = broken(path.read_bytes(), memory=True)
    print(said or "all promises hold")
    return 1 if said else 0


def hostile() -> int:
    """Prints, for each target, the five hostile mails that cost it the most time, and the three the most memory."""
    from tests.mail.bounds import milliseconds, peak, targets
    from tests.mail.test_hostile import HOSTILE

    costs: dict[str, list[tuple[float, float, str]]] = {}
    for name, raw in HOSTILE.items():
        for target in targets(raw, law=False):
            per_mb = milliseconds(target.run, raw) * 1_000_000 / len(raw)
            costs.setdefault(target.name, []).append((per_mb, peak(target.run, raw) / len(raw), name))
    for target_name, found in costs.items():
        for per_mb, sizes, name in sorted(found, reverse=True)[:5]:
            print(f"{target_name:16}{per_mb:8.1f} ms/MB {sizes:6.1f} x its size   {name}")
        for per_mb, sizes, name in sorted(found, key=lambda each: -each[1])[:3]:
            print(f"{target_name:16}{per_mb:8.1f} ms/MB {sizes:6.1f} x its size   {name} (memory)")
    return 0


def engine(arguments: list[str]) -> int:
    """The fuzzing process: the readers are instrumented as they are imported, the checks are not."""
    sys.path.append(str(TOOLS))
    import atheris

    with atheris.instrument_imports(include=["app"]):
        import app.compliance.worksheet
        import app.mail.read
        import app.mail.repair.repair  # noqa: F401
    from tests.mail.damage import damaged

    golden = [each.read_bytes() for each in sorted((*GOLDEN.glob("*.eml"), *KEPT.glob("*.eml")))] + made_mails()

    def mutator(raw: bytes, most: int, seed: int) -> bytes:
        chance = Random(seed)
        raw = raw or chance.choice(golden)
        return (atheris.Mutate(raw, len(raw) + 64) if chance.random() < 0.3 else damaged(raw, chance, golden))[:most]

    os.nice(10)
    atheris.Setup(["fuzz_reading", *arguments], Watch().look, custom_mutator=mutator)
    atheris.Fuzz()
    return 0


def made_mails() -> list[bytes]:
    """What no golden mail has: signatures that hold, with their recipient in place and taken out."""
    from tests.factories.signed import MESSAGE, sign_tags
    from tests.mail.bounds import KEY

    signed = [sign_tags(MESSAGE, KEY, c=form) for form in ("relaxed/relaxed", "simple/simple")]
    hidden = [each.replace(b"reader@example.net", b"[redacted]") for each in signed]
    head = (
        b"From: a@b.example\r\nContent-Type: multipart/report; report-type=feedback-report; boundary=b\r\n\r\n--b\r\n"
    )
    report = (
        head + b"Content-Type: message/feedback-report\r\n\r\nFeedback-Type: abuse\r\nVersion: 1\r\nUser-Agent: a\r\n"
    )
    report += (
        b"Original-Rcpt-To: reader@example.net\r\n\r\n--b\r\nContent-Type: message/rfc822\r\n\r\n%s\r\n--b--\r\n"
    )
    return [*signed, *(report % each for each in (*signed, *hidden))]


class Watch:
    """Asks for each input what it breaks, and writes down each kind of finding once."""

    def __init__(self) -> None:
        self.seen: Counter[str] = Counter()
        self.count = 0

    def look(self, raw: bytes) -> None:
        self.count += 1
        self._ask(raw, memory=self.count % WEIGH == 0)
        # Not by the count: which piece is repeated must follow from the input, or nobody finds it again.
        chance = Random(raw)
        if chance.randrange(SWELL) == 0:
            from tests.mail.damage import swollen

            self._ask(swollen(raw, chance, chance.choice(SIZES)), memory=chance.random() < 0.05)

    def _ask(self, raw: bytes, memory: bool) -> None:
        from tests.mail.bounds import broken

        said = broken(raw, memory=memory, law=self.count % LAW == 0)
        if said is None:
            return
        kind = re.sub(r"\d+", "0", said)
        self.seen[kind] += 1
        # The same slowness again and again would cost all the time there is.
        if self.seen[kind] > 3 and self.seen[kind] & (self.seen[kind] - 1):
            return
        path = FINDINGS / f"{hashlib.sha256(raw).hexdigest()[:12]}.eml"
        path.write_bytes(raw)
        again = subprocess.run([sys.executable, __file__, "--measure", str(path)], capture_output=True, check=False)
        if again.returncode == 0:
            path.unlink()
        else:
            print(f"FINDING {path.name}: {again.stdout.decode().strip()}", flush=True)


def keep() -> int:
    """Copies to KEPT the small inputs that run lines which no golden mail and no smaller input runs."""
    from tests.mail.bounds import broken

    known: set[tuple[str, int, int]] = set()
    for path in (*GOLDEN.glob("*.eml"), *sorted(KEPT.glob("*.eml"))):
        known |= steps(path.read_bytes())
    small = [raw for path in GROWN.iterdir() if len(raw := path.read_bytes()) <= KEPT_BYTES]
    run_by = {raw: new for raw in small if (new := steps(raw) - known)}
    kept = len(list(KEPT.glob("*.eml")))
    while run_by and kept < KEPT_MOST:
        best = max(run_by, key=lambda raw: (len(run_by[raw]), -len(raw)))
        if broken(best) is None:
            (KEPT / f"{hashlib.sha256(best).hexdigest()[:12]}.eml").write_bytes(best)
            kept += 1
        gained = run_by.pop(best)
        run_by = {raw: left for raw, new in run_by.items() if (left := new - gained)}
    print(f"{kept} inputs in {KEPT.relative_to(ROOT)}; {sum(len(new) for new in run_by.values())} steps left out")
    return 0


def steps(raw: bytes) -> set[tuple[str, int, int]]:
    """Every step from line to line that the targets take through app/ for `raw`."""
    from tests.mail.bounds import forget, targets

    found: set[tuple[str, int, int]] = set()
    inside = str(ROOT / "app")

    def follow(frame: FrameType, event: str, _: object) -> TraceFunction | None:
        code = frame.f_code
        if not code.co_filename.startswith(inside):
            return None
        last = [code.co_firstlineno]

        def line(frame: FrameType, event: str, _: object) -> TraceFunction:
            if event == "line":
                found.add((code.co_filename, last[0], frame.f_lineno))
                last[0] = frame.f_lineno
            return line

        return line

    forget()
    sys.settrace(follow)
    try:
        for target in targets(raw):
            target.run(raw)
    finally:
        sys.settrace(None)
    return found


if __name__ == "__main__":
    sys.exit(main())
