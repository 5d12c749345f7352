"""The readers of feedback reports that bench/reading.py measures against, installed where they are missing.

parsedmarc and mail-parser come by pip into `.venv.bench/reading/`, which git ignores and anyone may delete. Sisimai
is the one that the machine's Perl has (PERL5LIB may name the lib folder of another version), else Debian's package,
which apt-get installs as root. What cannot be had is said in a sentence and left out.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from bench.peers.install import PLACE, MissingError, debian, done
from bench.reports import WITHOUT_PART
from bench.reports.truth import FIELDS

HERE = Path(__file__).resolve().parent
FOLDER = PLACE / "reading"
PINNED = {"parsedmarc": "11.1.0", "mail-parser": "4.8.0"}


@dataclass(frozen=True)
class Reader:
    """An installed reader. command: starts its driver, with `environment` on top of ours.

    not_offered: the fields that it cannot answer by its design. without_part: those that it cannot answer where the
    report has no feedback part.
    """

    name: str
    version: str
    command: tuple[str, ...]
    environment: dict[str, str] = field(default_factory=dict)
    not_offered: frozenset[str] = frozenset()
    without_part: frozenset[str] = frozenset()

    def offers(self, manner: str, name: str) -> bool:
        return name not in self.not_offered and not (manner in WITHOUT_PART and name in self.without_part)

    @property
    def title(self) -> str:
        return f"{self.name} {self.version}".strip()


def readers() -> Iterator[Reader]:
    """Ours first, then the peers that run here; a line on stderr for each that does not."""
    yield Reader("abusedesk", "", (sys.executable, "-W", "ignore", str(HERE / "driver.py"), "abusedesk"))
    for name, find in FOUND_BY.items():
        try:
            yield find()
        except MissingError as why:
            print(f"{name} is left out: {why}", file=sys.stderr)


def parsedmarc() -> Reader:
    return _from_pip("parsedmarc", frozenset(("count",)), frozenset(FIELDS))


def mail_parser() -> Reader:
    return _from_pip("mail-parser", frozenset(), frozenset(("type", "ip")))


def _from_pip(name: str, not_offered: frozenset[str], without_part: frozenset[str]) -> Reader:
    wanted = [f"{each}=={version}" for each, version in PINNED.items()]
    stamp = FOLDER / "installed"
    if not stamp.exists() or stamp.read_text(encoding="utf-8").split() != wanted:
        done(sys.executable, "-m", "pip", "install", "--quiet", "--upgrade", "--target", str(FOLDER), *wanted)
        stamp.write_text("\n".join(wanted), encoding="utf-8")
    command = (sys.executable, "-W", "ignore", str(HERE / "driver.py"), name)
    return Reader(name, PINNED[name], command, {"PYTHONPATH": str(FOLDER)}, not_offered, without_part)


def sisimai() -> Reader:
    debian("Sisimai", ("libsisimai-perl",), lambda: bool(_sisimai_version()))
    lacking = frozenset(("domains", "results", "count", "sha256"))
    return Reader("Sisimai", _sisimai_version(), ("perl", str(HERE / "sisimai.pl")), not_offered=lacking)


def _sisimai_version() -> str:
    """The version that Perl finds, empty where there is none."""
    try:
        return done("perl", "-MSisimai", "-e", "print Sisimai->version")
    except MissingError:
        return ""


FOUND_BY: dict[str, Callable[[], Reader]] = {
    "parsedmarc": parsedmarc,
    "mail-parser": mail_parser,
    "Sisimai": sisimai,
}
