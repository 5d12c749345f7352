"""A time that only the mail's author tells accuses nobody who had a domain or an address at another time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from app.attribution.domain import Verdict
from app.attribution.evidence import Said, evidence_of
from app.attribution.judge import attribute
from app.mail.read import read_source
from app.senders.domain import IdentityFact, IdentityKind
from tests.attribution.test_judge import NOW, dkim, evidence, signature
from tests.attribution.test_not_fooled import PLACES, fact

TODAY = datetime.now(UTC)
LATER = NOW + timedelta(days=9)
BETWEEN = NOW + timedelta(days=5)


def ip(sender: str, **times: datetime) -> IdentityFact:
    return fact(sender, IdentityKind.IP, "198.51.100.7", **times)


@pytest.mark.parametrize("kind", [dkim, ip])
@pytest.mark.parametrize(
    ("holders", "also_at", "sender", "sure"),
    [
        ({"acme": {}}, LATER, "acme", True),
        ({"acme": {"until": BETWEEN}, "bravo": {"since": BETWEEN}}, None, "acme", True),
        ({"acme": {"until": BETWEEN}, "bravo": {"since": BETWEEN}}, LATER, None, False),
        ({"acme": {"until": BETWEEN}}, LATER, "acme", False),
        ({"acme": {"since": BETWEEN}}, LATER, "acme", False),
    ],
)
def test_who_is_accused_had_it_also_when_the_report_arrived(
    kind: Callable[..., IdentityFact],
    holders: dict[str, dict[str, datetime]],
    also_at: datetime | None,
    sender: str | None,
    sure: bool,
) -> None:
    facts = tuple(kind(who, **times) for who, times in holders.items())
    parts = {"signatures": (signature(),)} if kind is dkim else {"addresses": (Said("198.51.100.7", "Source-IP"),)}

    said = attribute(evidence(also_at=also_at, identities=facts, **parts))

    high = Verdict.PROVEN if kind is dkim else Verdict.LIKELY
    assert (said.verdict, said.sender) == (high if sure else Verdict.UNPROVEN, sender)


def lines(*stamped: tuple[str, datetime]) -> str:
    return "".join(f"Received: {line}; {format_datetime(at)}\r\n" for line, at in stamped)


STRANGER = "from mx.evil.test (mx.evil.test [203.0.113.9]) by mx.home.test"
OURS = "from app (app [192.0.2.4]) by out1.relay.test (Postfix) id AA"
AGO = TODAY.replace(microsecond=0) - timedelta(days=3)


@pytest.mark.parametrize(
    ("head", "days", "is_authors_word"),
    [
        (lines((STRANGER, AGO), (OURS, AGO - timedelta(days=9))), 3, False),
        (f"Date: {format_datetime(AGO)}\r\n", 3, True),
        (f"Date: {format_datetime(AGO - timedelta(days=90))}\r\n", 0, False),
        ("", 0, False),
    ],
    ids=["path", "Date", "old Date", "nothing"],
)
def test_a_copied_line_of_ours_tells_the_time_no_better_than_its_copyist(
    head: str, days: int, is_authors_word: bool
) -> None:
    reading = read_source(f"{head}From: a@b.test\r\nSubject: s\r\n\r\nx\r\n".encode())
    found = evidence_of(reading, reading.originals[0], (), PLACES, TODAY)

    assert (TODAY - found.at).days == days
    assert found.also_at == (TODAY if is_authors_word else None)


def test_the_property_holds_also_for_a_time_of_the_authors() -> None:
    whole = evidence(
        also_at=LATER, signatures=(signature(),), identities=(dkim(until=BETWEEN), dkim("bravo", since=BETWEEN))
    )

    assert attribute(whole).verdict is attribute(replace(whole, signatures=())).verdict is Verdict.UNPROVEN
