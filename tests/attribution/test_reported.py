"""What a report names as reported points staff to a sender, and proves nothing."""

from __future__ import annotations

import base64
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from app.attribution.domain import Attribution, Clue, ClueKind, Known, Verdict
from app.attribution.evidence import evidence_of, values_of
from app.attribution.judge import attribute
from app.attribution.places import OurPlaces
from app.attribution.traces import link_hosts
from app.mail.domain import FeedbackType, Kind, Reading
from app.mail.original import original_from
from app.senders.domain import IdentityFact, IdentityKind

NOW = datetime(2026, 11, 3, tzinfo=UTC)
FACTS = (IdentityFact("acme", IdentityKind.DOMAIN, "links.acme.example"),)


def judged(fields: dict[str, tuple[str, ...]], kind: Kind = Kind.NOTICE) -> Attribution:
    reading = Reading(kind, FeedbackType.FRAUD, True, fields=fields)
    evidence = evidence_of(reading, None, (), OurPlaces(), NOW)
    assert {"links.acme.example", "acme.example"} >= values_of(evidence)[IdentityKind.DOMAIN]
    return attribute(replace(evidence, identities=FACTS))


@pytest.mark.parametrize(
    ("name", "value", "source"),
    [
        ("reported-uri", "https://links.acme.example/c/1?x=y", "Reported-URI"),
        ("reported-domain", "Links.Acme.Example.", "Reported-Domain"),
    ],
)
def test_a_reported_page_at_a_senders_domain_is_a_weak_clue(name: str, value: str, source: str) -> None:
    found = judged({name: (value,)})

    assert (found.verdict, found.sender) == (Verdict.UNPROVEN, "acme")
    assert [clue_of(each) for each in found.clues] == [(ClueKind.TRACKING_DOMAIN, Known.REPORTED, source)]
    assert found.clues[0].text.endswith("that it is reported proves nothing.")


def clue_of(clue: Clue) -> tuple[ClueKind, Known, str]:
    return clue.kind, clue.known, clue.source


def test_the_recipients_own_domain_is_no_clue_though_a_loop_reports_it() -> None:
    found = judged(
        {"reported-domain": ("links.acme.example",), "original-rcpt-to": ("5f8e@links.acme.example",)}, Kind.ARF
    )
    assert found.sender is None


@pytest.mark.parametrize(("agent", "sender"), [("ReturnPathFBL/1.0", None), ("ReturnPathFBL/2.0", "acme")])
def test_the_first_version_of_a_loop_names_the_recipients_domain_the_second_the_senders(
    agent: str, sender: str | None
) -> None:
    found = judged({"reported-domain": ("links.acme.example",), "user-agent": (agent,)}, Kind.ARF)
    assert found.sender == sender


def test_a_domain_that_was_derived_from_the_return_path_is_not_reported() -> None:
    derived = {"reported-domain": "Return-Path"}
    reading = Reading(
        Kind.JMRP, FeedbackType.ABUSE, True, fields={"reported-domain": ("links.acme.example",)}, derived=derived
    )
    assert evidence_of(reading, None, (), OurPlaces(), NOW).links == ()


HTML = b'<p>Hello</p><p style="margin: 0 0 0 0; padding: 0"><a href="https://links.acme.example/c/1?u=2">Look</a></p>\r\n'
ALONE = b"From: news@acme.example\r\nContent-Type: text/html\r\nContent-Transfer-Encoding: %s\r\n\r\n%s"
IN_PARTS = (
    b'From: news@acme.example\r\nContent-Type: multipart/alternative; boundary="b"\r\n\r\n--b\r\n\r\nHello\r\n'
    b"--b\r\nContent-Type: text/html\r\nCONTENT-TRANSFER-ENCODING: %s\r\n\r\n%s\r\n--b--\r\n"
)
QUOTED = HTML.replace(b"=", b"=3D").replace(b"links.ac", b"links.ac=\r\n")


@pytest.mark.parametrize("mail", [ALONE, IN_PARTS], ids=["alone", "in parts"])
@pytest.mark.parametrize(
    ("encoding", "body"),
    [(b"7bit", HTML), (b"Base64", base64.encodebytes(HTML)), (b"Quoted-Printable", QUOTED)],
    ids=["plain", "base64", "quoted-printable"],
)
def test_links_are_found_however_the_body_is_encoded(mail: bytes, encoding: bytes, body: bytes) -> None:
    original = original_from(mail % (encoding, body))

    assert list(link_hosts(original)) == [("links.acme.example", "a link")]
