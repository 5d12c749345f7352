"""Feedback reports after the manner of each loop, built from known values: the report, and what it says.

After the real samples behind tests/factories/loops.py, and further ones: Cox, Amazon SES, Microsoft since 2026,
RFC 9477 (CFBL), RFC 5965 with every field, authentication failures (RFC 6591, and as Netease sends them through
Exchange), Tencent, two reported mails in one report. Line ends are LF in one report of four.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace

from . import loops, rare
from .mails import Mail, mail
from .shape import Made
from .truth import Report

MANNERS: dict[str, Callable[[Mail, random.Random], Made]] = {
    "Yahoo 1.0": loops.yahoo_1,
    "Yahoo 2.0": loops.yahoo_2,
    "AOL": loops.aol,
    "Validity 1.0": loops.validity_1,
    "Validity 2.0": loops.validity_2,
    "Comcast": loops.comcast,
    "Cox": loops.cox,
    "RoadRunner": loops.roadrunner,
    "Zoho": loops.zoho,
    "SpamExperts": loops.spamexperts,
    "Tencent": rare.tencent,
    "JMRP to 2026": rare.old_jmrp,
    "JMRP since 2026": rare.new_jmrp,
    "Amazon SES": rare.amazon,
    "CFBL": rare.cfbl,
    "CFBL, whole mail": rare.cfbl_whole,
    "RFC 5965, every field": rare.every_field,
    "auth-failure": rare.auth_failure,
    "recoded by Exchange": rare.recoded,
    "two mails": rare.two_mails,
}

WITHOUT_PART = frozenset(("JMRP to 2026", "Amazon SES"))
"""The manners that have no feedback part."""

_CRLF_ALWAYS = ("recoded by Exchange",)


def reports(many: int, seed: int) -> list[Report]:
    """`many` reports, every manner in its turn; the same for the same seed."""
    chance = random.Random(seed)
    names = list(MANNERS)
    return [_report(names[number % len(names)], chance, seed * 100_000 + number) for number in range(many)]


def _report(manner: str, chance: random.Random, number: int) -> Report:
    given = mail(chance, number)
    bare = manner not in _CRLF_ALWAYS and chance.random() < 0.25
    raw, truth = MANNERS[manner](replace(given, bare=bare), chance)
    return Report(manner, raw.replace(b"\r\n", b"\n") if bare else raw, truth)
