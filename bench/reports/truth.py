"""What is asked of a feedback report, and when an answer is right.

A truth holds only what its report says; nothing else is asked of anybody. Answers are compared leniently, the same
way for every program: case and angle brackets of addresses, brackets of a Message-ID, white space and the way an
IP address is written do not count.
"""

from __future__ import annotations

import hashlib
import ipaddress
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

Answer = dict[str, Any]
"""Field → value: text, a list of texts, seconds since 1970 (arrived) or a number (count)."""

FIELDS = {
    "type": "feedback type",
    "ip": "source IP",
    "recipients": "recipients, all of them",
    "arrived": "arrival date",
    "mail_from": "original mail-from",
    "domains": "reported domains, all of them",
    "results": "authentication results",
    "message_id": "reported Message-ID",
    "from": "reported From",
    "subject": "reported Subject, decoded",
    "count": "number of reported mails",
    "sha256": "reported mail, byte for byte",
}


@dataclass(frozen=True)
class Report:
    """A feedback report after the manner of one loop, and what it says."""

    manner: str
    raw: bytes
    truth: Answer


@dataclass
class Score:
    """One program: how often a field was asked and answered right, and missed by (manner, field).

    offers: whether the program can answer the field for a report of this manner by its design; else it is not asked.
    """

    offers: Callable[[str, str], bool]
    right: dict[str, int] = field(default_factory=dict)
    asked: dict[str, int] = field(default_factory=dict)
    missed: dict[tuple[str, str], int] = field(default_factory=dict)

    def add(self, report: Report, answer: Answer) -> None:
        for name, truth in report.truth.items():
            if not self.offers(report.manner, name):
                continue
            good = is_right(name, answer.get(name), truth)
            self.asked[name] = self.asked.get(name, 0) + 1
            self.right[name] = self.right.get(name, 0) + good
            if not good:
                key = (report.manner, name)
                self.missed[key] = self.missed.get(key, 0) + 1


def digest(raw: bytes) -> str:
    return hashlib.sha256(raw).hexdigest()


def is_right(name: str, said: Any, truth: Any) -> bool:
    """Whether a program's answer to the field is the truth; None is no answer."""
    if said is None:
        return False
    plain = _PLAIN.get(name, _same)
    return bool(plain(said) == plain(truth))


def _same(value: Any) -> Any:
    return value


def _address(value: str) -> str:
    """`Name <user@host>`, `<user@host>` and `user@host` are one; `<>` is the null sender."""
    inner = value.rpartition("<")[2].partition(">")[0] if "<" in value else value
    return inner.strip().lower()


def _addresses(value: list[str]) -> list[str]:
    return sorted({_address(each) for each in value})


def _ip(value: str) -> str:
    """What is no address is compared as it stands."""
    try:
        return str(ipaddress.ip_address(value.strip()))
    except ValueError:
        return value.strip()


def _spaced(value: str) -> str:
    return " ".join(value.split())


_PLAIN: dict[str, Callable[[Any], Any]] = {
    "type": lambda value: value.strip().lower(),
    "ip": _ip,
    "recipients": _addresses,
    "mail_from": _address,
    "from": _address,
    "domains": lambda value: sorted({each.strip().lower() for each in value}),
    "results": lambda value: sorted(_spaced(each) for each in value),
    "message_id": lambda value: "".join(value.split()).strip("<>"),
    "subject": _spaced,
}
