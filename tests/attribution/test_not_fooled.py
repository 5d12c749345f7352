"""What a sender or a stranger writes into a mail neither accuses somebody else nor hides whose mail it was."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from ipaddress import ip_network
from uuid import UUID

import pytest

from app.attribution.domain import Attribution, Origin, Verdict
from app.attribution.evidence import Evidence, Said, evidence_of
from app.attribution.judge import attribute
from app.attribution.keys import Keyring, judge_signatures
from app.attribution.places import OurPlaces
from app.attribution.repairs import repaired
from app.mail.domain import FeedbackType, Hop, KeyAnswer, KeyState, Kind, Reading
from app.mail.original import original_from
from app.mail.read import read_source
from app.mail.repair.recipients import recipients
from app.senders import tokens
from app.senders.domain import IdentityFact, IdentityKind
from tests.attribution.test_judge import BOX, NOW, OURS, SENT, dkim, evidence, signature
from tests.attribution.test_repairs import KEYS as LOOP_KEYS
from tests.attribution.test_repairs import NOW as LOOP_NOW
from tests.attribution.test_repairs import OURS as LOOP_OURS
from tests.attribution.test_repairs import PLACES as LOOP_PLACES
from tests.factories.loops import mail
from tests.factories.signed import key_pair, record, sign, sign_tags

TODAY = datetime.now(UTC)
AT = "Mon, 2 Mar 2026 10:00:00 +0000"
PLACES = OurPlaces(("relay.test",), (ip_network("198.51.100.0/24"),))
TOKEN_KEYS = {1: b"k" * 32}
TOKEN = tokens.make(TOKEN_KEYS, UUID(int=1 << 100), TODAY)


def fact(sender: str, kind: IdentityKind, value: str, **times: datetime) -> IdentityFact:
    return IdentityFact(sender, kind, value, **times)


def judged(
    raw: str, *facts: IdentityFact, origin: Origin | None = None, keys: Mapping[int, bytes] = {}
) -> Attribution:
    """The verdict on a pasted source. A token of ours is acme's."""
    reading = read_source(raw.encode())
    found = evidence_of(reading, reading.originals[0], (), PLACES, TODAY, origin or Origin(), keys)
    named = tuple(replace(each, sender="acme" if each.token.valid else None) for each in found.tokens)
    return attribute(replace(found, identities=facts, tokens=named))


@pytest.mark.parametrize(
    ("bits", "days", "tags"),
    [
        (512, 0, {}),
        (1024, 0, {"t": str(int(TODAY.timestamp()) + 864_000)}),
        (1024, 20, {"t": str(int(TODAY.timestamp()) - 20 * 86_400), "x": str(int(TODAY.timestamp()) - 15 * 86_400)}),
    ],
)
@pytest.mark.parametrize("body", [b"buy", b"changed"])
def test_a_signature_that_is_refused_proves_nothing_whatever_the_body_is(
    bits: int, days: int, tags: dict[str, str], body: bytes
) -> None:
    key, date = key_pair(bits), format_datetime(TODAY - timedelta(days=days))
    head = (
        f"From: a@acme.example\r\nTo: jo@home.test\r\nSubject: hi\r\nDate: {date}\r\nMessage-ID: <1@acme.example>\r\n"
    )
    raw = sign_tags(f"{head}\r\nbuy\r\n".encode(), key, d="acme.example", **tags)
    ring = Keyring({"s1._domainkey.acme.example": KeyAnswer(KeyState.FOUND, record(key).encode())}, {})
    reading = read_source(raw.replace(b"buy", body))
    [original] = reading.originals
    found = evidence_of(reading, original, judge_signatures(original, ring, TODAY), PLACES, TODAY)

    verdict = attribute(replace(found, identities=(fact("acme", IdentityKind.DKIM, "acme.example"),))).verdict

    assert verdict is not Verdict.PROVEN


def test_an_old_date_does_not_accuse_who_had_the_domain_before() -> None:
    key, moved = key_pair(1024), TODAY - timedelta(days=30)
    date = format_datetime(TODAY - timedelta(days=400))
    head = f"From: a@acme.example\r\nTo: jo@home.test\r\nSubject: hi\r\nDate: {date}\r\nMessage-ID: <1@a>\r\n"
    raw = sign(f"{head}\r\nx\r\n".encode(), "acme.example", "s1", key)
    original = original_from(raw[: raw.index(b"\r\n\r\n") + 2], headers_only=True)
    assert original
    ring = Keyring({"s1._domainkey.acme.example": KeyAnswer(KeyState.FOUND, record(key).encode())}, {})
    reading = Reading(Kind.ARF, FeedbackType.ABUSE, True)
    found = evidence_of(
        reading, original, judge_signatures(original, ring, TODAY), PLACES, TODAY, Origin(("box.test",), "Box")
    )
    facts = (
        fact("before", IdentityKind.DKIM, "acme.example", until=moved),
        fact("now", IdentityKind.DKIM, "acme.example", since=moved),
    )

    said = attribute(replace(found, identities=facts))

    assert (said.verdict, said.sender) == (Verdict.PROVEN, "now")


@pytest.mark.parametrize(
    ("days", "verdict", "holder"),
    [(0, Verdict.PROVEN, "now"), (2, Verdict.UNPROVEN, None), (400, Verdict.PROVEN, "now")],
)
def test_an_old_time_in_a_signature_does_not_accuse_who_had_the_domain_before(
    days: int, verdict: Verdict, holder: str | None
) -> None:
    key, moved = key_pair(1024), TODAY - timedelta(days=1)
    signed = TODAY - timedelta(days=days)
    head = "From: a@acme.example\r\nTo: jo@home.test\r\nSubject: hi\r\nMessage-ID: <1@a>\r\n"
    raw = sign_tags(f"{head}\r\nx\r\n".encode(), key, d="acme.example", t=str(int(signed.timestamp())))
    ring = Keyring({"s1._domainkey.acme.example": KeyAnswer(KeyState.FOUND, record(key).encode())}, {})
    reading = read_source(raw)
    [original] = reading.originals
    found = evidence_of(reading, original, judge_signatures(original, ring, TODAY), PLACES, TODAY)
    facts = (
        fact("before", IdentityKind.DKIM, "acme.example", until=moved),
        fact("now", IdentityKind.DKIM, "acme.example", since=moved),
    )

    said = attribute(replace(found, identities=facts))

    assert (said.verdict, said.sender) == (verdict, holder)


def test_a_name_that_a_stranger_greets_with_is_no_way_through_us() -> None:
    facts = (fact("acme", IdentityKind.FEEDBACK_ID, "1042"), fact("acme", IdentityKind.DOMAIN, "acme.example"))
    path = f"Received: from out1.relay.test (unknown [203.0.113.9]) by mx.home.test; {AT}\r\n"

    said = judged(f"{path}From: a@acme.example\r\nSubject: hi\r\nFeedback-ID: c:1042:bulk:relay\r\n\r\nx\r\n", *facts)

    assert said.verdict is Verdict.CONTRADICTED


@pytest.mark.parametrize(("login", "sender"), [(" (Authenticated sender: bravo)", "bravo"), ("", None)])
def test_a_login_counts_where_our_server_took_the_mail_and_not_below(login: str, sender: str | None) -> None:
    facts = (fact("acme", IdentityKind.LOGIN, "mailer"), fact("bravo", IdentityKind.LOGIN, "bravo"))
    path = (
        f"Received: from out1.relay.test by mx.box.test; {AT}\r\n"
        f"Received: from app (app [192.0.2.4]){login} by in1.relay.test (Postfix) with ESMTPSA id BB; {AT}\r\n"
        f"Received: from x (x [192.0.2.9]) (Authenticated sender: mailer) by in1.relay.test (Postfix) id AA; {AT}\r\n"
    )

    said = judged(
        f"{path}From: x@bravo.example\r\nSubject: s\r\n\r\nx\r\n", *facts, origin=Origin(("box.test",), "Box")
    )

    assert said.sender == sender
    assert said.verdict is (Verdict.LIKELY if sender else Verdict.UNPROVEN)


def test_a_login_at_another_provider_names_nobody_here() -> None:
    path = f"Received: from out1.relay.test by mx.box.test; {AT}\r\n"
    stated = "Authentication-Results: mail.other.test; auth=pass smtp.auth=mailer\r\n"

    said = judged(
        f"{path}{stated}From: x@bravo.example\r\nSubject: s\r\n\r\nx\r\n",
        fact("acme", IdentityKind.LOGIN, "mailer"),
        origin=Origin(("box.test",), "Box"),
    )

    assert (said.verdict, said.sender) == (Verdict.UNPROVEN, None)


def test_who_was_answered_did_not_send_the_answer() -> None:
    path = f"Received: from mx.evil.test (mx.evil.test [203.0.113.9]) by mx.home.test; {AT}\r\n"
    answer = f"In-Reply-To: <{TOKEN}@relay.test>\r\nReferences: <{TOKEN}@relay.test>\r\n"

    said = judged(f"{path}From: bob@evil.test\r\nSubject: Re: offers\r\n{answer}\r\nspam\r\n", keys=TOKEN_KEYS)

    assert said.sender is None and said.verdict is not Verdict.PROVEN


def test_made_up_tokens_do_not_hide_a_true_one() -> None:
    made_up = "".join(
        f"X-{number}: adt{base64.b32encode(bytes([1, 0, 0, number]) + bytes(18)).decode().rstrip('=').lower()}\r\n"
        for number in range(8)
    )
    path = f"Received: from x by out1.relay.test with ESMTP id 1; {AT}\r\n"

    said = judged(
        f"{path}From: a@acme.example\r\nSubject: s\r\n{made_up}X-Trace: {TOKEN}\r\n\r\nx\r\n", keys=TOKEN_KEYS
    )

    assert (said.verdict, said.sender) == (Verdict.PROVEN, "acme")


GONE = NOW - timedelta(days=30)
WAS = fact("bravo", IdentityKind.IP, "198.51.100.7", until=GONE)
ADDRESS = (Said("198.51.100.7", "Received"),)


@pytest.mark.parametrize(
    ("found", "verdict"),
    [
        (evidence(hops=(OURS,), sent=(SENT,), addresses=ADDRESS, identities=(WAS,)), Verdict.LIKELY),
        (evidence(hops=(OURS,), addresses=ADDRESS, identities=(WAS,)), Verdict.UNPROVEN),
        (
            evidence(hops=(OURS,), signatures=(signature("relay.test"), signature()), identities=(dkim(until=GONE),)),
            Verdict.UNPROVEN,
        ),
    ],
)
def test_what_a_sender_no_longer_has_does_not_make_our_mail_a_strangers(found: Evidence, verdict: Verdict) -> None:
    assert attribute(found).verdict is verdict


def test_a_known_loop_that_had_the_mail_from_us_needs_no_path() -> None:
    inner = Hop("from mx3 by store.box.test", from_ip="10.1.1.1", by_host="store.box.test", at=NOW)
    said = (Said("198.51.100.7", "Source-IP"),)
    holds = (fact("acme", IdentityKind.IP, "198.51.100.7"),)

    found = attribute(evidence(hops=(inner,), addresses=said, identities=holds, origin=BOX))

    assert (found.verdict, found.sender) == (Verdict.LIKELY, "acme")


def test_a_message_id_that_another_used_again_does_not_hide_whose_mail_it_was() -> None:
    other = replace(SENT, sender="bravo", to_asked=False)

    found = attribute(evidence(hops=(OURS,), origin=BOX, sent=(SENT, other)))

    assert (found.verdict, found.sender) == (Verdict.PROVEN, SENT.sender)


@pytest.mark.parametrize(
    ("to", "marks"),
    [
        ("jo.reader@loop.example", {b"jo.reader": base64.b64encode(hashlib.sha1(b"potatoesbob").digest())}),
        ("jo.reader@loop.example", {b"jo.reader": b"rZ8cqXWG+KHzhz1M/FRGTysHia4"}),
        ("jo.reader@loop.example, ann@other.example", {b"jo.reader": b"a" * 32, b"ann": b"b" * 32}),
    ],
)
def test_a_mark_in_base64_and_one_for_each_recipient_are_put_back(to: str, marks: dict[bytes, bytes]) -> None:
    raw = mail(to=to).raw
    for local, mark in marks.items():
        for at in (b"@", b"%40", b"="):
            raw = raw.replace(local + at, mark + at)
    reading = read_source(raw)
    [original] = reading.originals
    found = evidence_of(reading, original, judge_signatures(original, LOOP_KEYS, LOOP_NOW), LOOP_PLACES, LOOP_NOW)

    mended = repaired(
        replace(found, identities=LOOP_OURS),
        original,
        recipients(reading, original, None, to.split(", ")),
        LOOP_KEYS,
        LOOP_NOW,
    )

    assert attribute(mended).verdict is Verdict.PROVEN
