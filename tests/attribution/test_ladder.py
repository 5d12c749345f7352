"""The rungs of the ladder that rest on our own records: tokens, send log, traces, a known loop; and replays."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from app.attribution.asking import sent_question
from app.attribution.domain import ClueKind, Origin, Verdict
from app.attribution.evidence import Said, evidence_of
from app.attribution.judge import attribute
from app.mail.domain import Hop
from app.mail.read import read_source
from app.ports import SentQuestion
from app.senders import tokens
from app.senders.domain import IdentityFact, IdentityKind
from tests.attribution.test_judge import (
    BOX,
    FACTS,
    GENUINE,
    NOW,
    OURS,
    PLACES,
    SENT,
    STRANGE,
    TAKEN,
    dkim,
    evidence,
    signature,
)
from tests.senders.test_tokens import KEYS, TOKEN

UNKNOWN = replace(SENT, to_asked=False)
VICTIM = frozenset({"victim@other.test"})


def verdict(**parts: object) -> tuple[Verdict, str | None]:
    told = attribute(evidence(**parts))
    return told.verdict, told.sender


def test_a_genuine_token_proves_whatever_else_was_redacted() -> None:
    assert verdict(tokens=(GENUINE,), hops=(STRANGE,)) == (Verdict.PROVEN, "acme")


def test_a_forged_token_contradicts_and_does_not_outweigh_a_signature() -> None:
    forged = replace(GENUINE, token=replace(GENUINE.token, valid=False), sender=None)
    told = attribute(evidence(tokens=(forged,)))
    assert told.verdict is Verdict.CONTRADICTED and "not made with our key" in told.reason
    assert verdict(tokens=(forged,), signatures=(signature(),), identities=(dkim(),)) == (Verdict.PROVEN, "acme")


def test_a_token_of_a_sender_that_is_gone_proves_nothing() -> None:
    assert verdict(tokens=(replace(GENUINE, sender=None),)) == (Verdict.UNPROVEN, None)


def test_token_and_signature_of_two_senders_are_unproven_with_both_named() -> None:
    told = attribute(evidence(tokens=(GENUINE,), signatures=(signature(),), identities=(dkim("other"),)))
    assert (told.verdict, told.sender) == (Verdict.UNPROVEN, None)
    assert "acme" in told.reason and "other" in told.reason


@pytest.mark.parametrize(
    ("fact", "alone", "by_loop"),
    [
        (SENT, Verdict.LIKELY, Verdict.PROVEN),
        (replace(SENT, to_asked=None), Verdict.LIKELY, Verdict.PROVEN),
        (replace(SENT, to_asked=True, at=NOW - timedelta(days=9)), Verdict.LIKELY, Verdict.PROVEN),
        (replace(SENT, to_asked=None, at=NOW - timedelta(days=9)), Verdict.UNPROVEN, Verdict.UNPROVEN),
        (replace(SENT, by_message_id=False, by_queue_id=True, to_asked=None), Verdict.LIKELY, Verdict.PROVEN),
    ],
)
def test_the_send_log_makes_likely_and_with_a_known_loop_proves(
    fact: object, alone: Verdict, by_loop: Verdict
) -> None:
    assert verdict(sent=(fact,)) == (alone, "acme")
    assert verdict(sent=(fact,), origin=BOX) == (by_loop, "acme")


@pytest.mark.parametrize(
    "said",
    [
        {"logins": (Said("mailer", "Received"),)},
        {"feedback_ids": (Said("c7", "Feedback-ID"),)},
        {"verp": (Said("acct42", "Return-Path"),)},
        {"unsubscribe": (Said("acct42", "List-Unsubscribe"),)},
    ],
)
def test_an_unsigned_trace_is_likely_only_when_a_known_loop_shows_it(said: dict[str, object]) -> None:
    assert verdict(identities=FACTS, **said) == (Verdict.UNPROVEN, "acme")
    assert verdict(identities=FACTS, origin=BOX, **said) == (Verdict.LIKELY, "acme")
    assert verdict(identities=FACTS, origin=Origin(("else.test",)), **said) == (Verdict.UNPROVEN, "acme")


@pytest.mark.parametrize("where", ["domains", "links"])
def test_what_the_mail_names_visibly_only_points(where: str) -> None:
    named = {where: (Said("shop.acme.example", "From" if where == "domains" else "a link"),)}
    assert verdict(identities=FACTS, origin=BOX, **named) == (Verdict.UNPROVEN, "acme")


def test_a_forged_from_on_a_foreign_path_is_answered_as_such() -> None:
    told = attribute(evidence(domains=(Said("acme.example", "From"),), identities=FACTS, hops=(STRANGE,)))
    assert (told.verdict, told.sender) == (Verdict.CONTRADICTED, None)
    assert told.reason.startswith("Forged") and "acme" in told.reason


# Replay


def replayed(**parts: object) -> bool:
    told = attribute(evidence(signatures=(signature(),), **parts))
    assert told.verdict is Verdict.PROVEN and told.sender == "acme"
    assert told.replayed == any(clue.kind is ClueKind.REPLAY for clue in told.clues)
    return told.replayed


def test_a_signed_mail_to_somebody_the_send_log_does_not_have_is_replayed() -> None:
    assert replayed(identities=(dkim(),), sent=(UNKNOWN,), envelope=VICTIM)
    assert not replayed(identities=(dkim(),), sent=(SENT,), envelope=VICTIM)
    assert not replayed(identities=(dkim(),), sent=(UNKNOWN, SENT), envelope=VICTIM)


def test_one_that_went_through_us_was_forwarded_by_who_got_it() -> None:
    assert not replayed(identities=(dkim(),), sent=(UNKNOWN,), envelope=VICTIM, hops=(OURS,))


def test_a_replay_that_leaves_our_own_lines_in_is_one_all_the_same() -> None:
    assert replayed(identities=(dkim(),), sent=(UNKNOWN,), envelope=VICTIM, hops=(STRANGE, OURS))
    assert not replayed(identities=(dkim(),), sent=(UNKNOWN,), envelope=VICTIM, hops=(TAKEN, OURS))


@pytest.mark.parametrize(
    ("hops", "alone", "by_loop"),
    [
        ((STRANGE, OURS), Verdict.UNPROVEN, Verdict.UNPROVEN),
        ((TAKEN, OURS), Verdict.LIKELY, Verdict.PROVEN),
        ((OURS,), Verdict.LIKELY, Verdict.PROVEN),
    ],
)
def test_a_queue_id_on_a_copied_line_of_ours_accuses_nobody(
    hops: tuple[Hop, ...], alone: Verdict, by_loop: Verdict
) -> None:
    queued = replace(SENT, by_message_id=False, by_queue_id=True, to_asked=None)
    assert verdict(sent=(queued,), hops=hops) == (alone, "acme")
    assert verdict(sent=(queued,), hops=hops, origin=BOX) == (by_loop, "acme")


def test_without_knowing_who_got_it_nothing_is_called_a_replay() -> None:
    assert not replayed(identities=(dkim(),), sent=(UNKNOWN,))


def test_a_key_of_our_servers_alone_on_a_foreign_path_is_a_replay() -> None:
    assert replayed(identities=(dkim(selector="s1"),), hops=(STRANGE,))
    assert not replayed(identities=(dkim(),), hops=(STRANGE,))
    assert not replayed(identities=(dkim(selector="s1"),), hops=(STRANGE,), sent=(SENT,))


def test_mail_that_is_not_proven_is_no_replay() -> None:
    told = attribute(evidence(sent=(UNKNOWN,), envelope=VICTIM, hops=(STRANGE,)))
    assert not told.replayed


# From a message to evidence

SOURCE = (
    "Return-Path: <b+{token}@bounce.relay.test>\r\n"
    "Delivered-To: Reader@Home.test\r\n"
    "Received: from out1.relay.test by mx.home.test for <reader@home.test>; Mon, 2 Mar 2026 10:00:02 +0000\r\n"
    "Received: from app by out1.relay.test with ESMTPA id 4XyZ1; Mon, 2 Mar 2026 10:00:00 +0000\r\n"
    "From: shop@acme.example\r\nTo: list@acme.example\r\nSubject: hi\r\nMessage-ID: <m1@acme.example>\r\n"
    "List-Unsubscribe: <https://click.acme.example/u/acct42/x?list=l-77>, <mailto:out-acct43@relay.test>\r\n"
    "List-ID: News <news.acme.example>\r\n"
    "X-Trace: a {token}\r\n\r\n"
    "See https://shop.acme.example/sale and http://Shop.acme.example/again\r\n"
)


def test_everything_that_traces_a_mail_is_read_out_of_it() -> None:
    reading = read_source(SOURCE.format(token=TOKEN).encode())
    (original,) = reading.originals
    found = evidence_of(reading, original, (), PLACES, NOW, BOX, KEYS)
    assert [(each.source, each.token.valid) for each in found.tokens] == [("Return-Path", True)]
    assert found.envelope == {"reader@home.test"}
    assert {"acct42", "l-77", "out-acct43"} <= {said.value for said in found.unsubscribe}
    assert TOKEN in {said.value for said in found.verp}
    assert [said.value for said in found.links] == [
        "click.acme.example",
        "relay.test",
        "news.acme.example",
        "shop.acme.example",
    ]
    assert sent_question(original, found) == SentQuestion(
        message_id="m1@acme.example", queue_id="4XyZ1", at=NOW, recipients=frozenset({"reader@home.test"})
    )


def test_where_nobody_says_who_got_it_the_log_is_asked_for_those_it_names() -> None:
    reading = read_source(
        b"From: a@b.test\r\nTo: One <One@c.test>, two@c.test\r\nMessage-ID: <1@b.test>\r\n\r\nhi\r\n"
    )
    (original,) = reading.originals
    asked = sent_question(original, evidence_of(reading, original, (), PLACES, NOW))
    assert asked == SentQuestion(message_id="1@b.test", recipients=frozenset({"one@c.test", "two@c.test"}))


def test_few_tokens_are_read_out_of_a_hostile_mail() -> None:
    lines = "".join(f"X-{n}: {TOKEN}{n}\r\n" for n in range(300))
    reading = read_source(f"From: a@b.test\r\n{lines}\r\nhi\r\n".encode())
    assert len(evidence_of(reading, reading.originals[0], (), PLACES, NOW, Origin(), KEYS).tokens) <= tokens.MOST


def test_an_identity_of_another_kind_is_no_trace() -> None:
    facts = (IdentityFact("acme", IdentityKind.LOGIN, "acct42"),)
    assert verdict(identities=facts, origin=BOX, verp=(Said("acct42", "Return-Path"),)) == (Verdict.UNPROVEN, None)
