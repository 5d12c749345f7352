"""What each clue says, and which are given at all: told apart where the verdict is the same."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.attribution.clues import clues_of
from app.attribution.domain import Clue, ClueKind, Strength
from app.attribution.evidence import Evidence, Said, evidence_of
from app.attribution.places import OurPlaces, border, networks_around
from app.attribution.traces import Traced
from app.mail.domain import FeedbackType, Header, Hop, Kind, Original, Reading
from app.senders.domain import IdentityFact, IdentityKind
from app.senders.tokens import Token
from tests.attribution.test_judge import NOW, PLACES, dkim, evidence, signature

ORIGINAL = Original(b"", True, ())


def of(kind: ClueKind, given: Evidence) -> list[Clue]:
    return [clue for clue in clues_of(given) if clue.kind is kind]


def test_a_domain_of_two_senders_points_to_both_and_to_each_once() -> None:
    two = of(ClueKind.DKIM, evidence(signatures=(signature(),), identities=(dkim(), dkim("bravo"))))
    one = of(ClueKind.DKIM, evidence(signatures=(signature(),), identities=(dkim(),)))

    assert [(clue.sender, clue.strength) for clue in two] == [("acme", Strength.WEAK), ("bravo", Strength.WEAK)]
    assert [(clue.sender, clue.strength) for clue in one] == [("acme", Strength.PROVES)]


def test_each_address_points_to_who_had_that_address() -> None:
    facts = (
        IdentityFact("acme", IdentityKind.IP, "198.51.100.7"),
        IdentityFact("bravo", IdentityKind.IP, "2001:db8:7::/48"),
    )
    said = (Said("198.51.100.7", "Source-IP"), Said("2001:db8:7::25", "Received"))

    found = of(ClueKind.SOURCE_IP, evidence(addresses=said, identities=facts))

    assert [(clue.value, clue.sender) for clue in found] == [("198.51.100.7", "acme"), ("2001:db8:7::25", "bravo")]
    assert "2001:db8:7::/48" in networks_around("2001:db8:7::25")
    assert "2000::/8" not in networks_around("2001:db8:7::25")


def test_a_way_within_our_house_is_no_address_that_others_saw() -> None:
    within = Hop("", from_ip="198.51.100.9", by_host="out1.relay.test", at=NOW)
    out = Hop("", from_ip="198.51.100.7", by_host="mx.box.test", at=NOW)
    reading = Reading(Kind.PERSON, None, True)
    original = replace(ORIGINAL, received=(out, within))

    found = evidence_of(reading, original, (), PLACES, NOW)

    assert found.addresses == (Said("198.51.100.7", "Received"),)


def test_an_address_in_the_dress_of_ipv6_is_the_ipv4_one() -> None:
    reading = Reading(Kind.ARF, FeedbackType.ABUSE, True, fields={"source-ip": ("IPv6:::ffff:198.51.100.7",)})

    assert evidence_of(reading, None, (), PLACES, NOW).addresses == (Said("198.51.100.7", "Source-IP"),)


@pytest.mark.parametrize(("server", "at"), [("2001:db8:1:2::5", 1), ("2001:db9::5", 0)])
def test_servers_with_near_ipv6_addresses_are_one_house(server: str, at: int) -> None:
    inner = Hop(f"from a by mx ({server})", from_ip="2001:db8:ffff::1", by_host="mx")
    outer = Hop("from b by mx", from_ip="203.0.113.9", by_host="mx")

    assert border((inner, outer)) == at


@pytest.mark.parametrize(
    ("kind", "ids"), [(Kind.UNSUBSCRIBE, (Said("acct42", "To of the request"),)), (Kind.PERSON, ())]
)
def test_the_address_that_was_written_to_names_an_account_only_where_a_list_told_it(
    kind: Kind, ids: tuple[Said, ...]
) -> None:
    reading = Reading(kind, None, True, headers=(Header("to", "To", b" <acct42@list.relay.test>"),))

    assert evidence_of(reading, None, (), OurPlaces(), NOW).unsubscribe == ids


@pytest.mark.parametrize(("facts", "strength"), [((dkim(),), Strength.WEAK), ((), Strength.CONTRADICTS)])
def test_a_made_up_token_under_a_senders_signature_is_that_senders_doing(
    facts: tuple[IdentityFact, ...], strength: Strength
) -> None:
    made_up = Traced(Token(1, NOW, b"12345678", "bulk", "", False), "Feedback-ID")

    (clue,) = of(ClueKind.TOKEN_FORGED, evidence(signatures=(signature(),), tokens=(made_up,), identities=facts))

    assert clue.strength is strength
