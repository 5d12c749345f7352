"""Reads Postfix's configuration: main.cf, or what `postconf` prints of it, and the lists of restrictions (pure).

postconf(5): a line that begins with a blank continues the one before; `#` begins a comment line. postconf(1) -P and
-M print what a service of master.cf overrides, and the services. Lists are parted by commas and blanks, and braces
keep together what is within.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import field

from app.values import dataclass

DEPTH = 10
"""How deep one setting may stand in another."""

MOST_CHARS = 100_000

_NAME = re.compile(r"\$(?:\{(\w+)\}|\((\w+)\)|(\w+))")
_ARGUED = re.compile(r"check_\w+|reject_rbl_client|reject_rhsbl_\w+|permit_dnswl_client|permit_rhswl_client")


@dataclass(frozen=True, slots=True)
class Rule:
    """One restriction of a list, such as `check_sasl_access` with `lmdb:/etc/postfix/x`; argument empty for none."""

    name: str
    argument: str = ""


@dataclass(frozen=True, slots=True)
class Policy:
    """What a check_policy_service asks: its endpoint, and its options by name."""

    endpoint: str
    options: Mapping[str, str] = field(default_factory=dict)

    @property
    def port(self) -> str:
        return self.endpoint.rpartition(":")[2]


def read_main(text: str) -> dict[str, str]:
    """Setting → value, of main.cf or of what postconf prints; the last of a name counts, as for Postfix."""
    pairs = (line.partition("=") for line in _whole_lines(text))
    return {name.strip(): value.strip() for name, sign, value in pairs if sign}


def _whole_lines(text: str) -> Iterator[str]:
    whole = ""
    for line in text.splitlines():
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        if line[0].isspace():
            whole += f" {line.strip()}"
            continue
        yield whole
        whole = line
    yield whole


def expanded(settings: Mapping[str, str]) -> dict[str, str]:
    """The settings with each `$name` in them replaced, as far as DEPTH rounds and MOST_CHARS go."""
    found = dict(settings)
    for _ in range(DEPTH):
        found = {name: value if len(value) > MOST_CHARS else _once(value, settings) for name, value in found.items()}
    return found


def _once(value: str, settings: Mapping[str, str]) -> str:
    return _NAME.sub(lambda match: settings.get(match[1] or match[2] or match[3], ""), value)


def read_services(text: str) -> tuple[str, ...]:
    """The `name/type` of each smtpd of master.cf, as `postconf -M` prints it."""
    columns = (line.split() for line in text.splitlines())
    return tuple(f"{each[0]}/{each[1]}" for each in columns if len(each) >= 8 and each[7] == "smtpd")


def read_overrides(text: str) -> dict[str, dict[str, str]]:
    """Service → what it overrides, as `postconf -P` prints it: `submission/inet/NAME = VALUE`."""
    found: dict[str, dict[str, str]] = {}
    for path, value in read_main(text).items():
        service, _, name = path.rpartition("/")
        found.setdefault(service, {})[name] = value
    return found


def words(text: str) -> Iterator[str]:
    """What commas and blanks part, but for those within braces."""
    depth, word = 0, ""
    for each in text:
        depth += (each == "{") - (each == "}")
        if depth <= 0 and (each.isspace() or each == ","):
            if word:
                yield word
            word = ""
        else:
            word += each
    if word:
        yield word


def rules(text: str, classes: Mapping[str, str] | None = None) -> tuple[Rule, ...]:
    """The restrictions of a list in their order; those of a restriction class in its place."""
    return tuple(_rules(words(text), classes or {}, DEPTH))


def _rules(left: Iterable[str], classes: Mapping[str, str], depth: int) -> Iterator[Rule]:
    left = iter(left)
    for name in left:
        if name in classes and depth:
            yield from _rules(words(classes[name]), classes, depth - 1)
        elif _ARGUED.fullmatch(name):
            yield Rule(name, next(left, ""))
        else:
            # A table without a word before it is a check of its list's own kind.
            yield Rule("", name) if ":" in name else Rule(name)


def policy_of(rule: Rule) -> Policy | None:
    """What a check_policy_service asks, `inet:host:port` or `{ inet:host:port, timeout=2s, … }`; None for others."""
    if rule.name != "check_policy_service":
        return None
    inside = rule.argument.strip()
    if not inside.startswith("{"):
        return Policy(inside)
    endpoint, *options = [*words(inside[1:-1])] or [""]
    pairs = (each.strip("{}").partition("=") for each in options)
    return Policy(endpoint, {name.strip(): value.strip() for name, _, value in pairs})


def seconds(text: str) -> float | None:
    """A time of Postfix's, `100s`, `2m`, `5`, in seconds; None where it is none."""
    match = re.fullmatch(r"(\d+)\s*(ms|s|m|h|d|w)?", text.strip())
    if not match:
        return None
    units = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
    return int(match[1]) * units[match[2] or "s"]
