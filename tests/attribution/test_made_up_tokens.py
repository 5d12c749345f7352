"""A token that somebody made up contradicts alone, and frees nobody whose mail is seen to be ours."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.attribution.domain import ClueKind, Verdict
from app.attribution.evidence import BELOW, Evidence, Said
from app.attribution.judge import attribute
from app.senders.domain import IdentityKind
from tests.attribution.test_judge import (
    BOX,
    GENUINE,
    NOW,
    ORDER,
    OURS,
    SENT,
    STRANGE,
    TAKEN,
    WHOLE,
    dkim,
    evidence,
    signature,
)
from tests.attribution.test_not_fooled import fact

MADE_UP = replace(GENUINE, token=replace(GENUINE.token, valid=False), sender=None)
DEDICATED = fact("acme", IdentityKind.IP, "198.51.100.7")
FEEDBACK = fact("acme", IdentityKind.FEEDBACK_ID, "c7")


def address(source: str) -> tuple[Said, ...]:
    return (Said("198.51.100.7", source),)


@pytest.mark.parametrize(
    "found",
    [
        evidence(hops=(TAKEN,), addresses=address("Received"), identities=(DEDICATED,)),
        evidence(addresses=address("Source-IP"), identities=(DEDICATED,)),
        evidence(sent=(SENT,)),
        evidence(hops=(TAKEN,), feedback_ids=(Said("c7", "Feedback-ID"),), identities=(FEEDBACK,), origin=BOX),
    ],
)
def test_the_true_sender_is_not_freed_by_it(found: Evidence) -> None:
    for tokens in ((), (MADE_UP,)):
        said = attribute(replace(found, tokens=tokens))
        assert (said.verdict, said.sender) == (Verdict.LIKELY, "acme")
    assert ClueKind.TOKEN_FORGED in {clue.kind for clue in said.clues}


@pytest.mark.parametrize(
    "found",
    [
        evidence(),
        evidence(hops=(STRANGE,)),
        evidence(hops=(STRANGE, OURS), addresses=address(BELOW), identities=(DEDICATED,)),
        evidence(sent=(replace(SENT, to_asked=False, at=NOW - timedelta(days=9)),)),
        evidence(feedback_ids=(Said("c7", "Feedback-ID"),), identities=(FEEDBACK,)),
    ],
)
def test_with_nothing_but_what_anybody_can_copy_it_contradicts(found: Evidence) -> None:
    assert attribute(replace(found, tokens=(MADE_UP,))).verdict is Verdict.CONTRADICTED


def test_a_genuine_token_beside_it_is_heeded() -> None:
    said = attribute(evidence(tokens=(MADE_UP, GENUINE)))

    assert (said.verdict, said.sender) == (Verdict.PROVEN, "acme")


@given(
    st.sets(st.sampled_from(PARTS := ("hops", "signatures", "addresses", "sent", "logins", "feedback_ids"))),
    st.data(),
)
def test_beside_it_too_support_taken_away_raises_no_verdict(first: set[str], data: st.DataObject) -> None:
    more = data.draw(st.sets(st.sampled_from(PARTS)))
    whole = replace(
        WHOLE, tokens=(MADE_UP,), signatures=(signature(),), identities=(*WHOLE.identities, dkim("bravo"))
    )
    fuller, poorer = (replace(whole, **dict.fromkeys(gone, ())) for gone in (first, first | more))

    assert ORDER.index(attribute(poorer).verdict) <= ORDER.index(attribute(fuller).verdict)
