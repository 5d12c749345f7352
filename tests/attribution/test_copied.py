"""Who copies the header of a mail of ours accuses nobody by it, and who writes another's traces does not get away."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from app.attribution.domain import ClueKind, Known, Origin, Strength, Verdict
from app.attribution.evidence import Said
from app.attribution.judge import attribute
from app.mail.domain import Hop
from app.ports import SentFact
from app.senders.domain import IdentityFact, IdentityKind
from tests.attribution.test_judge import BOX, NOW, STRANGE, TAKEN, dkim, evidence, signature
from tests.attribution.test_not_fooled import AT, fact, judged

STRANGER = f"Received: from evil (evil [203.0.113.9]) by mx.home.test; {AT}\r\n"
INNER = f"Received: from mx.home.test (mx.home.test [10.0.0.7]) by box.home.test; {AT}\r\n"
FROM_US = f"Received: from out1.relay.test (out1.relay.test [198.51.100.7]) by mx.home.test; {AT}\r\n"
OURS = f"Received: from app (app [192.0.2.4]) by out1.relay.test (Postfix) id AA; {AT}\r\n"
MAIL = "From: a@evil.example\r\nSubject: hi\r\n"
TRACES = "Feedback-ID: c:1042:bulk:relay\r\nList-Unsubscribe: <https://x.example/u/acct42>\r\n"
DEDICATED = fact("acme", IdentityKind.IP, "198.51.100.7")
OWN = (fact("acme", IdentityKind.FEEDBACK_ID, "1042"), fact("acme", IdentityKind.TOKEN, "acct42"))


@pytest.mark.parametrize(
    ("path", "verdict"),
    [
        (FROM_US, Verdict.LIKELY),
        (INNER + FROM_US + OURS, Verdict.LIKELY),
        (STRANGER + FROM_US, Verdict.UNPROVEN),
        (INNER + STRANGER + FROM_US + OURS, Verdict.UNPROVEN),
    ],
)
@pytest.mark.parametrize("origin", [None, BOX])
def test_an_address_counts_where_the_recipient_s_servers_saw_it(
    path: str, verdict: Verdict, origin: Origin | None
) -> None:
    said = judged(f"{path}{MAIL}\r\nx\r\n", DEDICATED, origin=origin)

    assert (said.verdict, said.sender) == (verdict, "acme")


@pytest.mark.parametrize(
    ("path", "verdict"),
    [
        (FROM_US + OURS, Verdict.LIKELY),
        (STRANGER + FROM_US + OURS, Verdict.UNPROVEN),
    ],
)
def test_fields_that_are_copied_with_one_header_are_one_clue(path: str, verdict: Verdict) -> None:
    assert judged(f"{path}{MAIL}{TRACES}\r\nx\r\n", *OWN).verdict is verdict


def test_the_narrower_network_tells_whose_an_address_is() -> None:
    whole, part = (
        fact(who, IdentityKind.IP, net) for who, net in (("bravo", "198.51.100.0/24"), ("acme", "198.51.100.0/28"))
    )
    ended = replace(part, until=NOW - timedelta(days=1))

    def said(*facts: IdentityFact) -> tuple[Verdict, str | None]:
        found = attribute(evidence(addresses=(Said("198.51.100.7", "Source-IP"),), identities=facts))
        return found.verdict, found.sender

    assert said(whole, part) == (Verdict.LIKELY, "acme")
    assert said(whole, ended) == (Verdict.LIKELY, "bravo")


def test_a_known_loop_more_does_not_lower_what_a_strong_clue_says() -> None:
    parts = evidence(
        hops=(TAKEN,),
        addresses=(Said("198.51.100.7", "Received"),),
        feedback_ids=(Said("c:1042:bulk:relay", "Feedback-ID"),),
        identities=(fact("bravo", IdentityKind.IP, "198.51.100.7"), *OWN),
    )

    for origin in (BOX, Origin()):
        said = attribute(replace(parts, origin=origin))
        assert (said.verdict, said.sender) == (Verdict.LIKELY, "bravo")


def test_a_known_loop_more_does_not_undo_a_signature_or_two_clues() -> None:
    sent = SentFact("bravo", "bulk", "", NOW, by_message_id=True, by_queue_id=False, to_asked=True)
    signed = evidence(hops=(TAKEN,), signatures=(signature(),), sent=(sent,), identities=(dkim(),))
    two = evidence(
        hops=(TAKEN,),
        logins=(Said("mailer", "Received"),),
        verp=(Said("acct42", "Return-Path"),),
        feedback_ids=(Said("77", "Feedback-ID"),),
        identities=(*OWN, fact("acme", IdentityKind.LOGIN, "mailer"), fact("bravo", IdentityKind.FEEDBACK_ID, "77")),
    )

    for parts, verdict in ((signed, Verdict.PROVEN), (two, Verdict.LIKELY)):
        for origin in (BOX, Origin()):
            said = attribute(replace(parts, origin=origin))
            assert (said.verdict, said.sender) == (verdict, "acme")


@pytest.mark.parametrize(
    ("envelope", "hops", "weak"),
    [
        (frozenset({"jo@home.test"}), (), True),
        (frozenset({"alias@home.test"}), (TAKEN,), False),
        (frozenset(), (), False),
    ],
)
@pytest.mark.parametrize(("origin", "usual"), [(BOX, Verdict.PROVEN), (Origin(), Verdict.LIKELY)])
def test_a_message_id_that_was_not_sent_to_who_complains_is_weak(
    envelope: frozenset[str], hops: tuple[Hop, ...], weak: bool, origin: Origin, usual: Verdict
) -> None:
    sent = SentFact("acme", "bulk", "", NOW, by_message_id=True, by_queue_id=False, to_asked=False)
    said = attribute(evidence(hops=hops, envelope=envelope, sent=(sent,), origin=origin))

    assert said.verdict is (Verdict.UNPROVEN if weak else usual)


def test_a_signature_over_a_part_of_the_body_says_so() -> None:
    said = attribute(evidence(signatures=(signature(body_length=0),), identities=(dkim(),)))

    assert said.verdict is Verdict.PROVEN
    assert "headers and body" not in said.clues[0].text and "first 0 bytes" in said.clues[0].text


def test_a_customer_that_signs_and_sends_elsewhere_is_not_forged() -> None:
    domain = fact("acme", IdentityKind.DOMAIN, "acme.example")
    parts = {"hops": (STRANGE,), "domains": (Said("acme.example", "From"),), "identities": (domain,)}

    itself = attribute(evidence(signatures=(signature("news.acme.example"),), **parts))
    another = attribute(evidence(signatures=(signature("evil.example"),), **parts))

    assert itself.verdict is another.verdict is Verdict.CONTRADICTED
    assert "Forged" not in itself.reason and another.reason.startswith("Forged")


def test_an_id_between_hyphens_of_the_return_path_is_read() -> None:
    head = f"Return-Path: <bounce-acct42-jo=home.test@bounces.example>\r\n{FROM_US}{MAIL}"
    said = judged(f"{head}\r\nx\r\n", *OWN)

    assert [clue.kind for clue in said.clues if clue.sender] == [ClueKind.VERP]


def test_a_field_under_our_own_signature_is_as_good_as_in_a_known_loop_s_report() -> None:
    ours = signature("relay.test", signed=("from", "feedback-id"))
    own, other = (Said(f"c:{name}:bulk:relay", "Feedback-ID") for name in ("1042", "77"))
    facts = (*OWN, fact("bravo", IdentityKind.FEEDBACK_ID, "77"))

    covered = attribute(evidence(signatures=(ours,), feedback_ids=(own,), identities=facts))
    above = attribute(evidence(signatures=(ours,), feedback_ids=(other, own), identities=facts))
    bare = attribute(evidence(signatures=(signature("relay.test"),), feedback_ids=(own,), identities=facts))

    assert (covered.verdict, covered.sender) == (Verdict.LIKELY, "acme")
    assert [clue.known for clue in covered.clues if clue.sender] == [Known.VERIFIED]
    assert above.verdict is bare.verdict is Verdict.UNPROVEN


def test_a_hop_without_a_public_address_is_passed_over() -> None:
    inside = Hop("from a by b", from_ip="10.1.2.3", by_host="b.home.test")
    said = attribute(
        evidence(
            hops=(Hop("by 2002:a05:: with SMTP id x", by_host="2002:a05::"), inside, TAKEN),
            addresses=(Said("198.51.100.7", "Received"),),
            identities=(DEDICATED,),
        )
    )

    assert [clue.strength for clue in said.clues if clue.kind is ClueKind.SOURCE_IP] == [Strength.STRONG]
