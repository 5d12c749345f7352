"""Where clues name two senders, a report that no loop we know vouches for makes nothing surer."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.attribution.domain import Origin, Verdict
from app.attribution.evidence import Evidence, Said
from app.attribution.judge import attribute
from app.senders.domain import IdentityKind
from tests.attribution.test_judge import BOX, GENUINE, ORDER, OURS, SENT, STRANGE, dkim, evidence, signature
from tests.attribution.test_not_fooled import fact

LOGINS = (Said("mailer", "Received"),)
FEEDBACK = (Said("b7", "Feedback-ID"),)
ADDRESSES = (Said("198.51.100.7", "Received"),)
FACTS = (
    dkim("bravo", "bravo.example"),
    fact("acme", IdentityKind.LOGIN, "mailer"),
    fact("bravo", IdentityKind.FEEDBACK_ID, "b7"),
    fact("bravo", IdentityKind.IP, "198.51.100.7"),
    fact("acme", IdentityKind.TOKEN, "acct42"),
    fact("bravo", IdentityKind.DOMAIN, "bravo.example"),
)
TWO = evidence(
    signatures=(signature("bravo.example"),),
    hops=(OURS,),
    logins=LOGINS,
    addresses=ADDRESSES,
    feedback_ids=FEEDBACK,
    verp=(Said("acct42", "Return-Path"),),
    domains=(Said("bravo.example", "From"),),
    tokens=(GENUINE,),
    sent=(SENT,),
    origin=BOX,
    identities=FACTS,
)
PARTS = ("signatures", "logins", "addresses", "feedback_ids", "verp", "domains", "tokens", "sent")


@given(st.sets(st.sampled_from(PARTS)), st.sampled_from([(OURS,), (STRANGE,), ()]), st.booleans())
def test_without_the_loop_no_verdict_is_higher(gone: set[str], hops: tuple[object, ...], both: bool) -> None:
    sent = (SENT, replace(SENT, sender="bravo")) if both else (SENT,)
    told = replace(TWO, hops=hops, **({"sent": sent} | dict.fromkeys(gone, ())))

    assert ORDER.index(attribute(replace(told, origin=Origin())).verdict) <= ORDER.index(attribute(told).verdict)


@pytest.mark.parametrize(
    ("told", "verdict"),
    [
        (evidence(addresses=ADDRESSES, logins=LOGINS, identities=FACTS), Verdict.LIKELY),
        (evidence(signatures=(signature("bravo.example"),), sent=(SENT,), identities=FACTS), Verdict.PROVEN),
    ],
)
def test_what_only_a_loop_makes_weighty_does_not_undo_what_is_weighty_without(
    told: Evidence, verdict: Verdict
) -> None:
    for origin in (BOX, Origin()):
        found = attribute(replace(told, origin=origin))
        assert (found.verdict, found.sender) == (verdict, "bravo")


def test_two_senders_that_a_loop_makes_likely_are_both_named() -> None:
    found = attribute(evidence(logins=LOGINS, feedback_ids=FEEDBACK, origin=BOX, identities=FACTS))

    assert (found.verdict, found.sender) == (Verdict.UNPROVEN, None)
    assert "acme" in found.reason and "bravo" in found.reason
