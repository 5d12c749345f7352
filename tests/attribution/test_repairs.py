"""From the bytes of a redacted report to its verdict: repaired, explained, and never from tampered mail."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import select

from app.attribution import service as attribution
from app.attribution.domain import Attribution, ClueKind, Known, Observed, Strength, Verdict
from app.attribution.evidence import evidence_of
from app.attribution.judge import attribute
from app.attribution.keys import Keyring, judge_signatures
from app.attribution.models import Complaint
from app.attribution.places import OurPlaces
from app.attribution.repairs import repaired
from app.bootstrap import Desk
from app.intake import service as intake
from app.intake.domain import Arrival, Door
from app.mail.domain import KeyAnswer, KeyState
from app.mail.read import read
from app.mail.repair.recipients import recipients
from app.pipeline import work_off
from app.senders.domain import IdentityFact, IdentityKind
from tests.factories.customers import customers
from tests.factories.loops import DOMAIN, LOOPS, TXT, Mail, aol, mail, report
from tests.factories.signed import key_pair, record

NAME = f"s1._domainkey.{DOMAIN}"
NOW = datetime.now(UTC)
KEYS = Keyring({NAME: KeyAnswer(KeyState.FOUND, TXT)}, {})
PLACES = OurPlaces(("relay.example",))
OURS = (IdentityFact("acme", IdentityKind.DKIM, DOMAIN),)


def verdict(raw: bytes, facts: tuple[IdentityFact, ...] = OURS, keyring: Keyring = KEYS) -> Attribution:
    reading = read(raw)
    (original,) = reading.originals
    signatures = judge_signatures(original, keyring, NOW)
    evidence = replace(evidence_of(reading, original, signatures, PLACES, NOW), identities=facts)
    return attribute(repaired(evidence, original, recipients(reading, original), keyring, NOW))


@pytest.mark.parametrize("name", LOOPS)
@pytest.mark.parametrize("local", ["jo.reader", "jo+shop", "o'neil"])
def test_a_report_of_each_loop_is_proven(name: str, local: str) -> None:
    found = verdict(LOOPS[name](mail(f"{local}@loop.example")))

    assert (found.verdict, found.sender) == (Verdict.PROVEN, "acme")
    assert found.clues[0].kind is (ClueKind.DKIM if name == "Yahoo" else ClueKind.DKIM_REPAIRED)
    assert (found.clues[0].strength, found.clues[0].known) == (Strength.PROVES, Known.VERIFIED)


@pytest.mark.parametrize("name", LOOPS)
@pytest.mark.parametrize(("old", "new"), [(b"Offers of", b"Threats of"), (b"news@acme", b"boss@acme")])
def test_a_tampered_one_is_never(name: str, old: bytes, new: bytes) -> None:
    given = mail()

    found = verdict(LOOPS[name](Mail(given.recipient, given.raw.replace(old, new))))

    assert found.verdict is not Verdict.PROVEN
    assert all(clue.strength is not Strength.PROVES for clue in found.clues)


def test_a_body_changed_beyond_redaction_is_told_apart_as_it_is_without_redaction() -> None:
    given = mail()

    found = verdict(aol(Mail(given.recipient, given.raw.replace(b"cheaper", b"dearer"))))

    assert found.clues[0].kind is ClueKind.DKIM_HEADERS
    assert "the body was cut or changed" in found.clues[0].text and "put back" in found.clues[0].text


def test_the_clue_says_what_was_put_back_and_repeats_no_address() -> None:
    found = verdict(aol(mail()))

    assert found.clues[0].text == (
        "The signature of acme.example verifies, headers and body. The recipient, known from Removal-Recipient of the"
        " report, was put back in To, List-Unsubscribe and the body."
    )
    assert "@" not in found.reason + found.clues[0].value


def test_without_the_recipient_nothing_is_proven() -> None:
    bare = read(aol(mail())).originals[0].raw

    assert verdict(report(bare, "")).verdict is Verdict.UNPROVEN


def test_a_signature_of_a_stranger_is_not_repaired() -> None:
    assert verdict(aol(mail()), ()).verdict is Verdict.UNPROVEN


def test_a_domain_that_was_not_ours_then_is_not_repaired() -> None:
    later = replace(OURS[0], since=NOW)

    assert verdict(aol(mail()), (later,)).verdict is Verdict.UNPROVEN


def test_a_domain_of_two_senders_proves_neither_after_repair() -> None:
    found = verdict(aol(mail()), (*OURS, replace(OURS[0], sender="bravo")))

    assert (found.verdict, found.sender) == (Verdict.UNPROVEN, None)


def test_a_key_that_was_replaced_since_still_proves_a_repaired_mail() -> None:
    old = Observed(NAME, TXT, NOW - timedelta(days=9), NOW - timedelta(days=1))
    keyring = Keyring({NAME: KeyAnswer(KeyState.FOUND, record(key_pair(1024, 7)).encode())}, {NAME: [old]})

    assert verdict(aol(mail()), keyring=keyring).verdict is Verdict.PROVEN


def test_a_mail_that_is_proven_as_it_came_asks_for_no_recipients() -> None:
    original = read(LOOPS["Yahoo"](mail())).originals[0]
    signatures = judge_signatures(original, KEYS, NOW)
    evidence = replace(evidence_of(read(original.raw), original, signatures, PLACES, NOW), identities=OURS)

    def never() -> object:
        raise AssertionError

    assert repaired(evidence, original, map(never, [0]), KEYS, NOW) is evidence  # type: ignore[arg-type]


def test_the_whole_way_shows_what_was_repaired(desk: Desk, zone: Callable[[str], None]) -> None:
    zone(f"{NAME}\t{TXT.decode()}")
    customers(desk, acme=[("dkim", DOMAIN)])
    with desk.work() as work:
        stored = intake.store(work, Arrival(aol(mail()), Door.LMTP))

    work_off(desk, 10)

    with desk.work() as work:
        (complaint,) = attribution.explained(work, stored.report)
        assert attribution.headlines(work, [stored.report])[stored.report].verdict is Verdict.PROVEN
    (row,) = complaint.dkim
    assert row["result"] == "pass" and len(row["repaired"]) == 1
    assert complaint.clues[0].kind is ClueKind.DKIM_REPAIRED


def test_clues_that_were_kept_with_their_names_are_still_read(desk: Desk, zone: Callable[[str], None]) -> None:
    zone(f"{NAME}\t{TXT.decode()}")
    customers(desk, acme=[("dkim", DOMAIN)])
    with desk.work() as work:
        stored = intake.store(work, Arrival(aol(mail()), Door.LMTP))
    work_off(desk, 10)
    with desk.work() as work:
        (now,) = attribution.explained(work, stored.report)
        row = work.session.exec(select(Complaint)).one()
        place, key = f"complaint.clues:{row.report_id}:0", work.vault.open([row.report_id])[row.report_id]
        named = {"clues": [clue._asdict() for clue in now.clues], "dkim": now.dkim}
        row.clues = work.vault.seal(key, place, json.dumps(named).encode())
        work.session.add(row)

    with desk.work() as work:
        (before,) = attribution.explained(work, stored.report)

    assert before == now and now.clues
