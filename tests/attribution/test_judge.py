"""The verdict over one message: every rung of the evidence ladder known so far."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.attribution.domain import ClueKind, Origin, Strength, Verdict
from app.attribution.evidence import Evidence, Said
from app.attribution.judge import attribute
from app.attribution.places import OurPlaces
from app.attribution.traces import Traced
from app.attribution.vouched import Vouched
from app.mail.domain import DkimResult, HashState, Hop, KeyState, SignatureResult
from app.ports import SentFact
from app.senders.domain import IdentityFact, IdentityKind
from app.senders.tokens import Token

NOW = datetime(2026, 3, 2, 10, tzinfo=UTC)
PLACES = OurPlaces(("relay.test",), (ip_network("198.51.100.0/24"),))
OURS = Hop("from app by out1.relay.test", by_host="out1.relay.test", at=NOW)
TAKEN = Hop("from out1.relay.test by mx.box.test", from_ip="198.51.100.7", by_host="mx.box.test", at=NOW)
STRANGE = Hop("from a by mx.other.test", from_ip="203.0.113.9", by_host="mx.other.test", at=NOW)


def signature(domain: str = "acme.example", **changes: object) -> SignatureResult:
    good = SignatureResult(
        domain, "s1", HashState.PASS, HashState.PASS, KeyState.FOUND, DkimResult.PASS, "It verifies."
    )
    return replace(good, **changes)  # type: ignore[arg-type]


def dkim(sender: str = "acme", domain: str = "acme.example", **more: object) -> IdentityFact:
    return IdentityFact(sender, IdentityKind.DKIM, domain, **more)  # type: ignore[arg-type]


def evidence(**parts: object) -> Evidence:
    return Evidence(at=NOW, places=PLACES, **parts)  # type: ignore[arg-type]


REPAIRED = {"repaired": ("The recipient, known from To, was put back in To.",)}
CUT = {"body_hash": HashState.FAIL, "result": DkimResult.FAIL}
GONE = {"body_hash": HashState.ABSENT, "result": DkimResult.NEUTRAL}
BROKEN = {"header_hash": HashState.FAIL, "result": DkimResult.FAIL}


def test_a_signature_of_our_own_servers_names_nobody_but_is_no_contradiction() -> None:
    ours = signature("bounce.relay.test")

    alone = attribute(evidence(signatures=(ours,), hops=(STRANGE,)))
    beside_another = attribute(evidence(signatures=(ours, signature("stranger.example")), hops=(STRANGE,)))

    assert (alone.verdict, alone.sender) == (Verdict.UNPROVEN, None)
    assert beside_another.verdict is Verdict.UNPROVEN
    assert "our own" in alone.clues[0].text


@pytest.mark.parametrize("changes", [{}, CUT, GONE])
def test_a_verified_signature_of_one_sender_proves_it_also_where_the_body_was_cut(changes: dict[str, object]) -> None:
    verdict = attribute(evidence(signatures=(signature(**changes),), identities=(dkim(),)))

    assert (verdict.verdict, verdict.sender) == (Verdict.PROVEN, "acme")


def test_the_cut_body_is_told_apart_from_the_whole_one() -> None:
    whole = attribute(evidence(signatures=(signature(),), identities=(dkim(),)))
    cut = attribute(evidence(signatures=(signature(**CUT),), identities=(dkim(),)))

    assert whole.clues[0].kind is ClueKind.DKIM
    assert cut.clues[0].kind is ClueKind.DKIM_HEADERS and "body" in cut.clues[0].text


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        (REPAIRED, ClueKind.DKIM_REPAIRED),
        (REPAIRED | GONE, ClueKind.DKIM_REPAIRED),
        (REPAIRED | CUT, ClueKind.DKIM_HEADERS),
    ],
)
def test_a_repaired_signature_proves_as_far_as_it_holds_and_says_what_was_done(
    changes: dict[str, object], kind: ClueKind
) -> None:
    verdict = attribute(evidence(signatures=(signature(**changes),), identities=(dkim(),)))

    assert (verdict.verdict, verdict.clues[0].kind) == (Verdict.PROVEN, kind)
    assert verdict.clues[0].text.endswith(REPAIRED["repaired"][0])


def test_a_broken_signature_says_nothing_either_way() -> None:
    verdict = attribute(evidence(signatures=(signature(**BROKEN),), identities=(dkim(),)))

    assert (verdict.verdict, verdict.clues) == (Verdict.UNPROVEN, ())


def test_headers_alone_prove_nothing_once_the_signature_had_expired() -> None:
    late = signature(**CUT, expires_at=NOW - timedelta(days=1))

    assert attribute(evidence(signatures=(late,), identities=(dkim(),))).verdict is Verdict.UNPROVEN


def test_a_domain_of_two_senders_proves_neither() -> None:
    verdict = attribute(evidence(signatures=(signature(),), identities=(dkim(), dkim("bravo"))))

    assert (verdict.verdict, verdict.sender) == (Verdict.UNPROVEN, None)


def test_the_selector_tells_two_senders_of_one_domain_apart() -> None:
    facts = (dkim(selector="s1"), dkim("bravo", selector="s2"), dkim("parent"))

    assert attribute(evidence(signatures=(signature(),), identities=facts)).sender == "acme"


def test_signatures_of_two_senders_are_unproven_with_both_named() -> None:
    two = (signature(), signature("bravo.example"))
    verdict = attribute(evidence(signatures=two, identities=(dkim(), dkim("bravo", "bravo.example"))))

    assert verdict.verdict is Verdict.UNPROVEN and verdict.sender is None
    assert "acme" in verdict.reason and "bravo" in verdict.reason


def test_the_second_signature_of_a_provider_does_not_disturb_the_proof() -> None:
    two = (signature("bulk.other.test"), signature())

    verdict = attribute(evidence(signatures=two, identities=(dkim(),)))

    assert verdict.verdict is Verdict.PROVEN
    assert not [clue for clue in verdict.clues if clue.strength is Strength.CONTRADICTS]


def test_a_domain_that_belonged_to_the_sender_only_later_contradicts() -> None:
    later = dkim(since=NOW + timedelta(days=1))

    verdict = attribute(evidence(signatures=(signature(),), identities=(later,)))

    assert verdict.verdict is Verdict.CONTRADICTED
    assert verdict.clues[0].kind is ClueKind.NOT_YET_A_SENDER


def test_a_domain_that_changed_hands_belongs_to_who_had_it_then() -> None:
    facts = (dkim("before", until=NOW - timedelta(days=9)), dkim("then", since=NOW - timedelta(days=9)))

    assert attribute(evidence(signatures=(signature(),), identities=facts)).sender == "then"


def test_a_strangers_signature_without_a_hop_of_ours_contradicts() -> None:
    verdict = attribute(evidence(signatures=(signature("stranger.test"),), hops=(STRANGE,)))

    assert verdict.verdict is Verdict.CONTRADICTED
    assert {clue.kind for clue in verdict.clues} == {ClueKind.DKIM_FOREIGN, ClueKind.FOREIGN_PATH}


def test_a_strangers_signature_on_a_mail_through_our_servers_does_not_contradict() -> None:
    verdict = attribute(evidence(signatures=(signature("stranger.test"),), hops=(STRANGE, OURS)))

    assert verdict.verdict is Verdict.UNPROVEN


def test_our_customers_from_on_a_path_without_us_is_not_our_mail() -> None:
    forged = evidence(
        hops=(STRANGE,),
        domains=(Said("acme.example", "From"),),
        identities=(IdentityFact("acme", IdentityKind.DOMAIN, "acme.example"),),
    )

    assert attribute(forged).verdict is Verdict.CONTRADICTED


def test_our_hop_is_found_wherever_it_stands() -> None:
    verdict = attribute(evidence(hops=(STRANGE, STRANGE, OURS, STRANGE)))

    assert [clue.kind for clue in verdict.clues] == [ClueKind.RECEIVED]


def test_a_dedicated_address_is_likely_a_shared_one_is_not() -> None:
    facts = tuple(IdentityFact(who, IdentityKind.IP, "198.51.100.0/28") for who in ("acme", "bravo"))
    said = (Said("198.51.100.7", "Source-IP"),)

    alone = attribute(evidence(addresses=said, identities=facts[:1]))
    shared = attribute(evidence(addresses=said, identities=facts))

    assert (alone.verdict, alone.sender) == (Verdict.LIKELY, "acme")
    assert (shared.verdict, shared.sender) == (Verdict.UNPROVEN, None)


def test_two_independent_unsigned_clues_are_likely_one_is_not() -> None:
    login = IdentityFact("acme", IdentityKind.LOGIN, "mailer@acme.example")
    feedback = IdentityFact("acme", IdentityKind.FEEDBACK_ID, "c7")
    parts = {
        "logins": (Said("Mailer@acme.example", "Received"),),
        "feedback_ids": (Said("n1: c7 :bulk:relay", "Feedback-ID"),),
    }

    both = attribute(evidence(**parts, hops=(TAKEN,), identities=(login, feedback)))
    one = attribute(evidence(**parts, hops=(TAKEN,), identities=(login,)))
    copied = attribute(evidence(**parts, identities=(login, feedback)))

    assert (both.verdict, both.sender) == (Verdict.LIKELY, "acme")
    assert (one.verdict, one.sender) == (Verdict.UNPROVEN, "acme")
    assert (copied.verdict, copied.sender) == (Verdict.UNPROVEN, "acme")


def test_the_visible_from_never_adds_up_to_likely() -> None:
    facts = (
        IdentityFact("acme", IdentityKind.DOMAIN, "acme.example"),
        IdentityFact("acme", IdentityKind.LOGIN, "mailer"),
    )
    verdict = attribute(
        evidence(
            domains=(Said("news.acme.example", "From"), Said("acme.example", "Return-Path")),
            logins=(Said("mailer", "Received"),),
            identities=facts,
        )
    )

    assert (verdict.verdict, verdict.sender) == (Verdict.UNPROVEN, "acme")


ORDER = [Verdict.CONTRADICTED, Verdict.UNPROVEN, Verdict.LIKELY, Verdict.PROVEN]
SUPPORT = (
    *("signatures", "logins", "addresses", "feedback_ids", "domains"),
    *("verp", "unsubscribe", "links", "tokens", "sent", "vouched"),
)
BOX = Origin(("loop.box.test",), "Box")
FACTS = (
    dkim(),
    IdentityFact("acme", IdentityKind.IP, "198.51.100.7"),
    IdentityFact("acme", IdentityKind.LOGIN, "mailer"),
    IdentityFact("acme", IdentityKind.FEEDBACK_ID, "c7"),
    IdentityFact("acme", IdentityKind.TOKEN, "acct42"),
    IdentityFact("acme", IdentityKind.DOMAIN, "acme.example"),
)
GENUINE = Traced(Token(1, NOW, b"12345678", "bulk", "", True), "Feedback-ID", "acme")
SENT = SentFact("acme", "bulk", "", NOW, by_message_id=True, by_queue_id=False, to_asked=True)
WHOLE = evidence(
    signatures=(signature(),),
    hops=(OURS,),
    logins=(Said("mailer", "Received"),),
    addresses=(Said("198.51.100.7", "Source-IP"),),
    feedback_ids=(Said("c7", "Feedback-ID"),),
    domains=(Said("acme.example", "From"),),
    verp=(Said("acct42", "Return-Path"),),
    unsubscribe=(Said("acct42", "List-Unsubscribe"),),
    links=(Said("acme.example", "a link"),),
    tokens=(GENUINE,),
    vouched=(Vouched("acme.example", "s1", "Authentication-Results"),),
    sent=(SENT,),
    origin=BOX,
    identities=FACTS,
)


@given(
    st.sets(st.sampled_from(SUPPORT)),
    st.sets(st.sampled_from(SUPPORT)),
    st.booleans(),
    st.sampled_from([(BOX, BOX), (BOX, Origin()), (Origin(), Origin())]),
    st.sampled_from([{}, REPAIRED, REPAIRED | CUT, REPAIRED | GONE, BROKEN]),
)
def test_taking_supporting_evidence_away_never_raises_the_verdict(
    first: set[str], more: set[str], strange: bool, origins: tuple[Origin, Origin], judged: dict[str, object]
) -> None:
    whole = replace(WHOLE, signatures=(signature(**judged),))
    base = replace(whole, hops=(STRANGE,)) if strange else whole
    fuller = replace(base, origin=origins[0], **dict.fromkeys(first, ()))
    poorer = replace(base, origin=origins[1], **dict.fromkeys(first | more, ()))

    assert ORDER.index(attribute(poorer).verdict) <= ORDER.index(attribute(fuller).verdict)


def test_every_pair_of_clues_names_the_same_sender() -> None:
    for kept in combinations(SUPPORT, 2):
        some = replace(WHOLE, **{name: () for name in SUPPORT if name not in kept})
        assert attribute(some).sender == "acme"
