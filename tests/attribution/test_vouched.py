"""What a known feedback loop says it verified counts, and nobody else's word does."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from ipaddress import ip_network

import pytest

from app.attribution.domain import Attribution, ClueKind, Known, Origin, Verdict
from app.attribution.evidence import evidence_of, values_of
from app.attribution.judge import attribute
from app.attribution.places import OurPlaces
from app.mail.read import read
from app.senders.domain import IdentityFact, IdentityKind

NOW = datetime(2026, 11, 3, 12, tzinfo=UTC)
PLACES = OurPlaces(("relay.test",), (ip_network("198.51.100.0/24"),))
BOX = Origin(("loop.box.test",), "Box")
ACME = IdentityFact("acme", IdentityKind.DKIM, "acme.example")
IN_HOUSE = "Received: from mx7.box.test (10.0.0.7) by store2.box.test (10.0.0.9); Tue, 3 Nov 2026 10:00:02 +0000\r\n"
ENTRY = "Received: from out.relay.test (198.51.100.7) by mx7.box.test with ESMTP; Tue, 3 Nov 2026 10:00:01 +0000\r\n"
PASSED = "dkim=pass (signature was verified) header.d=acme.example header.s=s1"
NAMELESS = f"Authentication-Results: spf=pass (sender IP is 198.51.100.7) smtp.mailfrom=x.example; {PASSED}\r\n"


def named(host: str, results: str = PASSED) -> str:
    return f"Authentication-Results: {host}; {results}\r\n"


def judged(
    header: str, origin: Origin = BOX, *facts: IdentityFact, fields: str = "", recipient: str = "hidden@mail.example"
) -> Attribution:
    """The verdict on a report whose loop left nothing but the header; header: what stands above From."""
    reading = read(
        "From: <feedback@box.test>\r\nTo: abuse@relay.test\r\nSubject: report\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/report; report-type=feedback-report; boundary="b"\r\n\r\n'
        "--b\r\nContent-Type: text/plain\r\n\r\nA report.\r\n"
        "--b\r\nContent-Type: message/feedback-report\r\n\r\nFeedback-Type: abuse\r\nUser-Agent: x\r\nVersion: 1\r\n"
        f"Original-Rcpt-To: {recipient}\r\n{fields}"
        f"--b\r\nContent-Type: text/rfc822-headers\r\n\r\n{header}From: news@elsewhere.example\r\nSubject: hi\r\n\r\n"
        "--b--\r\n".encode()
    )
    evidence = evidence_of(reading, reading.originals[0], (), PLACES, NOW, origin)
    wanted = values_of(evidence)
    known = [fact for fact in facts or (ACME,) if fact.value in wanted[fact.kind]]
    return attribute(replace(evidence, identities=tuple(known)))


@pytest.mark.parametrize(
    "header",
    [
        NAMELESS + ENTRY,
        IN_HOUSE + NAMELESS + ENTRY,
        ENTRY + named("mx7.box.test"),
        named("mail-auth.loop.box.test 1") + ENTRY,
        named("mx.mail.example") + ENTRY.replace("mx7.box.test", "mx7.far.example"),
        named("mx.box.test", "dkim=fail header.d=x.example; dkim=pass header.i=@ACME.example") + ENTRY,
    ],
    ids=["Microsoft's", "within the house", "below its own line", "the loop's", "the recipient's", "by i="],
)
def test_what_the_recipients_servers_verified_makes_it_likely(header: str) -> None:
    found = judged(header)

    assert (found.verdict, found.sender) == (Verdict.LIKELY, "acme")
    clue = next(each for each in found.clues if each.kind is ClueKind.DKIM_VOUCHED)
    assert (clue.value, clue.known, clue.source) == ("acme.example", Known.REPORTED, "Authentication-Results")
    assert clue.text == "The feedback loop Box verified the signature of acme.example when the mail came in."


def test_the_reports_own_field_counts_whoever_it_names() -> None:
    found = judged(ENTRY, fields=named("anything.example"))

    assert (found.verdict, found.sender) == (Verdict.LIKELY, "acme")


@pytest.mark.parametrize(
    ("header", "origin"),
    [
        (NAMELESS + ENTRY, Origin()),
        (NAMELESS + ENTRY, Origin(("loop.box.test",), None)),
        (ENTRY + NAMELESS, BOX),
        (NAMELESS, BOX),
        (named("mx.spam.example") + ENTRY, BOX),
        (named("box.test.spam.example") + ENTRY, BOX),
        (named("mx.box.test", "spf=pass") + named("mx.box.test") + ENTRY, BOX),
        (named("mx.box.test", "dkim=fail header.d=acme.example") + ENTRY, BOX),
        (named("mx.box.test", "dkim=pass (ok)") + ENTRY, BOX),
        (named("mx.box.test", "dmarc=pass header.from=acme.example") + ENTRY, BOX),
        (named("mx.box.test", "dkim=pass header.d=notacme.example") + ENTRY, BOX),
    ],
    ids=[
        *("unsigned", "signed by a stranger", "below the entry", "no path", "of a stranger", "of a like name"),
        *("not topmost", "failed", "no domain", "another method", "another domain"),
    ],
)
def test_nobody_elses_word_counts(header: str, origin: Origin) -> None:
    found = judged(header, origin)

    assert not [each for each in found.clues if each.kind is ClueKind.DKIM_VOUCHED]
    assert (found.verdict, found.sender) == (Verdict.UNPROVEN, None)


def test_the_selector_tells_two_senders_of_one_domain_apart() -> None:
    facts = (replace(ACME, selector="s1"), IdentityFact("bolt", IdentityKind.DKIM, "acme.example", "s2"))

    assert judged(NAMELESS + ENTRY, BOX, *facts).sender == "acme"
    unsaid = judged(NAMELESS.replace(" header.s=s1", "") + ENTRY, BOX, *facts)
    assert (unsaid.verdict, unsaid.sender) == (Verdict.UNPROVEN, None)
    assert {each.sender for each in unsaid.clues if each.kind is ClueKind.DKIM_VOUCHED} == {"acme", "bolt"}


def test_a_domain_that_the_sender_had_only_later_accuses_nobody() -> None:
    found = judged(NAMELESS + ENTRY, BOX, replace(ACME, since=NOW))

    assert found.sender is None
    assert [each.kind for each in found.clues if each.value == "acme.example"] == [ClueKind.NOT_YET_A_SENDER]
